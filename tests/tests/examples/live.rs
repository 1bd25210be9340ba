//! The examples of live connections: chat, progress, long polls.

use crate::{request, start};
use doget_tests::live::Ws;
use doget_tests::{Client, eventually};

#[test]
fn chat() {
    let child = start("chat", &["0"]);
    assert!(child.connect().get("/").text().contains("new WebSocket("));
    let mut ada = Ws::connect(child.address(), "/chat/ada");
    assert_eq!(ada.receive_text(), "* ada has come");
    let mut grace = Ws::connect(child.address(), "/chat/grace");
    assert_eq!(ada.receive_text(), "* grace has come");
    assert_eq!(grace.receive_text(), "* grace has come");
    ada.text("hello");
    for guest in [&mut ada, &mut grace] {
        assert_eq!(guest.receive_text(), "ada: hello");
    }
    drop(ada);
    assert_eq!(grace.receive_text(), "* ada has left");
    grace.text(&"x".repeat(4097));
    grace.is_closed_with(1009);
}

#[test]
fn progress() {
    let child = start("progress", &["0"]);
    let mut client = child.connect();
    assert!(client.get("/").text().contains("new EventSource("));
    let mut stream = Ws::raw(child.connect());
    stream.send("GET /progress HTTP/1.1\r\nHost: test\r\n\r\n");
    stream.head();
    assert_eq!(request(&mut client, "POST /start", &[], b"").status, 202);
    let events = stream.until("data: 100\n\n");
    assert!(events.contains("data: 0\n"), "{events}");
    // Who comes late gets the last step.
    let mut late = Ws::raw(child.connect());
    late.send("GET /progress HTTP/1.1\r\nHost: test\r\n\r\n");
    late.head();
    assert!(!late.until("data: 100\n\n").contains("data: 99\n"));
}

#[test]
fn long_poll() {
    let child = start("long_poll", &["0"]);
    let ask = |path: &str| {
        let mut client = Client::connect(child.address());
        client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
        client
    };
    let mut other = child.connect();
    assert_eq!(request(&mut other, "POST /result/7", &[], b"1").status, 410);
    let mut first = ask("/result/7");
    eventually("it is parked", || {
        request(&mut other, "POST /result/7", &[], b"42").status == 204
    });
    assert_eq!(first.answer().text(), "42");
    // The second one who waits takes the place of the first.
    // They are two connections: either may be read first.
    let (mut first, mut second) = (ask("/result/8"), ask("/result/8"));
    eventually("one of them gives way", || {
        !(first.is_quiet() && second.is_quiet())
    });
    if first.is_quiet() {
        std::mem::swap(&mut first, &mut second);
    }
    assert_eq!(first.answer().status, 204);
    request(&mut other, "POST /result/8", &[], b"43");
    assert_eq!(second.answer().text(), "43");
    let mut news = ask("/news?after=0-0");
    let mut told = 0;
    while news.is_quiet() {
        request(&mut other, "POST /news", &[], b"it rains");
        told += 1;
    }
    assert!(told > 0);
    assert_eq!(news.answer().text(), "it rains");
}
