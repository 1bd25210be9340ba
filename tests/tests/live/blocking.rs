//! A socket as a loop of a method, with a thread for itself.

use crate::ways::Ways;
use crate::{limited, limits, site};
use doget::Limits;
use doget_tests::live::{Frame, Ws, frame, handshake, hex};
use doget_tests::{Client, FastClock, eventually_is};
use std::sync::LazyLock;
use std::time::Duration;

/// For what needs no site of its own.
static WAYS: LazyLock<Ways> = LazyLock::new(Ways::new);

/// In one piece, byte by byte, and over TLS.
#[track_caller]
fn leads_to(bytes: &[u8], expected: &[(u8, &[u8])]) {
    let expected: Vec<Frame> = expected
        .iter()
        .map(|(first, payload)| (*first, payload.to_vec()))
        .collect();
    WAYS.each(|way| {
        let mut ws = way.connect("/loop");
        ws.send(bytes);
        let answers: Vec<_> = std::iter::from_fn(|| ws.receive()).collect();
        assert_eq!(answers, expected);
    });
}

#[test]
fn messages_and_pings_until_the_client_closes() {
    let bytes = hex(
        "8182 00000000 4869 8982 00000000 7879 0182 00000000 6162 8980 00000000 8081 00000000 63 \
                     8282 a1b2c3d4 a0b0 8884 00000000 0bb8 6f6b",
    );
    let bytes = [bytes, frame(0x81, b"late")].concat();
    leads_to(
        &bytes,
        &[
            (0x81, b"Hi"),
            (0x8a, b"xy"),
            (0x8a, b""),
            (0x81, b"abc"),
            (0x82, &[1, 2]),
            (0x88, b"\x0b\xb8ok"),
        ],
    );
}

#[test]
fn what_breaks_the_protocol_is_closed_with_its_code() {
    for (text, code) in [
        ("8105", 1002u16),
        ("83", 1002),
        ("8882 00000000 03ee", 1002),
        ("8182 00000000 c328", 1007),
        ("82ff 0000010000000000 00000000", 1009),
    ] {
        leads_to(&hex(text), &[(0x88, &code.to_be_bytes())]);
    }
}

#[test]
fn the_loop_ends_the_socket() {
    leads_to(&frame(0x81, b"leave"), &[(0x88, &[0x03, 0xe8])]);
    leads_to(&frame(0x81, b"bye"), &[(0x88, b"\x0f\xa0bye")]);
    // Dropped, by an error and by a panic.
    leads_to(&frame(0x81, b"drop"), &[(0x88, &[0x03, 0xf3])]);
    leads_to(&frame(0x81, b"panic"), &[(0x88, &[0x03, 0xf3])]);
}

#[test]
fn frames_in_the_packet_of_the_head() {
    let (server, site) = site();
    let mut client = Client::connect(server.address());
    let bytes = [
        handshake("/loop", "").into_bytes(),
        frame(0x81, b"early"),
        frame(0x81, b"leave"),
    ];
    client.send(bytes.concat());
    let mut ws = Ws::raw(client);
    assert!(ws.head().starts_with("HTTP/1.1 101 "));
    assert_eq!(ws.receive_text(), "early");
    ws.is_closed_with(1000);
    let told = ["open", "closed None"].map(str::to_owned).to_vec();
    eventually_is("told", told, || site.told.lock().unwrap().clone());
}

#[test]
fn it_is_logged_when_it_opens_and_when_it_closes() {
    let (server, _) = site();
    let mut ws = Ws::connect(server.address(), "/loop");
    eventually_is("lines", 1, || server.log().len());
    ws.text("x");
    assert_eq!(ws.receive_text(), "x");
    ws.send(frame(0x88, &[0x03, 0xe8]));
    ws.is_closed_with(1000);
    // The server's end waits for a client that stays.
    drop(ws);
    let mut ws = Ws::connect(server.address(), "/loop");
    ws.text("panic");
    ws.is_closed_with(1011);
    drop(ws);
    let lines = server.end();
    let starts = [
        "127.0.0.1 - - [date] \"GET /loop HTTP/1.1\" 101 0",
        "127.0.0.1 - - [date] \"GET /loop HTTP/1.1\" closed 1000 after ",
        "127.0.0.1 - - [date] \"GET /loop HTTP/1.1\" 101 0",
        "127.0.0.1 - - [date] \"GET /loop HTTP/1.1\" closed 1011 after ",
        "127.0.0.1 - - [date] after the response had begun: 500 Internal Server Error",
        "127.0.0.1 - - [date] caused by: the handler panicked: as it was told to",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:#?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(
        lines[1].ends_with(" s, 15 bytes in, 7 bytes out"),
        "{}",
        lines[1]
    );
}

