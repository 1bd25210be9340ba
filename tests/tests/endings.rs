//! How connections end: an answer that was sent is read, whatever else its client still sends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{Error, Limits, Parsing, Request, Response, Result, Sent, handler};
use doget_tests::{Client, End, FastClock, Server, eventually, tls};
use rustls::version::TLS13;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

/// Answers without reading what it is sent.
struct Refusing;

#[handler]
impl Refusing {
    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        response.reply("got")
    }

    fn do_POST(&self) -> Result<String> {
        Err(Error::new(405).header("Allow", "GET"))
    }

    fn do_PUT(&self, body: Vec<u8>) -> Result<String> {
        Ok(format!("{}", body.len()))
    }

    fn handle_expect_100(&self, _request: &Request<'_>) -> Result<()> {
        Err(Error::new(403))
    }
}

/// The same for old clients.
struct Lenient;

#[handler]
impl Lenient {
    const PROTOCOL_VERSION: &str = "HTTP/1.0";
    const PARSING: Parsing = Parsing::Lenient;

    fn do_GET(&self, response: Response<'_>) -> Result<Sent> {
        response.reply("got")
    }

    fn do_POST(&self) -> Result<String> {
        Err(Error::new(405).header("Allow", "GET"))
    }
}

/// Clients that send more, all together, than one thread reads. Below wine one does.
const FLOODS: usize = if cfg!(windows) { 4 } else { 24 };

const SIZE: usize = 30 << 20;

/// Sends it all, and only then reads: as most clients do.
#[track_caller]
fn answered(mut client: Client, head: &str, status: u16) {
    let body = vec![b'x'; SIZE];
    client.send(head);
    client
        .try_send(&body)
        .unwrap_or_else(|error| panic!("{head:?}: {error}"));
    let answer = client.answer();
    assert_eq!(answer.status, status, "{head:?}");
    assert!(answer.closes(), "{head:?}");
    assert_eq!(client.end(), End::Closed(Vec::new()), "{head:?}");
}

#[test]
fn an_answer_is_read_behind_30_mb_that_nobody_wants() {
    let plain = Server::new(Refusing);
    let secret = Server::built(|server| server.tls(tls::server()), Refusing);
    let config = Arc::new(tls::client(&[&TLS13]));
    for (head, status) in [
        (
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 31457280\r\n\r\n",
            405,
        ),
        (
            "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 31457280\r\n\r\n",
            413,
        ),
        (
            "SPAM / HTTP/1.1\r\nHost: test\r\nContent-Length: 31457280\r\n\r\n",
            501,
        ),
        (
            "POST / HTTP/1.1\r\nHost: test\r\nExpect: soon\r\nContent-Length: 31457280\r\n\r\n",
            417,
        ),
        (
            "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: x\r\n\r\n",
            400,
        ),
        ("POST / HTTP/1.1\r\nContent-Length: 31457280\r\n\r\n", 400),
    ] {
        answered(plain.connect(), head, status);
        answered(secret.connect().secure(&config), head, status);
    }
    let lenient = Server::new(Lenient);
    answered(
        lenient.connect(),
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 31457280\r\n\r\n",
        405,
    );
    answered(
        lenient.connect(),
        "GET / HTTP/1.1\r\nHost: test\r\n\r\n",
        200,
    );
}

/// As long as something comes, and not for ever.
#[test]
fn a_client_that_does_not_end_is_left_at_its_deadlines() {
    let short = Duration::from_secs(60);
    let long = Duration::from_secs(1_000_000);
    let clock = FastClock::new();
    let limits = Limits::new().linger_timeout(long).max_linger_time(long);
    let begin = |server: &Server| {
        let mut client = server.connect();
        client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\nx");
        assert_eq!(client.answer().text(), "got");
        client
    };
    // One that is silent. It is seen by what it sends then: nobody is there.
    let silent = limits.clone().linger_timeout(short);
    let server = Server::built(|server| server.limits(silent).clock(&clock), Refusing);
    let since = clock.now();
    let mut client = begin(&server);
    clock.sleep(3 * short);
    eventually("the end of a silent client", || {
        std::thread::sleep(Duration::from_millis(20));
        client.try_send("x").is_err()
    });
    clock.took(since, short);
    // One that goes on sending.
    let busy = limits.max_linger_time(short);
    let server = Server::built(|server| server.limits(busy).clock(&clock), Refusing);
    let since = clock.now();
    let mut client = begin(&server);
    eventually("the end of a busy client", || {
        std::thread::sleep(Duration::from_millis(20));
        client.try_send("x").is_err()
    });
    clock.took(since, short);
}

