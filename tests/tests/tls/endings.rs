//! How connections end.

#[cfg(unix)]
use super::{Place, both};
use super::{SHORT, configs, hello, patient, secure, served};
#[cfg(unix)]
use doget::HttpServer;
use doget::{Parsing, handler};
use doget_tests::tls;
#[cfg(unix)]
use doget_tests::{Client, answers};
use doget_tests::{End, Framing, Gate, Server, eventually_is};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
#[cfg(unix)]
use std::time::Duration;

/// The end of the connection without the alert that announces it may be an attacker's doing.
#[test]
fn an_end_without_close_notify_is_no_end_of_a_body() {
    let ends = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&ends);
    let server = served(patient(), move |request, response| {
        let mut body = Vec::new();
        let read = request.body().read_to_end(&mut body);
        noted.lock().unwrap().push((body.len(), read.is_ok()));
        read?;
        response.reply("whole")
    });
    for framing in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
        let mut client = secure(&server);
        let head =
            format!("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n{framing}\r\n\r\n");
        client.send(head);
        assert_eq!(client.answer().status, 100);
        client.send("5\r\n12345\r\n");
        let (mut below, _) = client.below_tls();
        below.finish();
        // No answer, but perhaps an alert.
        let (End::Closed(_) | End::Reset(_)) = below.end();
        eventually_is("a body that failed", Some(false), || {
            ends.lock().unwrap().pop().map(|(_, whole)| whole)
        });
    }
}

struct Old;

#[handler]
impl Old {
    const PARSING: Parsing = Parsing::Lenient;

    fn do_GET(&self) -> &'static str {
        "answered"
    }
}

/// Rules REQ-04 and HDR-13: in the lenient profile the end of input ends a head. It has to be the client's.
#[test]
fn an_end_without_close_notify_is_no_end_of_a_head() {
    let server = Server::built(|server| server.limits(patient()).tls(tls::server()), Old);
    let mut client = secure(&server);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    client.finish();
    assert_eq!(client.answer().text(), "answered");
    client.is_closed();
    let mut client = secure(&server);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    let (mut below, _) = client.below_tls();
    below.finish();
    let (End::Closed(got) | End::Reset(got)) = below.end();
    // At most the session tickets, or an alert: no record of application data of a response's size.
    assert!(got.len() < 400, "{} bytes", got.len());
    let log = server.log().clone();
    server.end();
    assert_eq!(log.count("\"GET"), 1);
}

/// A client sees whether a response that ends with its connection is whole.
#[test]
fn a_response_is_whole_if_close_notify_follows_it() {
    let server = served(patient(), |request, response| {
        let path = request.target().to_owned();
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(&vec![b'x'; 200_000])?;
        if path == "/fails" {
            return Err(doget::Error::new(500));
        }
        body.finish()
    });
    for config in configs() {
        let ask = |path: &str| {
            let mut client = server.connect().secure(&config);
            client.send(format!("GET {path} HTTP/1.0\r\n\r\n"));
            client.try_answer_to("GET")
        };
        let whole = ask("/works").unwrap();
        assert_eq!((whole.framing, whole.body.len()), (Framing::End, 200_000));
        assert!(ask("/fails").is_err());
    }
}

#[test]
fn a_half_closed_connection_gets_its_answers() {
    let server = hello(patient());
    for config in configs() {
        let mut client = server.connect().secure(&config);
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3));
        client.finish();
        for _ in 0..3 {
            assert_eq!(client.answer().text(), "hello");
        }
        client.is_closed();
        // The request and the end in one segment.
        let mut client = server.connect().secure(&config);
        let connection = client.tls();
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        connection.writer().write_all(request).unwrap();
        connection.send_close_notify();
        assert_eq!(client.answer().text(), "hello");
        client.is_closed();
    }
}

#[test]
fn an_idle_connection_ends_with_close_notify() {
    let server = hello(patient().idle_timeout(SHORT));
    for config in configs() {
        let mut client = server.connect().secure(&config);
        client.get("/");
        // An end without the alert would be an error, which `end` does not take.
        assert_eq!(client.end(), End::Closed(Vec::new()));
    }
}

#[test]
fn a_graceful_end_finishes_what_runs() {
    let gate = Gate::new();
    let stops = gate.clone();
    let server = served(patient(), move |request, response| {
        if request.path() == "/gate" {
            stops.wait();
        }
        response.reply("done")
    });
    let (mut idle, mut busy) = (secure(&server), secure(&server));
    idle.get("/");
    busy.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
    gate.has(1);
    server.running().shutdown().graceful();
    assert_eq!(idle.end(), End::Closed(Vec::new()));
    gate.open();
    let answer = busy.answer();
    assert!(answer.closes() && answer.text() == "done");
    assert_eq!(busy.end(), End::Closed(Vec::new()));
    server.join();
}

#[test]
fn a_connection_makes_room_with_close_notify() {
    let server = hello(patient().max_connections(1));
    let mut first = secure(&server);
    first.get("/");
    let mut second = secure(&server);
    assert_eq!(second.get("/").text(), "hello");
    assert_eq!(first.end(), End::Closed(Vec::new()));
}

/// Responses of all sizes around that of the system's buffer: the last of their records may have to wait, and the close
/// waits for it.
#[cfg(unix)]
#[test]
fn a_close_waits_for_the_last_record() {
    let place = Place::new();
    let path = place.0.join("socket");
    let running = HttpServer::bind_unix(&path)
        .unwrap()
        .log(doget::Log::off())
        .tls(tls::server())
        .spawn(answers(|request, response| {
            let size = request.path()[1..].parse().unwrap();
            response.reply(vec![b'x'; size])
        }))
        .unwrap();
    let config = both();
    for size in (100_000..400_000).step_by(10_000) {
        let mut client = Client::connect_unix(&path).secure(&config);
        client.send(format!(
            "GET /{size} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        ));
        // So that the server fills the buffer first.
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(client.answer().body.len(), size);
        client.is_closed();
    }
    drop(running);
}
