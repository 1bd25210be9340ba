//! The servers, the handler that does what it is asked, and the records of what it did.

use crate::dice::Dice;
use crate::task::{CONTENT_SIZE, Deed, Id, Task, content};
use doget::{
    Error, HttpServer, Limits, Log, Peer, Request, Response, Result, Running, Sent, handler, hooks,
};
use doget_tests::{Lines, PATIENCE, tls};
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The payload of the panics that are asked for: they are not worth a line in the output.
pub(crate) const PANIC: &str = "as asked for";

/// No deadline is to pass: what is lost is never lost for want of time.
const LONG: Duration = Duration::from_secs(3600);

/// What differs from round to round.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) loops: usize,
    /// A handler for each connection.
    pub(crate) own: bool,
    /// The servers are told to end while there are clients.
    pub(crate) ends: bool,
    pub(crate) limits: Limits,
}

impl Setup {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let limits = Limits::new()
            .body_buffer_size(dice.pick(&[0, 4 << 10, 64 << 10]))
            .max_collected_body_size(dice.pick(&[100_000, 1 << 20]))
            .max_drain_size(dice.pick(&[0, 20_000, 256 << 10]))
            .response_buffer_size(dice.pick(&[1_000, 64 << 10]))
            .max_requests_per_connection(dice.pick(&[40, 100, 100_000]))
            .max_threads(dice.pick(&[4, 16, 512]))
            // More than there are clients: nobody is turned away.
            .max_queued_requests(1024)
            .handshake_timeout(LONG)
            .head_timeout(LONG)
            .idle_timeout(LONG)
            .body_timeout(LONG)
            .body_rate_grace(LONG)
            .send_timeout(LONG)
            .send_rate_grace(LONG)
            .linger_timeout(LONG)
            .shutdown_timeout(LONG)
            .max_connection_age(LONG);
        Self {
            loops: 1 + dice.roll(3),
            own: dice.once_in(3),
            ends: dice.once_in(3),
            limits,
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            loops,
            own,
            ends,
            limits,
        } = self;
        write!(f, "loops={loops} own={own} ends={ends}")?;
        for (name, value) in [
            ("body_buffer_size", limits.body_buffer_size as u64),
            ("max_collected_body_size", limits.max_collected_body_size),
            ("max_drain_size", limits.max_drain_size),
            ("response_buffer_size", limits.response_buffer_size as u64),
            (
                "max_requests_per_connection",
                limits.max_requests_per_connection.into(),
            ),
            ("max_threads", limits.max_threads as u64),
        ] {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

/// A request in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) status: u16,
    pub(crate) size: u64,
}

/// One server without TLS and one with it, each on TCP and on a Unix domain socket.
pub(crate) struct Servers {
    running: Vec<Running>,
    log: Log,
    lines: Lines,
    runs: Runs,
    pub(crate) plain: Place,
    pub(crate) secure: Place,
}

/// Where a server listens.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) tcp: SocketAddr,
    #[cfg(unix)]
    pub(crate) unix: PathBuf,
}

type Runs = Arc<Mutex<HashMap<Id, u32>>>;

impl Servers {
    pub(crate) fn start(setup: &Setup) -> Self {
        let (lines, runs) = (Lines::default(), Runs::default());
        let log = Log::with_capacity(Box::new(lines.clone()), 64 << 20);
        let site = Site {
            runs: Arc::clone(&runs),
            file: Arc::new(content_file().expect("a file")),
        };
        let mut running = Vec::new();
        let [plain, secure] = [false, true].map(|secure| {
            let server = HttpServer::bind("127.0.0.1:0");
            #[cfg(unix)]
            let unix = unnamed("socket");
            #[cfg(unix)]
            let server = server.and_then(|server| server.listen_unix(&unix));
            let mut server = server
                .expect("a free port")
                .limits(setup.limits.clone())
                .loops(setup.loops)
                .log(log.clone())
                .error_log(Log::off());
            if secure {
                server = server.tls(tls::server());
            }
            let site = site.clone();
            let server = if setup.own {
                server.spawn_with(move |_: &Peer| site.clone())
            } else {
                server.spawn(site)
            };
            let server = server.expect("a server");
            let tcp = server.local_addr().expect("an address");
            running.push(server);
            Place {
                tcp,
                #[cfg(unix)]
                unix,
            }
        });
        Self {
            running,
            log,
            lines,
            runs,
            plain,
            secure,
        }
    }

