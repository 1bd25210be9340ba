//! S9, S10: requests that are answered later.

use crate::site;
use crate::ways::{Way, Ways};
use doget::live::{Event, Gone, Parked};
use doget::{Error, Limits, StatusCode};
use doget_tests::live::Ws;
use doget_tests::{Client, FastClock, eventually, eventually_is};
use std::time::Duration;

const GET: &str = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";

impl Way<'_> {
    fn get(&self, path: &str) -> Ws {
        self.ask(&format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"))
    }

    /// The parked request, once it is.
    #[track_caller]
    fn parked(&self) -> Parked {
        let mut found = None;
        eventually("a request is parked", || {
            found = self.site.waiting.lock().unwrap().pop();
            found.is_some()
        });
        found.unwrap()
    }
}

#[test]
fn s9_another_thread_answers() {
    let ways = Ways::new();
    ways.each(|way| {
        let mut asked = way.get("/park");
        let parked = way.parked();
        assert!(asked.client.is_quiet());
        std::thread::spawn(move || parked.reply("the answer").unwrap())
            .join()
            .unwrap();
        let answer = asked.client.answer();
        assert_eq!((answer.status, answer.text()), (200, "the answer"));
        // The connection goes on.
        asked.send(GET);
        assert_eq!(asked.client.answer().text(), "a page");
    });
    let lines = ways.end();
    let expected = [
        "127.0.0.1 - - [date] \"GET /park HTTP/1.1\" 200 10",
        "127.0.0.1 - - [date] \"GET / HTTP/1.1\" 200 6",
    ];
    assert_eq!(lines, expected.repeat(4));
}

#[test]
fn s9_the_answer_comes_before_the_method_returns_or_never() {
    Ways::new().each(|way| {
        assert_eq!(way.get("/early").client.answer().text(), "at once");
        assert_eq!(way.get("/dropped").client.answer().status, 204);
    });
}

#[test]
fn s9_the_time_is_over() {
    let clock = FastClock::new();
    Ways::timed(Limits::new(), &clock).whole(|way| {
        let since = clock.now();
        let mut asked = way.get("/park");
        assert_eq!(asked.client.answer().status, 204);
        clock.took(since, Duration::from_secs(25));
        assert_eq!(way.parked().reply("late"), Err(Gone));
        asked.send(GET);
        assert_eq!(asked.client.answer().text(), "a page");
    });
}

#[test]
fn s9_the_client_leaves() {
    Ways::new().each(|way| {
        let asked = way.get("/park");
        let parked = way.parked();
        drop(asked);
        eventually("the client is gone", || parked.is_gone());
        assert_eq!(parked.reply("x"), Err(Gone));
    });
}

#[test]
fn s9_the_head_alone() {
    Ways::new().each(|way| {
        let mut asked = way.ask("HEAD /park HTTP/1.1\r\nHost: test\r\n\r\n");
        way.parked().reply("the answer").unwrap();
        let answer = asked.client.answer_to("HEAD");
        assert_eq!(answer.header("Content-Length"), Some("10"));
        asked.send(GET);
        assert_eq!(asked.client.answer().text(), "a page");
    });
}

#[test]
fn s9_an_error_is_an_answer() {
    Ways::new().each(|way| {
        let mut asked = way.get("/park");
        let result: doget::Result<StatusCode> = Err(Error::conflict());
        way.parked().reply(result).unwrap();
        assert_eq!(asked.client.answer().status, 409);
        asked.send(GET);
        assert_eq!(asked.client.answer().text(), "a page");
    });
}

#[test]
fn s10_requests_behind_a_parked_one_wait_for_it() {
    Ways::new().each(|way| {
        let mut asked = way.get("/park");
        asked.send(GET);
        let first = way.parked();
        asked.send(GET);
        assert!(asked.client.is_quiet());
        first.reply("first").unwrap();
        assert_eq!(asked.client.answer().text(), "first");
        assert_eq!(asked.client.answer().text(), "a page");
        assert_eq!(asked.client.answer().text(), "a page");
        // In one packet too.
        asked.send(format!("GET /park HTTP/1.1\r\nHost: test\r\n\r\n{GET}"));
        way.parked().reply("second").unwrap();
        assert_eq!(asked.client.answer().text(), "second");
        assert_eq!(asked.client.answer().text(), "a page");
    });
}

#[test]
fn s8_parked_requests_get_503_at_the_end() {
    let ways = Ways::new();
    let mut asked = ways.all(|way| (way.get("/park"), way.parked()));
    let end = std::thread::spawn(move || ways.end());
    for (asked, _) in &mut asked {
        let answer = asked.client.answer();
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("Connection"), Some("close"));
        asked.client.is_closed();
    }
    for (asked, parked) in asked {
        drop(asked);
        assert_eq!(parked.reply("x"), Err(Gone));
    }
    end.join().unwrap();
}

#[test]
fn the_next_message_of_a_topic() {
    Ways::new().each(|way| {
        let news = &way.site.news;
        let mut asked = way.get("/next");
        eventually_is("receivers", 1, || news.stats().receivers);
        news.publish(Event::data("a"));
        let answer = asked.client.answer();
        assert_eq!(answer.text(), "a");
        let tag = answer.header("ETag").unwrap().to_owned();
        news.publish(Event::data("b"));
        news.publish(Event::data("c"));
        // Nothing is missed between two polls, however the client names what it has.
        let id = tag.trim_matches('"');
        for (target, line) in [
            ("/next".to_owned(), format!("If-None-Match: {tag}\r\n")),
            ("/next".to_owned(), format!("Last-Event-ID: {id}\r\n")),
            (format!("/next?after={id}"), String::new()),
        ] {
            asked.send(format!("GET {target} HTTP/1.1\r\nHost: test\r\n{line}\r\n"));
            assert_eq!(asked.client.answer().text(), "b");
        }
    });
}

#[test]
fn many_polls_are_answered_at_once() {
    let (server, site) = site();
    let mut clients: Vec<_> = (0..200)
        .map(|_| {
            let mut client = Client::connect(server.address());
            client.send("GET /next HTTP/1.1\r\nHost: test\r\n\r\n");
            client
        })
        .collect();
    eventually_is("receivers", 200, || site.news.stats().receivers);
    site.news.publish(Event::data("x"));
    for client in &mut clients {
        assert_eq!(client.answer().text(), "x");
    }
    eventually_is("receivers", 0, || site.news.stats().receivers);
}
