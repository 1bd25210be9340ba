//! The floor: what the machine takes for a request if the server does next to nothing.
//!
//! One loop over epoll; the answer is a constant, and requests are counted by their ends. Only a POST is looked at, for
//! the length of its body, which is sent back, or for the end of its chunks. It is no server: it believes everything,
//! and the fast path only works with the requests of the load generator beside it, whose last line is
//! `Connection: close` if there is one.
//!
//! With `--files ROOT` an answer is a file, opened for each request and sent by `sendfile`, small ones in one write.
//! With `--tls CERTIFICATE KEY` it is the same behind rustls.

mod tls;

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::fs::{Mode, OFlags};
use rustix::net::SendFlags;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nServer: floor\r\nContent-Type: text/plain\r\n\
    Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 13\r\n\r\nHello, World!";

struct Connection {
    stream: TcpStream,
    /// The response to a POST as far as it is there, and how long it will be.
    echo: Vec<u8>,
    whole: usize,
    /// It is the receipt of an order.
    receipt: bool,
    /// A chunked body is passed over: its last bytes so far.
    sink: Option<[u8; LAST.len()]>,
    /// What could not be sent at once.
    unsent: Vec<u8>,
    /// A file that is being sent, where, and how much is left.
    file: Option<(OwnedFd, u64, u64)>,
}

impl AsFd for Connection {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

/// The answer to an upload, and where one ends: the load generator's has no trailer, and its bytes have no such line.
const SUNK: &[u8] = b"HTTP/1.1 200 OK\r\nServer: floor\r\nContent-Type: text/plain\r\n\
    Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 8\r\n\r\n67108864";
const LAST: &[u8; 7] = b"\r\n0\r\n\r\n";

/// What goes around an order, to be a receipt of the length that others have.
const RECEIPT: (&[u8], &[u8]) = (b"{\"order\":", b",\"count\":257,\"cents\":8630}");

/// Files up to this size leave with their head.
const SMALL: u64 = 16 << 10;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (root, port) = match &*words {
        [flag, certificate, key, port] if flag == "--tls" => {
            let config = tls::config(certificate, key)?;
            let open = |stream| tls::Connection::new(stream, &config);
            return run(port, open, tls::serve);
        }
        [flag, root, port] if flag == "--files" => (Some(open(root, OFlags::DIRECTORY)?), port),
        [port] => (None, port),
        _ => panic!("usage: peer-floor [--files ROOT | --tls CERTIFICATE KEY] PORT"),
    };
    let answers = ANSWER.repeat(1024);
    let open = |stream| {
        Ok(Connection {
            stream,
            echo: Vec::new(),
            whole: 0,
            receipt: false,
            sink: None,
            unsent: Vec::new(),
            file: None,
        })
    };
    run(port, open, |connection, buffer| {
        serve(connection, buffer, &answers, root.as_ref())
    })
}

/// Accepts, and serves connections when there is something to be read, or room; until the process is ended.
fn run<C: AsFd>(
    port: &str,
    open: impl Fn(TcpStream) -> io::Result<C>,
    serve: impl Fn(&mut C, &mut [u8]) -> io::Result<()>,
) -> io::Result<()> {
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    rustix::net::listen(&listener, 4096)?;
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(
        &epoll,
        &listener,
        epoll::EventData::new_u64(0),
        epoll::EventFlags::IN,
    )?;
    let mut connections: HashMap<u64, C> = HashMap::new();
    let mut next = 1;
    let mut buffer = vec![0; 256 << 10];
    let mut events = Vec::with_capacity(512);
    loop {
        events.clear();
        match epoll::wait(&epoll, spare_capacity(&mut events), None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &events {
            let key = event.data.u64();
            if key == 0 {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(true)?;
                    stream.set_nodelay(true)?;
                    let flags =
                        epoll::EventFlags::IN | epoll::EventFlags::OUT | epoll::EventFlags::ET;
                    let connection = open(stream)?;
                    epoll::add(&epoll, &connection, epoll::EventData::new_u64(next), flags)?;
                    connections.insert(next, connection);
                    next += 1;
                }
            } else if let Some(connection) = connections.get_mut(&key)
                && serve(connection, &mut buffer).is_err()
            {
                connections.remove(&key);
            }
        }
    }
}

