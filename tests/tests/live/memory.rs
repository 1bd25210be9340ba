//! What floods cost a server: its memory, and its processor once they are over. The server has a process of its own, so
//! that nothing else is measured.

use crate::deflate::{OFFER, bomb};
use doget_tests::live::{Ws, frame, handshake};
use doget_tests::{Child, Client, Process, eventually};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn server() -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doget-live-server"));
    command.arg("1").stdin(Stdio::piped());
    Child::spawn(command)
}

/// A server that has done everything once, so that what its threads keep is there already.
fn warm() -> (Child, Process) {
    let child = server();
    let mut ws = Ws::connect(child.address(), "/echo");
    ws.send(frame(0x82, &[0; 10_000]).repeat(20));
    for _ in 0..20 {
        assert!(ws.receive().is_some());
    }
    let process = child.process();
    (child, process)
}

/// The flood makes the server's process this much larger at most, for a moment too.
#[track_caller]
fn takes_at_most(kib: u64, flood: impl FnOnce(&Child)) {
    let (child, process) = warm();
    let before = process.memory();
    flood(&child);
    let more = process.peak_memory().saturating_sub(before) >> 10;
    println!("{more} KiB");
    assert!(more <= kib, "{more} KiB, and not {kib}");
}

#[test]
fn f16_empty_fragments_take_no_memory() {
    takes_at_most(1 << 10, |child| {
        let mut ws = Ws::connect(child.address(), "/echo");
        ws.send(frame(0x01, b""));
        ws.send(frame(0, b"").repeat(100_000));
        ws.is_closed_with(1008);
    });
}

#[test]
fn f17_a_message_in_fragments_takes_what_its_bytes_take() {
    takes_at_most(3 << 10, |child| {
        let mut ws = Ws::connect(child.address(), "/echo");
        ws.send(frame(0x02, b"*"));
        ws.send(frame(0, b"*").repeat((1 << 20) - 2));
        ws.send(frame(0x80, b"*"));
        assert!(ws.receive() == Some((0x82, vec![b'*'; 1 << 20])));
    });
}

/// A client that sends this again and again, and reads nothing, until nothing more is taken.
fn flood(child: &Child, bytes: &[u8]) {
    let mut deaf = Ws::over(Client::connect_narrow(child.address()), "/echo");
    deaf.client.set_send_patience(Duration::from_millis(200));
    let mut sent = 0;
    while deaf.client.try_send(bytes).is_ok() {
        sent += bytes.len();
        assert!(sent < 64 << 20, "the server reads on");
    }
}

#[test]
fn f19_pings_that_are_not_read_take_no_memory() {
    let pings = frame(0x89, &[0; 125]).repeat(1000);
    takes_at_most(1 << 10, |child| flood(child, &pings));
}

#[test]
fn f21_echoes_that_are_not_read_take_one_message() {
    let message = frame(0x82, &vec![0; 1 << 20]);
    takes_at_most(3 << 10, |child| flood(child, &message));
}

#[test]
fn f22_a_bomb_takes_what_a_message_may_take() {
    let bomb = frame(0xc2, &bomb());
    // Of 1 GiB: the message compressed, 1 MiB, once more to be inflated, and 2 MiB that come out.
    takes_at_most(6 << 10, |child| {
        let ws = Ws::raw(Client::connect(child.address()));
        let mut ws = ws.opened(&handshake("/echo-2m", OFFER));
        ws.send(&bomb);
        ws.is_closed_with(1009);
    });
}

#[test]
fn f14_clients_that_are_gone_cost_no_processor() {
    let (child, process) = warm();
    let before = process.descriptors();
    let mut sockets: Vec<_> = (0..40)
        .map(|_| Ws::connect(child.address(), "/room"))
        .collect();
    for (number, mut ws) in sockets.drain(..).enumerate() {
        if number % 4 < 2 {
            ws.send(&frame(0x81, b"hello")[..8]);
        }
        if number % 2 == 0 {
            ws.client.reset();
        }
    }
    eventually("all are gone", || process.descriptors() <= before);
    let (used, since) = (process.processor(), Instant::now());
    std::thread::sleep(Duration::from_millis(300));
    let used = process.processor() - used;
    // A loop that is busy takes all that the system gives it.
    assert!(
        used < Duration::from_millis(60),
        "{used:?} in {:?}",
        since.elapsed()
    );
}
