//! What of requests and responses is carried.

use crate::executor::{Fed, There, ask, frame, get, head, post, whole};
use crate::{everywhere, pooled};
use bytes::Bytes;
use doget::{Error, Log, LogFormat, Peer, Request, Response, Result, Sent, handler, tower};
use doget_tests::{Lines, PATIENCE};
use std::io::{Read, Write};

struct Shop;

#[handler]
impl Shop {
    fn do_GET(&self, request: &Request<'_>) -> String {
        let mut text = format!("{} {}", request.method(), request.target());
        for (name, value) in request.headers() {
            text.push_str(&format!("\n{name}={}", value.escape_ascii()));
        }
        text
    }

    #[route("/items/{number}")]
    fn do_GET_item(&self, number: u32) -> String {
        format!("item {number}")
    }

    #[route("/collected")]
    fn do_POST_collected(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    #[route("/read")]
    fn do_POST_read(&self, request: &mut Request<'_>) -> Result<String> {
        let mut text = String::new();
        request.body().read_to_string(&mut text)?;
        Ok(text)
    }

    #[blocking]
    #[route("/marked")]
    fn do_GET_marked(&self) -> String {
        std::thread::current().name().unwrap_or("").to_owned()
    }

    #[route("/thread")]
    fn do_GET_thread(&self) -> String {
        std::thread::current().name().unwrap_or("").to_owned()
    }

    #[route("/stream")]
    fn do_GET_stream(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        for n in 0..20_000 {
            writeln!(body, "line {n}")?;
        }
        body.finish()
    }

    #[route("/large")]
    fn do_GET_large(&self) -> Vec<u8> {
        vec![b'x'; 5 << 20]
    }

    #[route("/closing")]
    fn do_GET_closing(&self, response: Response<'_>) -> Result<Sent> {
        let head = response
            .send_response(200)
            .send_header("Connection", "Close");
        head.end_headers()?.finish()
    }

    #[route("/hints")]
    fn do_GET_hints(&self, response: Response<'_>) -> Result<Sent> {
        // What the engine below does by itself is not worth a word.
        let response = response.send_interim(100, [])?;
        let response = response.send_interim(103, [("Link", "</a.css>")])?;
        response.reply("hinted")
    }

    #[route("/panic")]
    fn do_GET_panic(&self) -> &'static str {
        panic!("as it was told")
    }

    #[route("/late")]
    fn do_GET_late(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(b"begun")?;
        body.flush()?;
        Err(Error::new(500))
    }
}

#[test]
fn requests_and_answers_are_carried() {
    for (place, shop) in everywhere(|| Shop) {
        let (status, fields, text) = ask(&shop, get("/items/7"));
        assert_eq!((status, text.as_str()), (200, "item 7"), "{place}");
        assert_eq!(fields.get("content-length").unwrap(), "6", "{place}");
        assert!(fields.contains_key("date"), "{place}");
        assert_eq!(ask(&shop, get("/items/x")).0, 404, "{place}");
        let (status, fields, _) = ask(&shop, post("/items/7", "x"));
        assert_eq!(status, 405, "{place}");
        assert_eq!(
            fields.get("allow").unwrap(),
            "GET, HEAD, OPTIONS",
            "{place}"
        );
        let (_, _, text) = ask(&shop, get("/a?b=%20"));
        assert_eq!(text, "GET /a?b=%20\nhost=a", "{place}");
        for path in ["/collected", "/read"] {
            let (_, _, text) = ask(&shop, post(path, "the body"));
            assert_eq!(text, "the body", "{place} {path}");
            let chunked = post(path, "the body").map(|There(bytes, _)| There(bytes, false));
            let (_, _, text) = ask(&shop, chunked);
            assert_eq!(text, "the body", "{place} {path}");
        }
    }
}

