//! Windows: mio, in the same terms.
//!
//! There mio owns what it watches, so it has handles of its own; and it reports a readiness once, until it is asked
//! anew ([`Poller::rearm`]). It is asked for one direction: a socket has room to write nearly always, and a loop that
//! asked for both would never rest.

use crate::engine::net::poller::{Awaited, Event, Listener, Poller, Socket, Token};
use mio::event::Source;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Waker};
use std::collections::HashMap;
use std::io;
use std::os::windows::io::{AsRawSocket, RawSocket};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Events taken in one wait.
const EVENTS: usize = 512;

pub(crate) struct WindowsPoller {
    /// Taken by the thread that waits, and by no other.
    poll: Mutex<(Poll, Events)>,
    registry: Registry,
    waker: Waker,
    listeners: Sources<TcpListener>,
    streams: Sources<TcpStream>,
}

/// What is watched, by the socket that it is a handle of.
struct Sources<S>(Mutex<HashMap<RawSocket, S>>);

impl<S: Source> Sources<S> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn add(
        &self,
        registry: &Registry,
        socket: RawSocket,
        mut source: S,
        at: Token,
    ) -> io::Result<()> {
        registry.register(&mut source, token(at), Interest::READABLE)?;
        self.lock().insert(socket, source);
        Ok(())
    }

    fn ask(
        &self,
        registry: &Registry,
        socket: RawSocket,
        at: Token,
        interest: Interest,
    ) -> io::Result<()> {
        match self.lock().get_mut(&socket) {
            Some(source) => registry.reregister(source, token(at), interest),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn remove(&self, registry: &Registry, socket: RawSocket) -> io::Result<()> {
        // Without the lock: the handle is closed here.
        let source = self.lock().remove(&socket);
        match source {
            Some(mut source) => registry.deregister(&mut source),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RawSocket, S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn token(token: Token) -> mio::Token {
    mio::Token(token.0 as usize)
}

impl Poller for WindowsPoller {
    const ONCE: bool = true;

    fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let waker = Waker::new(&registry, token(Token::WAKE))?;
        Ok(Self {
            poll: Mutex::new((poll, Events::with_capacity(EVENTS))),
            registry,
            waker,
            listeners: Sources::new(),
            streams: Sources::new(),
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
        let Listener::Tcp(own) = listener;
        let source = TcpListener::from_std(own.try_clone()?);
        let socket = own.as_raw_socket();
        self.listeners.add(&self.registry, socket, source, at)
    }

    fn relisten(&self, listener: &Listener, at: Token) -> io::Result<()> {
        let Listener::Tcp(own) = listener;
        let socket = own.as_raw_socket();
        self.listeners
            .ask(&self.registry, socket, at, Interest::READABLE)
    }

    fn unlisten(&self, listener: &Listener) -> io::Result<()> {
        let Listener::Tcp(own) = listener;
        self.listeners.remove(&self.registry, own.as_raw_socket())
    }

    fn add(&self, socket: &Socket, at: Token) -> io::Result<()> {
        let stream = socket.stream();
        let source = TcpStream::from_std(stream.try_clone()?);
        self.streams
            .add(&self.registry, stream.as_raw_socket(), source, at)
    }

    fn modify(&self, socket: &Socket, at: Token) -> io::Result<()> {
        self.rearm(socket, at, Awaited::Input)
    }

    fn rearm(&self, socket: &Socket, at: Token, awaited: Awaited) -> io::Result<()> {
        let interest = match awaited {
            Awaited::Input => Interest::READABLE,
            Awaited::Room => Interest::WRITABLE,
            #[cfg(feature = "live")]
            Awaited::Nothing => return Ok(()),
        };
        let socket = socket.stream().as_raw_socket();
        self.streams.ask(&self.registry, socket, at, interest)
    }

    fn remove(&self, socket: &Socket) {
        let socket = socket.stream().as_raw_socket();
        let _ = self.streams.remove(&self.registry, socket);
    }

    fn release(&self, socket: &Socket) {
        self.remove(socket);
    }

    fn wake(&self) -> io::Result<()> {
        self.waker.wake()
    }
}
