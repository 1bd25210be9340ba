//! The listeners: what accept(2) gives or says, and the pauses when the system has no more descriptors.

use crate::connection::peer::Peer;
use crate::engine::net::listener::Listener;
use crate::engine::net::poller::{Poller, SystemPoller, Token};
use crate::engine::net::socket::Socket;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

/// Log a failing accept at most this often.
const SAY: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

pub(crate) struct Acceptor {
    /// None any more once the server ends. Nobody waits with this lock, nor for long.
    listeners: RwLock<Vec<Listener>>,
    /// What puts TLS on each connection.
    #[cfg(feature = "tls")]
    tls: Option<crate::Tls>,
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
    pub(crate) fn new(
        listeners: Vec<Listener>,
        #[cfg(feature = "tls")] tls: Option<crate::Tls>,
    ) -> Self {
        Self {
            listeners: RwLock::new(listeners),
            #[cfg(feature = "tls")]
            tls,
            reserve: Mutex::new(Reserve {
                file: spare_file(),
                pause: FIRST_PAUSE,
                said: None,
            }),
            refused: AtomicU64::new(0),
        }
    }

    pub(crate) fn listen(&self, poller: &SystemPoller) -> io::Result<()> {
        for (index, listener) in self.listeners().iter().enumerate() {
            poller.listen(listener, Token::listener(index))?;
        }
        Ok(())
    }

    pub(crate) fn unlisten(&self, poller: &SystemPoller) {
        for listener in self.listeners().iter() {
            let _ = poller.unlisten(listener);
        }
    }

    /// Whether the listeners are closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.listeners().is_empty()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.listeners().len()
    }

    /// Closes the listeners: from here on the system refuses connections, and others may have the addresses.
    pub(crate) fn close<'p>(&self, pollers: impl Iterator<Item = &'p SystemPoller>) {
        let listeners = std::mem::take(
            &mut *self
                .listeners
                .write()
                .unwrap_or_else(PoisonError::into_inner),
        );
        // The sockets may be somebody else's too, and then they outlive this.
        for poller in pollers {
            for listener in &listeners {
                let _ = poller.unlisten(listener);
            }
        }
    }

    /// Whether a client waits to be accepted; where the system does not say, it may be.
    pub(crate) fn has_waiting(&self, index: usize) -> bool {
        self.listeners()
            .get(index)
            .is_some_and(Listener::has_waiting)
    }

    /// Says that the listener's report was taken.
    pub(crate) fn heard(&self, poller: &SystemPoller, index: usize) {
        if let Some(listener) = self.listeners().get(index) {
            let _ = poller.relisten(listener, Token::listener(index));
        }
    }

    pub(crate) fn accept(&self, index: usize) -> Accepted {
        let listeners = self.listeners();
        let Some(listener) = listeners.get(index) else {
            return Accepted::Nothing;
        };
        match listener.accept() {
            Ok((socket, peer)) => {
                self.lock().pause = FIRST_PAUSE;
                #[cfg(feature = "tls")]
                let socket = match &self.tls {
                    Some(tls) => socket.with_tls(tls.config()),
                    None => socket,
                };
                Accepted::Connection(socket, peer)
            }
            Err(error) => match fault(&error) {
                AcceptError::Passing => Accepted::Nothing,
                fault => self.pause(listener, error, fault),
            },
        }
    }

    /// Backs off; without descriptors it closes one connection with the reserve's help.
    fn pause(&self, listener: &Listener, error: io::Error, fault: AcceptError) -> Accepted {
        let mut reserve = self.lock();
        if fault == AcceptError::Scarce && reserve.file.take().is_some() {
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

    fn listeners(&self) -> RwLockReadGuard<'_, Vec<Listener>> {
        self.listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Reserve> {
        self.reserve.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, PartialEq, Eq)]
enum AcceptError {
    /// That connection's trouble, or nobody's.
    Passing,
    /// The system is short of something.
    Scarce,
    /// Not known: a pause, so that nothing spins.
    Unknown,
}

/// No error of accept ends the loop.
fn fault(error: &io::Error) -> AcceptError {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionReset, HostUnreachable, Interrupted, NetworkDown,
        NetworkUnreachable, PermissionDenied, TimedOut, WouldBlock,
    };
    match error.kind() {
        WouldBlock | Interrupted | ConnectionAborted | ConnectionReset | NetworkDown
        | NetworkUnreachable | HostUnreachable | PermissionDenied | TimedOut => {
            AcceptError::Passing
        }
        _ => number(error),
    }
}

/// What has no kind of its own. Linux hands on what the network already knows of the new connection (accept(2)).
#[cfg(unix)]
fn number(error: &io::Error) -> AcceptError {
    use rustix::io::Errno;
    match Errno::from_io_error(error) {
        Some(Errno::PROTO | Errno::NOPROTOOPT | Errno::HOSTDOWN | Errno::OPNOTSUPP) => {
            AcceptError::Passing
        }
        #[cfg(target_os = "linux")]
        Some(Errno::NONET) => AcceptError::Passing,
        Some(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => AcceptError::Scarce,
        _ => AcceptError::Unknown,
    }
}

#[cfg(windows)]
fn number(error: &io::Error) -> AcceptError {
    /// `WSAEMFILE` and `WSAENOBUFS`.
    const SCARCE: [i32; 2] = [10_024, 10_055];
    match error.raw_os_error() {
        Some(code) if SCARCE.contains(&code) => AcceptError::Scarce,
        _ => AcceptError::Unknown,
    }
}

fn spare_file() -> Option<File> {
    File::open(if cfg!(windows) { "NUL" } else { "/dev/null" }).ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use rustix::io::Errno;

    /// Every error that accept(2) names, and what comes of it.
    #[test]
    fn a22_errors_of_accept() {
        let passing = [
            Errno::AGAIN,
            Errno::CONNABORTED,
            Errno::INTR,
            Errno::PERM,
            Errno::PROTO,
            Errno::NETDOWN,
            Errno::NOPROTOOPT,
            Errno::HOSTDOWN,
            Errno::NONET,
            Errno::HOSTUNREACH,
            Errno::OPNOTSUPP,
            Errno::NETUNREACH,
            Errno::TIMEDOUT,
        ];
        let scarce = [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM];
        let unknown = [Errno::BADF, Errno::INVAL, Errno::NOTSOCK, Errno::FAULT];
        for (errors, expected) in [
            (&passing[..], AcceptError::Passing),
            (&scarce, AcceptError::Scarce),
            (&unknown, AcceptError::Unknown),
        ] {
            for &error in errors {
                assert_eq!(fault(&error.into()), expected, "{error:?}");
            }
        }
    }

    /// The pauses grow, the log does not.
    #[test]
    fn a21_pauses_double_up_to_a_second_and_only_the_first_is_said() {
        let listener = Listener::tcp(([127, 0, 0, 1], 0).into(), 1).unwrap();
        let acceptor = Acceptor::new(
            Vec::new(),
            #[cfg(feature = "tls")]
            None,
        );
        let mut pauses = Vec::new();
        for n in 0..10 {
            let error = Errno::MFILE.into();
            match acceptor.pause(&listener, error, AcceptError::Scarce) {
                Accepted::Pause(pause, said) => {
                    assert_eq!(said.is_some(), n == 0);
                    pauses.push(pause.as_millis());
                }
                _ => panic!("no pause"),
            }
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        assert!(acceptor.lock().file.is_some());
    }
}
