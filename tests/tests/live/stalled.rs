//! S5: of ten thousand followers one in a hundred reads nothing.

use crate::quiet::{accepted, alone, begin, count, server};
use doget_tests::eventually;
use doget_tests::live::frame;
use std::io::{Read, Write};
use std::net::TcpStream;

/// Followers whose handshakes are on their way together.
const TOGETHER: usize = 100;

/// What a follower that reads nothing lets the system take for it.
const WINDOW: usize = 4 << 10;

/// Of a message: a few fill what the system takes for a follower that reads nothing.
const SIZE: usize = 32 << 10;

/// More messages than that takes.
const MESSAGES: usize = 100;

/// What the server's process may take beside what it has with all followers in it. Each message that waits for one of
/// the stalled would be more than this by itself.
const MOST: u64 = 16 << 20;

/// The text of a message, which says its number first.
fn text(number: usize) -> String {
    format!("{number:08}{}", "x".repeat(SIZE - 8))
}

fn receive(follower: &mut TcpStream, number: usize) {
    let mut bytes = [0; SIZE + 4];
    follower.read_exact(&mut bytes).unwrap();
    let size = (SIZE as u16).to_be_bytes();
    assert_eq!(bytes[..4], [0x81, 126, size[0], size[1]]);
    assert_eq!(&bytes[4..12], format!("{number:08}").as_bytes());
}

fn receivers(publisher: &mut TcpStream) -> usize {
    let request = "GET /receivers HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(publisher.peer_addr().unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    body.parse().unwrap()
}

#[test]
fn s5_one_in_a_hundred_reads_nothing() {
    let _alone = alone();
    let (child, count) = (server(), count());
    let (address, process) = (child.address(), child.process());
    let (mut readers, mut stalled) = (Vec::new(), Vec::new());
    for first in (0..count).step_by(TOGETHER) {
        let begun = (first..count.min(first + TOGETHER)).map(|number| {
            let window = (number % 100 == 0).then_some(WINDOW);
            (begin(address, number, "/narrow", window), window.is_some())
        });
        for (mut stream, is_stalled) in begun.collect::<Vec<_>>() {
            accepted(&mut stream);
            let list = if is_stalled {
                &mut stalled
            } else {
                &mut readers
            };
            list.push(stream);
        }
    }
    let mut publisher = begin(address, count, "/narrow", None);
    accepted(&mut publisher);
    eventually("all follow", || receivers(&mut publisher) == count + 1);
    let memory = process.memory();
    let (mut most, mut number) = (memory, 0);
    while receivers(&mut publisher) > readers.len() + 1 {
        assert!(number < MESSAGES, "who reads nothing is not closed");
        publisher
            .write_all(&frame(0x81, text(number).as_bytes()))
            .unwrap();
        for reader in readers.iter_mut().chain([&mut publisher]) {
            receive(reader, number);
        }
        number += 1;
        most = process.memory().max(most);
    }
    println!("{number} messages, {} KiB more", (most - memory) >> 10);
    assert!(most <= memory + MOST, "{} bytes more", most - memory);
}
