//! The examples as their users start them: a process of its own each, and real requests for what it shows.

mod api;
mod forms;
mod live;
mod uses;

use doget_tests::{Answer, Child, Client, eventually};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Where the examples are, built in the profile of this test.
fn examples() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        // This test is TARGET/PROFILE/deps/examples-HASH.
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args([
                "build",
                "--quiet",
                "--package",
                "doget-examples",
                "--examples",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .arg("--target-dir")
            .arg(profile.parent().unwrap());
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the examples are built");
        profile.join("examples")
    })
}

/// Starts an example on a free port.
#[track_caller]
fn start(name: &str, arguments: &[&str]) -> Child {
    let mut command = Command::new(examples().join(name));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    Child::spawn(command)
}

/// Sends one request and reads its answer.
#[track_caller]
fn request(client: &mut Client, line: &str, headers: &[&str], body: &[u8]) -> Answer {
    let mut head = format!("{line} HTTP/1.1\r\nHost: test\r\n");
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    if !body.is_empty() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    client.send(head);
    client.send(body);
    client.answer_to(line.split(' ').next().unwrap())
}

/// Checks status, media type and body.
#[track_caller]
fn check(answer: &Answer, status: u16, kind: &str, body: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("Content-Type"), Some(kind), "{answer:?}");
    assert_eq!(
        answer.header("Content-Length"),
        Some(&*body.len().to_string())
    );
    assert_eq!(answer.text(), body);
}

/// Checks an error page: its status and what it says.
#[track_caller]
fn check_page(answer: &Answer, status: u16, says: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/html;charset=utf-8")
    );
    assert!(answer.text().contains(says), "{}", answer.text());
}

const TEXT: &str = "text/plain; charset=utf-8";

