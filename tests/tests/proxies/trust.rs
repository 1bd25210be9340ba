//! `Trust`: header fields of proxies, read from their end, and from trusted peers alone.

use crate::{Who, networks};
use doget::{AllowHosts, FileHandler, Networks, Trust};
#[cfg(unix)]
use doget::{HttpServer, Log};
use doget_tests::test_server::TestServer;

/// The test's own address and another network: what a chain of two proxies would need.
fn proxies() -> Networks {
    networks(&["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"])
}

fn get(fields: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a.example\r\n{fields}\r\n")
}

fn field(name: &str, value: &str) -> String {
    format!("{name}: {value}\r\n")
}

#[track_caller]
fn answers(trust: Option<Trust>, cases: &[(&str, &str)]) {
    let wire = TestServer::with(Who, |server| match trust {
        Some(trust) => server.trust(trust),
        None => server,
    });
    for (fields, expected) in cases {
        assert_eq!(wire.one(get(fields)).text(), *expected, "{fields}");
    }
}

#[test]
fn nobody_is_believed_by_default() {
    answers(
        None,
        &[
            ("", "127.0.0.1 http://a.example"),
            (
                "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b.example\r\n",
                "127.0.0.1 http://a.example",
            ),
            (
                "Forwarded: for=192.0.2.1;proto=https;host=b.example\r\n",
                "127.0.0.1 http://a.example",
            ),
            (
                "X-Real-IP: 192.0.2.1\r\nTrue-Client-IP: 192.0.2.1\r\n",
                "127.0.0.1 http://a.example",
            ),
        ],
    );
}

#[test]
fn a_peer_outside_of_the_networks_is_not_believed() {
    let fields = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n";
    let trust = Trust::x_forwarded(networks(&["10.0.0.0/8", "unix"])).host();
    answers(Some(trust), &[(fields, "127.0.0.1 http://a.example")]);
}

