//! [`Exchange`]: bytes in, bytes out, as on a connection of its own.

use crate::connection::peer::Peer;
use crate::connection::server_info::{ServerInfo, Shutdown};
use crate::connection::transport::Transport;
use crate::connection::trust::Trust;
use crate::engine::clock::Clock;
use crate::exchange::{Advance, Driver, ExchangeContext, Exchanges, Next, RunDecision, Written};
use crate::handler::registry::MethodInfo;
use crate::handler::{Handler, Route};
use crate::http1::Head;
use crate::request::ConnectionInfo;
use crate::response::writer::{ResponseWriter, Tail};
use crate::{Limits, Log, log::LogFormat};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

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
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(super) limits: Limits,
    log: Option<Log>,
    format: LogFormat,
    pieces: usize,
    max_received: usize,
    peer: Peer,
    trust: Option<Trust>,
    clock: Option<Clock>,
}

/// What an [`Exchange`] came to.
#[derive(Debug)]
#[non_exhaustive]
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
    /// Default limits, no log, all bytes at once, a client at 127.0.0.1 that takes 64 MiB.
    pub fn new() -> Self {
        Self {
            limits: Limits::default(),
            log: None,
            format: LogFormat::Common,
            pieces: usize::MAX,
            max_received: 64 << 20,
            peer: SocketAddr::from(([127, 0, 0, 1], 50_000)).into(),
            trust: None,
            clock: None,
        }
    }

    /// Other limits. Time stands still here, but for a [`clock`](Self::clock): their deadlines never pass.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where lines are logged.
    #[must_use]
    pub fn log(mut self, log: Log) -> Self {
        self.log = Some(log);
        self
    }

    /// The format of request lines in the log.
    #[must_use]
    pub fn log_format(mut self, format: LogFormat) -> Self {
        self.format = format;
        self
    }

    /// A clock that [`Deadline`](crate::Deadline) goes by. Without one the time of a request never passes.
    #[must_use]
    pub fn clock(mut self, clock: &Clock) -> Self {
        self.clock = Some(clock.clone());
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

    /// The proxies that are believed, as with [`HttpServer::trust`](crate::HttpServer::trust).
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = Some(trust);
        self
    }

    /// The client takes this many bytes of one [`run`](Self::run) or one [`send`](super::Connection::send) and is gone
    /// then, so that a stream without an end has one here: what the handler writes from then on fails with
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe), as it does when a client hangs up. Default: 64 MiB. What is sent
    /// meanwhile is gathered in memory before it leaves ([`Limits::response_buffer_size`]), so the handler may have
    /// written more.
    ///
    /// ```
    /// use doget::{Response, Result, Sent, handler, testing};
    /// use std::io::Write;
    ///
    /// struct Endless;
    ///
    /// #[handler]
    /// impl Endless {
    ///     fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
    ///         let mut wfile = response.send_response(200).end_headers()?;
    ///         loop {
    ///             wfile.write_all(b"more and more\n")?;
    ///         }
    ///     }
    /// }
    ///
    /// let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    /// let outcome = testing::Exchange::new().max_received(1000).run(&Endless, request);
    /// assert_eq!(outcome.bytes.len(), 1000);
    /// assert!(outcome.cut);
    /// ```
    #[must_use]
    pub fn max_received(mut self, bytes: usize) -> Self {
        self.max_received = bytes;
        self
    }

    /// Runs it: the client sends these bytes, and has finished then.
    pub fn run<H: Handler>(&self, handler: &H, input: &[u8]) -> Outcome {
        let mut session = Session::new(self.clone(), handler, Log::off());
        let bytes = session.feed(input, true);
        Outcome {
            bytes,
            requests: session.exchanges.served,
            closed: session.end.is_some_and(|end| end.by_server),
            cut: session.end.is_some_and(|end| end.cut),
        }
    }
}

/// A connection in memory, from its first byte on.
pub(super) struct Session<'h> {
    pub(super) settings: Exchange,
    pub(super) handler: &'h dyn Handler,
    pub(super) site: ServerInfo,
    pub(super) exchanges: Exchanges,
    pub(super) writer: ResponseWriter,
    pub(super) head: Head,
    /// What the server has read and not used yet.
    pub(super) held: Vec<u8>,
    pub(super) end: Option<End>,
    /// When it began: that is the time, where no clock was given.
    began: Instant,
}

/// How a connection ended.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// Before the client had finished.
    pub(super) by_server: bool,
    /// A response was not whole.
    pub(super) cut: bool,
}

