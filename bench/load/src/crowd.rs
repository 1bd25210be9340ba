//! Connections that each had one answer and then say nothing more.

use crate::transport::{self, Tls};
use rustls::StreamOwned;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub struct Crowd {
    held: Vec<TcpStream>,
    pub seconds: f64,
}

const AT_ONCE: usize = 64;

/// A connection that has sent its request.
enum Greeted {
    Plain(TcpStream),
    Secure(Box<StreamOwned<rustls::ClientConnection, TcpStream>>),
}

impl Crowd {
    /// A few at a time, so that the listener's backlog does not matter; as many as come within `limit`.
    pub fn open(
        size: usize,
        request: &[u8],
        address: SocketAddr,
        tls: Option<&Tls>,
        limit: Duration,
    ) -> Self {
        let start = Instant::now();
        let mut held = Vec::new();
        while held.len() < size && start.elapsed() < limit {
            let few: Vec<Greeted> = (0..AT_ONCE.min(size - held.len()))
                .map_while(|_| greet(address, request, tls).ok())
                .collect();
            if few.is_empty() {
                break;
            }
            let answered = few.into_iter().filter_map(|greeted| {
                let late = start.elapsed() > limit;
                if late { None } else { greeted.answered() }
            });
            held.extend(answered);
        }
        let seconds = start.elapsed().as_secs_f64();
        Self { held, seconds }
    }

    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// How many the server has closed, or said something to that nobody asked for.
    pub fn closed(&self) -> usize {
        let closed = |stream: &&TcpStream| {
            let _ = stream.set_nonblocking(true);
            match stream.peek(&mut [0]) {
                Ok(_) => true,
                Err(error) => error.kind() != io::ErrorKind::WouldBlock,
            }
        };
        self.held.iter().filter(closed).count()
    }
}

impl Greeted {
    /// The socket, once an answer has come. What TLS remembers of it is let go: nothing more is said.
    fn answered(self) -> Option<TcpStream> {
        let mut answer = [0; 1024];
        let (socket, got) = match self {
            Self::Plain(mut socket) => {
                let got = socket.read(&mut answer).unwrap_or(0);
                (socket, got)
            }
            Self::Secure(mut stream) => {
                let got = stream.read(&mut answer).unwrap_or(0);
                (stream.sock, got)
            }
        };
        (got > 0).then_some(socket)
    }
}

fn greet(address: SocketAddr, request: &[u8], tls: Option<&Tls>) -> io::Result<Greeted> {
    let mut socket = TcpStream::connect_timeout(&address, Duration::from_secs(3))?;
    socket.set_read_timeout(Some(Duration::from_secs(3)))?;
    let Some(config) = tls else {
        socket.write_all(request)?;
        return Ok(Greeted::Plain(socket));
    };
    socket.set_nodelay(true)?;
    let mut stream = StreamOwned::new(transport::session(config)?, socket);
    stream.write_all(request)?;
    stream.flush()?;
    Ok(Greeted::Secure(Box::new(stream)))
}
