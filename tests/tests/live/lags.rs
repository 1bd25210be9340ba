//! `Lag::Skip` and `Lag::Latest`: receivers that take too little, told by what arrives once they read.

use doget::live::{Close, Events, Lag, Live, Message, Socket, SocketPeer, Text, Topic, WebSocket};
use doget::{HttpServer, handler};
use doget_tests::live::{Ws, handshake};
use doget_tests::test_server::TestServer;
use doget_tests::{Client, eventually, eventually_is, tls};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Of a message.
const SIZE: usize = 16 << 10;

/// Messages that a ring has room for, and some that the system cannot hold for a receiver.
const RING: usize = 8;
const MESSAGES: usize = 250;

#[derive(Clone)]
struct Site {
    topic: Topic<Text>,
    missed: Arc<AtomicU64>,
}

struct Follower(Arc<AtomicU64>);

impl Socket for Follower {
    fn on_message(&mut self, _: &mut SocketPeer<'_>, _: Message<'_>) -> Result<(), Close> {
        Ok(())
    }

    fn on_lag(&mut self, missed: u64) {
        assert!(missed > 0);
        self.0.fetch_add(missed, Ordering::SeqCst);
    }
}

#[handler]
impl Site {
    #[route("/socket")]
    fn do_GET_socket(&self, socket: WebSocket) -> Live {
        let missed = Arc::clone(&self.missed);
        socket.follow(&self.topic).with(Follower(missed))
    }

    #[route("/events")]
    fn do_GET_events(&self, events: Events) -> Live {
        events.follow(&self.topic)
    }
}

/// The number of a message of a socket or of a stream, whose ids are of no use here.
fn number(message: &str) -> usize {
    message[..8].parse().unwrap()
}

/// What a follower got that lagged. Where the machine is so busy that a loop loses its thread while that writes to the
/// follower, the loop is what lagged: then it begins anew.
fn deliveries(lag: Lag, path: &str, is_secure: bool) -> (Vec<usize>, Site) {
    let mut delivered = None;
    eventually("a loop that keeps up", || {
        let (numbers, site) = deliveries_once(lag, path, is_secure);
        let stats = site.topic.stats();
        assert!(stats.lagged + stats.overrun > 0, "{stats:?}");
        delivered = (stats.overrun == 0).then_some((numbers, site));
        delivered.is_some()
    });
    delivered.unwrap()
}

/// The numbers that a follower got that read nothing while all was published, and how many it was said to have missed.
fn deliveries_once(lag: Lag, path: &str, is_secure: bool) -> (Vec<usize>, Site) {
    let cost = 2 * SIZE + 128;
    let topic = Topic::new().capacity(RING * cost).lagging(lag);
    let site = Site {
        topic,
        missed: Arc::default(),
    };
    let built = |server: HttpServer| match is_secure {
        true => server.loops(1).tls(tls::server()),
        false => server.loops(1),
    };
    let server = TestServer::with(site.clone(), built);
    let config = Arc::new(tls::client(rustls::ALL_VERSIONS));
    let secured = |client: Client| match is_secure {
        true => client.secure(&config),
        false => client,
    };
    let mut deaf = Ws::raw(secured(Client::connect_narrow(server.address())));
    deaf.send(handshake(path, ""));
    let head = deaf.head();
    assert!(
        head.starts_with("HTTP/1.1 101 ") || head.starts_with("HTTP/1.1 200 "),
        "{head}"
    );
    // One that reads says when a message has been walked to its receivers, since both are on one loop.
    let mut member = Ws::over(secured(Client::connect(server.address())), "/socket");
    eventually_is("receivers", 2, || site.topic.stats().receivers);
    let rest = "x".repeat(SIZE - 8);
    for number in 0..MESSAGES {
        site.topic.publish(format!("{number:08}{rest}"));
        assert_eq!(self::number(&member.receive_text()), number);
    }
    let mut numbers = Vec::new();
    while numbers.last() != Some(&(MESSAGES - 1)) {
        numbers.push(match path {
            "/socket" => number(&deaf.receive_text()),
            _ => {
                deaf.until("data: ");
                number(&deaf.until("\n\n"))
            }
        });
    }
    (numbers, site)
}

fn each(check: impl Fn(&str, bool)) {
    for path in ["/socket", "/events"] {
        for is_secure in [false, true] {
            println!("{path}, TLS: {is_secure}");
            check(path, is_secure);
        }
    }
}

#[test]
fn who_skips_goes_on_with_the_oldest_and_is_told_how_many_are_missing() {
    each(|path, is_secure| {
        let (numbers, site) = deliveries(Lag::Skip, path, is_secure);
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
        let missing = (MESSAGES - numbers.len()) as u64;
        assert!(missing > 0);
        assert_eq!(site.topic.stats().missed, missing);
        // The last that are kept are all there.
        let last: Vec<_> = (MESSAGES - RING..MESSAGES).collect();
        assert!(numbers.ends_with(&last), "{numbers:?}");
        if path == "/socket" {
            assert_eq!(site.missed.load(Ordering::SeqCst), missing);
        }
    });
}

#[test]
fn who_takes_the_latest_gets_it_alone() {
    each(|path, is_secure| {
        let (numbers, site) = deliveries(Lag::Latest, path, is_secure);
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
        // What the ring still had besides is of no use: it had all of these.
        let last: Vec<_> = (MESSAGES - RING..MESSAGES).collect();
        assert!(!numbers.ends_with(&last[RING / 2..]), "{numbers:?}");
        let missing = (MESSAGES - numbers.len()) as u64;
        assert!(missing > 0);
        assert_eq!(site.topic.stats().missed, missing);
        // That is no fault of its own.
        assert_eq!(site.missed.load(Ordering::SeqCst), 0);
    });
}
