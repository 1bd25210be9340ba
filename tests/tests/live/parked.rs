//! S9, S10: requests that are answered later.

use crate::{Site, quick, site};
use doget::live::{Event, Gone, Parked};
use doget::{Error, Limits, StatusCode};
use doget_tests::{Client, eventually, eventually_is};
use std::time::Duration;

fn ask(address: std::net::SocketAddr, path: &str) -> Client {
    let mut client = Client::connect(address);
    client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n"));
    client
}

/// The parked request, once it is.
#[track_caller]
fn parked(site: &Site) -> Parked {
    let mut found = None;
    eventually("a request is parked", || {
        found = site.waiting.lock().unwrap().pop();
        found.is_some()
    });
    found.unwrap()
}

#[test]
fn s9_another_thread_answers() {
    let (server, site) = site();
    let mut client = ask(server.address(), "/park");
    let parked = parked(&site);
    assert!(client.is_quiet());
    std::thread::spawn(move || parked.reply("the answer").unwrap())
        .join()
        .unwrap();
    let answer = client.answer();
    assert_eq!((answer.status, answer.text()), (200, "the answer"));
    // The connection goes on.
    assert_eq!(client.get("/").text(), "a page");
    let lines = server.end();
    assert_eq!(
        lines,
        [
            "127.0.0.1 - - [date] \"GET /park HTTP/1.1\" 200 10",
            "127.0.0.1 - - [date] \"GET / HTTP/1.1\" 200 6"
        ]
    );
}

#[test]
fn s9_the_answer_comes_before_the_method_returns_or_never() {
    let (server, _) = site();
    assert_eq!(server.get("/early").text(), "at once");
    assert_eq!(server.get("/dropped").status, 204);
}

#[test]
fn s9_the_time_is_over() {
    let (server, site, clock) = quick(Limits::new());
    let since = clock.now();
    let mut client = ask(server.address(), "/park");
    assert_eq!(client.answer().status, 204);
    clock.took(since, Duration::from_secs(25));
    assert_eq!(parked(&site).reply("late"), Err(Gone));
    assert_eq!(client.get("/").text(), "a page");
}

#[test]
fn s9_the_client_leaves() {
    let (server, site) = site();
    drop(ask(server.address(), "/park"));
    let parked = parked(&site);
    eventually("the client is gone", || parked.is_gone());
    assert_eq!(parked.reply("x"), Err(Gone));
}

#[test]
fn s9_the_head_alone() {
    let (server, site) = site();
    let mut client = Client::connect(server.address());
    client.send("HEAD /park HTTP/1.1\r\nHost: test\r\n\r\n");
    parked(&site).reply("the answer").unwrap();
    let answer = client.answer_to("HEAD");
    assert_eq!(answer.header("Content-Length"), Some("10"));
}

#[test]
fn s9_an_error_is_an_answer() {
    let (server, site) = site();
    let mut client = ask(server.address(), "/park");
    let result: doget::Result<StatusCode> = Err(Error::conflict());
    parked(&site).reply(result).unwrap();
    assert_eq!(client.answer().status, 409);
    assert_eq!(client.get("/").text(), "a page");
}

#[test]
fn s10_requests_behind_a_parked_one_wait_for_it() {
    let (server, site) = site();
    let mut client = ask(server.address(), "/park");
    let get = "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
    client.send(get);
    let first = parked(&site);
    client.send(get);
    assert!(client.is_quiet());
    first.reply("first").unwrap();
    assert_eq!(client.answer().text(), "first");
    assert_eq!(client.answer().text(), "a page");
    assert_eq!(client.answer().text(), "a page");
    // In one packet too.
    client.send(format!("GET /park HTTP/1.1\r\nHost: test\r\n\r\n{get}"));
    parked(&site).reply("second").unwrap();
    assert_eq!(client.answer().text(), "second");
    assert_eq!(client.answer().text(), "a page");
}

#[test]
fn s8_parked_requests_get_503_at_the_end() {
    let (server, site) = site();
    let mut client = ask(server.address(), "/park");
    let parked = parked(&site);
    let end = std::thread::spawn(move || server.end());
    let answer = client.answer();
    assert_eq!(answer.status, 503);
    assert_eq!(answer.header("Connection"), Some("close"));
    client.is_closed();
    assert_eq!(parked.reply("x"), Err(Gone));
    end.join().unwrap();
}

#[test]
fn the_next_message_of_a_topic() {
    let (server, site) = site();
    let mut client = ask(server.address(), "/next");
    eventually_is("receivers", 1, || site.news.stats().receivers);
    site.news.publish(Event::data("a"));
    let answer = client.answer();
    assert_eq!(answer.text(), "a");
    let tag = answer.header("ETag").unwrap().to_owned();
    site.news.publish(Event::data("b"));
    site.news.publish(Event::data("c"));
    // Nothing is missed between two polls, however the client names what it has.
    let id = tag.trim_matches('"');
    for (target, line) in [
        ("/next".to_owned(), format!("If-None-Match: {tag}\r\n")),
        ("/next".to_owned(), format!("Last-Event-ID: {id}\r\n")),
        (format!("/next?after={id}"), String::new()),
    ] {
        client.send(format!("GET {target} HTTP/1.1\r\nHost: test\r\n{line}\r\n"));
        assert_eq!(client.answer().text(), "b");
    }
}

#[test]
fn many_polls_are_answered_at_once() {
    let (server, site) = site();
    let mut clients: Vec<_> = (0..200).map(|_| ask(server.address(), "/next")).collect();
    eventually_is("receivers", 200, || site.news.stats().receivers);
    site.news.publish(Event::data("x"));
    for client in &mut clients {
        assert_eq!(client.answer().text(), "x");
    }
    eventually_is("receivers", 0, || site.news.stats().receivers);
}
