//! S4, S5, S7: topics, their slow and their many receivers.

use crate::{quick, site};
use doget::Limits;
use doget_tests::live::{Ws, frame};
use doget_tests::{Client, eventually, eventually_is};

#[test]
fn s7_publishing_within_a_callback() {
    let (server, _) = site();
    let mut members: Vec<_> = (0..20)
        .map(|_| Ws::connect(server.address(), "/room"))
        .collect();
    for number in 0..10 {
        members[number].text(&number.to_string());
        for member in &mut members {
            assert_eq!(member.receive_text(), number.to_string());
        }
    }
}

#[test]
fn a_burst_closes_nobody_who_reads() {
    let (server, site) = site();
    let mut members: Vec<_> = (0..50)
        .map(|_| Ws::connect(server.address(), "/room"))
        .collect();
    eventually_is("receivers", 50, || site.room.stats().receivers);
    for number in 0..5000 {
        site.room.publish(number.to_string());
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
    let (server, site) = site();
    let mut client = Client::connect_narrow(server.address());
    client.send(doget_tests::live::handshake("/room", ""));
    let mut deaf = Ws::raw(client);
    assert!(deaf.head().starts_with("HTTP/1.1 101"));
    let mut member = Ws::connect(server.address(), "/room");
    eventually_is("receivers", 2, || site.room.stats().receivers);
    let long = "x".repeat(50_000);
    let mut published = 0;
    eventually("it lags", || {
        site.room.publish(long.as_str());
        published += 1;
        assert_eq!(member.receive_text().len(), 50_000);
        site.room.stats().lagged > 0
    });
    eventually_is("receivers", 1, || {
        site.room.publish("more");
        assert_eq!(member.receive_text(), "more");
        site.room.stats().receivers
    });
    // What has left is whole, then comes the reason.
    while let Some((first, payload)) = deaf.receive() {
        if first == 0x88 {
            assert_eq!(payload[..2], 1013u16.to_be_bytes());
            return;
        }
        assert!(payload.len() == 50_000 || payload == b"more");
    }
    panic!("no Close");
}

#[test]
fn a_receiver_that_takes_nothing_is_cut_in_time() {
    let (server, site, _clock) = quick(Limits::new());
    let mut client = Client::connect_narrow(server.address());
    client.send(doget_tests::live::handshake("/room", ""));
    let mut deaf = Ws::raw(client);
    assert!(deaf.head().starts_with("HTTP/1.1 101"));
    eventually_is("receivers", 1, || site.room.stats().receivers);
    // Within the ring, but more than the socket takes.
    let long = "x".repeat(400_000);
    for _ in 0..2 {
        site.room.publish(long.as_str());
    }
    eventually_is("receivers", 0, || site.room.stats().receivers);
}

#[test]
fn a_socket_joins_and_leaves_a_room_in_a_callback() {
    let (server, site) = site();
    let mut ws = Ws::connect(server.address(), "/teller");
    assert_eq!(ws.receive_text(), "welcome");
    site.room.publish("unheard");
    ws.text("join");
    assert_eq!(ws.receive_text(), "done");
    site.room.publish("heard");
    assert_eq!(ws.receive_text(), "heard");
    ws.text("leave");
    assert_eq!(ws.receive_text(), "done");
    site.room.publish("unheard");
    ws.text("x");
    assert_eq!(ws.receive_text(), "done");
}

#[test]
fn news_that_comes_while_a_callback_blocks_is_delivered() {
    let (server, site) = site();
    let mut ws = Ws::connect(server.address(), "/teller");
    assert_eq!(ws.receive_text(), "welcome");
    ws.text("join");
    assert_eq!(ws.receive_text(), "done");
    ws.text("block");
    site.gate.has(1);
    site.room.publish("meanwhile");
    // The walk has come by and found nobody.
    let mut other = Ws::connect(server.address(), "/room");
    other.text("later");
    assert_eq!(other.receive_text(), "later");
    site.gate.open();
    assert_eq!(ws.receive_text(), "done");
    assert_eq!(ws.receive_text(), "meanwhile");
    assert_eq!(ws.receive_text(), "later");
}