impl<'h> Session<'h> {
    /// `error_log`: for errors, unless the settings have a log.
    pub(super) fn new(settings: Exchange, handler: &'h dyn Handler, error_log: Log) -> Self {
        let site = ServerInfo {
            name: "localhost".to_owned(),
            port: 8000,
            error_log: settings.log.clone().unwrap_or(error_log),
            log: settings.log.clone().unwrap_or(Log::off()),
            format: settings.format,
            shutdown: Shutdown::default(),
            trust: settings.trust.clone(),
            figures: std::sync::OnceLock::new(),
            #[cfg(feature = "live")]
            live: Default::default(),
        };
        Self {
            writer: ResponseWriter::new(settings.limits.response_buffer_size),
            settings,
            handler,
            site,
            exchanges: Exchanges::default(),
            head: Head::default(),
            held: Vec::new(),
            end: None,
            began: Instant::now(),
        }
    }

    /// The method that answers such a request, as far as the handler can tell.
    pub(super) fn method(&self, method: &str, path: &str) -> Option<MethodInfo> {
        let index = self.handler.route(method, path).index;
        let methods = self.handler.settings().methods;
        methods.get(usize::try_from(index).ok()?).copied()
    }

    /// Whether nothing can be sent any more.
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// The client sends `input`, and says that it has finished if `ends`. What the server sends until it waits for
    /// more.
    pub(super) fn feed(&mut self, input: &[u8], ends: bool) -> Vec<u8> {
        let client = Client {
            state: Mutex::new((input, Vec::new())),
            pieces: self.settings.pieces,
            max_received: self.settings.max_received,
            clock: self.settings.clock.clone(),
            began: self.began,
        };
        let context = context(self.handler, &self.settings, &self.site, &client);
        let mut eof = false;
        let mut read = true;
        while self.end.is_none() {
            #[cfg(feature = "live")]
            if self.exchanges.live().is_some() {
                self.feed_live(&client, ends);
                break;
            }
            if read {
                let mut piece = vec![0; self.settings.pieces.min(64 << 10)];
                let got = client.read(&mut piece).unwrap_or(0);
                if got == 0 && !ends {
                    break;
                }
                eof = got == 0;
                self.held
                    .extend_from_slice(piece.get(..got).unwrap_or_default());
            }
            let Advance {
                consumed,
                pushed_back,
                next,
            } = self.exchanges.advance(
                &context,
                &mut self.head,
                &self.held,
                eof,
                &mut self.writer,
                &mut Here(&client),
            );
            self.held.drain(..consumed);
            self.held.splice(0..0, pushed_back);
            let written = client.write(&self.writer.bytes, &[]);
            self.writer.bytes.clear();
            match next {
                Next::Close(close) | Next::Tail(_, Some(close)) => {
                    self.end = Some(End {
                        by_server: !(eof && self.held.is_empty()),
                        cut: written.is_err() || !close.is_well(),
                    });
                }
                _ if written.is_err() => {
                    self.end = Some(End {
                        by_server: true,
                        cut: true,
                    });
                }
                Next::Read if eof => break,
                Next::Read => read = true,
                Next::Again | Next::Offload | Next::Tail(_, None) => read = false,
            }
        }
        std::mem::take(&mut client.lock().1)
    }
}

/// What an exchange in memory has for a context.
pub(super) fn context<'s>(
    handler: &'s dyn Handler,
    settings: &'s Exchange,
    site: &'s ServerInfo,
    client: &'s Client<'_>,
) -> ExchangeContext<'s> {
    ExchangeContext {
        handler,
        settings: handler.settings(),
        speaks_http11: handler.settings().is_modern(),
        gated: handler.is_gated(),
        connection: ConnectionInfo {
            peer: &settings.peer,
            site,
            limits: &settings.limits,
            is_tls: false,
        },
        transport: client,
        framed_below: false,
        collect: true,
        draining: false,
        now: SystemTime::now(),
    }
}

/// The client's side of a connection in memory: what it has still to send, and what it has got.
pub(super) struct Client<'i> {
    state: Mutex<(&'i [u8], Vec<u8>)>,
    pieces: usize,
    max_received: usize,
    clock: Option<Clock>,
    began: Instant,
}

