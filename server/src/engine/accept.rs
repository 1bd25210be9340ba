//! Taking connections in: how many, from which listeners, and what to do when the system has no more descriptors.

use super::conn::Conn;
use super::listener::Listener;
use super::owner::Loop;
use super::poller::{Poller, Token};
use super::socket::Socket;
use crate::Limits;
use crate::peer::Peer;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Descriptors that are left for everything but connections.
const RESERVE: usize = 32;

/// A failing accept is said no more often than this.
const SAY: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct Acceptor {
    listeners: Vec<Listener>,
    connections: AtomicUsize,
    most: usize,
    /// Given up for a moment when descriptors run out, so that a waiting client can be told by a close.
    reserve: Mutex<Reserve>,
    /// Connections that were closed for want of descriptors.
    refused: AtomicU64,
}

struct Reserve {
    file: Option<File>,
    pause: Duration,
    said: Option<Instant>,
}

/// What came of an accept.
pub(crate) enum Accepted {
    Connection(Socket, Peer),
    /// There is none, or it is gone already.
    Nothing,
    /// The system has no descriptors, or no memory: accept nothing for this long. True: it is worth a line in the log.
    Pause(Duration, Option<io::Error>),
}

impl Acceptor {
    pub(crate) fn new(listeners: Vec<Listener>, limits: &Limits) -> io::Result<Self> {
        Ok(Self {
            listeners,
            connections: AtomicUsize::new(0),
            most: limits
                .connections
                .min(descriptors().saturating_sub(RESERVE).max(8))
                .max(1),
            reserve: Mutex::new(Reserve {
                file: spare_file(),
                pause: FIRST_PAUSE,
                said: None,
            }),
            refused: AtomicU64::new(0),
        })
    }

    pub(crate) fn listen(&self, lane: &Loop) -> io::Result<()> {
        for (index, listener) in self.listeners.iter().enumerate() {
            lane.poller.listen(listener, Token::listener(index))?;
        }
        Ok(())
    }

    pub(crate) fn unlisten(&self, lane: &Loop) {
        for listener in &self.listeners {
            let _ = lane.poller.unlisten(listener);
        }
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    pub(crate) fn is_full(&self) -> bool {
        self.connections() >= self.most
    }

    /// Says that the listener's report was taken.
    pub(crate) fn heard(&self, lane: &Loop, index: usize) {
        if let Some(listener) = self.listeners.get(index) {
            let _ = lane.poller.relisten(listener, Token::listener(index));
        }
    }

    pub(crate) fn accept(&self, index: usize) -> Accepted {
        let Some(listener) = self.listeners.get(index) else {
            return Accepted::Nothing;
        };
        match listener.accept() {
            Ok((socket, peer)) => {
                self.lock().pause = FIRST_PAUSE;
                Accepted::Connection(socket, peer)
            }
            Err(error) => match fault(&error) {
                Fault::Passing => Accepted::Nothing,
                Fault::Scarce => self.scarce(listener, error),
            },
        }
    }

    /// No descriptors: closes one connection with the reserve's help, and backs off.
    fn scarce(&self, listener: &Listener, error: io::Error) -> Accepted {
        let mut reserve = self.lock();
        if reserve.file.take().is_some() {
            if let Ok(connection) = listener.accept() {
                self.refused.fetch_add(1, Ordering::Relaxed);
                drop(connection);
            }
            reserve.file = spare_file();
        }
        let pause = reserve.pause;
        reserve.pause = (pause * 2).min(LONGEST_PAUSE);
        let now = Instant::now();
        let say = reserve
            .said
            .is_none_or(|said| now.duration_since(said) >= SAY);
        if say {
            reserve.said = Some(now);
        }
        Accepted::Pause(pause, say.then_some(error))
    }

    pub(crate) fn opened(&self) {
        self.connections.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn closed(&self, conn: Box<Conn>) {
        drop(conn);
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Reserve> {
        self.reserve.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Fault {
    /// That connection's trouble, or nobody's.
    Passing,
    /// The system is short of something.
    Scarce,
}

/// No error of accept ends the loop. What is not known to be passing gets a pause, so that nothing spins.
fn fault(error: &io::Error) -> Fault {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkDown,
        NetworkUnreachable, PermissionDenied, TimedOut, WouldBlock,
    };
    match error.kind() {
        WouldBlock | Interrupted | ConnectionAborted | ConnectionReset | NetworkDown
        | NetworkUnreachable | HostUnreachable | PermissionDenied | TimedOut => Fault::Passing,
        _ => Fault::Scarce,
    }
}

fn spare_file() -> Option<File> {
    File::open(if cfg!(windows) { "NUL" } else { "/dev/null" }).ok()
}

/// How many descriptors the process may have.
#[cfg(unix)]
fn descriptors() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn descriptors() -> usize {
    usize::MAX
}