/// An empty directory of this name, and of this process.
fn temporary(name: &str) -> PathBuf {
    let name = format!("doget-example-{name}-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

#[test]
fn hello() {
    let child = start("hello", &["0"]);
    let mut client = child.connect();
    check(&client.get("/"), 200, TEXT, "Hello, World!\n");
    check(
        &client.get("/any/path?at=all"),
        200,
        TEXT,
        "Hello, World!\n",
    );
    let head = request(&mut client, "HEAD /", &[], b"");
    assert_eq!(
        (head.status, head.header("Content-Length")),
        (200, Some("14"))
    );
    check_page(
        &request(&mut client, "SPAM /", &[], b""),
        501,
        "Unsupported method ('SPAM')",
    );
}

#[test]
fn query() {
    let child = start("query", &["0"]);
    let mut client = child.connect();
    check(&client.get("/"), 200, TEXT, "Hello, World!\n");
    check(&client.get("/?name=Ada"), 200, TEXT, "Hello, Ada!\n");
    check(
        &client.get("/?x=1&name=Ada+L%C3%B6velace"),
        200,
        TEXT,
        "Hello, Ada Lövelace!\n",
    );
    check(&client.get("/?name="), 200, TEXT, "Hello, !\n");
}

#[test]
fn json() {
    let child = start("json", &["0"]);
    let mut client = child.connect();
    let kind = ["Content-Type: application/json"];
    let mut post = |headers: &[&str], body: &[u8]| request(&mut client, "POST /", headers, body);
    let answer = post(&kind, "{\"message\": \"hé\\n\"}".as_bytes());
    check(&answer, 200, "application/json", "{\"received\":\"hé\\n\"}");
    check_page(&post(&kind, b"{\"message\": "), 400, "EOF while parsing");
    check_page(&post(&kind, b"{}"), 400, "missing field `message`");
    check_page(
        &post(&[], b"{\"message\": \"hi\"}"),
        415,
        "has to be application/json",
    );
    check_page(
        &request(&mut client, "GET /", &[], b""),
        501,
        "Unsupported method ('GET')",
    );
}

#[test]
fn form() {
    let child = start("form", &["0"]);
    let mut client = child.connect();
    let page = client.get("/");
    assert_eq!(
        page.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert!(page.text().contains("<form method=\"post\">"));
    let kind = ["Content-Type: application/x-www-form-urlencoded"];
    let answer = request(&mut client, "POST /", &kind, b"user=ada&password=lovelace");
    check(&answer, 200, TEXT, "Welcome, ada!\n");
    let answer = request(&mut client, "POST /", &kind, b"user=ada&password=byron");
    check_page(&answer, 401, "wrong user or password");
    assert_eq!(answer.header("WWW-Authenticate"), Some("FormBased"));
    let answer = request(
        &mut client,
        "POST /",
        &["Content-Type: text/plain"],
        b"user=ada",
    );
    check_page(&answer, 415, "application/x-www-form-urlencoded");
}

#[test]
fn delete() {
    let child = start("delete", &["0"]);
    let mut client = child.connect();
    check(&client.get("/notes/1"), 200, TEXT, "buy milk\n");
    for headers in [&[][..], &["Authorization: Bearer guess"]] {
        let answer = request(&mut client, "DELETE /notes/1", headers, b"");
        check_page(&answer, 403, "this needs the bearer token");
    }
    let token = ["Authorization: Bearer secret"];
    let answer = request(&mut client, "DELETE /notes/1", &token, b"");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (204, None)
    );
    assert_eq!(
        request(&mut client, "DELETE /notes/1", &token, b"").status,
        404
    );
    assert_eq!(client.get("/notes/1").status, 404);
}

#[test]
fn log_to_file() {
    let file = std::env::temp_dir().join(format!("doget-log-{}", std::process::id()));
    let _ = fs::remove_file(&file);
    let child = start("log_to_file", &["0", file.to_str().unwrap()]);
    let mut client = child.connect();
    check(&client.get("/health"), 200, TEXT, "Hello, World!\n");
    check(&client.get("/logged"), 200, TEXT, "Hello, World!\n");
    let mut log = String::new();
    eventually("a line in the file", || {
        log = fs::read_to_string(&file).unwrap_or_default();
        log.ends_with("\"GET /logged HTTP/1.1\" 200 14\n")
    });
    assert!(log.starts_with("127.0.0.1 - - ["), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
    drop(child);
    fs::remove_file(&file).unwrap();
}

#[test]
fn robust() {
    let child = start("robust", &["0"]);
    let mut client = child.connect();
    check(&client.get("/divide?a=7&b=2"), 200, TEXT, "3\n");
    check_page(&client.get("/divide?a=7"), 400, "the number b is missing");
    check_page(
        &client.get("/divide?a=7&b=x"),
        400,
        "b is not a number: invalid digit",
    );
    check_page(
        &client.get("/divide?a=7&b=0"),
        400,
        "7 cannot be divided by 0",
    );
    check_page(&child.connect().get("/panic"), 500, "Internal Server Error");
    check(&child.connect().get("/divide?a=6&b=3"), 200, TEXT, "2\n");
}

#[test]
fn stream_upload() {
    let child = start("stream_upload", &["0"]);
    let mut client = child.connect();
    let before = child.process().memory();
    let piece = vec![7; 1 << 20];
    client.send("PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 67108864\r\n\r\n");
    for _ in 0..64 {
        client.send(&piece);
    }
    check(&client.answer(), 200, TEXT, "67108864 bytes\n");
    let after = child.process().memory();
    assert!(
        after < before + (16 << 20),
        "{before} bytes before, {after} after"
    );
    client.send("POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    check(&client.answer(), 200, TEXT, "5 bytes\n");
    client.send("PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nshort");
    client.finish();
    assert!(
        !client
            .try_answer_to("PUT")
            .is_ok_and(|answer| answer.status == 200)
    );
}

#[test]
fn headers() {
    let child = start("headers", &["0"]);
    let mut client = child.connect();
    let answer = client.get("/");
    let page = "<!DOCTYPE html>\n<title>Cached</title>\n<p>Good for an hour.\n";
    check(&answer, 200, "text/html; charset=utf-8", page);
    assert_eq!(answer.header("Cache-Control"), Some("public, max-age=3600"));
    assert_eq!(answer.header("X-Served-By"), Some("the headers example"));
}

#[test]
fn redirect() {
    let child = start("redirect", &["0"]);
    let mut client = child.connect();
    for (line, status) in [("GET /old", 308), ("GET /today", 307), ("POST /new", 303)] {
        let answer = request(&mut client, line, &[], b"");
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("Location"), Some("/new"));
        assert_eq!(answer.header("Content-Length"), Some("0"));
    }
    check(
        &client.get("/new"),
        200,
        TEXT,
        "You are at the new place.\n",
    );
}

#[test]
fn error_page() {
    let child = start("error_page", &["0"]);
    let mut client = child.connect();
    check(
        &client.get("/"),
        200,
        TEXT,
        "Ask for something that is not here.\n",
    );
    let page = "<!DOCTYPE html>\n<title>404</title>\n<h1>Sorry: Not Found</h1>\n<p>Nothing matches the given URI\n";
    check(
        &client.get("/nothing"),
        404,
        "text/html; charset=utf-8",
        page,
    );
    let answer = request(
        &mut client,
        "GET /nothing",
        &["Accept: application/json"],
        b"",
    );
    check(
        &answer,
        404,
        "application/json",
        "{\"code\":404,\"error\":\"404 Not Found\"}",
    );
    // A page of one's own has the headers that belong to the error.
    let answer = request(&mut client, "PUT /", &["Accept: application/json"], b"");
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("Allow"), Some("GET, HEAD, OPTIONS"));
}

#[test]
fn routes() {
    let child = start("routes", &["0"]);
    let mut client = child.connect();
    check(&client.get("/users/me"), 200, TEXT, "this is you\n");
    check(&client.get("/users/7"), 200, TEXT, "user 7\n");
    check(&client.get("/files/a/b%20c"), 200, TEXT, "file a/b c\n");
    let answer = request(&mut client, "PUT /users/7", &[], b"Ada");
    check(&answer, 201, TEXT, "user 7 is Ada\n");
    check_page(&client.get("/users/seven"), 404, "Nothing matches");
    check_page(&client.get("/nobody"), 404, "Nothing matches");
    for (line, status) in [("PATCH /users/7", 405), ("OPTIONS /users/7", 200)] {
        let answer = request(&mut client, line, &[], b"");
        let mut allow: Vec<_> = answer
            .header("Allow")
            .unwrap_or_default()
            .split(", ")
            .collect();
        allow.sort_unstable();
        assert_eq!(
            (answer.status, allow),
            (status, vec!["GET", "HEAD", "OPTIONS", "PUT"])
        );
    }
}

#[test]
fn shutdown() {
    let mut child = start("shutdown", &["0"]);
    let address = child.address();
    check(&child.connect().get("/"), 200, TEXT, "Hello, World!\n");
    let mut client = child.connect();
    let answer = request(&mut client, "POST /shutdown", &[], b"");
    check(&answer, 200, TEXT, "Goodbye!\n");
    client.is_closed();
    assert_eq!(child.line(), "the server has ended");
    assert_eq!(child.ended(), Some(0));
    assert!(Client::try_connect(address).is_err());
}

#[cfg(unix)]
#[test]
fn shutdown_by_a_signal() {
    let mut child = start("shutdown", &["0"]);
    let mut client = child.connect();
    check(&client.get("/"), 200, TEXT, "Hello, World!\n");
    child.process().interrupt();
    client.is_closed();
    assert_eq!(child.line(), "the server has ended");
    assert_eq!(child.ended(), Some(0));
}

#[test]
fn benchmark() {
    let file = std::env::temp_dir().join(format!("doget-benchmark-{}", std::process::id()));
    let _ = fs::remove_file(&file);
    let child = start("benchmark", &["--log", file.to_str().unwrap(), "0"]);
    let mut client = child.connect();
    check(
        &client.get("/plaintext"),
        200,
        "text/plain",
        "Hello, World!",
    );
    check(
        &client.get("/json"),
        200,
        "application/json",
        "{\"message\":\"Hello, World!\"}",
    );
    assert_eq!(client.get("/").status, 200);
    let computed = client.get("/compute");
    assert_eq!((computed.status, computed.body.len()), (200, 17));
    assert_eq!(client.get("/compute").body, computed.body);
    check_page(&client.get("/other"), 404, "Nothing matches");
    for size in [1, 1000, 1 << 20] {
        let body: Vec<u8> = (0..size).map(|at: u32| at.to_le_bytes()[0]).collect();
        let answer = request(&mut client, "POST /echo", &[], &body);
        assert_eq!((answer.status, answer.body.len()), (200, body.len()));
        assert!(answer.body == body);
    }
    let start = Instant::now();
    assert_eq!(client.get("/sleep").status, 200);
    assert!(start.elapsed() >= Duration::from_millis(100));
    eventually("the log has every request", || {
        fs::read_to_string(&file)
            .unwrap_or_default()
            .contains("\"GET /sleep HTTP/1.1\" 200 14")
    });
    drop(child);
    fs::remove_file(&file).unwrap();
}

#[test]
fn benchmark_without_log() {
    let child = start("benchmark", &["0"]);
    check(
        &child.connect().get("/plaintext"),
        200,
        "text/plain",
        "Hello, World!",
    );
}

#[cfg(unix)]
#[test]
fn cgi() {
    let directory = std::env::temp_dir().join(format!("doget-example-cgi-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(directory.join("cgi-bin")).unwrap();
    fs::write(directory.join("a.txt"), "a file\n").unwrap();
    // Another process writes it: a file that somebody has open for writing is not run.
    let mut shell = Command::new("sh");
    let written = shell
        .args([
            "-c",
            "printf '%s\\n' \"$2\" >\"$1\" && chmod 755 \"$1\"",
            "sh",
        ])
        .arg(directory.join("cgi-bin/hello"))
        .arg(
            "#!/bin/sh\necho 'Content-Type: text/plain'\necho\necho \"Hello, $QUERY_STRING $LANG\"",
        )
        .status();
    assert!(written.unwrap().success());
    let child = start("cgi", &["0", directory.to_str().unwrap()]);
    let mut client = child.connect();
    let answer = client.get("/cgi-bin/hello?Ada");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("Content-Type"), Some("text/plain"));
    assert_eq!(answer.text(), "Hello, Ada C.UTF-8\n");
    check(&client.get("/a.txt"), 200, TEXT, "a file\n");
    check(&client.get("/health"), 200, TEXT, "well\n");
    check_page(&client.get("/cgi-bin/other"), 404, "No such CGI script");
    drop(child);
    let _ = fs::remove_dir_all(&directory);
}