/// A loop that reads as fast as it can finds something at every read: behind the last response, or of a body that
/// nobody wants and that does not say how long it is.
#[test]
fn clients_that_flood_are_left_at_their_deadline_too() {
    let short = Duration::from_secs(60);
    let long = Duration::from_secs(1_000_000);
    let limits = Limits::new().linger_timeout(long).max_linger_time(short);
    for begin in [
        "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\nx",
        "GET / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nffffffffff\r\n",
    ] {
        let (clock, limits) = (FastClock::new(), limits.clone());
        let server = Server::built(
            |server| server.loops(1).limits(limits).clock(&clock),
            Refusing,
        );
        let since = clock.now();
        std::thread::scope(|scope| {
            for _ in 0..FLOODS {
                let mut client = server.connect();
                client.send(begin);
                scope.spawn(move || {
                    // Below wine a larger one that is blocked does not hear of the end.
                    let piece = vec![b'x'; 64 << 10];
                    eventually("the end of a client that floods", || {
                        client.try_send(&piece).is_err()
                    });
                });
            }
        });
        clock.took(since, short);
    }
}

/// What goes wrong behind whole answers.
struct Breaking;

#[handler]
impl Breaking {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/panics" => {
                let mut body = response.send_response(200).end_headers()?;
                body.write_all(b"some")?;
                body.flush()?;
                panic!("on purpose");
            }
            "/short" => {
                let file = std::fs::File::open("/dev/null").map_err(Error::internal)?;
                response.send_response(200).finish_with_file(file, 0, 1000)
            }
            _ => response.reply(vec![b'x'; 100_000]),
        }
    }

    fn do_PUT(&self) -> Result<String> {
        Err(Error::new(405).header("Allow", "GET"))
    }
}

fn gets(count: usize, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").repeat(count)
}

#[test]
fn whole_answers_are_read_whatever_comes_behind_them() {
    let server = Server::new(Breaking);
    // A request whose body nobody wants.
    let mut client = server.connect();
    let put = "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 2000000\r\n\r\n";
    client.send(gets(10, "/") + put);
    let mut sender = client.twin();
    let sending = std::thread::spawn(move || sender.try_send(vec![b'x'; 2_000_000]));
    for _ in 0..10 {
        assert_eq!(client.answer().body.len(), 100_000);
    }
    assert_eq!(client.answer().status, 405);
    sending.join().unwrap().unwrap();
    assert_eq!(client.end(), End::Closed(Vec::new()));
    // A response that breaks off: it is not whole, and so it looks.
    for path in ["/panics", "/short"] {
        let mut client = Client::connect_narrow(server.address());
        client.send(gets(9, "/") + &gets(1, path) + &gets(1, "/"));
        std::thread::sleep(Duration::from_millis(300));
        for _ in 0..9 {
            assert_eq!(client.answer().body.len(), 100_000, "before {path}");
        }
        let End::Closed(rest) = client.end() else {
            panic!("{path}: a reset, which could have been lost");
        };
        let rest = String::from_utf8(rest).unwrap();
        assert!(rest.starts_with("HTTP/1.1 200 OK\r\n"), "{path}: {rest}");
        assert!(!rest.ends_with("\r\n0\r\n\r\n"), "{path}: {rest}");
        assert_eq!(rest.matches("HTTP/1.1").count(), 1, "{path}: {rest}");
    }
}

/// It said that it sends no more, and does: what is on its way to it must not be lost with the reset that it would get.
#[test]
fn an_answer_is_read_by_a_client_that_sends_on_behind_its_last_request() {
    let server = Server::new(Breaking);
    let last = "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    for pipelined in [0, 3] {
        let mut client = Client::connect_narrow(server.address());
        client.send(gets(pipelined, "/") + last);
        // The whole answer is with the system by then, and most of it has not left.
        std::thread::sleep(Duration::from_millis(300));
        for _ in 0..3 {
            client.send(gets(1, "/"));
            std::thread::sleep(Duration::from_millis(50));
        }
        for _ in 0..=pipelined {
            assert_eq!(client.answer().body.len(), 100_000);
        }
        assert_eq!(client.end(), End::Closed(Vec::new()));
    }
}

/// A connection that has had nothing to do for as long as any may: the same.
#[test]
fn an_answer_is_read_by_a_client_whose_idle_time_is_over() {
    let limits = Limits::new().idle_timeout(Duration::from_millis(200));
    let server = Server::with(limits, Breaking);
    let mut client = Client::connect_narrow(server.address());
    client.send(gets(1, "/"));
    std::thread::sleep(Duration::from_millis(600));
    client.send(gets(1, "/"));
    std::thread::sleep(Duration::from_millis(50));
    client.send(gets(1, "/"));
    assert_eq!(client.answer().body.len(), 100_000);
    assert_eq!(client.end(), End::Closed(Vec::new()));
}