#[test]
fn where_handlers_run() {
    for (place, shop) in everywhere(|| Shop) {
        let own = std::thread::current().name().unwrap_or("").to_owned();
        let (thread, marked) = match place {
            "pool" => ("doget-tower", "doget-tower"),
            "inline" => (own.as_str(), own.as_str()),
            _ => (own.as_str(), "doget-tower"),
        };
        assert_eq!(ask(&shop, get("/thread")).2, thread, "{place}");
        assert_eq!(ask(&shop, get("/marked")).2, marked, "{place}");
    }
}

#[test]
fn head_has_the_fields_and_no_body() {
    for (place, shop) in everywhere(|| Shop) {
        for path in ["/items/7", "/large"] {
            let request = || http::Request::head(path).header("Host", "a");
            let request = request().body(There(None, true)).unwrap();
            let length = head(&shop, get(path))
                .headers()
                .get("content-length")
                .cloned();
            let (status, fields, text) = ask(&shop, request);
            assert_eq!((status, text.as_str()), (200, ""), "{place}");
            assert_eq!(fields.get("content-length").cloned(), length, "{place}");
        }
    }
}

#[test]
fn bodies_of_any_kind_come_whole() {
    let lines: String = (0..20_000).map(|n| format!("line {n}\n")).collect();
    for (place, shop) in everywhere(|| Shop) {
        let response = head(&shop, get("/stream"));
        assert!(
            !response.headers().contains_key("transfer-encoding"),
            "{place}"
        );
        assert!(!response.headers().contains_key("connection"), "{place}");
        let body = whole(response.into_body()).unwrap();
        assert_eq!(String::from_utf8(body).unwrap(), lines, "{place}");
        let large = whole(head(&shop, get("/large")).into_body()).unwrap();
        assert_eq!(large.len(), 5 << 20, "{place}");
    }
}

#[test]
fn the_authority_and_the_crumbs_of_http2() {
    for (place, shop) in everywhere(|| Shop) {
        let request = || {
            let request = http::Request::get("https://shop.example/a?b");
            request
                .version(http::Version::HTTP_2)
                .header("cookie", "a=1")
                .header("cookie", "b=2")
        };
        let (_, _, text) = ask(&shop, request().body(There(None, true)).unwrap());
        assert_eq!(
            text, "GET /a?b\nHost=shop.example\nCookie=a=1; b=2",
            "{place}"
        );
        let other = request().header("host", "b").body(There(None, true));
        assert_eq!(ask(&shop, other.unwrap()).0, 400, "{place}");
    }
}

#[test]
fn what_cannot_be_carried_is_said_once() {
    let (shop, lines, log) = pooled(Shop);
    for _ in 0..2 {
        assert_eq!(ask(&shop, get("/hints")).2, "hinted");
        let fed = Fed::default();
        fed.data("body");
        fed.trailers();
        fed.end();
        let request = http::Request::post("/read").header("Host", "a");
        assert_eq!(ask(&shop, request.body(fed).unwrap()).2, "body");
    }
    assert!(log.flush(PATIENCE));
    assert_eq!(lines.count("an interim response (1xx) was dropped"), 1);
    assert_eq!(lines.count("the trailers of a request were dropped"), 1);
}

#[test]
fn panics_are_500_and_late_faults_break_off() {
    for (place, shop) in everywhere(|| Shop) {
        assert_eq!(ask(&shop, get("/panic")).0, 500, "{place}");
        let response = head(&shop, get("/late"));
        if place == "pool" {
            let mut body = response.into_body();
            assert_eq!(frame(&mut body), Some(Ok(Bytes::from_static(b"begun"))));
            assert_eq!(frame(&mut body), Some(Err(())));
            assert_eq!(frame(&mut body), None);
        } else {
            // Nothing had left, so it could still be an answer.
            assert_eq!(response.status(), 500, "{place}");
        }
        assert_eq!(ask(&shop, get("/items/1")).0, 200, "{place}");
    }
}

