//! Exchanges in memory: for the tests of handlers, without a socket.

use crate::connection::peer::Peer;
use crate::connection::server_info::{ServerInfo, Shutdown};
use crate::connection::transport::Transport;
use crate::exchange::{
    Admission, Advance, Close, Driver, ExchangeContext, Exchanges, Next, Written,
};
use crate::handler::{Handler, Route};
use crate::http1::Head;
use crate::request::ConnectionInfo;
use crate::response::writer::{ResponseWriter, Tail};
use crate::{Limits, Log, log::LogFormat};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// Feeds a client's bytes to a handler and returns what the server would send, as a connection of its own: all requests in it are
/// answered, as far as they are whole, and then the client has finished.
///
/// ```
/// use doget::{handler, testing};
///
/// struct Hello;
///
/// #[handler]
/// impl Hello {
///     fn do_GET(&self) -> &'static str {
///         "hello"
///     }
/// }
///
/// let answer = testing::exchange(&Hello, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
/// assert!(answer.ends_with(b"\r\n\r\nhello"));
/// ```
pub fn exchange<H: Handler>(handler: &H, input: &[u8]) -> Vec<u8> {
    Exchange::new().run(handler, input).bytes
}

/// An exchange in memory with settings of its own.
///
/// ```
/// # use doget::{handler, testing, Limits};
/// # struct Hello;
/// # #[handler]
/// # impl Hello {
/// #     fn do_GET(&self) -> &'static str {
/// #         "hello"
/// #     }
/// # }
/// let outcome = testing::Exchange::new()
///     .limits(Limits::new().max_requests_per_connection(1))
///     .pieces(1)
///     .run(&Hello, b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /never HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert_eq!(outcome.requests, 1);
/// assert!(outcome.closed);
/// ```
#[derive(Debug)]
pub struct Exchange {
    limits: Limits,
    log: Log,
    format: LogFormat,
    pieces: usize,
    peer: Peer,
}

/// What an [`Exchange`] came to.
#[derive(Debug)]
pub struct Outcome {
    /// What the server sent.
    pub bytes: Vec<u8>,
    /// Requests that were answered, error pages for heads that were not understood not among them.
    pub requests: u32,
    /// The server closed the connection before the client had finished.
    pub closed: bool,
    /// The server cut it, since a response was not whole.
    pub cut: bool,
}

impl Default for Exchange {
    fn default() -> Self {
        Self::new()
    }
}

impl Exchange {
    /// Default limits, no log, all bytes at once, a client at 127.0.0.1.
    pub fn new() -> Self {
        Self {
            limits: Limits::default(),
            log: Log::off(),
            format: LogFormat::Common,
            pieces: usize::MAX,
            peer: SocketAddr::from(([127, 0, 0, 1], 50_000)).into(),
        }
    }

    /// Other limits. Time stands still here: deadlines never pass.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where lines are logged.
    #[must_use]
    pub fn log(mut self, log: Log) -> Self {
        self.log = log;
        self
    }

    /// The format of request lines in the log.
    #[must_use]
    pub fn log_format(mut self, format: LogFormat) -> Self {
        self.format = format;
        self
    }

    /// The client's bytes arrive in pieces of this size.
    ///
    /// # Panics
    ///
    /// If the size is 0.
    #[must_use]
    pub fn pieces(mut self, size: usize) -> Self {
        assert!(size > 0, "a piece has at least one byte");
        self.pieces = size;
        self
    }

    /// The client.
    #[must_use]
    pub fn peer(mut self, peer: impl Into<Peer>) -> Self {
        self.peer = peer.into();
        self
    }