/// The server ends while its answers are with the system, and their client has not read them. The close must not
/// become a reset that takes them along, whatever the client still sends.
#[test]
fn an_answer_is_read_by_a_slow_client_whose_server_ends() {
    let config = Arc::new(tls::client(&[&TLS13]));
    let kept = gets(1, "/");
    let last = "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    for (request, secure) in [(&*kept, false), (last, false), (&*kept, true), (last, true)] {
        let limits = Limits::new().shutdown_timeout(Duration::from_secs(600));
        let server = Server::built(
            |server| {
                let server = server.limits(limits);
                if secure {
                    server.tls(tls::server())
                } else {
                    server
                }
            },
            Breaking,
        );
        let mut client = Client::connect_narrow(server.address());
        if secure {
            client = client.secure(&config);
        }
        client.send(request);
        // It has left the server, and so is logged; most of it has not arrived.
        eventually("a line of the log", || server.log().count("GET /") == 1);
        server.running().shutdown().graceful();
        eventually("refusal", || Client::try_connect(server.address()).is_err());
        for _ in 0..3 {
            // It is answered, if it comes before the connection's last turn, or it is not; and it does no harm.
            let _ = client.try_send(gets(1, "/"));
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(client.answer().body.len(), 100_000, "{request:?} {secure}");
        let End::Closed(rest) = client.end() else {
            panic!("{request:?} {secure}: a reset");
        };
        let rest = String::from_utf8(rest).unwrap();
        let answers = rest.matches("\r\nConnection: close\r\n").count();
        assert_eq!(
            rest.matches('x').count(),
            answers * 100_000,
            "{request:?} {secure}"
        );
        assert!(
            answers <= 1 && rest.is_empty() == (answers == 0),
            "{request:?} {secure}"
        );
        drop(client);
        server.join();
    }
}

/// Where only the end of the connection says that the body is whole, it must not end well.
#[test]
fn a_body_without_framing_that_breaks_off_is_a_reset() {
    let server = Server::new(Breaking);
    let mut client = server.connect();
    client.send("GET /panics HTTP/1.0\r\n\r\n");
    assert!(matches!(client.end(), End::Reset(_)));
}

/// The whole answers before it are read all the same.
#[test]
fn whole_answers_are_read_before_a_reset() {
    let server = Server::new(Breaking);
    let kept = "GET / HTTP/1.0\r\nHost: test\r\nConnection: keep-alive\r\n\r\n";
    for before in [1, 3] {
        let mut client = Client::connect_narrow(server.address());
        client.send(kept.repeat(before) + "GET /panics HTTP/1.0\r\nHost: test\r\n\r\n");
        // What it does not read now a reset would take along.
        std::thread::sleep(Duration::from_millis(300));
        for _ in 0..before {
            assert_eq!(client.answer().body.len(), 100_000);
        }
        assert!(matches!(client.end(), End::Reset(_)));
    }
}

/// An attacker who cuts off what follows must not find an end that looks good.
#[test]
fn over_tls_a_broken_answer_has_no_close_notify() {
    let server = Server::built(|server| server.tls(tls::server()), Breaking);
    let config = Arc::new(tls::client(&[&TLS13]));
    for path in ["/panics", "/short"] {
        let mut client = server.connect().secure(&config);
        client.send(gets(1, path));
        // rustls reports an end without `close_notify` as an error.
        let mut got = Vec::new();
        let error = loop {
            match client.read_some(1000) {
                Ok(bytes) if bytes.is_empty() => panic!("{path}: a good end"),
                Ok(bytes) => got.extend(bytes),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof, "{path}");
        assert!(!got.ends_with(b"\r\n0\r\n\r\n"), "{path}");
    }
}

/// Nobody is told that a connection is kept which is not.
#[test]
fn an_unread_body_that_costs_the_connection_is_said_to() {
    let server = Server::with(Limits::new().body_buffer_size(0), Refusing);
    // The bytes that come with the head count as the others do: 256 KiB is kept, more is not.
    for (size, here, closes) in [
        (256 << 10, 0, false),
        ((256 << 10) + 1, 0, true),
        ((256 << 10) + 1, 20_000, false),
    ] {
        let mut client = server.connect();
        client.send(
            format!("SPAM / HTTP/1.1\r\nHost: test\r\nContent-Length: {size}\r\n\r\n")
                + &"x".repeat(here),
        );
        let answer = client.answer();
        assert_eq!(
            (answer.status, answer.closes()),
            (501, closes),
            "{size} {here}"
        );
        client.try_send(vec![b'x'; size - here]).unwrap();
        if closes {
            assert_eq!(client.end(), End::Closed(Vec::new()));
        } else {
            assert_eq!(client.get("/").text(), "got", "{size} {here}");
        }
    }
    // How long a chunked one is nobody knows: it is thrown away as long as it comes.
    let mut client = server.connect();
    client.send("SPAM / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n");
    assert!(!client.answer().closes());
    let chunk = format!("61a80\r\n{}\r\n", "x".repeat(400_000));
    client.send(format!("bytes\r\n{chunk}{chunk}0\r\n\r\n"));
    assert_eq!(client.get("/").text(), "got");
}

/// Strict clients' profile skips it, so the profile for old ones does.
#[test]
fn a_line_end_behind_a_body_is_skipped_in_both_profiles() {
    struct Old;
    #[handler]
    impl Old {
        const PARSING: Parsing = Parsing::Lenient;

        fn do_POST(&self, body: String) -> String {
            body
        }
    }
    let server = Server::new(Old);
    let mut client = server.connect();
    for _ in 0..3 {
        client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nbody\r\n");
        assert_eq!(client.answer().text(), "body");
    }
}
