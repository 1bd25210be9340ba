//! Everything that is not Linux: mio, in the same terms. On Linux with `--cfg doget_mio`, so that it is tested.

use crate::engine::net::poller::{Event, Listener, Poller, Socket, Token};
use mio::{Events, Interest, Poll, Registry, Waker};
use std::io;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Events taken in one wait.
const EVENTS: usize = 512;

pub(crate) struct MioPoller {
    /// Taken by the thread that waits, and by no other.
    poll: Mutex<(Poll, Events)>,
    registry: Registry,
    waker: Waker,
}

fn token(token: Token) -> mio::Token {
    // On 32-bit systems the generation is cut off: a stale event then costs a read that finds nothing.
    mio::Token(token.0 as usize)
}

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

impl Poller for MioPoller {
    fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let waker = Waker::new(&registry, token(Token::WAKE))?;
        Ok(Self {
            poll: Mutex::new((poll, Events::with_capacity(EVENTS))),
            registry,
            waker,
        })
    }

    fn wait(&self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        let mut poll = self.poll.lock().unwrap_or_else(PoisonError::into_inner);
        let (poll, found) = &mut *poll;
        match poll.poll(found, timeout) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        events.extend(found.iter().map(|event| Event {
            token: Token(event.token().0 as u64),
            finished: event.is_read_closed() || event.is_write_closed() || event.is_error(),
        }));
        Ok(())
    }

    fn listen(&self, listener: &Listener, at: Token) -> io::Result<()> {
        listener.with_source(|source| {
            self.registry
                .register(source, token(at), Interest::READABLE)
        })
    }

    fn relisten(&self, listener: &Listener, at: Token) -> io::Result<()> {
        listener.with_source(|source| {
            self.registry
                .reregister(source, token(at), Interest::READABLE)
        })
    }

    fn unlisten(&self, listener: &Listener) -> io::Result<()> {
        listener.with_source(|source| self.registry.deregister(source))
    }

    fn add(&self, socket: &Socket, at: Token) -> io::Result<()> {
        socket.with_source(|source| self.registry.register(source, token(at), BOTH))
    }

    fn modify(&self, socket: &Socket, at: Token) -> io::Result<()> {
        socket.with_source(|source| self.registry.reregister(source, token(at), BOTH))
    }

    fn remove(&self, socket: &Socket) {
        let _ = socket.with_source(|source| self.registry.deregister(source));
    }

    fn release(&self, socket: &Socket) {
        self.remove(socket);
    }

    fn wake(&self) -> io::Result<()> {
        self.waker.wake()
    }
}
