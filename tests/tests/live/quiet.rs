//! S1: ten thousand quiet sockets cost no thread, and half a KiB each at most.
//!
//! The number is bounded by the descriptors that the process may have; `DOGET_QUIET_SOCKETS` asks for another one, such
//! as 50,000.

use doget_tests::live::handshake;
use doget_tests::{Child, eventually};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Sockets whose handshakes are on their way together.
const TOGETHER: usize = 100;

/// The most that one takes in the server's process, in bytes; and one that follows a topic, which has a cursor, a place
/// in the topic's list, and here what its closure has captured.
const MOST: u64 = 512;
const MOST_WITH_A_TOPIC: u64 = 560;

/// What a thread takes that served once. On a busy machine the watchdog takes loops for ones that are stuck.
const THREAD: u64 = 256 << 10;

pub(crate) fn server() -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doget-live-server"));
    command.arg("2").stdin(Stdio::piped());
    Child::spawn(command)
}

/// How many the system lets both processes have.
pub(crate) fn count() -> usize {
    let asked = std::env::var("DOGET_QUIET_SOCKETS").ok();
    let asked = asked.map_or(10_000, |count| count.parse().unwrap());
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"))
        .unwrap();
    let files: usize = line
        .split_whitespace()
        .nth(3)
        .unwrap()
        .parse()
        .unwrap_or(usize::MAX);
    asked.min(files.saturating_sub(300))
}

/// A socket whose handshake is sent, perhaps with a receive buffer of so many bytes.
///
/// The system has some 28,000 ports for an address, and keeps each for a minute behind its connection: so there are few
/// for each address, and each server has addresses of its own.
pub(crate) fn begin(
    server: SocketAddr,
    number: usize,
    path: &str,
    window: Option<usize>,
) -> TcpStream {
    let own = server.port().to_be_bytes();
    let from = SocketAddr::from(([127, 1 + (number / 20_000) as u8, own[0], own[1].max(2)], 0));
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    if let Some(window) = window {
        socket.set_recv_buffer_size(window).unwrap();
    }
    socket.bind(&from.into()).unwrap();
    socket.connect(&server.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.write_all(handshake(path, "").as_bytes()).unwrap();
    stream
}

/// The answer's head is there: of a socket, or of a stream.
pub(crate) fn accepted(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        assert_eq!(
            stream.read(&mut byte).unwrap(),
            1,
            "{}",
            head.escape_ascii()
        );
        head.push(byte[0]);
    }
    assert!(
        head.starts_with(b"HTTP/1.1 101 ") || head.starts_with(b"HTTP/1.1 200 "),
        "{}",
        head.escape_ascii()
    );
}

/// All of them are in this process, and there are neither descriptors nor ports for two such tests at once.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One of some tries has to show it: on a busy machine threads, and what they touch, come at any time, which only adds.
/// Only if all tries had more threads is what these take guessed, and taken off.
fn are_small(path: &str, most: u64) {
    let _alone = alone();
    let mut guessed = u64::MAX;
    for _ in 0..5 {
        let (each, without_threads) = bytes_of_each(path);
        if each <= most {
            return;
        }
        guessed = guessed.min(without_threads);
    }
    assert!(guessed <= most, "{guessed} bytes each");
}

/// What each socket takes, and what it takes if more threads than before took their part of that.
fn bytes_of_each(path: &str) -> (u64, u64) {
    let (child, count) = (server(), count());
    let (process, mut all) = (child.process(), Vec::with_capacity(count));
    let (mut threads, mut most_threads, mut memory) = (0, 0, 0);
    while all.len() < count {
        let next = all.len()..count.min(all.len() + TOGETHER);
        let mut begun: Vec<_> = (next.clone())
            .map(|number| begin(child.address(), number, path, None))
            .collect();
        begun.iter_mut().for_each(accepted);
        all.append(&mut begun);
        if next.start <= 2 * TOGETHER {
            // What the first ones make the process take for itself is not theirs.
            (threads, memory) = (process.threads(), process.memory());
        }
        most_threads = process.threads().max(most_threads);
    }
    let others = (most_threads.saturating_sub(threads)) as u64 * THREAD;
    let more = process.memory().saturating_sub(memory);
    let [each, without_threads] =
        [more, more.saturating_sub(others)].map(|bytes| bytes / (count - 3 * TOGETHER) as u64);
    println!(
        "{path}: {count} sockets, {each} bytes each, {threads} threads, at most {most_threads}"
    );
    eventually("as many threads as before", || {
        process.threads() <= threads + 2
    });
    (each, without_threads)
}

#[test]
fn s1_sockets_that_only_send() {
    are_small("/quiet", MOST);
}

#[test]
fn s1_sockets_with_a_callback() {
    are_small("/echo", MOST);
}

#[test]
fn s1_streams_that_follow_a_topic() {
    are_small("/events", MOST);
}

#[test]
fn s1_sockets_that_follow_a_topic() {
    are_small("/room", MOST_WITH_A_TOPIC);
}
