//! Handshakes, and what is none.

use super::{PROGRAM, SHORT, both, hello, patient, secure};
#[cfg(target_os = "linux")]
use doget_tests::eventually;
use doget_tests::tls;
use doget_tests::{Child, Client, End, Framing, eventually_is};
use rustls::HandshakeKind;
use rustls::client::Resumption;
use rustls::version::{TLS12, TLS13};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Case A40: a client that sends a byte of its handshake and stalls.
#[test]
fn tls_04_a_handshake_that_stalls_ends_at_its_deadline() {
    let server = hello(patient().handshake_timeout(SHORT));
    for start in [&b""[..], b"\x16", &client_hello()[..40]] {
        let since = Instant::now();
        let mut client = server.connect();
        client.send(start);
        assert_eq!(client.end(), End::Closed(Vec::new()));
        assert!(since.elapsed() >= SHORT);
    }
    // The bound is absolute: bytes that come slowly move nothing.
    let mut client = server.connect();
    let mut reader = client.twin();
    let dripping = std::thread::spawn(move || {
        let endless = [&b"\x16\x03\x01\x3f\xff"[..], &[0; 4000]].concat();
        client.drip(endless, 1, Duration::from_millis(10))
    });
    let (End::Closed(_) | End::Reset(_)) = reader.end();
    drop(reader);
    assert!(!dripping.join().unwrap(), "all of it was taken");
    assert_eq!(server.log().text(), "");
}

/// With one loop: were the handshake to hold its thread, nobody else would be served.
#[test]
fn tls_04_two_hundred_stalled_handshakes_hold_nobody_up() {
    let child = Child::start(PROGRAM, &["tls=1", "loops=1", "handshake_timeout=600000"]);
    let config = both();
    let mut active = child.connect().secure(&config);
    assert_eq!(active.get("/").text(), "hello\n");
    let threads = child.process().threads();
    let stalled: Vec<_> = (0..200)
        .map(|number| {
            let mut client = child.connect();
            client.send(&client_hello()[..number % 60]);
            client
        })
        .collect();
    for _ in 0..50 {
        assert_eq!(active.get("/").text(), "hello\n");
        let mut fresh = child.connect().secure(&config);
        assert_eq!(fresh.get("/").text(), "hello\n");
    }
    assert!(child.process().threads() <= threads + 1);
    let mut stalled = stalled;
    assert!(stalled.iter_mut().all(Client::is_quiet));
}

/// Stalled handshakes and idle connections of TLS: waiting is not work.
#[cfg(target_os = "linux")]
#[test]
fn tls_04_a_handshake_that_waits_costs_no_context_switch() {
    let child = Child::start(
        PROGRAM,
        &[
            "tls=1",
            "handshake_timeout=600000",
            "idle_timeout=600000",
            "head_timeout=600000",
        ],
    );
    let config = both();
    let mut clients: Vec<_> = (0..20).map(|_| child.connect().secure(&config)).collect();
    for client in clients.iter_mut().step_by(2) {
        client.get("/");
    }
    let mut stalled: Vec<_> = (0..20).map(|_| child.connect()).collect();
    for client in &mut stalled {
        client.send(b"\x16");
    }
    let process = child.process();
    eventually("two seconds without a context switch", || {
        let before = (process.switches(), process.processor());
        std::thread::sleep(Duration::from_secs(2));
        before == (process.switches(), process.processor())
    });
}

/// The first flight of a client, as rustls writes it.
fn client_hello() -> Vec<u8> {
    let mut bytes = Vec::new();
    tls::connection(&both()).write_tls(&mut bytes).unwrap();
    bytes
}

