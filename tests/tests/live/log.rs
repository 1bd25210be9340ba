//! The lines of the log when a live connection opens and when it closes.

use crate::{Site, site};
use doget::live::{Live, WebSocket};
use doget::testing::{self, Exchange};
use doget::{HttpServer, Layer, Log, LogFormat, Request, StatusCode, handler};
use doget_tests::live::{Ws, frame, handshake};
use doget_tests::test_server::TestServer;
use doget_tests::{Client, Lines, eventually_is};
use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// The lines, with `T` in place of each time.
fn timeless(lines: Vec<String>) -> Vec<String> {
    let timeless = |line: String| match line.split_once(" after ") {
        Some((before, rest)) => {
            let (seconds, rest) = rest.split_once(" s").unwrap();
            seconds.parse::<f64>().unwrap();
            format!("{before} after T s{rest}")
        }
        None => line,
    };
    lines.into_iter().map(timeless).collect()
}

#[test]
fn a_socket_has_a_line_when_it_opens_and_one_when_it_closes() {
    let (server, site) = site();
    let mut ws = Ws::connect(server.address(), "/echo");
    ws.text("hello");
    assert_eq!(ws.receive_text(), "hello");
    ws.send(frame(0x88, &[0x03, 0xe8]));
    ws.is_closed_with(1000);
    // The server's end waits for a client that stays.
    drop(ws);
    let mut ws = Ws::connect(server.address(), "/teller");
    assert_eq!(ws.receive_text(), "welcome");
    ws.text("bye");
    ws.is_closed_with(1000);
    drop(ws);
    site.told.lock().unwrap().clear();
    let mut ws = Ws::connect(server.address(), "/teller");
    assert_eq!(ws.receive_text(), "welcome");
    ws.client.reset();
    let lost = ["open", "close 1006 false"].map(str::to_owned).to_vec();
    eventually_is("told", lost, || site.told.lock().unwrap().clone());
    assert_eq!(
        timeless(server.end()),
        [
            "127.0.0.1 - - [date] \"GET /echo HTTP/1.1\" 101 0",
            "127.0.0.1 - - [date] \"GET /echo HTTP/1.1\" closed 1000 after T s, 19 bytes in, 11 bytes out",
            "127.0.0.1 - - [date] \"GET /teller HTTP/1.1\" 101 0",
            "127.0.0.1 - - [date] \"GET /teller HTTP/1.1\" closed 1000 after T s, 9 bytes in, 16 bytes out",
            "127.0.0.1 - - [date] \"GET /teller HTTP/1.1\" 101 0",
            "127.0.0.1 - - [date] \"GET /teller HTTP/1.1\" closed 1006 after T s, 0 bytes in, 9 bytes out",
        ]
    );
}

