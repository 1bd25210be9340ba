//! A closed-loop load generator: each connection sends its next request when the last one is answered.
//!
//!     bench-load PORT PATH [--connections N] [--seconds S] [--warmup S] [--pipeline DEPTH] [--body BYTES] [--length BYTES]
//!                [--close] [--idle N] [--sleepers N]
//!
//! It warms the server up, opens the idle crowd, prints `ready` and a line of JSON, waits for a line on its standard
//! input, measures, and prints another line of JSON. Whoever drives it can so read the server's clocks just before and
//! just after. A response counts if its status is 200, it is whole, and its body has the length that was asked for: that of the
//! body sent, or `--length`.

mod client;
mod wire;

use client::{Client, Plan, Tally};
use std::io::{self, BufRead, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::{Duration, Instant};

struct Options {
    port: u16,
    path: String,
    connections: usize,
    seconds: f64,
    warmup: f64,
    pipeline: u32,
    body: usize,
    length: Option<u64>,
    close: bool,
    idle: usize,
    sleepers: usize,
}

fn options() -> Result<Options, String> {
    let mut words = std::env::args().skip(1);
    let mut next = |what: &str| words.next().ok_or_else(|| format!("{what} is missing"));
    let mut options = Options {
        port: number(&next("PORT")?)?,
        path: next("PATH")?,
        connections: 1,
        seconds: 1.0,
        warmup: 0.2,
        pipeline: 1,
        body: 0,
        length: None,
        close: false,
        idle: 0,
        sleepers: 0,
    };
    while let Ok(word) = next("") {
        match word.as_str() {
            "--connections" => options.connections = number(&next(&word)?)?,
            "--seconds" => options.seconds = number(&next(&word)?)?,
            "--warmup" => options.warmup = number(&next(&word)?)?,
            "--pipeline" => options.pipeline = number(&next(&word)?)?,
            "--body" => options.body = number(&next(&word)?)?,
            "--length" => options.length = Some(number(&next(&word)?)?),
            "--close" => options.close = true,
            "--idle" => options.idle = number(&next(&word)?)?,
            "--sleepers" => options.sleepers = number(&next(&word)?)?,
            _ => return Err(format!("what is {word}?")),
        }
    }
    Ok(options)
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word} is not a number"))
}

fn request(options: &Options, path: &str, body: usize) -> Vec<u8> {
    let method = if body > 0 { "POST" } else { "GET" };
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: */*\r\n",
        options.port
    );
    if body > 0 {
        request += &format!("Content-Type: application/octet-stream\r\nContent-Length: {body}\r\n");
    }
    if options.close {
        request += "Connection: close\r\n";
    }
    let mut request = (request + "\r\n").into_bytes();
    request.resize(request.len() + body, b'x');
    request
}

/// Connections that each had one answer and then say nothing more.
struct Crowd {
    held: Vec<TcpStream>,
    seconds: f64,
}

impl Crowd {
    /// A few at a time, so that the listener's backlog does not matter; as many as come within `limit`.
    fn open(options: &Options, address: SocketAddr, limit: Duration) -> Self {
        let request = request(options, &options.path, 0);
        let start = Instant::now();
        let mut held = Vec::new();
        while held.len() < options.idle && start.elapsed() < limit {
            let few: Vec<TcpStream> = (0..64.min(options.idle - held.len()))
                .map_while(|_| greet(address, &request).ok())
                .collect();
            if few.is_empty() {
                break;
            }
            let answered = few.into_iter().filter_map(|mut stream| {
                let mut answer = [0; 1024];
                let late = start.elapsed() > limit;
                let got = if late {
                    0
                } else {
                    stream.read(&mut answer).unwrap_or(0)
                };
                (got > 0).then_some(stream)
            });
            held.extend(answered);
        }
        let seconds = start.elapsed().as_secs_f64();
        Self { held, seconds }
    }

    fn closed(&self) -> usize {
        let closed = |stream: &&TcpStream| {
            let _ = stream.set_nonblocking(true);
            match stream.peek(&mut [0]) {
                Ok(count) => count == 0,
                Err(error) => error.kind() != io::ErrorKind::WouldBlock,
            }
        };
        self.held.iter().filter(closed).count()
    }
}

fn greet(address: SocketAddr, request: &[u8]) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(3))?;
    stream.set_read_timeout(Some(Duration::from_secs(3)))?;
    stream.write_all(request)?;
    Ok(stream)
}

fn figures(name: &str, tally: &mut Tally) -> String {
    let seconds = tally.seconds();
    let (middle, tail) = (tally.percentile(0.5), tally.percentile(0.99));
    format!(
        "\"{name}requests\":{},\"{name}seconds\":{seconds:.6},\"{name}errors\":{},\"{name}reconnects\":{},\
         \"{name}p50_us\":{middle:.1},\"{name}p99_us\":{tail:.1}",
        tally.requests, tally.errors, tally.reconnects
    )
}

fn run() -> Result<(), String> {
    let options = options()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let active = Plan {
        request: request(&options, &options.path, options.body),
        depth: options.pipeline.max(1),
        connections: options.connections,
        close: options.close,
        length: options
            .length
            .or((options.body > 0).then_some(options.body as u64)),
    };
    let sleepers = Plan {
        request: request(&options, "/sleep", 0),
        depth: 1,
        connections: options.sleepers,
        close: options.close,
        length: None,
    };
    let mut client = Client::new(address, vec![active, sleepers]).map_err(|e| e.to_string())?;
    client.run(Duration::from_secs_f64(options.warmup))?;
    let crowd = Crowd::open(&options, address, Duration::from_secs(30));
    println!(
        "ready {{\"held\":{},\"open_seconds\":{:.3}}}",
        crowd.held.len(),
        crowd.seconds
    );
    io::stdin()
        .lock()
        .read_line(&mut String::new())
        .map_err(|e| e.to_string())?;

    let mut tallies = client.run(Duration::from_secs_f64(options.seconds))?;
    let mut parts = Vec::new();
    for (name, tally) in ["", "sleeper_"].iter().zip(&mut tallies) {
        parts.push(figures(name, tally));
    }
    println!("{{{},\"idle_closed\":{}}}", parts.join(","), crowd.closed());
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-load: {error}");
            ExitCode::FAILURE
        }
    }
}
