//! S1 to S9, S16: callbacks, handles, deadlines and the end of the server.

use crate::{limited, limits, quick, site};
use doget::live::{Close, CloseCode, Closed, Live, Message, Socket, SocketPeer, WebSocket};
use doget::{Limits, handler};
use doget_tests::live::{Ws, frame, handshake};
use doget_tests::test_server::TestServer;
use doget_tests::{Client, eventually_is};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

#[test]
fn callbacks_come_in_order_and_the_end_once() {
    let (server, site) = site();
    let mut ws = Ws::connect(server.address(), "/teller");
    assert_eq!(ws.receive_text(), "welcome");
    ws.text("one");
    assert_eq!(ws.receive_text(), "done");
    ws.send(frame(0x88, &[0x0f, 0xa0]));
    ws.is_closed_with(4000);
    let expected = ["open", "one", "close 4000 true"]
        .map(str::to_owned)
        .to_vec();
    eventually_is("told", expected, || site.told.lock().unwrap().clone());
}

#[test]
fn a_callback_ends_the_socket_with_what_it_returns() {
    let (server, site) = site();
    let mut ws = Ws::connect(server.address(), "/teller");
    ws.text("bye");
    assert_eq!(ws.receive_text(), "welcome");
    assert_eq!(
        ws.receive(),
        Some((0x88, [&[0x03, 0xe8], &b"bye"[..]].concat()))
    );
    assert_eq!(ws.receive(), None);
    let expected = ["open", "close 1000 false"].map(str::to_owned).to_vec();
    eventually_is("told", expected, || site.told.lock().unwrap().clone());
    let mut ws = Ws::connect(server.address(), "/teller");
    assert_eq!(ws.receive_text(), "welcome");
    ws.send(frame(0x82, b"no text"));
    ws.is_closed_with(1003);
}

#[test]
fn s2_callbacks_that_block_hold_up_nobody_else() {
    let (server, site) = site();
    let mut blocked: Vec<_> = (0..16)
        .map(|_| Ws::connect(server.address(), "/teller"))
        .collect();
    for ws in &mut blocked {
        assert_eq!(ws.receive_text(), "welcome");
        ws.text("block");
    }
    site.gate.has(16);
    let mut other = Ws::connect(server.address(), "/echo");
    for _ in 0..10 {
        other.text("hello");
        assert_eq!(other.receive_text(), "hello");
    }
    site.gate.open();
    for ws in &mut blocked {
        assert_eq!(ws.receive_text(), "done");
        ws.text("again");
        assert_eq!(ws.receive_text(), "done");
    }
}

#[test]
fn s3_a_callback_that_panics() {
    let (server, site) = site();
    let mut ws = Ws::connect(server.address(), "/teller");
    assert_eq!(ws.receive_text(), "welcome");
    ws.text("panic");
    ws.is_closed_with(1011);
    drop(ws);
    let expected = ["open", "close 1011 false"].map(str::to_owned).to_vec();
    eventually_is("told", expected, || site.told.lock().unwrap().clone());
    let lines = server.end();
    let logged = "doget: a callback of a live connection panicked: as it was told to";
    assert!(lines.iter().any(|line| line.contains(logged)), "{lines:?}");
}

/// A socket that is ended by its own `on_open`.
struct Unready(Arc<AtomicUsize>);

impl Socket for Unready {
    fn on_open(&mut self, _: &mut SocketPeer<'_>) -> Result<(), Close> {
        panic!("as it was told to")
    }

    fn on_message(&mut self, _: &mut SocketPeer<'_>, _: Message<'_>) -> Result<(), Close> {
        unreachable!("it did not open")
    }

