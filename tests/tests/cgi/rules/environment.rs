//! What a script is told.

use crate::site::{ENV, Scripts, ask, post, variable};
use doget::CgiCredentials;
use doget::{CgiHandler, HttpServer, handler};
use doget_tests::test_server::{Conn, TestServer};
use std::net::ToSocketAddrs;

#[test]
fn cgi_11_the_environment_is_a_clean_one() {
    let scripts = Scripts::usual();
    let server = TestServer::new(
        scripts
            .handler()
            .variable("EXTRA", "extra")
            .variable("SERVER_NAME", "x"),
    );
    let answer = server.get("/cgi-bin/env");
    let mut names: Vec<&str> = answer
        .text()
        .lines()
        .map(|line| line.split('=').next().unwrap())
        // Those that the shell makes itself.
        .filter(|name| !matches!(*name, "PWD" | "SHLVL" | "_" | "OLDPWD"))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "CONTENT_TYPE",
            "EXTRA",
            "GATEWAY_INTERFACE",
            "HTTP_ACCEPT",
            "HTTP_HOST",
            "NOTES",
            "PATH",
            "PATH_INFO",
            "QUERY_STRING",
            "REMOTE_ADDR",
            "REMOTE_HOST",
            "REQUEST_METHOD",
            "SCRIPT_NAME",
            "SERVER_NAME",
            "SERVER_PORT",
            "SERVER_PROTOCOL",
            "SERVER_SOFTWARE",
        ]
    );
    assert_eq!(variable(&answer, "EXTRA"), Some("extra"));
    assert_eq!(variable(&answer, "SERVER_NAME"), Some("a"));
    let path = std::env::var("PATH").unwrap();
    assert_eq!(variable(&answer, "PATH"), Some(&*path));
}

struct Old {
    scripts: CgiHandler,
}

#[handler(base(self.scripts: CgiHandler))]
impl Old {
    const PROTOCOL_VERSION: &str = "HTTP/1.0";
    const SERVER_VERSION: &str = "mine/1";

    #[route("/health")]
    fn do_GET_health(&self) -> &'static str {
        "well"
    }
}

#[test]
fn cgi_12_what_the_server_says_of_itself() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    let answer = ask(&server, "GET http://b.example/cgi-bin/env", "", "");
    let port = server.address().port().to_string();
    for (name, value) in [
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("SERVER_NAME", "b.example"),
        ("SERVER_PORT", &port),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("SERVER_SOFTWARE", doget::hooks::SERVER_VERSION),
        ("REQUEST_METHOD", "GET"),
    ] {
        assert_eq!(variable(&answer, name), Some(value), "{name}");
    }
    // The version that both speak; and those of the handler above.
    let answer = server.one("GET /cgi-bin/env HTTP/1.0\r\n\r\n");
    assert_eq!(variable(&answer, "SERVER_PROTOCOL"), Some("HTTP/1.0"));
    let server = TestServer::new(Old {
        scripts: scripts.handler(),
    });
    let answer = server.get("/cgi-bin/env");
    assert_eq!(variable(&answer, "SERVER_PROTOCOL"), Some("HTTP/1.0"));
    assert_eq!(variable(&answer, "SERVER_SOFTWARE"), Some("mine/1"));
    assert_eq!(answer.version, "HTTP/1.0");
    assert_eq!(server.get("/health").text(), "well");
    assert_eq!(
        variable(&post(&server, "/cgi-bin/env", "x"), "CONTENT_LENGTH"),
        Some("1")
    );
}

