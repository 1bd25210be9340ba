//! S1 to S9, S16: callbacks, handles, deadlines and the end of the server.

use crate::ways::{Way, Ways};
use crate::{Site, limits};
use doget::live::{Close, CloseCode, Closed, Live, Message, Socket, SocketPeer, WebSocket};
use doget::{HttpServer, Limits, Log, Peer, handler};
use doget_tests::live::{Ws, frame, handshake};
use doget_tests::test_server::TestServer;
use doget_tests::{Client, FastClock, eventually_is};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

impl Way<'_> {
    /// A socket of `/teller`, of which alone is told from here on.
    fn teller(&self) -> Ws {
        self.site.told.lock().unwrap().clear();
        let mut ws = self.connect("/teller");
        assert_eq!(ws.receive_text(), "welcome");
        ws
    }

    /// All that was told, once it is.
    #[track_caller]
    fn was_told(&self, expected: &[&str]) {
        let told = || self.site.told.lock().unwrap().clone();
        eventually_is("told", expected.to_vec(), || {
            let told = told();
            expected
                .iter()
                .copied()
                .zip(&told)
                .filter(|(one, other)| one == other)
                .map(|(one, _)| one)
                .collect()
        });
        assert_eq!(told(), expected);
    }
}

#[test]
fn callbacks_come_in_order_and_the_end_once() {
    Ways::new().each(|way| {
        let mut ws = way.teller();
        ws.text("one");
        assert_eq!(ws.receive_text(), "done");
        ws.send(frame(0x88, &[0x0f, 0xa0]));
        ws.is_closed_with(4000);
        way.was_told(&["open", "one", "close 4000 true"]);
    });
}

#[test]
fn a_callback_ends_the_socket_with_what_it_returns() {
    Ways::new().each(|way| {
        let mut ws = way.teller();
        ws.text("bye");
        assert_eq!(
            ws.receive(),
            Some((0x88, [&[0x03, 0xe8], &b"bye"[..]].concat()))
        );
        assert_eq!(ws.receive(), None);
        way.was_told(&["open", "close 1000 false"]);
        let mut ws = way.teller();
        ws.send(frame(0x82, b"no text"));
        ws.is_closed_with(1003);
    });
}

#[test]
fn s2_callbacks_that_block_hold_up_nobody_else() {
    Ways::new().whole(|way| {
        let mut blocked: Vec<_> = (0..16).map(|_| way.connect("/teller")).collect();
        for ws in &mut blocked {
            assert_eq!(ws.receive_text(), "welcome");
            ws.text("block");
        }
        way.site.gate.has(16);
        let mut other = way.connect("/echo");
        for _ in 0..10 {
            other.text("hello");
            assert_eq!(other.receive_text(), "hello");
        }
        way.site.gate.pass(16);
        for ws in &mut blocked {
            assert_eq!(ws.receive_text(), "done");
            ws.text("again");
            assert_eq!(ws.receive_text(), "done");
        }
    });
}

