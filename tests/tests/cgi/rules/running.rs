//! Input, output, users, logs.

use super::fails;
use crate::site::{ENV, Scripts, bounded, post};
use doget_tests::test_server::TestServer;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn cgi_21_input_output_and_the_working_directory() {
    let scripts = Scripts::usual();
    scripts.shell("cgi-bin/sub/pwd", "Content-Type: text/plain", "pwd; cat");
    let server = scripts.serve();
    let directory = scripts
        .site
        .root()
        .canonicalize()
        .unwrap()
        .join("cgi-bin/sub");
    let answer = post(&server, "/cgi-bin/sub/pwd", "input");
    assert_eq!(answer.text(), format!("{}\ninput", directory.display()));
    for size in [0, 1, 4095, 65_535, 65_536, 65_537, 3_000_000] {
        let body = "0123456789abcdef".repeat(size / 16 + 1);
        let body = body.get(..size).unwrap();
        assert!(post(&server, "/cgi-bin/cat", body).text() == body, "{size}");
    }
}

#[test]
fn cgi_21_a_chunked_body_has_its_length_told() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/length",
        "Content-Type: text/plain",
        "printf '%s %s' \"$CONTENT_LENGTH\" \"$(head -c \"$CONTENT_LENGTH\" | wc -c)\"",
    );
    let server = TestServer::new(bounded(&scripts, |limits| limits.max_body_size(1_000_000)));
    let ask = |size: usize| {
        let mut conn = server.connect();
        conn.send("POST /cgi-bin/length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut left = size;
        while left > 0 {
            let piece = left.min(50_000);
            conn.send(format!("{piece:x}\r\n{}\r\n", "x".repeat(piece)));
            left -= piece;
        }
        conn.send("0\r\n\r\n");
        conn.answer("POST")
    };
    for size in [0, 1, 65_536, 65_537, 200_000, 1_000_000] {
        assert_eq!(
            ask(size).text().split_whitespace().collect::<Vec<_>>(),
            [size.to_string(), size.to_string()]
        );
    }
    assert_eq!(ask(1_000_001).status, 413);
    let answer = crate::site::ask(
        &server,
        "POST /cgi-bin/length",
        "Content-Length: 1000001\r\n",
        "x",
    );
    assert_eq!(answer.status, 413);
}

#[test]
fn cgi_21_a_client_that_waits_for_it_is_asked_for_its_body() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    let mut conn = server.connect();
    conn.send("POST /cgi-bin/cat HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    conn.until(b"HTTP/1.1 100 Continue\r\n\r\n");
    conn.send("hello");
    assert_eq!(conn.answer("POST").text(), "hello");
    conn.send("POST /cgi-bin/nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.interim.len()), (404, 0));
}

#[test]
fn cgi_22_root_runs_scripts_as_nobody() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/id",
        "Content-Type: text/plain",
        "id -u; id -g; id -G",
    );
    let own = |option: &str| {
        let id = std::process::Command::new("id")
            .arg(option)
            .output()
            .unwrap();
        String::from_utf8(id.stdout).unwrap()
    };
    let is_root = own("-u").trim() == "0";
    let told = scripts.serve().get("/cgi-bin/id").text().to_owned();
    if is_root {
        let ids: Vec<&str> = told.split_whitespace().collect();
        assert!(ids.iter().all(|id| *id != "0"), "{told}");
        // One group, and that is its own.
        assert_eq!((ids.len(), ids[1]), (3, ids[2]), "{told}");
    } else {
        assert_eq!(told, own("-u") + &own("-g") + &own("-G"));
    }
    let server = TestServer::new(scripts.handler().as_root(true));
    let told = server.get("/cgi-bin/id").text().to_owned();
    assert_eq!(told.lines().next(), Some(own("-u").trim()));
}

#[test]
fn cgi_22_what_nobody_may_not_run_is_not_run() {
    let scripts = Scripts::usual();
    let script = scripts.add("cgi-bin/private", ENV);
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(&script).unwrap());
    let status = scripts.serve().get("/cgi-bin/private").status;
    assert_eq!(status, if owner == 0 { 403 } else { 200 });
}

#[test]
fn cgi_23_how_a_script_ended_is_logged() {
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/three",
        "Content-Type: text/plain",
        "echo body; exit 3",
    );
    scripts.add("cgi-bin/early", "#!/bin/sh\nexit 4\n");
    scripts.shell(
        "cgi-bin/killed",
        "Content-Type: text/plain",
        "echo body; kill -9 $$",
    );
    scripts.add("cgi-bin/missing", "#!/no/such/interpreter\n");
    scripts.add("cgi-bin/text", "echo no interpreter\n");
    let server = scripts.serve();
    assert_eq!(server.get("/cgi-bin/three").text(), "body\n");
    assert_eq!(server.get("/cgi-bin/early").status, 502);
    fails(&server, "/cgi-bin/killed");
    assert_eq!(server.get("/cgi-bin/missing").status, 500);
    assert_eq!(server.get("/cgi-bin/text").status, 500);
    assert_eq!(server.get("/cgi-bin/env").status, 200);
    let log = server.end().join("\n");
    for line in [
        "CGI script exit code 3\n",
        "CGI script exit code 4\n",
        "CGI script exit code -9\n",
        "caused by: the script ended without a whole header",
        "caused by: signal 9 ended the script",
        "caused by: the script /cgi-bin/missing cannot be run",
        "caused by: the script /cgi-bin/text is text without a #! line",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert_eq!(log.matches("exit code").count(), 3, "{log}");
}

#[test]
fn cgi_23_standard_error_is_logged_line_by_line_and_escaped() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/loud",
        "Content-Type: text/plain",
        "printf 'one\\ntwo \\033[1m\\nthree' >&2; echo body",
    );
    let server = scripts.serve();
    assert_eq!(server.get("/cgi-bin/loud").text(), "body\n");
    let log = server.end();
    let said: Vec<_> = log.iter().filter(|line| line.contains("loud: ")).collect();
    assert_eq!(
        said,
        [
            "127.0.0.1 - - [date] CGI script /cgi-bin/loud: one",
            "127.0.0.1 - - [date] CGI script /cgi-bin/loud: two \\x1b[1m",
            "127.0.0.1 - - [date] CGI script /cgi-bin/loud: three",
        ]
    );
}

#[test]
fn cgi_24_python_runs_what_is_python_and_does_not_say_so() {
    let scripts = Scripts::new();
    let text = "import sys\nprint('Content-Type: text/plain\\n')\nprint(sys.argv[0], sys.stdout.write_through)\n";
    let path = scripts.add("cgi-bin/plain.py", text);
    scripts.add(
        "cgi-bin/shell.py",
        "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nshell'\n",
    );
    let server = scripts.serve();
    let path = path.canonicalize().unwrap();
    let answer = server.get("/cgi-bin/plain.py/x");
    assert_eq!(answer.text(), format!("{} True\n", path.display()));
    assert_eq!(server.get("/cgi-bin/shell.py").text(), "shell");
}