/// RFC 3875 sections 4.1.14 to 4.1.16.
#[test]
fn cgi_12_name_and_port_are_those_of_the_request() {
    let scripts = Scripts::usual();
    scripts.add(
        "cgi-bin/on",
        "#!/bin/sh\nprintf 'Location: /cgi-bin/env\\n\\n'\n",
    );
    let server = HttpServer::bind(("::", 0)).unwrap();
    let server = server.listen(("127.0.0.1", 0)).unwrap();
    let addresses: Vec<_> = server.local_addrs().collect();
    let running = server.spawn(scripts.handler()).unwrap();
    let told = |address: (&str, u16), request: &str| {
        let mut client = Conn::to(address.to_socket_addrs().unwrap().next().unwrap());
        client.send(request);
        let answer = client.answer("GET");
        ["SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"]
            .map(|name| variable(&answer, name).unwrap_or("-").to_owned())
            .join(" ")
    };
    let (all, v4) = (addresses[0].port(), addresses[1].port());
    for script in ["env", "on"] {
        for (host, name) in [
            ("Shop.example:8080", "shop.example"),
            ("[::1]:1", "[::1]"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            let request = format!("GET /cgi-bin/{script} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            let expected = format!("{name} {v4} HTTP/1.1");
            assert_eq!(told(("127.0.0.1", v4), &request), expected);
        }
        let request = format!("GET http://b/cgi-bin/{script} HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(
            told(("127.0.0.1", all), &request),
            format!("b {all} HTTP/1.1")
        );
        // Who says no host gets the address that it connected to.
        let request = format!("GET /cgi-bin/{script} HTTP/1.0\r\n\r\n");
        for (to, port, name) in [
            ("127.0.0.1", all, "127.0.0.1"),
            ("127.0.0.1", v4, "127.0.0.1"),
            ("::1", all, "[::1]"),
        ] {
            assert_eq!(
                told((to, port), &request),
                format!("{name} {port} HTTP/1.0")
            );
        }
    }
    drop(running);
}

#[test]
fn cgi_13_the_rest_of_the_path_is_decoded_once() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    let root = scripts.site.root().canonicalize().unwrap();
    let root = root.to_str().unwrap();
    for (path, info) in [
        ("/a%2525", "/a%25"),
        ("/a%20b/%C3%A4", "/a b/\u{e4}"),
        ("//a//b", "/a/b"),
        ("/.git/x", "/.git/x"),
    ] {
        let answer = server.get(&format!("/cgi-bin/env{path}"));
        assert_eq!(variable(&answer, "PATH_INFO"), Some(info));
        let translated = format!("{root}{info}");
        assert_eq!(variable(&answer, "PATH_TRANSLATED"), Some(&*translated));
    }
    let answer = server.get("/cgi-bin/env");
    assert_eq!(variable(&answer, "PATH_INFO"), Some(""));
    assert_eq!(variable(&answer, "PATH_TRANSLATED"), None);
}

#[test]
fn cgi_14_the_scripts_name_the_query_as_it_came_and_the_client() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/b c", ENV);
    let server = scripts.serve();
    let answer = server.get("/cgi-bin/b%20c?a=%20+b&%0a?/");
    assert_eq!(variable(&answer, "SCRIPT_NAME"), Some("/cgi-bin/b c"));
    assert_eq!(variable(&answer, "QUERY_STRING"), Some("a=%20+b&%0a?/"));
    assert_eq!(variable(&answer, "REMOTE_ADDR"), Some("127.0.0.1"));
    assert_eq!(variable(&answer, "REMOTE_HOST"), Some("127.0.0.1"));
    assert_eq!(
        variable(&server.get("/cgi-bin/env"), "QUERY_STRING"),
        Some("")
    );
}

#[test]
fn cgi_15_credentials_are_told_only_if_that_was_asked_for() {
    let scripts = Scripts::usual();
    let told = |credentials: CgiCredentials, value: &str| {
        let server = TestServer::new(scripts.handler().credentials(credentials));
        let answer = ask(
            &server,
            "GET /cgi-bin/env",
            &format!("Authorization: {value}\r\n"),
            "",
        );
        ["AUTH_TYPE", "REMOTE_USER", "HTTP_AUTHORIZATION"]
            .map(|name| variable(&answer, name).unwrap_or("-").to_owned())
            .join(" ")
    };
    // ada:secret, and ada:se:cret
    let (plain, colon) = ("Basic YWRhOnNlY3JldA==", "bAsic YWRhOnNlOmNyZXQ=");
    assert_eq!(CgiCredentials::default(), CgiCredentials::Withheld);
    assert_eq!(told(CgiCredentials::Withheld, plain), "- - -");
    assert_eq!(told(CgiCredentials::Claimed, plain), "Basic ada -");
    assert_eq!(told(CgiCredentials::Claimed, colon), "bAsic ada -");
    assert_eq!(told(CgiCredentials::Claimed, "Bearer abc"), "Bearer - -");
    assert_eq!(told(CgiCredentials::Claimed, "Basic !!"), "Basic - -");
    assert_eq!(told(CgiCredentials::Claimed, "Basic"), "- - -");
    assert_eq!(told(CgiCredentials::Claimed, "a b c"), "- - -");
    assert_eq!(told(CgiCredentials::Passed, plain), format!("- - {plain}"));
}