    /// Tells them to end, and does not wait for that.
    pub(crate) fn begin_to_end(&self) {
        for server in &self.running {
            server.shutdown().graceful();
        }
    }

    /// Ends them, and gives what they did: how often each request was handled, and its lines in the log.
    pub(crate) fn end(self) -> (HashMap<Id, u32>, HashMap<Id, Vec<Line>>) {
        self.begin_to_end();
        for server in self.running {
            server.join();
        }
        assert!(self.log.flush(PATIENCE), "the log is written");
        assert_eq!(self.log.dropped(), 0, "lines were dropped");
        let mut logged: HashMap<Id, Vec<Line>> = HashMap::new();
        for text in self.lines.text().lines() {
            let (id, line) = read_line(text).unwrap_or_else(|| panic!("a line of the log: {text}"));
            logged.entry(id).or_default().push(line);
        }
        let runs = std::mem::take(&mut *self.runs.lock().unwrap_or_else(PoisonError::into_inner));
        (runs, logged)
    }
}

/// `127.0.0.1 - - [date] "GET /stream/3.14.abcdef HTTP/1.1" 200 13`.
fn read_line(text: &str) -> Option<(Id, Line)> {
    let (_, rest) = text.split_once("] \"")?;
    let (request, rest) = rest.split_once("\" ")?;
    let task = Task::parse(request.split(' ').nth(1)?)?;
    let (status, size) = rest.split_once(' ')?;
    let line = Line {
        status: status.parse().ok()?,
        size: size.parse().ok()?,
    };
    Some((task.id, line))
}

/// A name in the directory for temporary files that nobody else has.
fn unnamed(what: &str) -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("doget-chaos-{}-{number}.{what}", std::process::id());
    std::env::temp_dir().join(name)
}

