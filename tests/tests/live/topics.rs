//! S4, S5, S7: topics, their slow and their many receivers.

use crate::site;
use crate::ways::Ways;
use doget::live::{
    Close, CloseCode, Closed, Live, Message, Socket, SocketPeer, Text, Topic, WebSocket,
};
use doget::{Limits, handler};
use doget_tests::live::{Ws, frame};
use doget_tests::test_server::TestServer;
use doget_tests::{FastClock, eventually_is};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Sockets of this path, a quarter each way.
fn members(ways: &Ways, path: &str, quarter: usize) -> Vec<Ws> {
    (0..quarter)
        .flat_map(|_| ways.all(|way| way.connect(path)))
        .collect()
}

#[test]
fn s7_publishing_within_a_callback() {
    let ways = Ways::new();
    let mut members = members(&ways, "/room", 5);
    for number in 0..10 {
        members[number].text(&number.to_string());
        for member in &mut members {
            assert_eq!(member.receive_text(), number.to_string());
        }
    }
}

/// What the members of a hall share: its lock is held while one of them publishes.
#[derive(Default)]
struct Hall {
    topic: Topic<Text>,
    told: Mutex<Vec<String>>,
    opened: AtomicUsize,
}

struct Guest(Arc<Hall>);

impl Guest {
    fn tell(&self, words: &str) {
        let mut told = self.0.told.lock().unwrap();
        told.push(words.to_owned());
        self.0.topic.publish(words);
    }
}

impl Socket for Guest {
    fn on_open(&mut self, _: &mut SocketPeer<'_>) -> Result<(), Close> {
        self.0.opened.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    fn on_message(&mut self, _: &mut SocketPeer<'_>, message: Message<'_>) -> Result<(), Close> {
        match message.text()? {
            "bye" => Err(CloseCode::NORMAL.into()),
            "panic" => panic!("as it was told to"),
            words => {
                self.tell(words);
                Ok(())
            }
        }
    }

    fn on_close(&mut self, _: &Closed) {
        self.tell("closed");
    }
}

#[derive(Clone, Default)]
struct Halls(Arc<Hall>);

#[handler]
impl Halls {
    fn do_GET(&self, socket: WebSocket) -> Live {
        socket
            .follow(&self.0.topic)
            .with(Guest(Arc::clone(&self.0)))
    }
}

#[test]
fn s7_publishing_under_the_users_own_lock_and_in_each_close() {
    let halls = Halls::default();
    let server = TestServer::new(halls.clone());
    let hall = &halls.0;
    let mut witness = Ws::connect(server.address(), "/");
    let mut guests: Vec<_> = (0..24)
        .map(|_| Ws::connect(server.address(), "/"))
        .collect();
    eventually_is("receivers", 25, || hall.topic.stats().receivers);
    // All of them at once: who waits for the lock holds up nobody who has it.
    for guest in &mut guests {
        guest.text("hello");
    }
    for guest in guests.iter_mut().chain([&mut witness]) {
        for _ in 0..24 {
            assert_eq!(guest.receive_text(), "hello");
        }
    }
    for (number, mut guest) in guests.into_iter().enumerate() {
        match number % 6 {
            0 => drop(guest),
            1 => guest.client.reset(),
            2 => guest.send(frame(0x88, &[0x03, 0xe8])),
            3 => guest.text("bye"),
            4 => guest.text("panic"),
            _ => guest.send(frame(0x83, b"no opcode")),
        }
    }
    for _ in 0..24 {
        assert_eq!(witness.receive_text(), "closed");
    }
    // The server's end is the last one's.
    let end = std::thread::spawn(move || server.end());
    witness.is_closed_with(1001);
    drop(witness);
    end.join().unwrap();
    let told = hall.told.lock().unwrap();
    let closed = told.iter().filter(|words| *words == "closed").count();
    assert_eq!(
        (closed, hall.opened.load(Ordering::SeqCst), told.len()),
        (25, 25, 49)
    );
}

/// Each publishes so many.
const PUBLISHERS: usize = 8;
const EACH: usize = 40;

#[test]
fn s4_nobody_of_a_thousand_loses_what_eight_publish() {
    let ways = Ways::built(|server| server.loops(2));
    let room = &ways.site.room;
    // A tenth of them over TLS, whose handshakes take their time.
    let mut stay: Vec<_> = (0..900).map(|_| ways.plain("/room")).collect();
    stay.extend(
        (0..50)
            .flat_map(|_| ways.all(|way| way.connect("/room")))
            .take(100),
    );
    eventually_is("receivers", 1000, || room.stats().receivers);
    let publishers: Vec<_> = (0..PUBLISHERS)
        .map(|publisher| {
            let room = room.clone();
            std::thread::spawn(move || {
                for number in 0..EACH {
                    room.publish(format!("{publisher} {number}"));
                    // Others come and go meanwhile.
                    std::thread::yield_now();
                }
            })
        })
        .collect();
    for round in 0..60 {
        let mut guest = ways.plain("/room");
        match round % 3 {
            0 => guest.client.reset(),
            1 => guest.send(frame(0x88, b"")),
            _ => drop(guest),
        }
    }
    for publisher in publishers {
        publisher.join().unwrap();
    }
    // What the first got is in the order of each publisher, and all others got the same.
    let mut order = Vec::new();
    let mut next = [0; PUBLISHERS];
    for _ in 0..PUBLISHERS * EACH {
        let text = stay[0].receive_text();
        let (publisher, number) = text.split_once(' ').unwrap();
        let next = &mut next[publisher.parse::<usize>().unwrap()];
        assert_eq!(number, next.to_string());
        *next += 1;
        order.push(text);
    }
    for ws in &mut stay[1..] {
        for text in &order {
            assert_eq!(&ws.receive_text(), text);
        }
    }
    let stats = room.stats();
    assert_eq!((stats.lagged, stats.overrun, stats.missed), (0, 0, 0));
    eventually_is("receivers", 1000, || room.stats().receivers);
    drop(stay);
    eventually_is("receivers", 0, || room.stats().receivers);
}

#[test]
fn a_burst_closes_nobody_who_reads() {
    let ways = Ways::new();
    let mut members = members(&ways, "/room", 10);
    eventually_is("receivers", 40, || ways.site.room.stats().receivers);
    for number in 0..5000 {
        ways.site.room.publish(number.to_string());
    }
    for member in &mut members {
        for number in 0..5000 {
            assert_eq!(member.receive_text(), number.to_string());
        }
    }
}

#[test]
fn s4_what_each_gets_is_an_unbroken_run() {
    let (server, site) = site();
    let address = server.address();
    let publisher = {
        let room = site.room.clone();
        std::thread::spawn(move || {
            for number in 0..3000 {
                room.publish(number.to_string());
                if number % 100 == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(2));
                }
            }
        })
    };
    let guests: Vec<_> = (0..8)
        .map(|guest| {
            std::thread::spawn(move || {
                for round in 0..20 {
                    let mut ws = Ws::connect(address, "/room");
                    let mut last = None;
                    for _ in 0..(guest * 7 + round) % 40 {
                        let Some((0x81, text)) = ws.receive() else {
                            break;
                        };
                        let number: u32 = String::from_utf8(text).unwrap().parse().unwrap();
                        assert!(
                            last.is_none_or(|last| number == last + 1),
                            "{last:?} {number}"
                        );
                        last = Some(number);
                        if number == 2999 {
                            break;
                        }
                    }
                    match round % 3 {
                        0 => ws.client.reset(),
                        1 => ws.send(frame(0x88, b"")),
                        _ => {}
                    }
                    if last == Some(2999) {
                        return;
                    }
                }
            })
        })
        .collect();
    publisher.join().unwrap();
    // Who waits for more than there is gets a last one.
    let mut more = 3000;
    for guest in guests {
        while !guest.is_finished() {
            site.room.publish(more.to_string());
            more += 1;
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        guest.join().unwrap();
    }
    eventually_is("receivers", 0, || site.room.stats().receivers);
}

