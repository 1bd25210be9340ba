//! What a script answers.

use super::fails;
use crate::site::{Scripts, ask, line, variable};
use std::fs;

#[test]
fn cgi_20_status_and_fields_of_a_script() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/teapot",
        "Status: 418 Short and stout\nContent-Type: text/x-tea\nX-A: b\nX-A: c\nConnection: close\n\
         Date: never\nServer: me",
        "printf tea",
    );
    scripts.add(
        "cgi-bin/crlf",
        "#!/bin/sh\nprintf 'Content-Type: a/b\\r\\nStatus: 404\\r\\n\\r\\nbody'\n",
    );
    scripts.shell("cgi-bin/none", "Status: 204 Nothing", "echo body");
    let wire = scripts.serve();
    let mut conn = wire.connect();
    for _ in 0..3 {
        conn.send("GET /cgi-bin/teapot HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = conn.answer("GET");
        assert_eq!(line(&answer), (418, "Short and stout"));
        // How it is framed depends on how soon the script ends.
        let mut names = answer.names();
        assert!(matches!(
            names.pop(),
            Some("Content-Length" | "Transfer-Encoding")
        ));
        assert_eq!(names, ["Server", "Date", "Content-Type", "X-A", "X-A"]);
        assert_eq!(answer.header("Content-Type"), Some("text/x-tea"));
        assert_eq!(answer.text(), "tea");
        conn.send("GET /cgi-bin/crlf HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = conn.answer("GET");
        assert_eq!((line(&answer), answer.text()), ((404, "Not Found"), "body"));
        conn.send("GET /cgi-bin/none HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(line(&conn.answer("GET")), (204, "Nothing"));
        conn.send("HEAD /cgi-bin/teapot HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(conn.answer("HEAD").status, 418);
    }
}

#[test]
fn cgi_20_redirects_of_the_client() {
    let scripts = Scripts::new();
    scripts.shell("cgi-bin/away", "Location: http://b.example/x#y", "");
    scripts.shell("cgi-bin/other", "Location: //b.example/x", "");
    scripts.shell("cgi-bin/see", "Location: /a.txt\nStatus: 303 See Other", "");
    scripts.shell(
        "cgi-bin/words",
        "Location: http://b.example/\nContent-Type: text/plain",
        "echo there",
    );
    let wire = scripts.serve();
    for (name, status, location, body) in [
        ("away", 302, "http://b.example/x#y", "\n"),
        ("other", 302, "//b.example/x", "\n"),
        ("see", 303, "/a.txt", "\n"),
        ("words", 302, "http://b.example/", "there\n"),
    ] {
        let answer = wire.get(&format!("/cgi-bin/{name}"));
        assert_eq!(answer.status, status, "{name}");
        assert_eq!(answer.header("Location"), Some(location), "{name}");
        assert_eq!(answer.text().trim(), body.trim(), "{name}");
    }
}

#[test]
fn cgi_20_redirects_inside_the_server() {
    let scripts = Scripts::usual();
    scripts.shell("cgi-bin/file", "Location: /a.txt", "cat");
    scripts.shell("cgi-bin/script", "Location: /cgi-bin/env/x?y#z", "");
    scripts.shell("cgi-bin/nothing", "Location: /nothing", "");
    scripts.shell("cgi-bin/loop", "Location: /cgi-bin/loop", "");
    scripts.shell("cgi-bin/source", "Location: /cgi-bin%2fenv", "");
    scripts.shell("cgi-bin/1", "Location: /cgi-bin/2", "");
    scripts.shell("cgi-bin/2", "Location: /cgi-bin/file", "");
    let wire = scripts.serve();
    assert_eq!(wire.get("/cgi-bin/file").text(), "hello\n");
    assert_eq!(wire.get("/cgi-bin/1").text(), "hello\n");
    let answer = ask(&wire, "HEAD /cgi-bin/file", "", "");
    assert_eq!(answer.header("Content-Length"), Some("6"));
    let lines = "Content-Type: a/b\r\nContent-Length: 3\r\nX-Mine: yes\r\n";
    let answer = ask(&wire, "POST /cgi-bin/script", lines, "abc");
    for (name, value) in [
        ("REQUEST_METHOD", Some("GET")),
        ("SCRIPT_NAME", Some("/cgi-bin/env")),
        ("PATH_INFO", Some("/x")),
        ("QUERY_STRING", Some("y")),
        ("CONTENT_LENGTH", None),
        ("CONTENT_TYPE", Some("text/plain")),
        ("HTTP_X_MINE", Some("yes")),
    ] {
        assert_eq!(variable(&answer, name), value, "{name}");
    }
    assert_eq!(wire.get("/cgi-bin/nothing").status, 404);
    assert_eq!(wire.get("/cgi-bin/source").status, 404);
    assert_eq!(wire.get("/cgi-bin/loop").status, 502);
    // What of the first request's body nobody read is no request.
    let mut conn = wire.connect();
    for _ in 0..3 {
        conn.send(format!(
            "POST /cgi-bin/script HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{}",
            "GET / HTTP/1.1\r\n\r\n"
                .repeat(6000)
                .get(..100_000)
                .unwrap()
        ));
        assert_eq!(variable(&conn.answer("POST"), "QUERY_STRING"), Some("y"));
    }
}

/// RFC 3875 section 6.2.2: a local redirect has no fields of its own.
#[test]
fn cgi_20_what_a_redirect_inside_the_server_loses_is_logged() {
    let scripts = Scripts::usual();
    let header = "Set-Cookie: a=b\nContent-Type: a/b\nLocation: /a.txt\nset-cookie: c=d\nX-A: b";
    scripts.shell("cgi-bin/on", header, "");
    scripts.shell("cgi-bin/plain", "Location: /a.txt\nContent-Type: a/b", "");
    let wire = scripts.serve();
    assert_eq!(wire.get("/cgi-bin/plain").text(), "hello\n");
    assert_eq!(wire.get("/cgi-bin/on").header("Set-Cookie"), None);
    let log = wire.end();
    let lost: Vec<_> = log.iter().filter(|line| line.contains("loses")).collect();
    assert_eq!(
        lost,
        ["127.0.0.1 - - [date] CGI script /cgi-bin/on: its local redirect loses Set-Cookie, X-A"]
    );
}

#[test]
fn cgi_20_output_is_sent_as_it_comes() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/steps",
        "Content-Type: text/plain",
        "for i in 1 2 3; do echo $i; while [ ! -e $NOTES/$i ]; do sleep 0.01; done; done",
    );
    let wire = scripts.serve();
    let mut conn = wire.connect();
    conn.send("GET /cgi-bin/steps HTTP/1.1\r\nHost: a\r\n\r\n");
    let head = conn.until(b"\r\n\r\n");
    assert!(
        String::from_utf8(head)
            .unwrap()
            .contains("\r\nTransfer-Encoding: chunked\r\n")
    );
    for i in 1..=3 {
        conn.until(format!("2\r\n{i}\n\r\n").as_bytes());
        fs::write(scripts.notes().join(i.to_string()), "").unwrap();
    }
    conn.until(b"0\r\n\r\n");
    // The connection is kept.
    conn.send("GET /cgi-bin/steps HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").text(), "1\n2\n3\n");
    // A client of HTTP/1.0 gets it to the end of the connection, or with its length.
    let answer = wire.one("GET /cgi-bin/steps HTTP/1.0\r\n\r\n");
    assert_eq!(answer.text(), "1\n2\n3\n");
    assert_eq!(answer.header("Transfer-Encoding"), None);
}

