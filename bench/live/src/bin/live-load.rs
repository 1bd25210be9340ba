//! The load: sockets that send messages and wait for them to come back.
//!
//! `live-load PORT CONNECTIONS SIZE DEPTH SECONDS` opens the connections, has one message echoed on each and compares
//! it, prints `ready`, waits for a line, keeps DEPTH messages under way on each connection for as long, and prints how
//! many came back.
//!
//! `live-load PORT room FOLLOWERS STALLED SIZE COUNT` opens followers of a topic, STALLED of which read nothing,
//! publishes COUNT messages, one after the other has arrived, and prints how long publishing took and how long the last
//! of those who read waited; beside it a connection asks for `/plaintext` all the time, and for a second before that
//! with nothing beside it. If all read, each message is followed by one that a thread beside the loop publishes while
//! that sleeps, and by waking a thread without a topic.

use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const LIMIT: Duration = Duration::from_secs(60);

fn connect(port: &str, path: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(LIMIT))?;
    // In one piece, since the floor reads no more.
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    if !head.starts_with(b"HTTP/1.1 101 ") {
        return Err(io::Error::other(head.escape_ascii().to_string()));
    }
    Ok(stream)
}

fn header(size: usize, masked: bool) -> Vec<u8> {
    let bit = if masked { 0x80 } else { 0 };
    let mut header = vec![0x82];
    match size {
        0..=125 => header.push(bit | size as u8),
        126..=0xffff => {
            header.push(bit | 126);
            header.extend((size as u16).to_be_bytes());
        }
        _ => {
            header.push(bit | 127);
            header.extend((size as u64).to_be_bytes());
        }
    }
    header
}

struct Echoed {
    stream: TcpStream,
    /// Bytes of what has to be written, and of what has to come back.
    unsent: usize,
    missing: usize,
}

/// Keeps messages under way on all connections, and says how many came back.
fn echo(
    connections: &mut [Echoed],
    burst: &[u8],
    back: usize,
    depth: u64,
    until: Instant,
) -> io::Result<u64> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
    for (key, connection) in connections.iter_mut().enumerate() {
        (connection.unsent, connection.missing) = (burst.len(), back);
        epoll::add(
            &epoll,
            &connection.stream,
            EventData::new_u64(key as u64),
            flags,
        )?;
    }
    let mut buffer = vec![0; 256 << 10];
    let mut events = Vec::with_capacity(512);
    let (mut count, mut open) = (0, connections.len());
    let mut ended = false;
    while open > 0 {
        events.clear();
        wait(&epoll, &mut events)?;
        ended |= Instant::now() >= until;
        for event in &events {
            let Some(connection) = connections.get_mut(event.data.u64() as usize) else {
                continue;
            };
            loop {
                let sent = send(connection, burst)?;
                let read = match connection.stream.read(&mut buffer) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(size) => size,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                    Err(error) => return Err(error),
                };
                connection.missing -= read;
                if connection.missing == 0 {
                    count += depth;
                    if ended {
                        open -= 1;
                        connection.missing = usize::MAX;
                        break;
                    }
                    (connection.unsent, connection.missing) = (burst.len(), back);
                } else if read < buffer.len() && !sent {
                    break;
                }
            }
        }
    }
    Ok(count)
}

