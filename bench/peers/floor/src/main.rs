//! The floor: what the machine takes for a request if the server does next to nothing.
//!
//! One loop over epoll; the answer is a constant, and requests are counted by their ends. Only a POST is looked at, for the
//! length of its body, which is sent back. It is no server: it believes everything, and the fast path only works with
//! the requests of the load generator beside it, whose last line is `Connection: close` if there is one.
//!
//! With `--files ROOT` an answer is a file, opened for each request and sent by `sendfile`, small ones in one write.

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::fs::{Mode, OFlags};
use rustix::net::SendFlags;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nServer: floor\r\nContent-Type: text/plain\r\n\
    Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 13\r\n\r\nHello, World!";

struct Connection {
    stream: TcpStream,
    /// The response to a POST as far as it is there, and how long it will be.
    echo: Vec<u8>,
    whole: usize,
    /// What could not be sent at once.
    unsent: Vec<u8>,
    /// A file that is being sent, where, and how much is left.
    file: Option<(OwnedFd, u64, u64)>,
}

/// Files up to this size leave with their head.
const SMALL: u64 = 16 << 10;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (root, port) = match &*words {
        [flag, root, port] if flag == "--files" => (Some(open(root, OFlags::DIRECTORY)?), port),
        [port] => (None, port),
        _ => panic!("usage: peer-floor [--files ROOT] PORT"),
    };
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
    let mut connections: HashMap<u64, Connection> = HashMap::new();
    let mut next = 1;
    let mut buffer = vec![0; 256 << 10];
    let answers = ANSWER.repeat(1024);
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
                    epoll::add(&epoll, &stream, epoll::EventData::new_u64(next), flags)?;
                    let connection = Connection {
                        stream,
                        echo: Vec::new(),
                        whole: 0,
                        unsent: Vec::new(),
                        file: None,
                    };
                    connections.insert(next, connection);
                    next += 1;
                }
            } else if let Some(connection) = connections.get_mut(&key)
                && serve(connection, &mut buffer, &answers, root.as_ref()).is_err()
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
        if connection.whole > 0 || bytes.starts_with(b"POST") {
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
        write!(
            connection.echo,
            "HTTP/1.1 200 OK\r\nServer: floor\r\nContent-Length: {length}\r\n\r\n"
        )?;
        connection.whole = connection.echo.len() + length;
    }
    connection.echo.extend_from_slice(body);
    if connection.echo.len() >= connection.whole {
        let answer = std::mem::take(&mut connection.echo);
        connection.whole = 0;
        send(connection, &answer)?;
        connection.echo = answer;
        connection.echo.clear();
    }
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