    fn on_close(&mut self, closed: &Closed) {
        assert_eq!(closed.code(), 1011);
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[handler]
impl Unready {
    fn do_GET(&self, socket: WebSocket) -> Live {
        socket.with(Self(Arc::clone(&self.0)))
    }
}

#[test]
fn s3_an_opening_that_panics() {
    let closed = Arc::new(AtomicUsize::new(0));
    let server = TestServer::new(Unready(Arc::clone(&closed)));
    let mut ws = Ws::connect(server.address(), "/");
    ws.text("too late");
    ws.is_closed_with(1011);
    drop(ws);
    let lines = server.end();
    let logged = "doget: a callback of a live connection panicked: as it was told to";
    assert!(lines.iter().any(|line| line.contains(logged)), "{lines:?}");
    assert_eq!(closed.load(Ordering::SeqCst), 1);
}

#[test]
fn s16_a_server_of_one_request_has_no_sockets() {
    let server = doget::HttpServer::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let mut server = server.log(doget::Log::off());
    let serving = std::thread::spawn(move || server.handle_request(crate::Site::default()));
    let mut client = Client::connect(address);
    client.send(handshake("/echo", ""));
    let answer = client.answer();
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("Connection"), Some("close"));
    client.is_closed();
    serving.join().unwrap().unwrap();
}

#[test]
fn f14_an_end_without_a_close() {
    let (server, site) = site();
    for reset in [false, true] {
        site.told.lock().unwrap().clear();
        let mut ws = Ws::connect(server.address(), "/teller");
        assert_eq!(ws.receive_text(), "welcome");
        if reset {
            ws.client.reset();
        } else {
            drop(ws);
        }
        let expected = ["open", "close 1006 false"].map(str::to_owned).to_vec();
        eventually_is("told", expected, || site.told.lock().unwrap().clone());
    }
}

#[test]
fn s6_a_client_that_is_silent_is_pinged_and_cut() {
    let (server, _, clock) = quick(Limits::new());
    let since = clock.now();
    let mut ws = Ws::connect(server.address(), "/echo");
    assert_eq!(ws.receive(), Some((0x89, vec![])));
    clock.took(since, Duration::from_secs(30));
    let _ = ws.client.end();
    clock.took(since, Duration::from_secs(50));
}

#[test]
fn s6_a_client_that_answers_pings_stays() {
    let (server, _, _clock) = quick(Limits::new());
    let mut ws = Ws::connect(server.address(), "/echo");
    for _ in 0..5 {
        assert_eq!(ws.receive(), Some((0x89, vec![])));
        ws.send(frame(0x8a, b""));
    }
    ws.text("here");
    loop {
        match ws.receive() {
            Some((0x81, text)) => break assert_eq!(text, b"here"),
            Some((0x89, _)) => ws.send(frame(0x8a, b"")),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_handle_sends_from_another_thread() {
    let (server, site) = site();
    let mut ws = Ws::connect(server.address(), "/handle");
    assert_eq!(ws.receive_text(), "before");
    site.gate.has(1);
    site.gate.open();
    assert_eq!(ws.receive_text(), "later");
    assert_eq!(ws.receive(), Some((0x82, vec![1, 2, 3])));
    ws.is_closed_with(4000);
}

#[test]
fn s8_the_server_ends() {
    let (server, site) = site();
    let mut plain: Vec<_> = (0..20)
        .map(|_| Ws::connect(server.address(), "/echo"))
        .collect();
    let mut teller = Ws::connect(server.address(), "/teller");
    assert_eq!(teller.receive_text(), "welcome");
    let end = std::thread::spawn(move || server.end());
    for ws in &mut plain {
        ws.is_closed_with(1001);
    }
    assert_eq!(teller.receive_text(), "last words");
    teller.is_closed_with(1001);
    drop((plain, teller));
    end.join().unwrap();
    assert_eq!(
        site.told.lock().unwrap().last().unwrap(),
        "close 1001 false"
    );
}

#[test]
fn s1_sockets_are_spread_over_the_loops() {
    // Nobody sees where a socket is; what is seen is that all are served.
    let (server, _) = limited(limits(|live| live));
    let mut all: Vec<_> = (0..100)
        .map(|_| Ws::connect(server.address(), "/echo"))
        .collect();
    for (number, ws) in all.iter_mut().enumerate() {
        ws.text(&number.to_string());
    }
    for (number, ws) in all.iter_mut().enumerate() {
        assert_eq!(ws.receive_text(), number.to_string());
    }
}

/// What a socket does with a message of so many bytes that it is gathered.
fn large_messages(order: &'static str) {
    struct Large(&'static str);

    #[handler]
    impl Large {
        fn do_GET(&self, socket: WebSocket) -> Live {
            let order = self.0;
            socket.each(move |peer, message| {
                for what in order.split(' ') {
                    match what {
                        "message" => peer.send(message),
                        "part" => peer.send(&message.bytes()[1..]),
                        "close" => return Err(Close::from(CloseCode::POLICY)),
                        "panic" => panic!("as it was told to"),
                        text => peer.send(text),
                    }
                }
                Ok(())
            })
        }
    }

    let server = TestServer::new(Large(order));
    let mut ws = Ws::connect(server.address(), "/");
    let payload: Vec<u8> = (0..700_000_u32).map(|at| (at % 251) as u8).collect();
    // Two of them in a row, and the second one's head with the end of the first.
    let both = [
        frame(0x82, &payload),
        frame(0x82, &payload),
        frame(0x81, b"end"),
    ]
    .concat();
    let mut writer = ws.client.twin();
    let sending = std::thread::spawn(move || writer.try_send(both));
    let rounds = if order.contains("close") || order.contains("panic") {
        1
    } else {
        2
    };
    for _ in 0..rounds {
        for what in order.split(' ') {
            match what {
                "message" => assert!(ws.receive() == Some((0x82, payload.clone()))),
                "part" => assert!(ws.receive() == Some((0x82, payload[1..].to_vec()))),
                "close" => ws.is_closed_with(1008),
                "panic" => ws.is_closed_with(1011),
                text => assert_eq!(ws.receive_text(), text),
            }
        }
    }
    let _ = sending.join().unwrap();
}

#[test]
fn large_messages_are_sent_back_in_order_with_what_is_around_them() {
    for order in [
        "message",
        "before message",
        "message behind",
        "before message message part behind message",
        "nothing",
        "message close",
        "message panic",
        "part close",
    ] {
        large_messages(order);
    }
}

#[test]
#[cfg(unix)]
fn s16_a_socket_over_a_unix_domain_socket() {
    use std::io::{Read as _, Write as _};
    let path = std::env::temp_dir().join(format!("doget-live-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let server = doget::HttpServer::bind_unix(&path).unwrap();
    let server = server.log(doget::Log::off()).spawn(crate::Site::default());
    let server = server.unwrap();
    let mut client = std::os::unix::net::UnixStream::connect(&path).unwrap();
    let bytes = [handshake("/echo", "").into_bytes(), frame(0x81, b"hello")];
    client.write_all(&bytes.concat()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\x81\x05hello") {
        let mut piece = [0; 1000];
        let size = client.read(&mut piece).unwrap();
        assert!(size > 0, "{}", answer.escape_ascii());
        answer.extend_from_slice(&piece[..size]);
    }
    drop(client);
    server.shutdown().now();
    server.join();
    let _ = std::fs::remove_file(&path);
}
