//! Linux: epoll, by rustix. Nothing here is unsafe.

use crate::engine::net::poller::{Event, Listener, Poller, Socket, Token};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// Events taken in one wait.
const EVENTS: usize = 512;

pub(crate) struct Epoll {
    epoll: OwnedFd,
    waker: OwnedFd,
}

thread_local! {
    /// The kernel's form of the events, kept for its memory.
    static RAW: RefCell<Vec<epoll::Event>> = RefCell::new(Vec::with_capacity(EVENTS));
}

fn both() -> EventFlags {
    EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET
}

impl Poller for Epoll {
    fn new() -> io::Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let waker = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        // Edge-triggered, and never read: each write is a new edge.
        epoll::add(
            &epoll,
            &waker,
            EventData::new_u64(Token::WAKE.0),
            EventFlags::IN | EventFlags::ET,
        )?;
        Ok(Self { epoll, waker })
    }

    fn wait(&self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        let timeout = timeout.map(|timeout| Timespec {
            tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        });
        RAW.with_borrow_mut(|raw| {
            raw.clear();
            match epoll::wait(
                &self.epoll,
                rustix::buffer::spare_capacity(raw),
                timeout.as_ref(),
            ) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            events.extend(raw.iter().map(|event| {
                let flags = event.flags;
                Event {
                    token: Token(event.data.u64()),
                    finished: flags
                        .intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR),
                }
            }));
            Ok(())
        })
    }

    fn listen(&self, listener: &Listener, token: Token) -> io::Result<()> {
        // Exclusive: of several loops that wait, only one wakes for a connection. Old kernels do not know it.
        let flags = EventFlags::IN;
        epoll::add(
            &self.epoll,
            listener,
            EventData::new_u64(token.0),
            flags | EventFlags::EXCLUSIVE,
        )
        .or_else(|_| epoll::add(&self.epoll, listener, EventData::new_u64(token.0), flags))?;
        Ok(())
    }

    fn relisten(&self, _listener: &Listener, _token: Token) -> io::Result<()> {
        Ok(()) // level-triggered: what is still there is reported again
    }

    fn unlisten(&self, listener: &Listener) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, listener)?)
    }

    fn add(&self, socket: &Socket, token: Token) -> io::Result<()> {
        Ok(epoll::add(
            &self.epoll,
            socket,
            EventData::new_u64(token.0),
            both(),
        )?)
    }

    fn modify(&self, socket: &Socket, token: Token) -> io::Result<()> {
        Ok(epoll::modify(
            &self.epoll,
            socket,
            EventData::new_u64(token.0),
            both(),
        )?)
    }

    fn mute(&self, socket: &Socket) -> bool {
        // A hang-up is reported nevertheless, once: by a name that nobody has.
        let nobody = EventData::new_u64(Token::WAKE.0);
        epoll::modify(&self.epoll, socket, nobody, EventFlags::ET).is_ok()
    }

    fn remove(&self, _socket: &Socket) {
        // Closing the only descriptor of a socket takes it out of the set.
    }

    fn release(&self, socket: &Socket) {
        let _ = epoll::delete(&self.epoll, socket);
    }

    fn wake(&self) -> io::Result<()> {
        match rustix::io::write(&self.waker, &1u64.to_ne_bytes()) {
            Ok(_) | Err(rustix::io::Errno::AGAIN) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
