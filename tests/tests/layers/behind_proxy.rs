//! What layers make of a request that a proxy passes on: they see the client, scheme and host that the server sees.

use doget::{
    Compress, Cors, FileHandler, Health, Layer, Limit, Networks, Request, RequestId, SameOrigin,
    SecurityHeaders, TraceParent, Trust, handler,
};
use doget_tests::test_server::TestServer;
use std::time::Duration;

struct Site;

#[handler]
impl Site {
    fn do_GET(&self) -> &'static str {
        "page"
    }

    fn do_POST(&self) -> &'static str {
        "changed"
    }
}

/// A server on plain HTTP, behind a proxy on this machine that it believes, or beside one that it does not.
fn server(layer: impl Layer + Send + Sync + 'static, is_believed: bool) -> TestServer {
    let network = if is_believed {
        "127.0.0.1"
    } else {
        "10.0.0.0/8"
    };
    let trust = Trust::x_forwarded(Networks::new([network]).unwrap()).host();
    TestServer::with(doget::with(layer, Site), |server| server.trust(trust))
}

fn request(method: &str, fields: &str) -> String {
    format!("{method} / HTTP/1.1\r\nHost: inner\r\nContent-Length: 0\r\n{fields}\r\n")
}

/// HTTPS ends at the proxy, and browsers hear of HTTPS alone where it is spoken: not by the word of a client.
#[test]
fn hsts_is_sent_where_https_ends_at_a_trusted_proxy() {
    let year = Some("max-age=31536000");
    for (layer, is_believed, fields, expected) in [
        (SecurityHeaders::strict(), true, "", None),
        (
            SecurityHeaders::strict(),
            true,
            "X-Forwarded-Proto: https\r\n",
            year,
        ),
        (
            SecurityHeaders::strict(),
            true,
            "X-Forwarded-Proto: http\r\n",
            None,
        ),
        (
            SecurityHeaders::strict(),
            true,
            "X-Forwarded-Proto: https, http\r\n",
            None,
        ),
        (
            SecurityHeaders::strict(),
            false,
            "X-Forwarded-Proto: https\r\n",
            None,
        ),
        (
            SecurityHeaders::strict().hsts(Duration::ZERO),
            true,
            "X-Forwarded-Proto: https\r\n",
            Some("max-age=0"),
        ),
        (
            SecurityHeaders::strict().without("strict-transport-security"),
            true,
            "X-Forwarded-Proto: https\r\n",
            None,
        ),
        (
            SecurityHeaders::none(),
            true,
            "X-Forwarded-Proto: https\r\n",
            None,
        ),
    ] {
        let answer = server(layer, is_believed).one(request("GET", fields));
        let found = answer.header("Strict-Transport-Security");
        assert_eq!(found, expected, "{is_believed} {fields}");
    }
}

/// `Origin` has the host that the browser asked for, and the proxy asks for another one (go#77946). A client's own word
/// on the host lets no page in.
#[test]
fn same_origin_goes_by_the_host_that_a_trusted_proxy_says() {
    for (is_believed, fields, status) in [
        (true, "Origin: https://outer.example\r\n", 403),
        (
            true,
            "Origin: https://outer.example\r\nX-Forwarded-Host: outer.example\r\n",
            200,
        ),
        (
            true,
            "Origin: https://evil.example\r\nX-Forwarded-Host: evil.example, outer.example\r\n",
            403,
        ),
        (
            false,
            "Origin: https://evil.example\r\nX-Forwarded-Host: evil.example\r\n",
            403,
        ),
        (false, "Origin: https://inner\r\n", 200),
    ] {
        let answer = server(SameOrigin::new(), is_believed).one(request("POST", fields));
        assert_eq!(answer.status, status, "{is_believed} {fields}");
    }
    let outer = SameOrigin::new().trust("https://outer.example").unwrap();
    let answer = server(outer, false).one(request("POST", "Origin: https://outer.example\r\n"));
    assert_eq!(answer.status, 200);
}

/// Clients of one proxy are several, and nobody is another one by saying so.
#[test]
fn limit_counts_the_clients_of_a_trusted_proxy_apart() {
    for (is_believed, statuses) in [(true, [200, 429, 200, 429]), (false, [200, 429, 429, 429])] {
        let server = server(Limit::per_minute(1), is_believed);
        let asked = [
            "192.0.2.1",
            "192.0.2.1",
            "192.0.2.2",
            "192.0.2.9, 192.0.2.2",
        ]
        .map(|client| {
            let fields = format!("X-Forwarded-For: {client}\r\n");
            server.one(request("GET", &fields)).status
        });
        assert_eq!(asked, statuses, "{is_believed}");
    }
}

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// Says by what name the handler knows the request, and the trace that it belongs to.
struct Named;

#[handler]
impl Named {
    fn do_GET(&self, request: &Request<'_>) -> String {
        let trace = TraceParent::of(request).map(|parent| parent.to_string());
        format!(
            "{} {}",
            request.id().unwrap_or("-"),
            trace.unwrap_or("-".to_owned())
        )
    }
}

/// The id in the header, and what the handler says.
fn named(ids: RequestId, trusted: Option<&str>, fields: &str) -> (String, String) {
    let server = TestServer::with(doget::with(ids, Named), |server| match trusted {
        Some(network) => server.trust(Trust::forwarded(Networks::new([network]).unwrap())),
        None => server,
    });
    let answer = server.one(request("GET", fields));
    let id = answer.header("X-Request-Id").unwrap_or_default().to_owned();
    (id, answer.text().to_owned())
}