#[test]
fn s5_a_receiver_that_reads_nothing_is_closed_and_harms_nobody() {
    Ways::new().whole(|way| {
        let room = &way.site.room;
        let mut deaf = way.connect_narrow("/room");
        let mut member = way.connect("/room");
        eventually_is("receivers", 2, || room.stats().receivers);
        let long = "x".repeat(50_000);
        // More than the system and the ring hold for it.
        for _ in 0..200 {
            room.publish(long.as_str());
            assert_eq!(member.receive_text().len(), 50_000);
        }
        // With TLS it is closed when it has taken what was encrypted for it.
        if way.is_plain() {
            eventually_is("receivers", 1, || {
                room.publish("more");
                assert_eq!(member.receive_text(), "more");
                room.stats().receivers
            });
        }
        // What has left is whole, then comes the reason.
        loop {
            match deaf.receive() {
                Some((0x88, payload)) => {
                    assert_eq!(payload[..2], 1013u16.to_be_bytes());
                    break;
                }
                Some((_, payload)) => assert!(payload.len() == 50_000 || payload == b"more"),
                None => panic!("no Close"),
            }
        }
        // It was slow, and so it is called.
        assert_eq!(
            (room.stats().lagged, room.stats().overrun),
            (if way.is_plain() { 1 } else { 2 }, 0)
        );
        drop(member);
        eventually_is("receivers", 0, || room.stats().receivers);
    });
}

#[test]
fn a_receiver_that_takes_nothing_is_cut_in_time() {
    let clock = FastClock::new();
    Ways::timed(Limits::new(), &clock).whole(|way| {
        let room = &way.site.room;
        let _deaf = way.connect_narrow("/room");
        eventually_is("receivers", 1, || room.stats().receivers);
        // Within the ring, but more than the socket takes.
        let long = "x".repeat(400_000);
        for _ in 0..2 {
            room.publish(long.as_str());
        }
        eventually_is("receivers", 0, || room.stats().receivers);
    });
}

#[test]
fn a_socket_joins_and_leaves_a_room_in_a_callback() {
    Ways::new().each(|way| {
        let (mut ws, room) = (way.connect("/teller"), &way.site.room);
        assert_eq!(ws.receive_text(), "welcome");
        room.publish("unheard");
        ws.text("join");
        assert_eq!(ws.receive_text(), "done");
        room.publish("heard");
        assert_eq!(ws.receive_text(), "heard");
        ws.text("leave");
        assert_eq!(ws.receive_text(), "done");
        room.publish("unheard");
        ws.text("x");
        assert_eq!(ws.receive_text(), "done");
    });
}

#[test]
fn news_that_comes_while_a_callback_blocks_is_delivered() {
    Ways::new().whole(|way| {
        let (mut ws, room) = (way.connect("/teller"), &way.site.room);
        assert_eq!(ws.receive_text(), "welcome");
        ws.text("join");
        assert_eq!(ws.receive_text(), "done");
        ws.text("block");
        way.site.gate.has(1);
        room.publish("meanwhile");
        // The walk has come by and found nobody.
        let mut other = way.connect("/room");
        other.text("later");
        assert_eq!(other.receive_text(), "later");
        way.site.gate.pass(1);
        assert_eq!(ws.receive_text(), "done");
        assert_eq!(ws.receive_text(), "meanwhile");
        assert_eq!(ws.receive_text(), "later");
    });
}
