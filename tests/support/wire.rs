//! Exchanges over a socket, told as bytes in and answers out, with the log beside them.

use crate::answer::{self, Answer, Flaw};
use doget::{Handler, HttpServer, Limits, Log, Running};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// No test waits longer than this for anything: what takes longer has failed.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A sink for log lines that can be read again.
#[derive(Clone, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// What was written.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8(bytes.clone()).expect("a log in UTF-8")
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A server on a free port, its log in memory.
pub struct Wire {
    running: Option<Running>,
    log: Log,
    lines: Lines,
}

impl Wire {
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
        let server = HttpServer::bind("127.0.0.1:0").expect("a free port");
        let server = configure(server.log(log.clone()));
        Self {
            running: Some(spawn(server).expect("a server")),
            log,
            lines,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        let running = self.running.as_ref().expect("a running server");
        running.local_addr().expect("an address")
    }

    /// `http://127.0.0.1:port`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// A new connection.
    pub fn connect(&self) -> Conn {
        Conn::to(self.address())
    }

    /// What comes back for these bytes, after which the client has finished, to the end of the connection.
    pub fn raw(&self, bytes: impl AsRef<[u8]>) -> Vec<u8> {
        let mut conn = self.connect();
        conn.send(bytes);
        conn.finish();
        conn.rest()
    }

    /// The answers to these bytes; there have to be as many as methods.
    pub fn ask<M: AsRef<str>>(&self, bytes: impl AsRef<[u8]>, methods: &[M]) -> Vec<Answer> {
        let raw = self.raw(bytes);
        let answers = read_all(&raw, methods);
        assert_eq!(answers.len(), methods.len(), "{}", raw.escape_ascii());
        answers
    }

    /// The one answer to these bytes.
    pub fn one(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let bytes = bytes.as_ref();
        let head = bytes.starts_with(b"HEAD ");
        let mut answers = self.ask(bytes, &[if head { "HEAD" } else { "GET" }]);
        answers.remove(0)
    }

    /// The one answer to a GET of this path.
    pub fn get(&self, path: &str) -> Answer {
        self.one(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"))
    }

    /// Ends the server, so that all lines are written, and gives them with `[date]` in place of the date.
    pub fn end(mut self) -> Vec<String> {
        drop(self.running.take());
        self.log()
    }

    /// The lines so far, with `[date]` in place of the date.
    pub fn log(&self) -> Vec<String> {
        assert!(self.log.flush(PATIENCE), "the log is written");
        self.lines.text().lines().map(undated).collect()
    }
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
pub fn read_all<M: AsRef<str>>(raw: &[u8], methods: &[M]) -> Vec<Answer> {
    match answer::read_all(raw, methods, true) {
        Ok(answers) => answers,
        Err((flaw, at)) => panic!("{flaw:?} at {at} of {}", raw.escape_ascii()),
    }
}

/// A client's end of a connection.
pub struct Conn {
    stream: TcpStream,
    held: Vec<u8>,
    /// The server reset the connection.
    pub reset: bool,
}

impl Conn {
    /// Connects.
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        let set = [
            stream.set_read_timeout(Some(PATIENCE)),
            stream.set_write_timeout(Some(PATIENCE)),
            stream.set_nodelay(true),
        ];
        assert!(set.iter().all(Result::is_ok), "socket options");
        Self {
            stream,
            held: Vec::new(),
            reset: false,
        }
    }

    /// Sends these bytes; a server that has closed already is left alone.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        if let Err(error) = self.stream.write_all(bytes.as_ref()) {
            let blocked = matches!(
                error.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            );
            assert!(!blocked, "the server does not read");
        }
    }

    /// Sends these bytes in pieces of this size.
    pub fn send_in(&mut self, bytes: impl AsRef<[u8]>, size: usize) {
        for piece in bytes.as_ref().chunks(size) {
            self.send(piece);
        }
    }

    /// The client has sent its last byte.
    pub fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// The next response.
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
    pub fn until(&mut self, mark: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.held.windows(mark.len()).position(|part| part == mark) {
                return self.held.drain(..at + mark.len()).collect();
            }
            assert!(
                self.more(),
                "no {:?} in {}",
                mark.escape_ascii().to_string(),
                self.held.escape_ascii()
            );
        }
    }

    /// Everything up to the end of the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.held)
    }

    /// The server closes the connection without another byte.
    pub fn assert_end(&mut self) {
        let rest = self.rest();
        assert!(rest.is_empty(), "{}", rest.escape_ascii());
    }

    /// Reads once; false at the end.
    fn more(&mut self) -> bool {
        let mut buffer = [0; 16 << 10];
        match self.stream.read(&mut buffer) {
            Ok(0) => false,
            Ok(size) => {
                self.held.extend_from_slice(&buffer[..size]);
                true
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => true,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                panic!(
                    "the server neither answers nor closes, after {}",
                    self.held.escape_ascii()
                )
            }
            Err(_) => {
                self.reset = true;
                false
            }
        }
    }
}