fn wait(epoll: &OwnedFd, events: &mut Vec<epoll::Event>) -> io::Result<()> {
    let limit = Timespec {
        tv_sec: LIMIT.as_secs() as i64,
        tv_nsec: 0,
    };
    match epoll::wait(epoll, spare_capacity(events), Some(&limit)) {
        Ok(0) => Err(ErrorKind::TimedOut.into()),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn send(connection: &mut Echoed, burst: &[u8]) -> io::Result<bool> {
    let mut any = false;
    while connection.unsent > 0 {
        match connection
            .stream
            .write(&burst[burst.len() - connection.unsent..])
        {
            Ok(size) => connection.unsent -= size,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
        any = true;
    }
    Ok(any)
}

fn ready() -> io::Result<()> {
    println!("ready");
    io::stdin().read_line(&mut String::new()).map(drop)
}

fn echoes(port: &str, [connections, size, depth]: [usize; 3], seconds: f64) -> io::Result<()> {
    let payload: Vec<u8> = (0..size).map(|place| (place * 7 % 251) as u8).collect();
    let mut message = header(size, true);
    message.extend(KEY);
    message.extend(
        payload
            .iter()
            .enumerate()
            .map(|(place, byte)| byte ^ KEY[place % 4]),
    );
    let mut back = header(size, false);
    back.extend(&payload);
    let mut all = Vec::new();
    for _ in 0..connections {
        let mut stream = connect(port, "/")?;
        // Of a large message the server may want to write before all was sent.
        let sender = stream.try_clone()?;
        let sent = message.clone();
        let sending = std::thread::spawn(move || (&sender).write_all(&sent));
        let mut found = vec![0; back.len()];
        stream.read_exact(&mut found)?;
        sending.join().unwrap()?;
        assert!(found == back, "another message came back");
        stream.set_nonblocking(true)?;
        all.push(Echoed {
            stream,
            unsent: 0,
            missing: 0,
        });
    }
    ready()?;
    let start = Instant::now();
    let until = start + Duration::from_secs_f64(seconds);
    let count = echo(
        &mut all,
        &message.repeat(depth),
        back.len() * depth,
        depth as u64,
        until,
    )?;
    let took = start.elapsed().as_secs_f64();
    println!("{{\"messages\": {count}, \"seconds\": {took}}}");
    Ok(())
}

/// Asks over a connection that stays, and gives the body.
fn ask(stream: &mut TcpStream, request: &[u8]) -> io::Result<Vec<u8>> {
    stream.write_all(request)?;
    let (mut answer, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let size = stream.read(&mut buffer)?;
        answer.extend_from_slice(&buffer[..size]);
        let text = String::from_utf8_lossy(&answer);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: "));
            if Some(body.len()) == length.and_then(|length| length.parse().ok()) {
                return Ok(body.into());
            }
        }
        if size == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
    }
}

fn quantile(times: &mut [f64], part: f64) -> f64 {
    times.sort_by(f64::total_cmp);
    times
        .get(((times.len() as f64 - 1.0) * part).round() as usize)
        .copied()
        .unwrap_or(f64::NAN)
}

/// Connects the followers. The first of them, `stalled`, have little room for what nobody reads; of the others epoll
/// says what comes.
fn follow(
    port: &str,
    followers: usize,
    stalled: usize,
    epoll: &OwnedFd,
) -> io::Result<Vec<TcpStream>> {
    let mut streams = Vec::new();
    for key in 0..followers {
        let stream = connect(port, "/room")?;
        stream.set_nonblocking(true)?;
        if key >= stalled {
            let data = EventData::new_u64(key as u64);
            epoll::add(epoll, &stream, data, EventFlags::IN)?;
        } else {
            rustix::net::sockopt::set_socket_recv_buffer_size(&stream, 4096)?;
        }
        streams.push(stream);
    }
    Ok(streams)
}

struct Room {
    epoll: OwnedFd,
    streams: Vec<TcpStream>,
    publisher: TcpStream,
    buffer: Vec<u8>,
}

impl Room {
    /// Has the server measure something, and gives the microseconds.
    fn has(&mut self, path: &str, size: usize) -> io::Result<f64> {
        let post = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n");
        let nanos = ask(
            &mut self.publisher,
            &[post.as_bytes(), &vec![b'x'; size]].concat(),
        )?;
        let nanos: f64 = String::from_utf8_lossy(&nanos)
            .parse()
            .map_err(io::Error::other)?;
        Ok(nanos / 1e3)
    }

    /// Reads until so many bytes have come.
    fn read(&mut self, mut missing: usize) -> io::Result<()> {
        let mut events = Vec::with_capacity(1024);
        while missing > 0 {
            events.clear();
            wait(&self.epoll, &mut events)?;
            for event in &events {
                let stream = &mut self.streams[event.data.u64() as usize];
                match stream.read(&mut self.buffer) {
                    Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                    Ok(size) => missing -= size,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// So that loops sleep between two messages.
const PAUSE: Duration = Duration::from_millis(5);

fn room(port: &str, [followers, stalled, size, count]: [usize; 4]) -> io::Result<()> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let streams = follow(port, followers, stalled, &epoll)?;
    let mut room = Room {
        epoll,
        streams,
        publisher: TcpStream::connect(format!("127.0.0.1:{port}"))?,
        buffer: vec![0; 64 << 10],
    };
    let mut asker = TcpStream::connect(format!("127.0.0.1:{port}"))?;
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let ended = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    ready()?;
    let asking = std::thread::spawn({
        let (asked, ended) = (asked.clone(), ended.clone());
        move || -> io::Result<()> {
            while !ended.load(std::sync::atomic::Ordering::Relaxed) {
                let start = Instant::now();
                ask(&mut asker, b"GET /plaintext HTTP/1.1\r\nHost: a\r\n\r\n")?;
                asked
                    .lock()
                    .unwrap()
                    .push(start.elapsed().as_secs_f64() * 1e6);
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        }
    });
    std::thread::sleep(Duration::from_secs(1));
    let mut alone = std::mem::take(&mut *asked.lock().unwrap());
    let mut last = Vec::new();
    let [mut published, mut asleep, mut woken] = [const { Vec::new() }; 3];
    let all = (followers - stalled) * (header(size, false).len() + size);
    for _ in 0..count {
        let start = Instant::now();
        published.push(room.has("/room", size)?);
        room.read(all)?;
        last.push(start.elapsed().as_secs_f64() * 1e3);
        std::thread::sleep(PAUSE);
    }
    ended.store(true, std::sync::atomic::Ordering::Relaxed);
    asking.join().unwrap()?;
    // Nothing but this wakes the loop from here on.
    for _ in 0..if stalled == 0 { count } else { 0 } {
        asleep.push(room.has("/asleep", size)?);
        room.read(all)?;
        woken.push(room.has("/wake", size)?);
    }
    let mut asked = asked.lock().unwrap();
    let mut figures = vec![format!(
        "\"messages\": {}",
        (published.len() + asleep.len()) * (followers - stalled)
    )];
    for (name, unit, times) in [
        ("publish", "us", &mut published),
        ("asleep", "us", &mut asleep),
        ("wake", "us", &mut woken),
        ("last", "ms", &mut last),
        ("http", "us", &mut asked),
        ("alone", "us", &mut alone),
    ] {
        if !times.is_empty() {
            let (half, most) = (quantile(times, 0.5), quantile(times, 0.99));
            figures.push(format!(
                "\"{name}_p50_{unit}\": {half}, \"{name}_p99_{unit}\": {most}"
            ));
        }
    }
    println!("{{{}}}", figures.join(", "));
    Ok(())
}

fn main() -> io::Result<()> {
    let words: Vec<_> = std::env::args().skip(1).collect();
    let number = |at: usize| {
        words
            .get(at)
            .and_then(|word| word.parse().ok())
            .expect("a number")
    };
    match words.get(1).map(String::as_str) {
        Some("room") => room(&words[0], [2, 3, 4, 5].map(number)),
        _ => echoes(
            &words[0],
            [1, 2, 3].map(number),
            words[4].parse().expect("seconds"),
        ),
    }
}
