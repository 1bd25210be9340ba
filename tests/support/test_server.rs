//! Exchanges over a socket, told as bytes in and strictly read answers out, with the log beside them.

use crate::answer::{self, Answer, Flaw};
use crate::{Client, Lines, PATIENCE, Server};
use doget::{Handler, HttpServer, Limits, Log, Running};
use std::io;
use std::net::SocketAddr;

/// A server on a free port, its log in memory.
#[derive(Debug)]
pub struct TestServer {
    server: Server,
    log: Log,
    lines: Lines,
}

impl TestServer {
    /// Serves `handler` with the default limits.
    pub fn new<H: Handler + Send + Sync + 'static>(handler: H) -> Self {
        Self::with(handler, |server| server)
    }

    /// Serves `handler` with these limits.
    pub fn limited<H: Handler + Send + Sync + 'static>(handler: H, limits: Limits) -> Self {
        Self::with(handler, |server| server.limits(limits))
    }

    /// Serves `handler` from a server that `configure` has had in its hands.
    pub fn with<H: Handler + Send + Sync + 'static>(
        handler: H,
        configure: impl FnOnce(HttpServer) -> HttpServer,
    ) -> Self {
        Self::spawn(configure, |server| server.spawn(handler))
    }

    /// Serves in the way that `spawn` says.
    pub fn spawn(
        configure: impl FnOnce(HttpServer) -> HttpServer,
        spawn: impl FnOnce(HttpServer) -> io::Result<Running>,
    ) -> Self {
        let lines = Lines::default();
        let log = Log::writer(Box::new(lines.clone()));
        let server = Server::spawned(|server| configure(server.log(log.clone())), spawn);
        Self { server, log, lines }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// A new connection.
    #[track_caller]
    pub fn connect(&self) -> Conn {
        Conn::to(self.address())
    }

    /// What comes back for these bytes, after which the client has finished, to the end of the connection.
    #[track_caller]
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let mut conn = self.connect();
        conn.send(bytes);
        conn.finish();
        conn.rest()
    }

    /// The answers to these bytes; there have to be as many as methods.
    ///
    /// # Panics
    ///
    /// There are more or fewer, or one is malformed.
    #[track_caller]
    pub fn ask<M: AsRef<str>>(&self, bytes: impl AsRef<[u8]>, methods: &[M]) -> Vec<Answer> {
        let raw = self.raw(bytes);
        let answers = read_all(&raw, methods);
        assert_eq!(answers.len(), methods.len(), "{}", raw.escape_ascii());
        answers
    }

    /// The one answer to these bytes.
    ///
    /// # Panics
    ///
    /// There is none, or more than one, or it is malformed.
    #[track_caller]
    pub fn one(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let bytes = bytes.as_ref();
        let head = bytes.starts_with(b"HEAD ");
        let mut answers = self.ask(bytes, &[if head { "HEAD" } else { "GET" }]);
        answers.remove(0)
    }

    /// The one answer to a GET of this path.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.one(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"))
    }

    /// Ends the server, so that all lines are written, and gives them with `[date]` in place of the date.
    #[track_caller]
    pub fn end(self) -> Vec<String> {
        let Self { server, log, lines } = self;
        server.end();
        written(&log, &lines)
    }

    /// The lines so far, with `[date]` in place of the date.
    #[track_caller]
    pub fn log(&self) -> Vec<String> {
        written(&self.log, &self.lines)
    }
}

#[track_caller]
fn written(log: &Log, lines: &Lines) -> Vec<String> {
    assert!(log.flush(PATIENCE), "the log is written");
    lines.text().lines().map(undated).collect()
}

fn undated(line: &str) -> String {
    match (line.find('['), line.find(']')) {
        (Some(from), Some(to)) if from < to => {
            format!("{}[date]{}", &line[..from], &line[to + 1..])
        }
        _ => line.to_owned(),
    }
}

/// The responses in `raw`, to the last byte.
///
/// # Panics
///
/// One is malformed, or there are more than methods.
#[track_caller]
pub fn read_all<M: AsRef<str>>(raw: &[u8], methods: &[M]) -> Vec<Answer> {
    match answer::read_all(raw, methods, true) {
        Ok(answers) => answers,
        Err((flaw, at)) => {
            let shown = raw.get(at..).unwrap_or_default();
            let shown = shown.get(..1000).unwrap_or(shown);
            panic!(
                "{flaw:?}, {at} of {} bytes in: {}",
                raw.len(),
                shown.escape_ascii()
            )
        }
    }
}

/// A client's end of a connection.
#[derive(Debug)]
pub struct Conn {
    client: Client,
    held: Vec<u8>,
    /// The connection has ended with a reset.
    pub reset: bool,
}

impl Conn {
    /// Connects.
    #[track_caller]
    pub fn to(address: SocketAddr) -> Self {
        Self {
            client: Client::connect(address),
            held: Vec::new(),
            reset: false,
        }
    }

    /// Sends these bytes; says whether the server was still there to take them.
    ///
    /// # Panics
    ///
    /// The server is there, but does not take them.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        match self.client.try_send(bytes) {
            Ok(()) => true,
            Err(error) => {
                assert!(!is_late(&error), "the server does not read");
                false
            }
        }
    }

    /// Sends these bytes in pieces of this size.
    #[track_caller]
    pub fn send_in(&mut self, bytes: impl AsRef<[u8]>, size: usize) {
        let mut pieces = bytes.as_ref().chunks(size);
        while pieces.next().is_some_and(|piece| self.send(piece)) {}
    }

    /// The client has sent its last byte.
    pub fn finish(&mut self) {
        let _ = self.client.try_finish();
    }

    /// The next response.
    ///
    /// # Panics
    ///
    /// It is malformed or cut short.
    #[track_caller]
    pub fn answer(&mut self, method: &str) -> Answer {
        let mut ended = false;
        loop {
            match answer::read(&self.held, method, ended) {
                Ok((answer, rest)) => {
                    self.held = rest.to_vec();
                    return answer;
                }
                Err(Flaw::Incomplete) if !ended => ended = !self.more(),
                Err(flaw) => panic!("{flaw:?}: {}", self.held.escape_ascii()),
            }
        }
    }

    /// Bytes up to and with this mark.
    ///
    /// # Panics
    ///
    /// It does not come.
    #[track_caller]
    pub fn until(&mut self, mark: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.held.windows(mark.len()).position(|part| part == mark) {
                return self.held.drain(..at + mark.len()).collect();
            }
            assert!(
                self.more(),
                "no {} in {}",
                mark.escape_ascii(),
                self.held.escape_ascii()
            );
        }
    }

    /// Everything up to the end of the connection.
    #[track_caller]
    pub fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.held)
    }

    /// The server closes the connection without another byte.
    ///
    /// # Panics
    ///
    /// More comes.
    #[track_caller]
    pub fn assert_end(&mut self) {
        let rest = self.rest();
        assert!(rest.is_empty(), "{}", rest.escape_ascii());
    }

    /// Reads once; false at the end.
    #[track_caller]
    fn more(&mut self) -> bool {
        match self.client.read_some(16 << 10) {
            Ok(bytes) => {
                self.held.extend_from_slice(&bytes);
                !bytes.is_empty()
            }
            Err(error) => {
                assert!(
                    !is_late(&error),
                    "the server neither answers nor closes, after {}",
                    self.held.escape_ascii()
                );
                self.reset = true;
                false
            }
        }
    }
}

fn is_late(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
    )
}