#[test]
fn expectations() {
    for (place, shop) in everywhere(|| Shop) {
        let request = |expect: &str| {
            let mut request = post("/read", "x");
            let value = http::HeaderValue::from_str(expect).unwrap();
            request.headers_mut().insert("expect", value);
            request
        };
        let (status, _, text) = ask(&shop, request("100-continue"));
        assert_eq!((status, text.as_str()), (200, "x"), "{place}");
        assert_eq!(ask(&shop, request("something else")).0, 417, "{place}");
    }
    // On a thread the body is asked for when the handler reads, and not before.
    let (shop, ..) = pooled(Shop);
    let fed = Fed::default();
    let request = http::Request::post("/items/1").header("Host", "a");
    let request = request.header("Expect", "100-continue").body(fed.clone());
    assert_eq!(ask(&shop, request.unwrap()).0, 405);
    assert_eq!(fed.polls(), 0);
}

#[test]
fn a_body_is_one_body() {
    const SMUGGLED: &str = "xGET /items/9 HTTP/1.1\r\nHost: a\r\n\r\n";
    for (place, shop) in everywhere(|| Shop) {
        for path in ["/collected", "/read"] {
            let request = |length: &str| {
                let mut request = post(path, SMUGGLED).map(|There(bytes, _)| There(bytes, false));
                let length = http::HeaderValue::from_str(length).unwrap();
                request.headers_mut().insert("content-length", length);
                request
            };
            // What an engine delivers beyond the length that it announced.
            assert_eq!(ask(&shop, request("1")).0, 400, "{place} {path}");
            // And less.
            assert_eq!(ask(&shop, request("1000")).0, 400, "{place} {path}");
            assert_eq!(ask(&shop, request("1,1")).0, 400, "{place} {path}");
            let mut request = post(path, "x");
            let length = http::HeaderValue::from_static("2");
            request.headers_mut().insert("content-length", length);
            assert_eq!(ask(&shop, request).0, 400, "{place} {path}");
        }
    }
}

struct Chat(doget::live::Topic<doget::live::Event>);

#[handler]
impl Chat {
    #[route("/socket")]
    fn do_GET_socket(&self, socket: doget::live::WebSocket) -> doget::live::Live {
        socket.only()
    }

    #[route("/events")]
    fn do_GET_events(&self, events: doget::live::Events) -> doget::live::Live {
        events.follow(&self.0)
    }

    #[route("/parked")]
    fn do_GET_parked(&self, park: doget::live::Park) -> doget::live::Live {
        park.next_of(&self.0)
    }

    #[route("/by-hand")]
    fn do_GET_by_hand(&self, response: Response<'_>, events: doget::live::Events) -> Result<Sent> {
        let mut stream = events.open(response)?;
        stream.send(&doget::live::Event::data("one"))?;
        stream.finish()
    }

    #[route("/both")]
    fn do_GET_both(&self, socket: Option<doget::live::WebSocket>) -> &'static str {
        assert!(socket.is_none());
        "the page"
    }
}

/// Not as by a server that has no place, whose clients would come again for ever.
#[test]
fn live_connections_are_501_and_the_log_says_why() {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    let shop = tower::service_without_live(Chat(doget::live::Topic::new())).log(log.clone());
    for path in ["/socket", "/events", "/parked"] {
        let mut request = get(path);
        for (name, value) in [
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ] {
            let value = http::HeaderValue::from_static(value);
            request.headers_mut().insert(name, value);
        }
        assert_eq!(ask(&shop, request).0, 501, "{path}");
    }
    assert_eq!(ask(&shop, get("/both")).2, "the page");
    assert_eq!(ask(&shop, get("/by-hand")).2, "data: one\n\n");
    assert!(log.flush(PATIENCE));
    let text = lines.text();
    assert_eq!(
        text.matches("no live connections below another engine")
            .count(),
        3,
        "{text}"
    );
}

