//! S11 to S15: event streams.

use crate::limits;
use crate::ways::{Way, Ways};
use doget::Limits;
use doget::live::{Event, EventName};
use doget_tests::live::Ws;
use doget_tests::{FastClock, eventually_is};
use std::time::Duration;

impl Way<'_> {
    fn stream_of(&self, path: &str, lines: &str) -> Ws {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: test\r\n{lines}\r\n"))
    }

    fn stream(&self, lines: &str) -> Ws {
        self.stream_of("/news", lines)
    }

    /// A stream that has begun.
    fn begun(&self) -> Ws {
        let mut stream = self.stream("");
        stream.until("retry: 1000\n\n\r\n");
        stream
    }
}

#[test]
fn a_stream_gets_what_is_published() {
    Ways::new().each(|way| {
        let mut stream = way.stream("");
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
        way.site.news.publish(Event::data("one\r\ntwo").named(tick));
        let event = stream.until("\n\n\r\n");
        let (size, lines) = event.split_once("\r\n").unwrap();
        assert_eq!(usize::from_str_radix(size, 16).unwrap(), lines.len() - 2);
        assert!(lines.starts_with("event: tick\nid: "), "{lines}");
        assert!(lines.ends_with("\ndata: one\ndata: two\n\n\r\n"), "{lines}");
    });
}

/// The id in the lines of an event.
fn id_of(event: &str) -> String {
    let id = event.split("id: ").nth(1).unwrap();
    id.lines().next().unwrap().to_owned()
}

#[test]
fn s12_a_stream_goes_on_behind_the_last_event() {
    let ways = Ways::new();
    for text in ["before", "a", "b", "c"] {
        ways.site.news.publish(Event::data(text));
    }
    ways.each(|way| {
        // Without an id only what comes is sent; with one of nobody all that is kept.
        let mut first = way.stream("Last-Event-ID: 0-1\r\n");
        first.until("\ndata: before\n\n");
        let id = id_of(&first.until("\ndata: a\n\n"));
        let mut again = way.stream(&format!("Last-Event-ID: {id}\r\n"));
        again.head();
        let events = again.until("data: c\n\n");
        assert!(
            events.contains("data: b\n") && !events.contains("data: a\n"),
            "{events}"
        );
        for rubbish in ["0-1", "x", "zz-zz", "-", "99999999999999999999-1"] {
            let mut other = way.stream(&format!("Last-Event-ID: {rubbish}\r\n"));
            let events = other.until("data: c\n\n");
            assert!(events.contains("data: a\n"), "{rubbish}: {events}");
            assert!(!events.contains("lost"), "{rubbish}: {events}");
        }
    });
}

#[test]
fn s12_a_stream_whose_last_event_is_no_longer_kept_is_told_so() {
    let ways = Ways::new();
    let publish = |text: &str| ways.site.short.publish(Event::data(text));
    publish("a");
    let mut first = ways.all(|way| way.stream_of("/short", "Last-Event-ID: 0-1\r\n"));
    let id = id_of(&first[0].until("data: a\n\n"));
    drop(first);
    let line = format!("Last-Event-ID: {id}\r\n");
    // The ring has room for three.
    for text in ["b", "c", "d"] {
        publish(text);
    }
    ways.each(|way| {
        let mut stream = way.stream_of("/short", &line);
        let head = stream.head();
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let events = stream.until("data: d\n\n");
        assert!(
            events.contains("\nid: ") && events.contains("data: b\n"),
            "{events}"
        );
        assert!(!events.contains("lost"), "nothing is missing: {events}");
    });
    publish("e");
    ways.each(|way| {
        let mut stream = way.stream_of("/short", &line);
        stream.head();
        // A comment, which a browser does not show.
        let told = ": events were lost\n\n";
        assert_eq!(
            stream.until("\n\n\r\n"),
            format!("{:x}\r\n{told}\r\n", told.len())
        );
        let events = stream.until("data: e\n\n");
        assert!(!events.contains("data: b\n"), "{events}");
        assert!(
            events.contains("data: c\n") && events.contains("data: d\n"),
            "{events}"
        );
    });
}

#[test]
fn s13_there_is_no_place_for_a_stream() {
    Ways::limited(limits(|live| live.max_connections(1))).whole(|way| {
        let _first = way.begun();
        let mut second = way.stream("");
        let answer = second.client.answer();
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("Content-Type"), Some("text/event-stream"));
        assert_eq!(answer.text(), "retry: 30000\n\n");
        assert_eq!(second.receive(), None);
    });
}

#[test]
fn s14_a_client_that_leaves_is_seen_without_a_write() {
    Ways::new().each(|way| {
        let streams: Vec<_> = (0..3).map(|_| way.begun()).collect();
        eventually_is("receivers", 3, || way.site.news.stats().receivers);
        drop(streams);
        eventually_is("receivers", 0, || way.site.news.stats().receivers);
    });
}

#[test]
fn s10_requests_behind_a_stream_are_never_answered() {
    Ways::new().each(|way| {
        let mut stream = way.begun();
        stream.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n".repeat(100));
        way.site.news.publish(Event::data("x"));
        let event = stream.until("\n\n\r\n");
        assert!(event.ends_with("data: x\n\n\r\n"), "{event}");
    });
}

#[test]
fn s15_a_stream_by_an_older_version_and_by_head() {
    Ways::new().each(|way| {
        let mut old = way.ask("GET /news HTTP/1.0\r\n\r\n");
        let head = old.head();
        assert!(!head.contains("Transfer-Encoding"), "{head}");
        assert_eq!(old.until("\n\n"), "retry: 1000\n\n");
        way.site.news.publish(Event::data("x"));
        assert!(old.until("\n\n").ends_with("\ndata: x\n\n"));
        let mut asked = way.ask("HEAD /news HTTP/1.1\r\nHost: test\r\n\r\n");
        let answer = asked.client.answer_to("HEAD");
        assert_eq!((answer.status, answer.body.len()), (200, 0));
        assert_eq!(answer.header("Content-Type"), Some("text/event-stream"));
        assert_eq!(asked.receive(), None);
    });
}

#[test]
fn a_silent_stream_has_comments() {
    let clock = FastClock::new();
    Ways::timed(Limits::new(), &clock).whole(|way| {
        let mut stream = way.begun();
        let since = clock.now();
        assert_eq!(stream.until("\n\n\r\n"), "3\r\n:\n\n\r\n");
        assert_eq!(stream.until("\n\n\r\n"), "3\r\n:\n\n\r\n");
        clock.took(since, Duration::from_secs(15));
    });
}

#[test]
fn s8_streams_end_with_the_server() {
    let ways = Ways::new();
    let mut streams = ways.all(|way| way.begun());
    let end = std::thread::spawn(move || ways.end());
    for stream in &mut streams {
        assert_eq!(stream.until("0\r\n\r\n"), "0\r\n\r\n");
        assert_eq!(stream.receive(), None);
    }
    drop(streams);
    end.join().unwrap();
}
