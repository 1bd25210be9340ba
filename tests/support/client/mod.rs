//! A client that sends exactly what it is told, and believes a response only if its framing is right to the byte.

mod response;
mod stream;

pub use response::{Answer, Framing};

use crate::PATIENCE;
use response::{malformed, parse_head};
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;
use stream::Stream;

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    stream: Stream,
    /// Read and not used yet.
    buffer: Vec<u8>,
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The server closed it; these bytes came before.
    Closed(Vec<u8>),
    /// The server reset it; these bytes came before.
    Reset(Vec<u8>),
}

impl Client {
    /// Connects.
    ///
    /// # Panics
    ///
    /// The connection is refused.
    #[track_caller]
    pub fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).expect("connecting")
    }

    /// Connects, or says why not.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn try_connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self {
            stream: Stream::Tcp(stream),
            buffer: Vec::new(),
        })
    }

    /// Connects with as small a receive buffer as the system gives: a server soon notices that nobody reads.
    ///
    /// # Panics
    ///
    /// The connection is refused.
    #[track_caller]
    pub fn connect_narrow(address: SocketAddr) -> Self {
        let socket = socket2::Socket::new(
            socket2::Domain::for_address(address),
            socket2::Type::STREAM,
            None,
        )
        .expect("a socket");
        socket.set_recv_buffer_size(4096).expect("a small buffer");
        socket.connect(&address.into()).expect("connecting");
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true).expect("an option");
        stream.set_read_timeout(Some(PATIENCE)).expect("an option");
        stream.set_write_timeout(Some(PATIENCE)).expect("an option");
        Self {
            stream: Stream::Tcp(stream),
            buffer: Vec::new(),
        }
    }

    /// Connects to a Unix domain socket.
    ///
    /// # Panics
    ///
    /// The connection is refused.
    #[cfg(unix)]
    #[track_caller]
    pub fn connect_unix(path: &std::path::Path) -> Self {
        let stream = UnixStream::connect(path).expect("connecting");
        stream.set_read_timeout(Some(PATIENCE)).expect("an option");
        stream.set_write_timeout(Some(PATIENCE)).expect("an option");
        Self {
            stream: Stream::Unix(stream),
            buffer: Vec::new(),
        }
    }

    /// Makes it one of TLS, before anything was sent, and waits for the end of the handshake.
    ///
    /// # Errors
    ///
    /// What the handshake ends with.
    pub fn try_secure(self, config: &Arc<ClientConfig>) -> io::Result<Self> {
        let connection = crate::tls::connection(config);
        let mut stream = StreamOwned::new(connection, Box::new(self.stream));
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self {
            stream: Stream::Tls(Box::new(stream)),
            buffer: Vec::new(),
        })
    }

    /// Makes it one of TLS, before anything was sent, and waits for the end of the handshake.
    ///
    /// # Panics
    ///
    /// The handshake fails.
    #[track_caller]
    pub fn secure(self, config: &Arc<ClientConfig>) -> Self {
        self.try_secure(config).expect("a handshake")
    }

    /// What TLS knows of the connection.
    ///
    /// # Panics
    ///
    /// It is not one of TLS.
    pub fn tls(&mut self) -> &mut ClientConnection {
        match &mut self.stream {
            Stream::Tls(stream) => &mut stream.conn,
            _ => panic!("no connection of TLS"),
        }
    }

    /// The connection below TLS, and what TLS knows.
    ///
    /// # Panics
    ///
    /// It is not one of TLS.
    pub fn below_tls(self) -> (Self, ClientConnection) {
        match self.stream {
            Stream::Tls(stream) => {
                let (connection, stream) = stream.into_parts();
                let client = Self {
                    stream: *stream,
                    buffer: Vec::new(),
                };
                (client, connection)
            }
            _ => panic!("no connection of TLS"),
        }
    }

    /// The own address: what the server sees as its peer.
    ///
    /// # Panics
    ///
    /// It is a Unix domain socket.
    pub fn local_addr(&self) -> SocketAddr {
        match &self.stream {
            Stream::Tcp(stream) => stream.local_addr().expect("an address"),
            #[cfg(unix)]
            Stream::Unix(_) => panic!("a Unix domain socket has no such address"),
            Stream::Tls(_) => panic!("asked before TLS"),
        }
    }

    /// The same connection once more, to send on one thread and read on another; bytes that were read already stay
    /// here.
    ///
    /// # Panics
    ///
    /// The system has no more descriptors.
    pub fn twin(&self) -> Self {
        Self {
            stream: match &self.stream {
                Stream::Tcp(stream) => Stream::Tcp(stream.try_clone().expect("a descriptor")),
                #[cfg(unix)]
                Stream::Unix(stream) => Stream::Unix(stream.try_clone().expect("a descriptor")),
                Stream::Tls(_) => panic!("a connection of TLS has no twin"),
            },
            buffer: Vec::new(),
        }
    }

    /// Sends bytes as they are.
    ///
    /// # Panics
    ///
    /// The server is gone, or does not take them.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).expect("sending");
    }

    /// Sends bytes as they are, or says why not.
    ///
    /// # Errors
    ///
    /// The server is gone, or does not take them.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())?;
        self.stream.flush()
    }

    /// Sends a piece at a time, with a pause behind each; stops early where the server has gone, and says whether it
    /// had.
    pub fn drip(&mut self, bytes: impl AsRef<[u8]>, size: usize, pause: Duration) -> bool {
        bytes.as_ref().chunks(size).all(|piece| {
            let sent = self.try_send(piece).is_ok();
            std::thread::sleep(pause);
            sent
        })
    }

    /// Sends a `GET` and reads its answer.
    ///
    /// # Panics
    ///
    /// No answer comes, or one whose framing is wrong.
    #[track_caller]
    pub fn get(&mut self, target: &str) -> Answer {
        self.send(format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n"));
        self.answer()
    }

    /// Reads one response to a request that was not `HEAD`; interim responses are not skipped.
    ///
    /// # Panics
    ///
    /// None comes, or one whose framing is wrong.
    #[track_caller]
    pub fn answer(&mut self) -> Answer {
        self.answer_to("GET")
    }

    /// Reads one response to a request of this method.
    ///
    /// # Panics
    ///
    /// None comes, or one whose framing is wrong.
    #[track_caller]
    pub fn answer_to(&mut self, method: &str) -> Answer {
        match self.try_answer_to(method) {
            Ok(answer) => answer,
            Err(error) => panic!(
                "no answer: {error}; what came: {:?}",
                String::from_utf8_lossy(&self.buffer)
            ),
        }
    }

    /// Reads one response to a request of this method, or says what is wrong with it.
    ///
    /// # Errors
    ///
    /// The connection's, `UnexpectedEof` for a response that is not whole, `InvalidData` for one that is malformed.
    pub fn try_answer_to(&mut self, method: &str) -> io::Result<Answer> {
        let head = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            if self.fill()? == 0 {
                return Err(if self.buffer.is_empty() {
                    io::Error::new(io::ErrorKind::UnexpectedEof, "the server closed")
                } else {
                    io::Error::new(io::ErrorKind::UnexpectedEof, "the head is cut short")
                });
            }
        };
        let mut answer = parse_head(&self.buffer[..head])?;
        let at = head;
        let value = |name| answer.header(name).map(str::to_owned);
        let (length, coding) = (value("Content-Length"), value("Transfer-Encoding"));
        answer.framing = if method == "HEAD"
            || (100..200).contains(&answer.status)
            || matches!(answer.status, 204 | 304)
        {
            Framing::None
        } else {
            match (length.as_deref(), coding.as_deref()) {
                (Some(_), Some(_)) => return Err(malformed("a length and a coding")),
                (None, Some("chunked")) => Framing::Chunked,
                (None, Some(_)) => return Err(malformed("an unknown coding")),
                (Some(_), None) => Framing::Length,
                (None, None) => Framing::End,
            }
        };
        let end = match answer.framing {
            Framing::None => at,
            Framing::Length => {
                let length = length
                    .filter(|length| length.bytes().all(|byte| byte.is_ascii_digit()))
                    .and_then(|length| length.parse::<usize>().ok())
                    .ok_or_else(|| malformed("no number as its length"))?;
                self.need(at + length)?;
                answer.body = self.buffer[at..at + length].to_vec();
                at + length
            }
            Framing::Chunked => self.chunks(at, &mut answer.body)?,
            Framing::End => {
                while self.fill()? > 0 {}
                answer.body = self.buffer[at..].to_vec();
                self.buffer.len()
            }
        };
        self.buffer.drain(..end);
        Ok(answer)
    }

    /// Decodes chunks from `at` on; says where they end.
    fn chunks(&mut self, mut at: usize, body: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            let line = loop {
                if let Some(end) = find(&self.buffer[at..], b"\r\n") {
                    break at..at + end;
                }
                self.need(self.buffer.len() + 1)?;
            };
            let size = std::str::from_utf8(&self.buffer[line.clone()])
                .ok()
                .filter(|size| size.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .and_then(|size| usize::from_str_radix(size, 16).ok())
                .ok_or_else(|| malformed("no number as its chunk's size"))?;
            at = line.end + 2;
            self.need(at + size + 2)?;
            body.extend_from_slice(&self.buffer[at..at + size]);
            at += size;
            if &self.buffer[at..at + 2] != b"\r\n" {
                return Err(malformed("no line end behind a chunk"));
            }
            at += 2;
            if size == 0 {
                return Ok(at);
            }
        }
    }

    fn need(&mut self, size: usize) -> io::Result<()> {
        while self.buffer.len() < size {
            if self.fill()? == 0 {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the body is cut short",
                ));
            }
        }
        Ok(())
    }

    fn fill(&mut self) -> io::Result<usize> {
        let start = self.buffer.len();
        self.buffer.resize(start + (16 << 10), 0);
        let read = self.stream.read(&mut self.buffer[start..]);
        self.buffer.truncate(start + *read.as_ref().unwrap_or(&0));
        read
    }

    /// Reads at most this many bytes as they are, at least one unless the server has closed.
    ///
    /// # Errors
    ///
    /// The connection's.
    pub fn read_some(&mut self, size: usize) -> io::Result<Vec<u8>> {
        if self.buffer.is_empty() {
            let mut bytes = vec![0; size];
            let read = self.stream.read(&mut bytes)?;
            bytes.truncate(read);
            return Ok(bytes);
        }
        let size = size.min(self.buffer.len());
        Ok(self.buffer.drain(..size).collect())
    }

    /// Reads everything there is until the connection ends.
    ///
    /// # Panics
    ///
    /// It does not end.
    #[track_caller]
    pub fn end(&mut self) -> End {
        loop {
            match self.fill() {
                Ok(0) => return End::Closed(std::mem::take(&mut self.buffer)),
                Ok(_) => {}
                Err(error) if is_reset(&error) => {
                    return End::Reset(std::mem::take(&mut self.buffer));
                }
                Err(error) => panic!("the connection does not end: {error}"),
            }
        }
    }

    /// Waits for the end of the connection, by which nothing more may come.
    ///
    /// # Panics
    ///
    /// It does not end, or bytes come before.
    #[track_caller]
    pub fn is_closed(&mut self) {
        let (End::Closed(bytes) | End::Reset(bytes)) = self.end();
        assert_eq!(String::from_utf8_lossy(&bytes), "", "before the end");
    }

    /// Whether nothing has come and the connection is still there, now.
    ///
    /// # Panics
    ///
    /// An option cannot be set.
    pub fn is_quiet(&mut self) -> bool {
        self.stream.set_nonblocking(true);
        let read = self.fill();
        self.stream.set_nonblocking(false);
        self.buffer.is_empty() && read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Sends nothing more, but reads on.
    ///
    /// # Panics
    ///
    /// The connection is gone.
    #[track_caller]
    pub fn finish(&mut self) {
        self.try_finish().expect("half-closing");
    }

    /// From here on a server that takes nothing makes sending fail after this time, in place of [`PATIENCE`].
    pub fn set_send_patience(&self, patience: Duration) {
        self.stream.set_write_timeout(patience);
    }

    /// Sends nothing more, but reads on, or says why not.
    ///
    /// # Errors
    ///
    /// The connection is gone.
    pub fn try_finish(&mut self) -> io::Result<()> {
        match &mut self.stream {
            Stream::Tcp(stream) => stream.shutdown(Shutdown::Write),
            #[cfg(unix)]
            Stream::Unix(stream) => stream.shutdown(Shutdown::Write),
            Stream::Tls(stream) => {
                stream.conn.send_close_notify();
                stream.flush()
            }
        }
    }

    /// What is sent from here on leaves when the client finishes, together with the end.
    ///
    /// # Panics
    ///
    /// The option cannot be set.
    #[cfg(target_os = "linux")]
    #[must_use]
    pub fn corked(self) -> Self {
        if let Stream::Tcp(stream) = &self.stream {
            socket2::SockRef::from(stream)
                .set_tcp_cork(true)
                .expect("an option");
        }
        self
    }

    /// Ends the connection with a reset.
    ///
    /// # Panics
    ///
    /// The option cannot be set.
    pub fn reset(self) {
        if let Stream::Tcp(stream) = &self.stream {
            socket2::SockRef::from(stream)
                .set_linger(Some(Duration::ZERO))
                .expect("an option");
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn is_reset(error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => true,
        // By TLS: the end of a stream that was cut off.
        io::ErrorKind::UnexpectedEof => crate::is_below_wine(),
        _ => false,
    }
}