/// Whoever serves such a handler there is told at the start, and not by clients.
#[test]
fn a_handler_with_live_methods_is_refused_at_construction() {
    let said = |make: fn(Chat) -> tower::Service| {
        let chat = Chat(doget::live::Topic::new());
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| make(chat)));
        panic.unwrap_err().downcast::<String>().unwrap()
    };
    for (make, method) in [
        (
            tower::service as fn(_) -> _,
            "`do_GET_socket` (GET /socket)",
        ),
        (
            |chat| tower::service(doget::Mount::new("/chat", chat)),
            "`do_GET_socket` (GET /chat/socket)",
        ),
        (
            |chat| tower::service(doget::with(doget::MaxBody::bytes(9), chat)),
            "`do_GET_socket` (GET /socket)",
        ),
        (
            |chat| tower::service(Box::new(chat) as Box<dyn doget::Handler + Send + Sync>),
            "`do_GET_socket` (GET /socket)",
        ),
    ] {
        let said = said(make);
        assert!(said.starts_with(method), "{said}");
        assert!(
            said.contains("`doget::tower::service_without_live`"),
            "{said}"
        );
    }
}

/// By what a method returns, or by what it takes.
#[test]
fn what_makes_a_connection_live_is_in_the_registry() {
    let live: Vec<_> = <Chat as doget::Declared>::METHODS
        .iter()
        .filter(|info| info.answers.is_some_and(doget::Answers::is_live))
        .map(|info| (info.method, info.route.unwrap_or_default()))
        .collect();
    let expected = ["/socket", "/events", "/parked"].map(|path| ("GET", path));
    for entry in expected {
        assert!(live.contains(&entry), "{live:?}");
    }
    let other = |&(_, path): &(&str, &str)| path == "/by-hand" || path == "/both";
    assert!(!live.iter().any(other), "{live:?}");
}

struct Whom;

#[handler]
impl Whom {
    fn do_GET(&self, request: &Request<'_>) -> String {
        format!(
            "{} {} {}:{}",
            request.client_address(),
            request.scheme(),
            request.server().server_name(),
            request.server().server_port()
        )
    }
}

#[test]
fn a_handler_can_close_a_connection_of_http1_and_of_no_other() {
    for (place, shop) in everywhere(|| Shop) {
        let (_, fields, _) = ask(&shop, get("/closing"));
        let said = fields.get("connection").map(|value| value.as_bytes());
        assert_eq!(said, Some(b"Close".as_slice()), "{place}");
        let mut request = get("/closing");
        *request.version_mut() = http::Version::HTTP_2;
        let (_, fields, _) = ask(&shop, request);
        assert!(!fields.contains_key("connection"), "{place}");
    }
}

#[test]
fn who_asks_and_whom() {
    let service = tower::service(Whom).log(doget::Log::off());
    assert_eq!(ask(&service, get("/")).2, "unknown http localhost:0");
    let service = tower::service(Whom)
        .log(doget::Log::off())
        .https(true)
        .server_name("shop.example", 443)
        .peer(|parts| {
            let address = parts.extensions.get::<std::net::SocketAddr>();
            address.map_or(Peer::UNKNOWN, |address| Peer::from(*address))
        });
    let mut request = get("/");
    let address = std::net::SocketAddr::from(([192, 0, 2, 1], 50_000));
    request.extensions_mut().insert(address);
    assert_eq!(
        ask(&service, request).2,
        "192.0.2.1:50000 https shop.example:443"
    );
}

/// The common log format has a hyphen for what is not known; the client of a Unix socket is known to be one.
#[test]
fn the_log_has_a_hyphen_for_a_client_that_nobody_named() {
    for (peer, named) in [(Peer::UNKNOWN, "-"), (Peer::UNIX, "unix")] {
        for format in [LogFormat::Common, LogFormat::Combined] {
            let (shop, lines, log) = pooled(Whom);
            let shop = shop.log_format(format).peer(move |_| peer);
            ask(&shop, get("/"));
            // Of a line that has to be escaped, too.
            let mut odd = get("/");
            odd.headers_mut()
                .insert("user-agent", http::HeaderValue::from_static("\"odd\""));
            ask(&shop, odd);
            assert!(log.flush(PATIENCE));
            let text = lines.text();
            assert_eq!(text.lines().count(), 2, "{text}");
            for line in text.lines() {
                assert!(line.starts_with(&format!("{named} - - [")), "{line}");
            }
        }
    }
}