#[test]
fn there_is_no_thread() {
    let (server, _) = limited(limits(|live| live.max_threads(2)));
    let mut first = Ws::connect(server.address(), "/loop");
    let _second = Ws::connect(server.address(), "/loop");
    let refused = || {
        let mut client = Client::connect(server.address());
        client.send(handshake("/loop", ""));
        let answer = client.answer();
        (
            answer.status,
            answer.header("Retry-After").map(str::to_owned),
        )
    };
    assert_eq!(refused(), (503, Some("5".to_owned())));
    // Sockets without a thread and requests are served.
    let mut other = Ws::connect(server.address(), "/echo");
    other.text("hello");
    assert_eq!(other.receive_text(), "hello");
    assert_eq!(server.get("/").text(), "a page");
    first.text("leave");
    first.is_closed_with(1000);
    eventually_is("a thread", true, || refused().0 == 101);
}

#[test]
fn half_of_the_threads_are_left_for_requests() {
    let (server, _) = limited(Limits::new().max_threads(4));
    let mut sockets: Vec<_> = (0..2)
        .map(|_| Ws::connect(server.address(), "/loop-anywhere"))
        .collect();
    let mut client = Client::connect(server.address());
    client.send(handshake("/loop-anywhere", ""));
    assert_eq!(client.answer().status, 503);
    assert_eq!(server.get("/").text(), "a page");
    for ws in &mut sockets {
        ws.text("here");
        assert_eq!(ws.receive_text(), "here");
    }
}

#[test]
fn a_client_that_is_silent_is_pinged_and_cut() {
    let clock = FastClock::new();
    let ways = Ways::timed(Limits::new(), &clock);
    ways.whole(|way| {
        let since = clock.now();
        let mut ws = way.connect("/loop");
        assert_eq!(ws.receive(), Some((0x89, vec![])));
        clock.took(since, Duration::from_secs(30));
        ws.send(frame(0x8a, b""));
        assert_eq!(ws.receive(), Some((0x89, vec![])));
        let _ = ws.client.end();
        clock.took(since, Duration::from_secs(80));
    });
    assert_eq!(*ways.site.told.lock().unwrap(), ["open", "open"]);
}

#[test]
fn a_message_that_does_not_end_is_timed() {
    let clock = FastClock::new();
    Ways::timed(Limits::new(), &clock).each(|way| {
        let mut ws = way.connect("/loop");
        let since = clock.now();
        ws.send(&frame(0x81, b"hello")[..8]);
        let _ = ws.client.end();
        clock.took(since, Duration::from_secs(10));
    });
}

#[test]
fn a_client_that_leaves_ends_the_loop() {
    let (server, _) = site();
    for (before, reset) in [false, true].into_iter().enumerate() {
        let mut ws = Ws::connect(server.address(), "/loop");
        ws.text("x");
        assert_eq!(ws.receive_text(), "x");
        if reset {
            ws.client.reset();
        } else {
            drop(ws);
        }
        eventually_is("lost ones", before + 1, || {
            let lines = server.log();
            let lost = lines
                .iter()
                .filter(|line| line.contains(" closed 1006 after "));
            lost.count()
        });
    }
}

#[test]
fn s8_the_server_ends_it() {
    let ways = Ways::new();
    let mut sockets = ways.all(|way| way.connect("/loop"));
    for ws in &mut sockets {
        ws.text("x");
        assert_eq!(ws.receive_text(), "x");
    }
    let site = ways.site.clone();
    let end = std::thread::spawn(move || ways.end());
    for ws in &mut sockets {
        ws.is_closed_with(1001);
    }
    drop(sockets);
    end.join().unwrap();
    let mut told = site.told.lock().unwrap().clone();
    told.sort();
    let ends = ["closed Some(1001)"; 4].into_iter().chain(["open"; 4]);
    assert!(told.iter().map(String::as_str).eq(ends), "{told:?}");
}

#[test]
fn it_has_no_topics() {
    let (server, _) = site();
    let mut client = Client::connect(server.address());
    client.send(handshake("/loop-of-a-topic", ""));
    assert_eq!(client.answer().status, 500);
}
