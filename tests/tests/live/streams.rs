//! S11 to S15: event streams.

use crate::{limited, limits, quick, site};
use doget::Limits;
use doget::live::{Event, EventName};
use doget_tests::live::Ws;
use doget_tests::{Client, eventually_is};
use std::time::Duration;

fn stream(address: std::net::SocketAddr, lines: &str) -> Ws {
    let mut client = Client::connect(address);
    client.send(format!("GET /news HTTP/1.1\r\nHost: test\r\n{lines}\r\n"));
    Ws::raw(client)
}

#[test]
fn a_stream_gets_what_is_published() {
    let (server, site) = site();
    let mut stream = stream(server.address(), "");
    let head = stream.head();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    for line in [
        "Content-Type: text/event-stream",
        "Cache-Control: no-cache",
        "X-Accel-Buffering: no",
        "Transfer-Encoding: chunked",
        "Connection: close",
    ] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line}: {head}");
    }
    assert_eq!(stream.until("\n\n\r\n"), "d\r\nretry: 1000\n\n\r\n");
    let tick = EventName::new("tick");
    site.news.publish(Event::data("one\r\ntwo").named(tick));
    let event = stream.until("\n\n\r\n");
    let (size, lines) = event.split_once("\r\n").unwrap();
    assert_eq!(usize::from_str_radix(size, 16).unwrap(), lines.len() - 2);
    assert!(lines.starts_with("event: tick\nid: "), "{lines}");
    assert!(lines.ends_with("\ndata: one\ndata: two\n\n\r\n"), "{lines}");
}

#[test]
fn s12_a_stream_goes_on_behind_the_last_event() {
    let (server, site) = site();
    let mut first = stream(server.address(), "");
    first.until("retry: 1000\n\n\r\n");
    for text in ["a", "b", "c"] {
        site.news.publish(Event::data(text));
    }
    let id = first.until("\ndata: a\n\n");
    let id = id.split("id: ").nth(1).unwrap().lines().next().unwrap();
    let mut again = stream(server.address(), &format!("Last-Event-ID: {id}\r\n"));
    again.head();
    let events = again.until("data: c\n\n");
    assert!(
        events.contains("data: b\n") && !events.contains("data: a\n"),
        "{events}"
    );
    for rubbish in ["0-1", "x", "zz-zz", "-", "99999999999999999999-1"] {
        let mut other = stream(server.address(), &format!("Last-Event-ID: {rubbish}\r\n"));
        let events = other.until("data: c\n\n");
        assert!(events.contains("data: a\n"), "{rubbish}: {events}");
    }
}

#[test]
fn s13_there_is_no_place_for_a_stream() {
    let (server, _) = limited(limits(|live| live.max_connections(1)));
    let mut first = stream(server.address(), "");
    first.head();
    let answer = server.get("/news");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Content-Type"), Some("text/event-stream"));
    assert_eq!(answer.text(), "retry: 30000\n\n");
}

#[test]
fn s14_a_client_that_leaves_is_seen_without_a_write() {
    let (server, site) = site();
    let mut streams: Vec<_> = (0..3).map(|_| stream(server.address(), "")).collect();
    for stream in &mut streams {
        stream.until("retry: 1000\n\n\r\n");
    }
    eventually_is("receivers", 3, || site.news.stats().receivers);
    drop(streams);
    eventually_is("receivers", 0, || site.news.stats().receivers);
}

#[test]
fn s10_requests_behind_a_stream_are_never_answered() {
    let (server, site) = site();
    let mut stream = stream(server.address(), "");
    stream.until("retry: 1000\n\n\r\n");
    stream.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n".repeat(1000));
    eventually_is("receivers", 1, || site.news.stats().receivers);
    site.news.publish(Event::data("x"));
    let event = stream.until("\n\n\r\n");
    assert!(event.ends_with("data: x\n\n\r\n"), "{event}");
}

#[test]
fn s15_a_stream_by_an_older_version_and_by_head() {
    let (server, site) = site();
    let mut client = Client::connect(server.address());
    client.send("GET /news HTTP/1.0\r\n\r\n");
    let mut old = Ws::raw(client);
    let head = old.head();
    assert!(!head.contains("Transfer-Encoding"), "{head}");
    assert_eq!(old.until("\n\n"), "retry: 1000\n\n");
    site.news.publish(Event::data("x"));
    assert!(old.until("\n\n").ends_with("\ndata: x\n\n"));
    let answer = server.one("HEAD /news HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("Content-Type"), Some("text/event-stream"));
}

#[test]
fn a_silent_stream_has_comments() {
    let (server, _, clock) = quick(Limits::new());
    let mut stream = stream(server.address(), "");
    stream.until("retry: 1000\n\n\r\n");
    let since = clock.now();
    assert_eq!(stream.until("\n\n\r\n"), "3\r\n:\n\n\r\n");
    assert_eq!(stream.until("\n\n\r\n"), "3\r\n:\n\n\r\n");
    clock.took(since, Duration::from_secs(15));
}

#[test]
fn s8_streams_end_with_the_server() {
    let (server, _) = site();
    let mut stream = stream(server.address(), "");
    stream.until("retry: 1000\n\n\r\n");
    let end = std::thread::spawn(move || server.end());
    assert_eq!(stream.until("0\r\n\r\n"), "0\r\n\r\n");
    assert_eq!(stream.receive(), None);
    drop(stream);
    end.join().unwrap();
}