#[test]
fn s3_a_callback_that_panics() {
    let ways = Ways::new();
    ways.each(|way| {
        let mut ws = way.teller();
        ws.text("panic");
        ws.is_closed_with(1011);
        drop(ws);
        way.was_told(&["open", "close 1011 false"]);
    });
    let lines = ways.end();
    let logged = "doget: a callback of a live connection panicked: as it was told to";
    let logged = lines.iter().filter(|line| line.contains(logged)).count();
    assert_eq!(logged, 4, "{lines:?}");
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
fn f14_an_end_without_a_close() {
    Ways::new().each(|way| {
        // With TLS its own end comes first, if it comes.
        let mut ws = way.teller();
        ws.client.finish();
        way.was_told(&["open", "close 1006 false"]);
        drop(way.teller());
        way.was_told(&["open", "close 1006 false"]);
        let ws = way.teller();
        if way.is_plain() {
            ws.client.reset();
        } else {
            ws.client.below_tls().0.reset();
        }
        way.was_told(&["open", "close 1006 false"]);
        // In a message, and in a header.
        for bytes in [&frame(0x81, b"hello")[..8], b"\x81"] {
            let mut ws = way.teller();
            ws.send(bytes);
            drop(ws);
            way.was_told(&["open", "close 1006 false"]);
        }
    });
}

#[test]
fn f14_silence_is_an_end_too() {
    let clock = FastClock::new();
    Ways::timed(Limits::new(), &clock).whole(|way| {
        let mut ws = way.teller();
        assert_eq!(ws.receive(), Some((0x89, vec![])));
        way.was_told(&["open", "close 1006 false"]);
        let _ = ws.client.end();
    });
}

#[test]
fn s6_a_client_that_is_silent_is_pinged_and_cut() {
    let clock = FastClock::new();
    Ways::timed(Limits::new(), &clock).whole(|way| {
        let since = clock.now();
        let mut ws = way.connect("/echo");
        assert_eq!(ws.receive(), Some((0x89, vec![])));
        clock.took(since, Duration::from_secs(30));
        let _ = ws.client.end();
        clock.took(since, Duration::from_secs(50));
    });
}

#[test]
fn s6_a_client_that_answers_pings_stays() {
    let clock = FastClock::new();
    Ways::timed(Limits::new(), &clock).whole(|way| {
        let mut ws = way.connect("/echo");
        for _ in 0..3 {
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
    });
}

#[test]
fn s8_the_server_ends() {
    let ways = Ways::new();
    let mut plain: Vec<_> = (0..5)
        .flat_map(|_| ways.all(|way| way.connect("/echo")))
        .collect();
    let mut tellers = ways.all(|way| way.connect("/teller"));
    for teller in &mut tellers {
        assert_eq!(teller.receive_text(), "welcome");
    }
    let site = ways.site.clone();
    let end = std::thread::spawn(move || ways.end());
    for ws in &mut plain {
        ws.is_closed_with(1001);
    }
    for teller in &mut tellers {
        assert_eq!(teller.receive_text(), "last words");
        teller.is_closed_with(1001);
    }
    drop((plain, tellers));
    end.join().unwrap();
    let told = site.told.lock().unwrap();
    let closed = told.iter().filter(|words| *words == "close 1001 false");
    assert_eq!((closed.count(), told.len()), (4, 8), "{told:?}");
}

#[test]
fn s8_sockets_are_told_one_after_the_other() {
    // A millisecond each, or less where that would take longer than this.
    for (spread, at_least) in [(2500, 150), (40, 20)] {
        let site = Site::default();
        let limits = limits(|live| live.shutdown_spread(Duration::from_millis(spread)));
        let server = TestServer::with(site, |server| server.limits(limits).loops(1));
        let mut sockets: Vec<_> = (0..200)
            .map(|_| Ws::connect(server.address(), "/echo"))
            .collect();
        let since = std::time::Instant::now();
        let end = std::thread::spawn(move || server.end());
        // Nobody knows which of them is the last.
        for ws in &mut sockets {
            ws.is_closed_with(1001);
        }
        assert!(
            since.elapsed() >= Duration::from_millis(at_least),
            "{:?}",
            since.elapsed()
        );
        drop(sockets);
        end.join().unwrap();
    }
}

/// A socket that says on which thread it was opened.
struct Threads;

impl Socket for Threads {
    fn on_open(&mut self, peer: &mut SocketPeer<'_>) -> Result<(), Close> {
        peer.send(format!("{:?}", std::thread::current().id()));
        Ok(())
    }

    fn on_message(&mut self, peer: &mut SocketPeer<'_>, message: Message<'_>) -> Result<(), Close> {
        peer.send(message);
        Ok(())
    }
}

#[handler]
impl Threads {
    fn do_GET(&self, socket: WebSocket) -> Live {
        socket.with(Self)
    }
}

#[test]
fn s1_sockets_are_spread_over_the_loops() {
    // Clients that connect one after the other all wake the same loop, whose owner runs what does not block.
    let server = TestServer::with(Threads, |server| server.loops(4));
    let mut threads = HashMap::<_, usize>::new();
    let mut all: Vec<_> = (0..200)
        .map(|_| {
            let mut ws = Ws::connect(server.address(), "/");
            *threads.entry(ws.receive_text()).or_default() += 1;
            ws
        })
        .collect();
    // A quarter each. Owners change at times, so that one may come to a second loop.
    let most = threads.values().max().unwrap();
    assert!(threads.len() >= 3 && *most <= 120, "{threads:?}");
    for (number, ws) in all.iter_mut().enumerate() {
        ws.text(&number.to_string());
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
fn s16_a_server_of_one_request_has_no_sockets() {
    let server = HttpServer::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    let mut server = server.log(Log::off());
    let serving = std::thread::spawn(move || server.handle_request(Site::default()));
    let mut client = Client::connect(address);
    client.send(handshake("/echo", ""));
    let answer = client.answer();
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("Connection"), Some("close"));
    client.is_closed();
    serving.join().unwrap().unwrap();
}

#[test]
#[cfg(unix)]
fn s16_a_socket_over_a_unix_domain_socket() {
    let path = std::env::temp_dir().join(format!("doget-live-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let server = HttpServer::bind_unix(&path).unwrap();
    let server = server.log(Log::off()).spawn(Site::default()).unwrap();
    for piece in [usize::MAX, 1] {
        let ws = Ws::raw(Client::connect_unix(&path)).in_pieces(piece);
        let mut ws = ws.opened(&handshake("/echo", ""));
        ws.text("hello");
        assert_eq!(ws.receive_text(), "hello");
        ws.send(frame(0x88, &[0x03, 0xe8]));
        ws.is_closed_with(1000);
    }
    let mut ws = Ws::raw(Client::connect_unix(&path)).opened(&handshake("/echo", ""));
    server.shutdown().graceful();
    ws.is_closed_with(1001);
    drop(ws);
    server.join();
    let _ = std::fs::remove_file(&path);
}

/// A handler that each connection has for itself, so it needs no `Sync`.
struct Own {
    requests: Cell<usize>,
    alive: Arc<AtomicUsize>,
}

impl Drop for Own {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

#[handler]
impl Own {
    #[route("/page")]
    fn do_GET_page(&self) -> String {
        self.requests.set(self.requests.get() + 1);
        self.requests.get().to_string()
    }

    #[route("/socket")]
    fn do_GET_socket(&self, socket: WebSocket) -> Live {
        let mut count = self.requests.get();
        socket.each(move |peer, message| {
            count += 1;
            peer.send(message);
            peer.send(count.to_string());
        })
    }
}

#[test]
fn s16_sockets_of_handlers_that_connections_own() {
    let alive = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&alive);
    let connect = move |_: &Peer| {
        counted.fetch_add(1, Ordering::SeqCst);
        let (requests, alive) = (Cell::new(0), Arc::clone(&counted));
        Own { requests, alive }
    };
    let server = TestServer::spawn(|server| server, |server| server.spawn_with(connect));
    for requests in [0, 3] {
        let mut client = Client::connect(server.address());
        for number in 1..=requests {
            assert_eq!(client.get("/page").text(), number.to_string());
        }
        let mut ws = Ws::over(client, "/socket");
        for number in 1..=2 {
            ws.text("hello");
            assert_eq!(ws.receive_text(), "hello");
            assert_eq!(ws.receive_text(), (requests + number).to_string());
        }
        ws.send(frame(0x88, &[0x03, 0xe8]));
        ws.is_closed_with(1000);
        // It is the handler that logs the end, so it stays until then.
        drop(ws);
        eventually_is("handlers", 0, || alive.load(Ordering::SeqCst));
    }
    let mut ws = Ws::connect(server.address(), "/socket");
    let end = std::thread::spawn(move || server.end());
    ws.is_closed_with(1001);
    drop(ws);
    let lines = end.join().unwrap();
    assert_eq!(alive.load(Ordering::SeqCst), 0);
    let closed = |code: &str| lines.iter().filter(|line| line.contains(code)).count();
    assert_eq!(
        (closed(" closed 1000 after "), closed(" closed 1001 after ")),
        (2, 1),
        "{lines:?}"
    );
}