#[test]
fn cgi_20_a_length_of_the_script_is_held_to() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/right",
        "Content-Type: a/b\nContent-Length: 5",
        "printf 12345",
    );
    scripts.shell(
        "cgi-bin/more",
        "Content-Type: a/b\nContent-Length: 5",
        "printf 1234567890",
    );
    scripts.shell(
        "cgi-bin/less",
        "Content-Type: a/b\nContent-Length: 5",
        "printf 123",
    );
    scripts.shell(
        "cgi-bin/large",
        "Content-Type: a/b\nContent-Length: 1000000",
        "head -c 1000000 /dev/zero",
    );
    let wire = scripts.serve();
    let mut conn = wire.connect();
    for name in ["right", "more", "right"] {
        conn.send(format!("GET /cgi-bin/{name} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let answer = conn.answer("GET");
        assert_eq!(
            (answer.header("Content-Length"), answer.text()),
            (Some("5"), "12345")
        );
    }
    conn.send("HEAD /cgi-bin/right HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("HEAD").header("Content-Length"), Some("5"));
    conn.send("GET /cgi-bin/large HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").body.len(), 1_000_000);
    drop(conn);
    fails(&wire, "/cgi-bin/less");
}

#[test]
fn cgi_20_a_script_may_write_the_whole_response() {
    let scripts = Scripts::new();
    scripts.add(
        "cgi-bin/nph-raw",
        "#!/bin/sh\nprintf 'HTTP/1.1 299 My own\\r\\nX-A: b\\r\\nContent-Length: 4\\r\\n\
         Connection: close\\r\\n\\r\\nbody'\n",
    );
    scripts.add(
        "cgi-bin/nph-no",
        "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nbody'\n",
    );
    scripts.add("cgi-bin/nph-nothing", "#!/bin/sh\n:\n");
    scripts.add(
        "cgi-bin/nph-304",
        "#!/bin/sh\nprintf 'HTTP/1.1 304 Same\\r\\nConnection: close\\r\\n\\r\\n'\n",
    );
    let wire = scripts.serve();
    let raw =
        wire.raw("GET /cgi-bin/nph-raw HTTP/1.1\r\nHost: a\r\n\r\nGET /never HTTP/1.1\r\n\r\n");
    assert_eq!(
        String::from_utf8(raw).unwrap(),
        "HTTP/1.1 299 My own\r\nX-A: b\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
    );
    assert_eq!(wire.get("/cgi-bin/nph-304").reason, "Same");
    assert_eq!(wire.get("/cgi-bin/nph-no").status, 502);
    assert_eq!(wire.get("/cgi-bin/nph-nothing").status, 502);
    assert!(
        wire.end()
            .iter()
            .any(|line| line.contains("nph-raw HTTP/1.1\" 299 "))
    );
}
