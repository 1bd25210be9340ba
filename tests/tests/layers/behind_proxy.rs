//! What layers make of a request that a proxy passes on: they see the client, scheme and host that the server sees.

use doget::{Layer, Limit, Networks, SameOrigin, SecurityHeaders, Trust, handler};
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