/// Answers what is there to be read. `Err`: the connection is over.
fn serve(
    connection: &mut Connection,
    buffer: &mut [u8],
    answers: &[u8],
    root: Option<&OwnedFd>,
) -> io::Result<()> {
    let unsent = std::mem::take(&mut connection.unsent);
    if !unsent.is_empty() {
        send(connection, &unsent)?;
    }
    send_file(connection)?;
    loop {
        let got = match connection.stream.read(buffer) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let bytes = &buffer[..got];
        if connection.sink.is_some() || bytes.starts_with(b"POST /upload") {
            sink(connection, bytes)?;
        } else if connection.whole > 0 || bytes.starts_with(b"POST") {
            echo(connection, bytes)?;
        } else if let Some(root) = root {
            answer_file(connection, bytes, root)?;
        } else {
            let count = memchr::memmem::find_iter(bytes, b"\r\n\r\n").count();
            send(
                connection,
                &answers[..(count * ANSWER.len()).min(answers.len())],
            )?;
            if bytes.ends_with(b"close\r\n\r\n") {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        if got < buffer.len() {
            return Ok(());
        }
    }
}

fn open(path: &str, flags: OFlags) -> io::Result<OwnedFd> {
    let flags = flags | OFlags::RDONLY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?)
}

fn answer_file(connection: &mut Connection, bytes: &[u8], root: &OwnedFd) -> io::Result<()> {
    let end = memchr::memchr(b' ', bytes.get(5..).unwrap_or_default()).unwrap_or(0) + 5;
    let path = bytes.get(5..end).unwrap_or_default();
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let file = rustix::fs::openat(root, path, flags, Mode::empty())?;
    let size = rustix::fs::fstat(&file)?.st_size as u64;
    let mut head = Vec::with_capacity(512 + SMALL.min(size) as usize);
    write!(
        head,
        "HTTP/1.1 200 OK\r\nServer: floor\r\nContent-Type: application/octet-stream\r\n\
         Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: {size}\r\n\r\n"
    )?;
    if size <= SMALL {
        let mut from = std::fs::File::from(file);
        from.read_to_end(&mut head)?;
        return send(connection, &head);
    }
    let sent = match rustix::net::send(&connection.stream, &head, SendFlags::MORE) {
        Ok(sent) => sent,
        Err(rustix::io::Errno::AGAIN) => 0,
        Err(error) => return Err(error.into()),
    };
    connection.unsent.extend_from_slice(&head[sent..]);
    connection.file = Some((file, 0, size));
    send_file(connection)
}

fn send_file(connection: &mut Connection) -> io::Result<()> {
    let Some((file, at, left)) = connection
        .file
        .as_mut()
        .filter(|_| connection.unsent.is_empty())
    else {
        return Ok(());
    };
    while *left > 0 {
        match rustix::fs::sendfile(&connection.stream, &*file, Some(at), *left as usize) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(sent) => *left -= sent as u64,
            Err(rustix::io::Errno::AGAIN) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
    connection.file = None;
    Ok(())
}

fn echo(connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
    let mut body = bytes;
    if connection.whole == 0 {
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]);
        let (head, _) = text
            .split_once("\r\n\r\n")
            .ok_or(io::ErrorKind::InvalidData)?;
        let (_, length) = head
            .rsplit_once("Content-Length: ")
            .ok_or(io::ErrorKind::InvalidData)?;
        let length: usize = length
            .lines()
            .next()
            .and_then(|l| l.parse().ok())
            .unwrap_or(0);
        body = &bytes[head.len() + 4..];
        let (before, after) = receipt(head.as_bytes());
        let all = before.len() + length + after.len();
        write!(
            connection.echo,
            "HTTP/1.1 200 OK\r\nServer: floor\r\nContent-Length: {all}\r\n\r\n"
        )?;
        connection.whole = connection.echo.len() + before.len() + length;
        connection.echo.extend_from_slice(before);
        connection.receipt = !after.is_empty();
    }
    connection.echo.extend_from_slice(body);
    if connection.echo.len() >= connection.whole {
        if connection.receipt {
            connection.echo.extend_from_slice(RECEIPT.1);
        }
        let answer = std::mem::take(&mut connection.echo);
        connection.whole = 0;
        send(connection, &answer)?;
        connection.echo = answer;
        connection.echo.clear();
    }
    Ok(())
}

/// What is sent before a body and after it.
fn receipt(head: &[u8]) -> (&'static [u8], &'static [u8]) {
    if head.starts_with(b"POST /json") {
        return RECEIPT;
    }
    (b"", b"")
}

/// Passes a chunked body over, and answers when its end has come.
fn sink(connection: &mut Connection, bytes: &[u8]) -> io::Result<()> {
    let mut last = connection.sink.take().unwrap_or_default();
    let kept = last.len().saturating_sub(bytes.len());
    last.rotate_right(kept);
    let new = &bytes[bytes.len() - (last.len() - kept)..];
    last[kept..].copy_from_slice(new);
    if last == *LAST {
        return send(connection, SUNK);
    }
    connection.sink = Some(last);
    Ok(())
}

fn send(connection: &mut Connection, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() && connection.unsent.is_empty() {
        match connection.stream.write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    connection.unsent.extend_from_slice(bytes);
    Ok(())
}