#[test]
fn a40_plain_http_on_the_port_of_https_is_told_so() {
    let server = hello(patient());
    let mut client = server.connect();
    let answer = client.get("/secret?x");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (400, "Plain HTTP on an HTTPS port")
    );
    assert!(answer.text().contains("this port speaks HTTPS"));
    assert!(answer.closes());
    client.finish();
    client.is_closed();
    eventually_is("a line of it", 1, || {
        server
            .log()
            .count("code 400, message Plain HTTP on an HTTPS port")
    });

    let mut client = server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = client.answer_to("HEAD");
    assert_eq!((answer.status, answer.framing), (400, Framing::None));
    client.is_closed();
    // What is no request either, and a request that has only begun.
    for text in ["hello?", "G", "GET / HTTP/1.1\r\nHost"] {
        let mut client = server.connect();
        client.send(text);
        assert_eq!(client.answer().status, 400, "{text}");
        client.is_closed();
    }
    // A large body behind the head does not take the answer with it.
    let mut client = server.connect();
    let upload = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        50_000
    );
    client.send([upload.as_bytes(), &vec![b'x'; 50_000]].concat());
    assert_eq!(client.answer().status, 400);
}

#[test]
fn a40_rubbish_gets_an_alert_and_a_close() {
    let server = hello(patient());
    // A hello of TLS 1.1 without the extension that would name a later version (RFC 8446 section 4.2.1).
    let mut old = vec![0x16, 3, 1, 0, 47, 1, 0, 0, 43, 3, 2];
    old.extend([7; 32]);
    old.extend([0, 0, 4, 0xc0, 0x13, 0, 0x2f, 1, 0]);
    // A hello of SSL 2 (RFC 5246 appendix E.2).
    let mut oldest = vec![0x80, 46, 1, 0, 2, 0, 21, 0, 0, 0, 16];
    oldest.extend([9; 37]);
    let mut wrong = client_hello();
    wrong[43..].fill(0xff);
    for (bytes, alert) in [
        // There is nothing in it that the server could sign by.
        (old, Some(40)),
        (oldest, None),
        (vec![0; 100], None),
        (vec![0xff; 100_000], None),
        (b"\x16\x03\x01\xff\xff\x00".to_vec(), None),
        (b"\x17\x03\x03\x00\x01\x00".to_vec(), None),
        (b"\x16\x03\x01\x00\x00".to_vec(), None),
        (wrong, None),
    ] {
        let shown = bytes.get(..12).unwrap_or(&bytes).to_vec();
        let mut client = server.connect();
        // The server may have gone before it has all of this.
        let _ = client.try_send(&bytes);
        let _ = client.try_finish();
        let (End::Closed(got) | End::Reset(got)) = client.end();
        // An alert in plain text: its type, the version, its length, fatal, and why (RFC 8446 section 6).
        assert!(
            got.len() == 7 && got[0] == 0x15 && got[5] == 2,
            "{got:?} to {shown:?}"
        );
        if let Some(alert) = alert {
            assert_eq!(got[6], alert);
        }
    }
    // Failed handshakes leave no line (rule SRV-08).
    assert_eq!(server.log().text(), "");
    assert_eq!(secure(&server).get("/").text(), "hello");
}

#[test]
fn sessions_are_resumed() {
    let server = hello(patient());
    for version in [&TLS13, &TLS12] {
        let mut config = tls::client(&[version]);
        config.resumption = Resumption::in_memory_sessions(8);
        let config = Arc::new(config);
        let mut kinds = Vec::new();
        for _ in 0..3 {
            let mut client = server.connect().secure(&config);
            assert_eq!(client.get("/").text(), "hello");
            kinds.push(client.tls().handshake_kind().unwrap());
        }
        let resumed = HandshakeKind::Resumed;
        assert_eq!(kinds, [HandshakeKind::Full, resumed, resumed]);
    }
}

#[test]
fn a_head_that_stalls_behind_the_handshake_is_408() {
    let server = hello(patient().head_timeout(SHORT));
    let mut client = secure(&server);
    client.send("GET / HT");
    assert_eq!(client.answer().status, 408);
    let mut silent = secure(&server);
    silent.is_closed();
}
