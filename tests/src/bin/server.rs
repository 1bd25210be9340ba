//! A server for the tests that look at a whole process.
//!
//! It takes limits as arguments (`threads=4`, `loops=1`, times in milliseconds), says `listening <address>`, and does
//! what it is told by lines on its standard input; when that ends, it ends at once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{Error, HttpServer, Limits, Log, Request, Response, Sent};
use doget_tests::answers;
use std::io::{BufRead, Read, Write};
use std::time::Duration;

/// The words of the panic that tests ask for: it is not worth a line in their output.
const PANIC: &str = "as asked for";

fn main() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref() != Some(&PANIC) {
            loud(panic);
        }
    }));
    #[cfg(unix)]
    let inherited = HttpServer::inherited().expect("inherited sockets");
    #[cfg(not(unix))]
    let inherited: Option<HttpServer> = None;
    let mut server = inherited
        .unwrap_or_else(|| HttpServer::bind("127.0.0.1:0").expect("a free port"))
        .log(Log::writer(Box::new(std::io::sink())));
    let mut limits = Limits::default();
    for arg in std::env::args().skip(1) {
        let (name, value) = arg.split_once('=').expect("name=value");
        if name == "log" {
            server = server.error_log(Log::file(value).expect("a log file"));
            continue;
        }
        let number: usize = value.parse().expect("a number");
        let time = Duration::from_millis(number as u64);
        match name {
            "loops" => server = server.loops(number),
            "max_threads" => limits.max_threads = number,
            "takeover_threads_per_loop" => limits.takeover_threads_per_loop = number,
            "max_queued_requests" => limits.max_queued_requests = number,
            "max_connections" => limits.max_connections = number,
            "max_requests_per_connection" => limits.max_requests_per_connection = number as u32,
            "head_timeout" => limits.head_timeout = time,
            "tls" => server = server.tls(doget_tests::tls::server()),
            "handshake_timeout" => limits.handshake_timeout = time,
            "idle_timeout" => limits.idle_timeout = time,
            "shutdown_timeout" => limits.shutdown_timeout = time,
            "linger_timeout" => limits.linger_timeout = time,
            "max_linger_time" => limits.max_linger_time = time,
            "send_timeout" => limits.send_timeout = time,
            "body_timeout" => limits.body_timeout = time,
            name => panic!("no limit {name}"),
        }
    }
    let shutdown = server.shutdown_handle();
    println!(
        "listening {}",
        server
            .local_addr()
            .map_or_else(|_| "elsewhere".to_owned(), |address| address.to_string())
    );
    std::thread::Builder::new()
        .name("commands".to_owned())
        .spawn(move || {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                match line.split_once(' ').unwrap_or((&line, "")) {
                    ("graceful", _) => shutdown.graceful(),
                    ("now", _) => shutdown.now(),
                    ("descriptors", count) => descriptors(count.parse().expect("a number")),
                    _ => panic!("no command {line}"),
                }
                println!("ok");
            }
            std::process::exit(3);
        })
        .expect("a thread");
    server
        .limits(limits)
        .serve_forever(answers(answer))
        .expect("a server");
}

/// Lets the process have so many descriptors from now on.
#[cfg(not(unix))]
fn descriptors(_count: u64) {
    panic!("only Unix has such a limit");
}

/// Lets the process have so many descriptors from now on.
#[cfg(unix)]
fn descriptors(count: u64) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(count),
            maximum,
        },
    )
    .expect("a limit");
}

/// A file of zeros that takes no room, and no name.
fn sparse_file(size: u64) -> std::io::Result<std::fs::File> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("doget-test-{}-{number}", std::process::id()));
    let file = std::fs::File::create_new(&path)?;
    file.set_len(size)?;
    let read = std::fs::File::open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(read)
}

fn answer(request: &mut Request<'_>, response: Response<'_>) -> doget::Result<Sent> {
    let mut words = request.path().split('/').skip(1);
    let (word, number) = (words.next().unwrap_or(""), words.next());
    let number: u64 = number.and_then(|number| number.parse().ok()).unwrap_or(0);
    match word {
        "" => response.reply("hello\n"),
        "sleep" => {
            std::thread::sleep(Duration::from_millis(number));
            response.reply("slept\n")
        }
        // Each byte goes back before the next one is read.
        "bounce" => {
            let (mut body, mut byte) = (response.send_response(200).end_headers()?, [0]);
            while request.body().read(&mut byte)? > 0 {
                body.write_all(&byte)?;
                body.flush()?;
            }
            body.finish()
        }
        "bytes" => response.reply(vec![b'x'; number as usize]),
        "stream" => {
            let mut body = response.send_response(200).end_headers()?;
            let piece = [b'x'; 16 << 10];
            let mut left = number as usize;
            while left > 0 {
                let size = left.min(piece.len());
                body.write_all(&piece[..size])?;
                left -= size;
            }
            body.finish()
        }
        "echo" => {
            let mut body = Vec::new();
            request.body().read_to_end(&mut body)?;
            response.reply(body)
        }
        "file" => {
            let file = sparse_file(number)?;
            response
                .send_response(200)
                .finish_with_file(file, 0, number)
        }
        "panic" => std::panic::panic_any(PANIC),
        _ => Err(Error::new(404)),
    }
}