#[test]
fn x_forwarded_for_is_walked_from_its_end() {
    for (value, client) in [
        ("192.0.2.1", "192.0.2.1"),
        // What the client sends itself stands before what the proxy adds.
        ("127.0.0.1, 192.0.2.1", "192.0.2.1"),
        ("198.51.100.9, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
        ("192.0.2.1,10.1.2.3,10.1.2.4", "192.0.2.1"),
        ("192.0.2.1, [2001:db8:1::1]:443", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, ::ffff:10.0.0.1", "192.0.2.1"),
        ("2001:db8:2::7", "2001:db8:2::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("192.0.2.1:50000", "192.0.2.1"),
        ("192.0.2.1, , ", "192.0.2.1"),
        // All are proxies: the outermost one asks for itself.
        ("10.0.0.7, 10.0.0.8", "10.0.0.7"),
        // The walk ends at what is no address.
        ("192.0.2.1, unknown", "127.0.0.1"),
        ("192.0.2.1, nonsense, 10.0.0.8", "10.0.0.8"),
        ("192.0.2.1 10.0.0.8", "127.0.0.1"),
        ("", "127.0.0.1"),
    ] {
        let wire = TestServer::with(Who, |server| server.trust(Trust::x_forwarded(proxies())));
        let answer = wire.one(get(&field("X-Forwarded-For", value)));
        assert_eq!(
            answer.text(),
            format!("{client} http://a.example"),
            "{value}"
        );
    }
}

#[test]
fn fields_of_one_name_are_one_list() {
    let forged = field("X-Forwarded-For", "198.51.100.9");
    let added = field("X-Forwarded-For", "192.0.2.1, 10.0.0.8");
    let own = field("x-forwarded-for", "10.0.0.9");
    answers(
        Some(Trust::x_forwarded(proxies())),
        &[(&[forged, added, own].concat(), "192.0.2.1 http://a.example")],
    );
    answers(
        Some(Trust::forwarded(proxies())),
        &[(
            "Forwarded: for=198.51.100.9\r\nForwarded: for=192.0.2.1\r\nForwarded: for=10.0.0.8\r\n",
            "192.0.2.1 http://a.example",
        )],
    );
}

#[test]
fn the_scheme_is_one_of_two_words() {
    for (value, scheme) in [
        ("https", "https"),
        ("HTTPS", "https"),
        ("http", "http"),
        ("http, https", "https"),
        ("https, http", "http"),
        ("javascript", "http"),
        ("https:", "http"),
        ("", "http"),
    ] {
        let fields = field("X-Forwarded-Proto", value);
        let expected = format!("127.0.0.1 {scheme}://a.example");
        answers(Some(Trust::x_forwarded(proxies())), &[(&fields, &expected)]);
    }
}

#[test]
fn the_host_is_believed_only_if_asked_for_and_only_a_host() {
    let fields = |value: &str| field("X-Forwarded-Host", value);
    let trust = Trust::x_forwarded(proxies());
    let own = "127.0.0.1 http://a.example";
    answers(Some(trust.clone()), &[(&fields("b.example"), own)]);
    answers(
        Some(trust.host()),
        &[
            (&fields("b.example"), "127.0.0.1 http://b.example"),
            (&fields("B.example:8443"), "127.0.0.1 http://b.example:8443"),
            (
                &fields("evil.example, b.example"),
                "127.0.0.1 http://b.example",
            ),
            (&fields("b.example/evil"), own),
            (&fields("b@evil.example"), own),
            (&fields("b example"), own),
            (&fields(""), own),
        ],
    );
}

#[test]
fn forwarded_is_walked_from_its_end() {
    for (value, expected) in [
        ("for=192.0.2.1", "192.0.2.1 http://a.example"),
        (
            "For=\"[2001:db8:2::1]:4711\"",
            "2001:db8:2::1 http://a.example",
        ),
        (
            "for=192.0.2.1;proto=https;by=203.0.113.43",
            "192.0.2.1 https://a.example",
        ),
        ("for=192.0.2.1;host=b.example", "192.0.2.1 http://b.example"),
        (
            "for=198.51.100.9;proto=https, for=192.0.2.1;proto=http",
            "192.0.2.1 http://a.example",
        ),
        // The outermost trusted proxy speaks with the client.
        (
            "for=192.0.2.1;proto=https, for=10.0.0.8;proto=http",
            "192.0.2.1 https://a.example",
        ),
        (
            "for=192.0.2.1, for=10.0.0.8;proto=https",
            "192.0.2.1 https://a.example",
        ),
        // An open quote of the client's swallows nothing.
        (
            "for=\"198.51.100.9, for=192.0.2.1;proto=https",
            "192.0.2.1 https://a.example",
        ),
        ("for=\"x,y\", for=192.0.2.1", "192.0.2.1 http://a.example"),
        (
            "for=\"192.0.2.1\" ; proto=https",
            "192.0.2.1 https://a.example",
        ),
        ("for=unknown;proto=https", "127.0.0.1 https://a.example"),
        ("for=_gazonk", "127.0.0.1 http://a.example"),
        ("for=192.0.2.1;for=192.0.2.2", "127.0.0.1 http://a.example"),
        ("for=192.0.2.1;proto", "127.0.0.1 http://a.example"),
        ("192.0.2.1", "127.0.0.1 http://a.example"),
        (
            "for=192.0.2.1, nonsense, for=10.0.0.8",
            "10.0.0.8 http://a.example",
        ),
        ("", "127.0.0.1 http://a.example"),
    ] {
        let trust = Trust::forwarded(proxies()).host();
        answers(Some(trust), &[(&field("Forwarded", value), expected)]);
    }
}

#[test]
fn only_one_family_of_fields_is_believed() {
    let x_forwarded = "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\n";
    let forwarded = "Forwarded: for=192.0.2.1;proto=https\r\n";
    let own = "127.0.0.1 http://a.example";
    answers(Some(Trust::x_forwarded(proxies())), &[(forwarded, own)]);
    answers(Some(Trust::forwarded(proxies())), &[(x_forwarded, own)]);
}

#[test]
fn the_log_has_the_client_and_the_socket_is_still_told() {
    let wire = TestServer::with(Who, |server| server.trust(Trust::x_forwarded(proxies())));
    wire.one(get(&field("X-Forwarded-For", "192.0.2.1")));
    wire.one(get(&field("X-Forwarded-For", "192.0.2.2")));
    let lines = wire.end();
    assert!(lines[0].starts_with("192.0.2.1 - - ["), "{lines:?}");
    assert!(lines[1].starts_with("192.0.2.2 - - ["), "{lines:?}");
}

#[test]
fn hosts_are_allowed_by_what_a_trusted_proxy_says() {
    let wire = TestServer::with(doget::with(AllowHosts::new(["b.example"]), Who), |server| {
        server.trust(Trust::x_forwarded(proxies()).host())
    });
    assert_eq!(wire.one(get("")).status, 421);
    let believed = wire.one(get(&field("X-Forwarded-Host", "b.example")));
    assert_eq!(believed.status, 200);
    let foreign = wire.one(get(&field("X-Forwarded-Host", "b.example, evil.example")));
    assert_eq!(foreign.status, 421);
}

#[cfg(unix)]
#[test]
fn clients_of_a_unix_socket_are_believed_if_it_is_trusted() {
    use doget_tests::Client;
    let path = std::env::temp_dir().join(format!("doget-trust-{}.sock", std::process::id()));
    for (words, expected) in [(&["unix"][..], "192.0.2.1"), (&["127.0.0.1"], "-")] {
        let server = HttpServer::bind_unix(&path).unwrap().log(Log::off());
        let server = server.trust(Trust::x_forwarded(networks(words)));
        let running = server.spawn(Who).unwrap();
        let mut client = Client::connect_unix(&path);
        client.send(get(&field("X-Forwarded-For", "192.0.2.1")));
        let expected = format!("{expected} http://a.example");
        assert_eq!(client.answer().text(), expected);
        drop(running);
    }
}

/// Traefik let a client's `Connection` take away what it had set itself (CVE-2021-32813, CVE-2024-45410), and once more
/// where the name was in another case. A server passes nothing on: it reads what stands there.
#[test]
fn what_connection_names_is_read_all_the_same() {
    let said =
        "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b.example\r\n";
    let element = "Forwarded: for=192.0.2.1;proto=https;host=b.example\r\n";
    for named in [
        "X-Forwarded-For",
        "x-forwarded-for, X-FORWARDED-PROTO,x-forwarded-Host",
        "close, X-Forwarded-Host, Forwarded",
        "keep-alive, forwarded",
    ] {
        let connection = field("Connection", named);
        for (trust, fields) in [
            (Trust::x_forwarded(proxies()), said),
            (Trust::forwarded(proxies()), element),
        ] {
            let expected = "192.0.2.1 https://b.example";
            let before = format!("{connection}{fields}");
            let behind = format!("{fields}{connection}");
            answers(
                Some(trust.host()),
                &[(&before, expected), (&behind, expected)],
            );
        }
    }
}

/// A prefix that a client says moves no redirect (Traefik had forgotten to take `X-Forwarded-Prefix` away,
/// CVE-2024-52003): it is read from nobody.
#[test]
fn a_forwarded_prefix_moves_nothing() {
    let files = || FileHandler::new(env!("CARGO_MANIFEST_DIR")).unwrap();
    for trust in [None, Some(Trust::x_forwarded(proxies()).host())] {
        let wire = TestServer::with(files(), |server| match trust {
            Some(trust) => server.trust(trust),
            None => server,
        });
        for prefix in ["/evil", "//evil.example", "https://evil.example"] {
            let fields = field("X-Forwarded-Prefix", prefix);
            let request = get(&fields).replace("GET /", "GET /support");
            let answer = wire.one(request);
            assert_eq!(answer.status, 301, "{prefix}");
            assert_eq!(answer.header("Location"), Some("/support/"), "{prefix}");
        }
    }
}