    /// Runs it.
    pub fn run<H: Handler>(&self, handler: &H, input: &[u8]) -> Outcome {
        let site = ServerInfo {
            name: "localhost".to_owned(),
            port: 8000,
            error_log: self.log.clone(),
            log: self.log.clone(),
            format: self.format,
            shutdown: Shutdown::default(),
        };
        let exchange = Memory {
            left: Mutex::new((input, Vec::new())),
            pieces: self.pieces,
        };
        let context = ExchangeContext {
            handler,
            settings: handler.settings(),
            speaks_http11: handler.settings().is_modern(),
            connection: ConnectionInfo {
                peer: &self.peer,
                site: &site,
                limits: &self.limits,
                is_tls: false,
            },
            transport: &exchange,
            collect: true,
            draining: false,
            now: SystemTime::now(),
        };
        let mut exchanges = Exchanges::default();
        let (mut writer, mut head) = (
            ResponseWriter::new(self.limits.response_buffer_size),
            Head::default(),
        );
        let mut held = Vec::new();
        let mut outcome = Outcome {
            bytes: Vec::new(),
            requests: 0,
            closed: false,
            cut: false,
        };
        let mut eof = false;
        let mut read = true;
        loop {
            if read {
                let mut piece = vec![0; self.pieces.min(64 << 10)];
                let got = exchange.read(&mut piece).unwrap_or(0);
                eof = got == 0;
                held.extend_from_slice(piece.get(..got).unwrap_or_default());
            }
            let Advance {
                consumed,
                pushed_back,
                next,
            } = exchanges.advance(
                &context,
                &mut head,
                &held,
                eof,
                &mut writer,
                &mut Here(&exchange),
            );
            held.drain(..consumed);
            held.splice(0..0, pushed_back);
            let _ = exchange.write(&writer.bytes, &[]);
            writer.bytes.clear();
            match next {
                Next::Read => read = true,
                Next::Again | Next::Offload | Next::Tail(_, None) => read = false,
                Next::Close(close) | Next::Tail(_, Some(close)) => {
                    outcome.closed = !(eof && held.is_empty());
                    outcome.cut = close == Close::Cut;
                    break;
                }
            }
            if read && eof {
                break;
            }
        }
        outcome.requests = exchanges.served;
        outcome.bytes = std::mem::take(&mut exchange.lock().1);
        outcome
    }
}

/// Both directions of a connection in memory.
struct Memory<'i> {
    left: Mutex<(&'i [u8], Vec<u8>)>,
    pieces: usize,
}

impl<'i> Memory<'i> {
    fn lock(&self) -> std::sync::MutexGuard<'_, (&'i [u8], Vec<u8>)> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Memory<'_> {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = buffer.len().min(self.pieces);
        self.lock()
            .0
            .read(buffer.get_mut(..size).unwrap_or_default())
    }

    fn write(&self, first: &[u8], second: &[u8]) -> io::Result<()> {
        let written = &mut self.lock().1;
        written.extend_from_slice(first);
        written.extend_from_slice(second);
        Ok(())
    }
}

struct Here<'m, 'i>(&'m Memory<'i>);

impl Driver for Here<'_, '_> {
    fn admit(&mut self, _route: &Route, _command: &str, _path: &str) -> Admission {
        Admission::Run
    }

    fn buffer(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn write_tail(&mut self, writer: &mut ResponseWriter) -> Written {
        let _ = self.0.write(&writer.bytes, &[]);
        writer.bytes.clear();
        match writer.tail.take() {
            Some(Tail::Bytes(bytes, at)) => {
                let _ = self.0.write(bytes.get(at..).unwrap_or_default(), &[]);
                Written::All
            }
            Some(mut tail @ Tail::File { .. }) => loop {
                let _ = self.0.write(&writer.bytes, &[]);
                writer.bytes.clear();
                if let Tail::File {
                    file, offset, left, ..
                } = &mut tail
                    && *left > 0
                {
                    if self.file(file, *offset, *left).is_err() {
                        return Written::Failed;
                    }
                    *left = 0;
                }
                if !tail.go_on(&mut writer.bytes) {
                    return Written::All;
                }
            },
            None => Written::All,
        }
    }
}

impl Here<'_, '_> {
    fn file(&self, mut file: &File, offset: u64, left: u64) -> io::Result<()> {
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        let got = Read::take(file, left).read_to_end(&mut bytes)?;
        self.0.write(&bytes, &[])?;
        if got as u64 == left {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}