impl<'i> Client<'i> {
    fn lock(&self) -> std::sync::MutexGuard<'_, (&'i [u8], Vec<u8>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Client<'_> {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = buffer.len().min(self.pieces);
        self.lock()
            .0
            .read(buffer.get_mut(..size).unwrap_or_default())
    }

    fn now(&self) -> Instant {
        self.clock.as_ref().map_or(self.began, Clock::now)
    }

    fn is_connected(&self) -> bool {
        self.lock().1.len() < self.max_received
    }

    fn write(&self, first: &[u8], second: &[u8]) -> io::Result<()> {
        let received = &mut self.lock().1;
        for bytes in [first, second] {
            let room = self.max_received.saturating_sub(received.len());
            received.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            if bytes.len() > room {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
        }
        Ok(())
    }
}

pub(super) struct Here<'m, 'i>(pub(super) &'m Client<'i>);

impl Driver for Here<'_, '_> {
    fn decide(&mut self, _route: &Route, _command: &str, _path: &str) -> RunDecision {
        RunDecision::Run
    }

    fn decide_gate(&mut self) -> RunDecision {
        RunDecision::Run
    }

    fn buffer(&mut self) -> Vec<u8> {
        Vec::new()
    }

    fn write_tail(&mut self, writer: &mut ResponseWriter) -> Written {
        if self.write(writer).is_err() {
            return Written::Failed;
        }
        match writer.tail.take() {
            Some(Tail::Bytes(bytes, at)) => {
                match self.0.write(bytes.get(at..).unwrap_or_default(), &[]) {
                    Ok(()) => Written::All,
                    Err(_) => Written::Failed,
                }
            }
            Some(mut tail @ Tail::File { .. }) => loop {
                if self.write(writer).is_err() {
                    return Written::Failed;
                }
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
    fn write(&self, writer: &mut ResponseWriter) -> io::Result<()> {
        let written = self.0.write(&writer.bytes, &[]);
        writer.bytes.clear();
        written
    }

    fn file(&self, mut file: &File, offset: u64, left: u64) -> io::Result<()> {
        file.seek(SeekFrom::Start(offset))?;
        let mut rest = Read::take(file, left);
        let mut piece = vec![0; 64 << 10];
        while rest.limit() > 0 {
            match rest.read(&mut piece)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                got => self.0.write(piece.get(..got).unwrap_or_default(), &[])?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Request, Response, Result, Sent};

    struct Unread;

    impl Handler for Unread {
        fn dispatch(&self, _: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
            response.reply("x")
        }
    }

    /// What stands for the words of a row: the bytes before, and the bytes that come.
    fn bytes(before: &str, comes: &str) -> (&'static str, &'static str) {
        const LENGTH: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
        const LONG: &str = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n";
        const CHUNKED: &str = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        match (before, comes) {
            ("Idle", "a part of a head") => ("", "GET / HT"),
            ("Idle", "a whole request") => ("", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            ("Idle", "a head whose body is collected") => ("", LENGTH),
            ("Idle", "a head whose body its handler leaves unread") => ("", LONG),
            ("Idle", "a head that is refused") => ("", "GET\r\n\r\n"),
            ("Idle", "a request that is the last one") => {
                ("", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            }
            ("Head", "the rest of the head") => ("GET / HT", "TP/1.1\r\nHost: a\r\n\r\n"),
            ("Body", "a part of the body") => (LENGTH, "bo"),
            ("Body", "the rest of the body") => (LENGTH, "body"),
            ("Body", "a fault in the body") => (CHUNKED, "x\r\n"),
            ("Drain", "a part of the body") => (LONG, "bo"),
            ("Drain", "the rest of the body") => (LONG, "body body"),
            other => panic!("a row that nothing is known of: {other:?}"),
        }
    }

    #[test]
    fn the_table_of_states_is_that_of_the_code() {
        let rows = include_str!("../exchange/mod.rs").lines();
        let rows = rows.filter_map(|line| line.strip_prefix("//! | ")).skip(2);
        let mut count = 0;
        for row in rows {
            let cells: Vec<&str> = row.trim_end_matches(" |").split(" | ").collect();
            let (before, comes) = bytes(cells[0], cells[1]);
            let settings = Exchange::new().limits(Limits::new().body_buffer_size(4));
            let mut session = Session::new(settings, &Unread, Log::off());
            let state = |session: &Session<'_>| match session.has_ended() {
                true => "closed".to_owned(),
                false => format!("{:?}", session.exchanges.waiting()),
            };
            session.feed(before.as_bytes(), false);
            assert_eq!(state(&session), cells[0], "{row}");
            session.feed(comes.as_bytes(), false);
            assert_eq!(state(&session), cells[2], "{row}");
            count += 1;
        }
        assert_eq!(count, 12);
    }
}