/// Clients that leave before anything was sent to them.
fn leave_a_stream_and_a_poll(server: SocketAddr, site: &Site, poll: &str) {
    let mut client = Client::connect(server);
    client.send("GET /news HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut stream = Ws::raw(client);
    stream.until("retry: 1000\n\n\r\n");
    drop(stream);
    eventually_is("receivers", 0, || site.news.stats().receivers);
    let mut client = Client::connect(server);
    client.send(format!("GET {poll} HTTP/1.1\r\nHost: test\r\n\r\n"));
    eventually_is("parked", 1, || site.waiting.lock().unwrap().len());
    drop(client);
    eventually_is("gone", true, || site.waiting.lock().unwrap()[0].is_gone());
}

#[test]
fn a_stream_and_a_parked_request_whose_clients_leave() {
    let (server, site) = site();
    leave_a_stream_and_a_poll(server.address(), &site, "/park?x=%22");
    assert_eq!(
        timeless(server.end()),
        [
            "127.0.0.1 - - [date] \"GET /news HTTP/1.1\" 200 0",
            "127.0.0.1 - - [date] \"GET /news HTTP/1.1\" closed after T s, 0 bytes in, 18 bytes out",
            "127.0.0.1 - - [date] \"GET /park?x=%22 HTTP/1.1\" left unanswered after T s",
        ]
    );
}

#[test]
fn the_server_ends_its_sockets() {
    let (server, _) = site();
    let mut ws = Ws::connect(server.address(), "/echo");
    let end = std::thread::spawn(move || server.end());
    ws.is_closed_with(1001);
    drop(ws);
    assert_eq!(
        timeless(end.join().unwrap()),
        [
            "127.0.0.1 - - [date] \"GET /echo HTTP/1.1\" 101 0",
            "127.0.0.1 - - [date] \"GET /echo HTTP/1.1\" closed 1001 after T s, 0 bytes in, 4 bytes out",
        ]
    );
}

/// Objects of JSON, by the hooks that a program has for its lines.
struct Json {
    lines: Arc<Mutex<Vec<String>>>,
}

#[handler]
impl Json {
    #[route("/echo")]
    fn do_GET_echo(&self, socket: WebSocket) -> Live {
        socket.each(|peer, message| peer.send(message))
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        let object = serde_json::json!({
            "remote": doget::hooks::address_string(request),
            "target": request.target(),
            "agent": request.headers().get("User-Agent"),
            "message": args.to_string(),
        });
        self.lines.lock().unwrap().push(object.to_string());
    }
}

#[test]
fn hooks_write_both_lines_in_their_own_format() {
    let lines = Arc::<Mutex<Vec<String>>>::default();
    let json = Json {
        lines: Arc::clone(&lines),
    };
    let configure = |server: HttpServer| server.log_format(LogFormat::Combined);
    let server = TestServer::with(json, configure);
    let mut client = Client::connect(server.address());
    client.send(handshake(
        "/echo?%C3",
        "User-Agent: a \"b\"\r\nReferer: c\r\n",
    ));
    let mut ws = Ws::raw(client);
    assert!(ws.head().starts_with("HTTP/1.1 101 "));
    ws.send(frame(0x88, b""));
    assert_eq!(ws.receive(), Some((0x88, Vec::new())));
    drop(ws);
    server.end();
    let lines = timeless(lines.lock().unwrap().clone());
    let object = |message: &str| {
        let object = serde_json::json!({
            "remote": "127.0.0.1",
            "target": "/echo?%C3",
            "agent": "a \"b\"",
            "message": message,
        });
        object.to_string()
    };
    assert_eq!(
        lines,
        [
            object("\"GET /echo?%C3 HTTP/1.1\" 101 0 \"c\" \"a \\x22b\\x22\""),
            object("\"GET /echo?%C3 HTTP/1.1\" closed 1005 after T s, 6 bytes in, 2 bytes out"),
        ]
    );
}

#[test]
fn a_socket_in_memory_is_logged_too() {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    let site = Site::default();
    let mut connection = Exchange::new().log(log.clone()).connect(&site);
    let mut socket = connection.websocket(&testing::get("/echo"));
    socket.close(1000);
    assert_eq!(socket.receive(), Some(testing::LiveMessage::Close(1000)));
    assert!(log.flush(std::time::Duration::from_secs(10)));
    let text = lines.text();
    let line = text.lines().last().unwrap();
    assert!(
        line.ends_with("\"GET /echo HTTP/1.1\" closed 1000 after 0.00 s, 8 bytes in, 4 bytes out"),
        "{text}"
    );
}

/// Keeps paths out of the log that its user has no use for.
struct Quiet;

impl Layer for Quiet {
    const GATED: bool = false;

    fn is_logged(&self, request: &Request<'_>, code: StatusCode) -> bool {
        let is_open = matches!(code.as_u16(), 101 | 200);
        !(is_open && matches!(request.path(), "/echo" | "/loop" | "/news" | "/park"))
    }
}

/// The same as a member of a block.
struct Inside {
    site: Site,
    quiet: Quiet,
}

#[handler(base(self.site: Site), layers(self.quiet))]
impl Inside {}

/// A block that only has such a handler below it.
struct Below(Inside);

#[handler(base(self.0: Inside))]
impl Below {}

#[test]
fn what_layers_keep_out_of_the_log_has_no_line_when_it_closes_either() {
    let site = Site::default();
    let inside = || Inside {
        site: site.clone(),
        quiet: Quiet,
    };
    let around = TestServer::new(doget::with(Quiet, site.clone()));
    let servers = [
        around,
        TestServer::new(inside()),
        TestServer::new(Below(inside())),
    ];
    for server in servers {
        for path in ["/echo", "/loop", "/teller"] {
            let mut ws = Ws::connect(server.address(), path);
            ws.send(frame(0x88, &[0x03, 0xe8]));
            while ws.receive().is_some() {}
        }
        leave_a_stream_and_a_poll(server.address(), &site, "/park");
        site.waiting.lock().unwrap().clear();
        let lines = timeless(server.end());
        assert_eq!(lines.len(), 2, "{lines:?}");
        let of_teller = |line: &String| line.contains("\"GET /teller HTTP/1.1\" ");
        assert!(lines.iter().all(of_teller), "{lines:?}");
    }
}