#[test]
fn a_request_is_named_by_a_trusted_proxy_alone() {
    let trace_id = &TRACE[3..35];
    let name = "X-Request-Id: a-1._B\r\n";
    let trace = &format!("traceparent: {TRACE}\r\n");
    let both = &format!("{name}{trace}");
    let here = Some("127.0.0.1");
    for (fields, id, known) in [
        (name, "a-1._B", "a-1._B -".to_owned()),
        (trace, trace_id, format!("{trace_id} {TRACE}")),
        (both, "a-1._B", format!("a-1._B {TRACE}")),
    ] {
        let accepting = || RequestId::new().accept();
        assert_eq!(named(accepting(), here, fields), (id.to_owned(), known));
        for (ids, trusted) in [
            (accepting(), None),
            (accepting(), Some("10.0.0.0/8")),
            (accepting(), Some("unix")),
            (RequestId::new(), None),
        ] {
            let shown = format!("{ids:?} {trusted:?} {fields}");
            let (made, known) = named(ids, trusted, fields);
            assert_eq!(made.len(), 32, "{shown}");
            assert!(made != id, "{shown}");
            assert_eq!(known, format!("{made} -"), "{shown}");
        }
        // Trust alone: the proxy may let these fields through.
        let (made, _) = named(RequestId::new(), here, fields);
        assert!(made.len() == 32 && made != id, "{fields}");
    }
}

#[test]
fn what_is_no_name_and_what_is_there_twice_names_no_request() {
    let long = format!("X-Request-Id: {}\r\n", "a".repeat(65));
    let trace = |value: &str| format!("traceparent: {value}\r\n");
    for fields in [
        "X-Request-Id: a b\r\n",
        "X-Request-Id: \r\n",
        &long,
        "X-Request-Id: a\r\nX-Request-Id: b\r\n",
        "X-Request-Id: a, b\r\n",
        &trace(&TRACE.to_uppercase()),
        &trace(&TRACE.replace("00-4", "01-4")),
        &trace("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"),
        &trace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"),
        &trace(TRACE).repeat(2),
    ] {
        let (made, known) = named(RequestId::new().accept(), Some("127.0.0.1"), fields);
        assert_eq!(made.len(), 32, "{fields}");
        assert!(!fields.contains(&made), "{fields}");
        assert_eq!(known, format!("{made} -"), "{fields}");
    }
}

/// A proxy can be made to lose the field (Traefik, by `Connection`). Then it is the client itself, by its own count: a
/// client is nobody whom it chooses by that, whatever else it says.
#[test]
fn what_a_proxy_loses_makes_nobody_another_client() {
    let server = server(Limit::per_minute(1), true);
    assert_eq!(server.one(request("GET", "")).status, 200);
    for fields in [
        "Connection: X-Forwarded-For\r\n",
        "X-Forwarded-For: \r\n",
        "X-Forwarded-For: unknown\r\n",
        "X-Real-IP: 192.0.2.1\r\n",
        "Forwarded: for=192.0.2.1\r\n",
        "X-Forwarded_For: 192.0.2.1\r\n",
    ] {
        assert_eq!(server.one(request("GET", fields)).status, 429, "{fields}");
    }
}

/// A proxy panicked at a field without a value (rouille).
#[test]
fn fields_without_a_value_are_nobodys_panic() {
    const NAMES: [&str; 32] = [
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Access-Control-Request-Headers",
        "Access-Control-Request-Method",
        "Authorization",
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Cookie",
        "Expect",
        "Forwarded",
        "Host",
        "If-Match",
        "If-Modified-Since",
        "If-None-Match",
        "If-Range",
        "If-Unmodified-Since",
        "Keep-Alive",
        "Origin",
        "Range",
        "Referer",
        "Sec-Fetch-Site",
        "TE",
        "Transfer-Encoding",
        "Upgrade",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Request-Id",
        "traceparent",
    ];
    for trust in [Trust::x_forwarded, Trust::forwarded] {
        let layers = (
            Health::new("/livez", "/readyz"),
            RequestId::new().accept(),
            Cors::origins(["https://a.example"]).unwrap(),
            SameOrigin::new(),
            SecurityHeaders::strict(),
            Limit::per_second(1_000),
            Compress::gzip(),
        );
        let files = FileHandler::new(env!("CARGO_MANIFEST_DIR")).unwrap();
        let server = TestServer::with(doget::with(layers, files), |server| {
            server.trust(trust(Networks::new(["127.0.0.1"]).unwrap()).host())
        });
        for name in NAMES {
            for method in ["GET", "HEAD", "OPTIONS", "POST"] {
                let host = if name == "Host" { "" } else { "Host: a\r\n" };
                let request = format!("{method} /Cargo.toml HTTP/1.1\r\n{host}{name}:\r\n\r\n");
                let raw = server.raw(request);
                let status = raw
                    .get(9..12)
                    .and_then(|digits| std::str::from_utf8(digits).ok());
                let status: u16 = status.unwrap().parse().unwrap();
                assert!(status < 500 || status == 501, "{method} {name}: {status}");
            }
        }
        let lines = server.end();
        assert!(
            !lines.iter().any(|line| line.contains("panic")),
            "{lines:?}"
        );
    }
}
