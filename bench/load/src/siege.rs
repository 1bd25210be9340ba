//! Clients that are a burden within what is allowed: some read an endless answer slowly, some ask for what blocks for
//! long.

use socket2::{Domain, Socket, Type};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Each client has its turn once in this time.
const ROUND: Duration = Duration::from_millis(100);
/// A round's parts: so the work is spread.
const PARTS: usize = 20;
/// What a slow reader takes in a round: 10 KiB a second.
const PIECE: usize = 1 << 10;
/// A small window and segments as on a network, so that the server notices how slow they are: for the loopback's
/// segments of 64 KiB the system would take megabytes of each answer.
const ROOM: usize = 4 << 10;
const SEGMENT: u32 = 1460;
/// How long the readers have to get their first bytes, and how long the blocked requests have to sink in.
const PATIENCE: Duration = Duration::from_secs(10);
const SINK_IN: Duration = Duration::from_millis(500);
/// A client whose request was refused, or answered, asks again after this time.
const PAUSE: Duration = Duration::from_secs(1);

struct Member {
    /// None: it waits until `again`.
    stream: Option<TcpStream>,
    sent: bool,
    /// It has had bytes since the measured time began.
    fed: bool,
    again: Instant,
}

/// What became of them in the measured time.
#[derive(Default)]
pub struct Outcome {
    /// Slow readers that got something.
    fed: usize,
    /// Slow readers whose connection ended.
    cut: usize,
    /// Blocked requests that are still open at the end, and what came of the others.
    blocked: usize,
    served: usize,
    refused: usize,
}

impl Outcome {
    /// JSON members.
    pub fn figures(&self) -> String {
        format!(
            "\"readers_fed\":{},\"readers_cut\":{},\"blocked\":{},\"block_served\":{},\"block_refused\":{}",
            self.fed, self.cut, self.blocked, self.served, self.refused
        )
    }
}

pub struct Siege {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Outcome>,
}

struct Clients {
    address: SocketAddr,
    read: Vec<u8>,
    block: Vec<u8>,
    readers: Vec<Member>,
    blockers: Vec<Member>,
    outcome: Outcome,
}

impl Siege {
    /// Begins, and returns when it is at its full strength.
    pub fn lay(
        address: SocketAddr,
        read: Vec<u8>,
        readers: usize,
        block: Vec<u8>,
        blockers: usize,
    ) -> Self {
        let mut clients = Clients {
            address,
            read,
            block,
            readers: members(readers),
            blockers: Vec::new(),
            outcome: Outcome::default(),
        };
        let start = Instant::now();
        while start.elapsed() < PATIENCE && clients.readers.iter().any(|reader| !reader.fed) {
            clients.round();
        }
        clients.blockers = members(blockers);
        let start = Instant::now();
        while start.elapsed() < SINK_IN {
            clients.round();
        }
        clients
            .readers
            .iter_mut()
            .for_each(|reader| reader.fed = false);
        clients.outcome = Outcome::default();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            while !stopped.load(Ordering::Relaxed) {
                clients.round();
            }
            clients.end()
        });
        Self { stop, thread }
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// The thread panicked.
    pub fn lift(self) -> Result<Outcome, String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread
            .join()
            .map_err(|_| "the siege panicked".to_owned())
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.set_recv_buffer_size(ROOM)?;
    socket.set_tcp_mss(SEGMENT)?;
    match socket.connect(&address.into()) {
        // It goes on in the background.
        Err(error)
            if error.raw_os_error() != Some(rustix::io::Errno::INPROGRESS.raw_os_error()) =>
        {
            Err(error)
        }
        _ => Ok(socket.into()),
    }
}

fn members(count: usize) -> Vec<Member> {
    let member = |_| Member {
        stream: None,
        sent: false,
        fed: false,
        again: Instant::now(),
    };
    (0..count).map(member).collect()
}

impl Clients {
    fn round(&mut self) {
        for part in 0..PARTS {
            for reader in self.readers.iter_mut().skip(part).step_by(PARTS) {
                match reader.turn(self.address, &self.read, PIECE) {
                    Ok(0) => {}
                    Ok(_) => reader.fed = true,
                    Err(_) => self.outcome.cut += 1,
                }
            }
            for blocker in self.blockers.iter_mut().skip(part).step_by(PARTS) {
                match blocker.turn(self.address, &self.block, PIECE) {
                    Ok(0) => continue,
                    Ok(_) if blocker.fed => self.outcome.served += 1,
                    Ok(_) | Err(_) => self.outcome.refused += 1,
                }
                blocker.leave();
            }
            thread::sleep(ROUND / PARTS as u32);
        }
    }

    fn end(mut self) -> Outcome {
        self.outcome.fed = self.readers.iter().filter(|reader| reader.fed).count();
        self.outcome.blocked = self.blockers.iter().filter(|blocker| blocker.sent).count();
        self.outcome
    }
}

impl Member {
    /// Connects, sends or reads, whatever comes next; the bytes that came. `fed`: they began with a good status.
    ///
    /// # Errors
    ///
    /// The connection is over.
    fn turn(&mut self, address: SocketAddr, request: &[u8], most: usize) -> io::Result<usize> {
        if self.stream.is_none() && self.again <= Instant::now() {
            self.stream = Some(connect(address)?);
            self.sent = false;
        }
        let Some(stream) = &mut self.stream else {
            return Ok(0);
        };
        let mut buffer = [0; PIECE];
        let result = if self.sent {
            stream.read(&mut buffer[..most])
        } else {
            // So short a request goes out whole.
            stream.write(request).map(|_| 0)
        };
        match result {
            Ok(0) if self.sent => {
                self.leave();
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(count) => {
                self.sent = true;
                self.fed |= buffer.starts_with(b"HTTP/1.1 200");
                Ok(count)
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected
                ) =>
            {
                Ok(0)
            }
            Err(error) => {
                self.leave();
                Err(error)
            }
        }
    }

    fn leave(&mut self) {
        self.stream = None;
        self.sent = false;
        self.fed = false;
        self.again = Instant::now() + PAUSE;
    }
}