#[test]
fn files_and_their_ranges() {
    let folder = std::env::temp_dir().join(format!("doget-tower-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let bytes: Vec<u8> = (0..1_000_000u32).map(|n| (n % 251) as u8).collect();
    std::fs::write(folder.join("file.bin"), &bytes).unwrap();
    for (place, files) in everywhere(|| doget::FileHandler::new(&folder).unwrap()) {
        let body = whole(head(&files, get("/file.bin")).into_body()).unwrap();
        assert!(body == bytes, "{place}");
        let mut request = get("/file.bin");
        let range = http::HeaderValue::from_static("bytes=10-19,700000-800000");
        request.headers_mut().insert("range", range);
        let response = head(&files, request);
        assert_eq!(response.status(), 206, "{place}");
        let body = whole(response.into_body()).unwrap();
        let part = |from: usize, to: usize| {
            let part = &bytes[from..=to];
            body.windows(part.len()).any(|window| window == part)
        };
        assert!(part(10, 19) && part(700_000, 800_000), "{place}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What is compressed keeps its coding, its length and its bytes (behind API Gateway a coding was lost:
/// lambda-rust-runtime#871).
#[test]
fn a_compressed_answer_is_carried_as_it_is() {
    for (place, shop) in everywhere(|| doget::with(doget::Compress::gzip(), Shop)) {
        let mut request = get(&format!("/{}", "tea".repeat(2000)));
        let value = http::HeaderValue::from_static("gzip");
        request.headers_mut().insert("accept-encoding", value);
        let (parts, body) = head(&shop, request).into_parts();
        let body = whole(body).unwrap();
        let field = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(field("content-encoding"), Some("gzip"), "{place}");
        assert_eq!(
            field("content-type"),
            Some("text/plain; charset=utf-8"),
            "{place}"
        );
        assert_eq!(field("vary"), Some("Accept-Encoding"), "{place}");
        let length = body.len().to_string();
        assert_eq!(field("content-length"), Some(&*length), "{place}");
        assert!(
            body.starts_with(&[0x1F, 0x8B]) && body.len() < 6000,
            "{place}"
        );
        assert!(
            ask(&shop, get("/a")).1.get("content-encoding").is_none(),
            "{place}"
        );
    }
}

/// Above an engine that has read `Connection`, what a client names there is still what a proxy says.
#[test]
fn what_connection_names_is_carried() {
    struct Who;
    #[handler]
    impl Who {
        fn do_GET(&self, request: &Request<'_>) -> String {
            let client = request.client().map(|ip| ip.to_string());
            format!("{} by {}", client.unwrap_or_default(), request.scheme())
        }
    }
    let networks = || doget::Networks::new(["10.0.0.1"]).unwrap();
    let peer =
        |_: &http::request::Parts| Peer::from(std::net::SocketAddr::from(([10, 0, 0, 1], 1)));
    let service = tower::service(Who)
        .log(doget::Log::off())
        .inline()
        .peer(peer);
    let service = service.trust(doget::Trust::x_forwarded(networks()));
    for named in [
        "X-Forwarded-For",
        "close, x-forwarded-for, X-Forwarded-Proto",
    ] {
        let mut request = get("/");
        for (name, value) in [
            ("connection", named),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
        ] {
            let value = http::HeaderValue::from_str(value).unwrap();
            request.headers_mut().insert(
                http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value,
            );
        }
        assert_eq!(ask(&service, request).2, "192.0.2.1 by https", "{named}");
    }
}