#[test]
fn cgi_16_type_and_length_of_the_body() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    let answer = ask(
        &server,
        "POST /cgi-bin/env",
        "Content-Type: a/b; c=d\r\nContent-Length: 3\r\nReferer: r\r\nUser-Agent: u\r\n",
        "abc",
    );
    for (name, value) in [
        ("CONTENT_TYPE", Some("a/b; c=d")),
        ("CONTENT_LENGTH", Some("3")),
        ("HTTP_REFERER", Some("r")),
        ("HTTP_USER_AGENT", Some("u")),
        ("HTTP_CONTENT_TYPE", None),
        ("HTTP_CONTENT_LENGTH", None),
    ] {
        assert_eq!(variable(&answer, name), value, "{name}");
    }
    let answer = server.get("/cgi-bin/env");
    assert_eq!(variable(&answer, "CONTENT_TYPE"), Some("text/plain"));
    assert_eq!(variable(&answer, "CONTENT_LENGTH"), None);
    let answer = post(&server, "/cgi-bin/env", "");
    assert_eq!(variable(&answer, "CONTENT_LENGTH"), Some("0"));
}

#[test]
fn cgi_17_repeated_fields_are_one_list() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    let lines = "Accept: a/b\r\nAccept: c/d\r\nCookie: e=f\r\nCookie: g=h\r\nX-I: j\r\nx-i: k\r\n";
    let answer = ask(&server, "GET /cgi-bin/env", lines, "");
    assert_eq!(variable(&answer, "HTTP_ACCEPT"), Some("a/b,c/d"));
    assert_eq!(variable(&answer, "HTTP_COOKIE"), Some("e=f; g=h"));
    assert_eq!(variable(&answer, "HTTP_X_I"), Some("j, k"));
    assert_eq!(
        variable(&server.get("/cgi-bin/env"), "HTTP_ACCEPT"),
        Some("")
    );
}

#[test]
fn cgi_18_all_other_fields_pass_and_those_that_are_not_there_leave_nothing() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    let lines = "Accept-Language: en\r\nContent-Encoding: gzip\r\nX-Requested-With: x\r\n";
    let answer = ask(&server, "GET /cgi-bin/env", lines, "");
    assert_eq!(variable(&answer, "HTTP_ACCEPT_LANGUAGE"), Some("en"));
    assert_eq!(variable(&answer, "HTTP_CONTENT_ENCODING"), Some("gzip"));
    assert_eq!(variable(&answer, "HTTP_X_REQUESTED_WITH"), Some("x"));
    assert_eq!(variable(&answer, "HTTP_HOST"), Some("a"));
    for name in ["HTTP_USER_AGENT", "HTTP_COOKIE", "HTTP_REFERER"] {
        assert_eq!(variable(&answer, name), None, "{name}");
    }
}

#[test]
fn cgi_19_a_query_is_no_argument_unless_that_was_asked_for() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/args",
        "Content-Type: text/plain",
        "for a; do echo \"<$a>\"; done",
    );
    let server = scripts.serve();
    for query in ["-s", "a+b", "", "a=b"] {
        assert_eq!(
            server.get(&format!("/cgi-bin/args?{query}")).text(),
            "",
            "{query}"
        );
    }
    let server = TestServer::new(scripts.handler().arguments(true));
    for (query, arguments) in [
        ("a+b%20c", "<a>\n<b c>\n"),
        ("%2Ds;id", "<-s;id>\n"),
        ("$(id)`id`", "<$(id)`id`>\n"),
        ("a%0ab", "<a\nb>\n"),
        ("a=b", ""),
        ("", ""),
        ("a+%00", ""),
    ] {
        assert_eq!(
            server.get(&format!("/cgi-bin/args?{query}")).text(),
            arguments,
            "{query}"
        );
    }
    assert_eq!(post(&server, "/cgi-bin/args?a", "").text(), "");
}