/// The content as a file without a name.
fn content_file() -> std::io::Result<File> {
    let path = unnamed("content");
    std::fs::write(&path, content())?;
    let file = File::open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

#[derive(Clone)]
struct Site {
    runs: Runs,
    file: Arc<File>,
}

impl Site {
    fn begin(&self, deed: Deed, words: &str) -> Task {
        let task = Task::parse(&format!("/{}/{words}", deed.word())).expect("a task");
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        *runs.entry(task.id).or_default() += 1;
        task
    }
}

fn answer(task: Task, response: Response<'_>) -> Result<Sent> {
    response
        .send_response(200)
        .send_header("X-Id", task.words())
        .finish_with(task.body())
}

/// Writes the body step by step.
fn write_steps(task: Task, body: &mut impl Write) -> std::io::Result<()> {
    let mut left = task.body();
    for step in task.steps() {
        let (piece, rest) = left.split_at(step.size);
        left = rest;
        body.write_all(piece)?;
        if step.flush {
            body.flush()?;
        }
        if step.nap {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    Ok(())
}

fn stream(task: Task, response: Response<'_>) -> Result<Sent> {
    let mut body = response
        .send_response(200)
        .send_header("X-Id", task.words())
        .end_headers()?;
    write_steps(task, &mut body)?;
    body.finish()
}

fn read_part(task: Task, request: &mut Request<'_>) -> Result<Vec<u8>> {
    let mut part = vec![0; task.reads()];
    request.body().read_exact(&mut part)?;
    Ok(part)
}

#[handler]
impl Site {
    #[route("/instant/{words}")]
    fn do_GET_instant(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        answer(self.begin(Deed::Instant, words), response)
    }

    #[route("/burn/{words}")]
    fn do_GET_burn(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::Burn, words);
        let mut dice = Dice::new(task.seed);
        let rounds = dice.roll(100_000);
        std::hint::black_box((0..rounds).fold(0, |sum, _| sum ^ dice.next()));
        answer(task, response)
    }

    #[route("/sleep/{words}")]
    fn do_GET_sleep(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::Sleep, words);
        std::thread::sleep(Duration::from_millis(task.seed % 8));
        answer(task, response)
    }

    #[blocking]
    #[route("/blocking/{words}")]
    fn do_GET_blocking(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::Blocking, words);
        std::thread::sleep(Duration::from_millis(task.seed % 4));
        answer(task, response)
    }

    #[route("/big/{words}")]
    fn do_GET_big(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        answer(self.begin(Deed::Big, words), response)
    }

    #[route("/stream/{words}")]
    fn do_GET_stream(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        stream(self.begin(Deed::Stream, words), response)
    }

    #[route("/file/{words}")]
    fn do_GET_file(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::File, words);
        let range = task.range();
        response
            .send_response(200)
            .send_header("X-Id", task.words())
            .finish_with_file(
                self.file.try_clone()?,
                range.start as u64,
                range.len() as u64,
            )
    }

    #[route("/missing/{words}")]
    fn do_GET_missing(&self, words: &str) -> Result<&'static str> {
        self.begin(Deed::Missing, words);
        Err(Error::new(404))
    }

    #[route("/panicbefore/{words}")]
    fn do_GET_panic_before(&self, words: &str) -> &'static str {
        self.begin(Deed::PanicBefore, words);
        std::panic::panic_any(PANIC)
    }

    #[route("/panicwithin/{words}")]
    fn do_GET_panic_within(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::PanicWithin, words);
        let mut body = response
            .send_response(200)
            .send_header("X-Id", task.words())
            .end_headers()?;
        write_steps(task, &mut body)?;
        body.flush()?;
        std::panic::panic_any(PANIC)
    }

    #[route("/failwithin/{words}")]
    fn do_GET_fail_within(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::FailWithin, words);
        let mut body = response
            .send_response(200)
            .send_header("X-Id", task.words())
            .end_headers()?;
        write_steps(task, &mut body)?;
        body.flush()?;
        Err(Error::new(503))
    }

    #[route("/short/{words}")]
    fn do_GET_short(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::Short, words);
        let mut body = response
            .send_response(200)
            .send_header("X-Id", task.words())
            .send_header("Content-Length", task.body().len() + 1)
            .end_headers()?;
        write_steps(task, &mut body)?;
        body.flush()?;
        body.finish()
    }

    #[route("/shortfile/{words}")]
    fn do_GET_short_file(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::ShortFile, words);
        let range = task.range();
        assert_eq!(range.end, CONTENT_SIZE);
        response
            .send_response(200)
            .send_header("X-Id", task.words())
            .finish_with_file(
                self.file.try_clone()?,
                range.start as u64,
                range.len() as u64 + 1,
            )
    }

    #[route("/ignore/{words}")]
    fn do_POST_ignore(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        answer(self.begin(Deed::Ignore, words), response)
    }

    #[route("/refuse/{words}")]
    fn do_POST_refuse(&self, words: &str) -> Result<&'static str> {
        self.begin(Deed::Refuse, words);
        Err(Error::new(403))
    }

    #[route("/talk/{words}")]
    fn do_POST_talk(&self, words: &str, response: Response<'_>) -> Result<Sent> {
        stream(self.begin(Deed::Talk, words), response)
    }

    #[route("/half/{words}")]
    fn do_POST_half(
        &self,
        words: &str,
        request: &mut Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let task = self.begin(Deed::Half, words);
        let part = read_part(task, request)?;
        response
            .send_response(200)
            .send_header("X-Id", task.words())
            .finish_with(part)
    }

    #[route("/trip/{words}")]
    fn do_POST_trip(&self, words: &str, request: &mut Request<'_>) -> Result<&'static str> {
        let task = self.begin(Deed::Trip, words);
        read_part(task, request)?;
        std::panic::panic_any(PANIC)
    }

    #[route("/echo/{words}")]
    fn do_POST_echo(
        &self,
        words: &str,
        request: &mut Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let task = self.begin(Deed::Echo, words);
        let mut whole = Vec::new();
        request.body().read_to_end(&mut whole)?;
        response
            .send_response(200)
            .send_header("X-Id", task.words())
            .finish_with(whole)
    }

    #[route("/duplex/{words}")]
    fn do_POST_duplex(
        &self,
        words: &str,
        request: &mut Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let task = self.begin(Deed::Duplex, words);
        let mut body = response
            .send_response(200)
            .send_header("X-Id", task.words())
            .end_headers()?;
        let mut piece = vec![0; 1 + (task.seed % 30_000) as usize];
        loop {
            match request.body().read(&mut piece)? {
                0 => return body.finish(),
                size => body.write_all(&piece[..size])?,
            }
        }
    }

    #[route("/collect/{words}")]
    fn do_PUT_collect(&self, words: &str, body: Vec<u8>, response: Response<'_>) -> Result<Sent> {
        let task = self.begin(Deed::Collect, words);
        response
            .send_response(200)
            .send_header("X-Id", task.words())
            .finish_with(body)
    }

    /// Error pages say which request they answer.
    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent> {
        let target = request.requestline().split(' ').nth(1);
        let error = match target.and_then(Task::parse) {
            Some(task) => error.header("X-Id", task.words()),
            None => error,
        };
        hooks::send_error(self, request, response, error)
    }
}
