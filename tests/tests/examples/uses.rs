//! The examples of what doget is for: endpoints inside other programs.

use crate::{TEXT, check, check_page, examples, request, start, temporary};
use doget_tests::{Client, eventually};
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn metrics() {
    let mut child = start("metrics", &["0", "0"]);
    let mut client = child.connect();
    check(&client.get("/items/7"), 200, TEXT, "item 7\n");
    check_page(&client.get("/items/700"), 404, "Nothing matches");
    assert_eq!(client.get("/readyz").status, 200);
    let line = child.line();
    let page = line.trim().strip_prefix("http://").unwrap();
    let page = page.strip_suffix("/metrics").unwrap();
    let mut monitor = Client::connect(page.parse().unwrap());
    let counted = "http_requests_total{method=\"GET\",route=\"/items/{id}\",code=\"2xx\"} 1";
    eventually("the request is counted", || {
        let answer = monitor.get("/metrics");
        assert_eq!(
            answer.header("Content-Type"),
            Some("text/plain; version=0.0.4; charset=utf-8")
        );
        answer.text().lines().any(|line| line == counted)
    });
}

#[test]
fn mount() {
    let directory = temporary("mount");
    fs::write(directory.join("a.txt"), "file").unwrap();
    let child = start("mount", &["0", directory.to_str().unwrap()]);
    let mut client = child.connect();
    let item = client.get("/api/items/7");
    check(&item, 200, TEXT, "item 7\n");
    assert_eq!(item.header("Cache-Control"), Some("max-age=60"));
    assert_eq!(client.get("/items/7").status, 404);
    check(&client.get("/files/a.txt"), 200, TEXT, "file");
    assert_eq!(client.get("/files").header("Location"), Some("/files/"));
    assert!(client.get("/admin/").text().contains("All is well"));
    let mut by_host = |path: &str| {
        client.send(format!(
            "GET {path} HTTP/1.1\r\nHost: Admin.localhost:80\r\n\r\n"
        ));
        client.answer()
    };
    assert!(by_host("/").text().contains("All is well"));
    assert_eq!(by_host("/style.css").status, 200);
    assert_eq!(by_host("/api/items/7").status, 404);
    let _ = fs::remove_dir_all(directory);
}

#[test]
fn layer() {
    let child = start("layer", &["0"]);
    let mut client = child.connect();
    let answer = client.get("/");
    check(&answer, 200, TEXT, "hello\n");
    assert_eq!(answer.header("X-Version"), Some("2"));
    let answer = client.get("/v1/anything");
    assert_eq!(
        (answer.status, answer.header("X-Version")),
        (410, Some("2"))
    );
}

#[test]
fn auth() {
    let child = start("auth", &["0"]);
    let mut client = child.connect();
    check(&client.get("/"), 200, TEXT, "everybody may read this\n");
    let answer = client.get("/me");
    assert_eq!(answer.status, 401);
    let challenge = "Basic realm=\"notes\", charset=\"UTF-8\"";
    assert_eq!(answer.header("WWW-Authenticate"), Some(challenge));
    assert_eq!(client.get("/notes").status, 401);
    let mut ask = |credentials: &str| {
        client.send(format!(
            "GET /me HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {credentials}\r\n\r\n"
        ));
        client.answer()
    };
    check(&ask("YWRhOmVuZ2luZQ=="), 200, TEXT, "hello ada\n");
    assert_eq!(ask("YWRhOmVuZ2luZXM=").status, 401);
    assert_eq!(ask("ZXZlOmVuZ2luZQ==").status, 401);
}

#[test]
fn admin() {
    let directory = temporary("admin");
    fs::write(directory.join("index.html"), "<h1>Admin</h1>").unwrap();
    let child = start("admin", &["0", directory.to_str().unwrap()]);
    let mut client = child.connect();
    let host = format!("Host: {}", child.address());
    let send = |client: &mut Client, line: &str, headers: &[&str], body: &str| {
        let mut head = format!("{line} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        client.send(head + "\r\n" + body);
        client.answer_to(line.split(' ').next().unwrap())
    };
    let page = send(&mut client, "GET /", &[&host], "");
    assert_eq!((page.status, page.text()), (200, "<h1>Admin</h1>"));
    let json = "application/json";
    let answer = send(&mut client, "GET /settings", &[&host], "");
    check(&answer, 200, json, "{\"level\":\"info\"}");
    let new = "{\"level\":\"debug\"}";
    let kind = "Content-Type: application/json";
    let answer = send(&mut client, "PUT /settings", &[&host, kind], new);
    check(&answer, 200, json, new);
    let answer = send(&mut client, "GET /settings", &[&host], "");
    check(&answer, 200, json, new);
    // What a form of another site can send, and what a name of theirs brings.
    let form = "Content-Type: text/plain";
    let answer = send(&mut client, "PUT /settings", &[&host, form], new);
    assert_eq!(answer.status, 415, "{answer:?}");
    let answer = send(&mut client, "GET /settings", &["Host: evil.example"], "");
    assert_eq!(answer.status, 421, "{answer:?}");
    drop(child);
    fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn webhook() {
    let mut child = start("webhook", &["0"]);
    let mut client = child.connect();
    // Made by: printf %s BODY | openssl dgst -sha256 -hmac 'not so secret'
    let body = br#"{"action": "opened"}"#;
    let right = "980019226a85823824dfbc8c3a2e6e5350bc37f65c0a64d562793a980f949631";
    let signed = format!("X-Hub-Signature-256: sha256={right}");
    let answer = request(&mut client, "POST /hook", &[&signed], body);
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(child.line(), "event: opened");
    let other_body = br#"{"action": "closed"}"#;
    let answer = request(&mut client, "POST /hook", &[&signed], other_body);
    check_page(&answer, 403, "the signature is missing or wrong");
    for wrong in [
        String::new(),
        right.to_owned(),
        "sha256=".to_owned(),
        format!("sha256={}", &right[..62]),
        format!("sha256={}", &right[..63]),
        format!("sha256={right}00"),
        format!("sha256={}", right.replace('a', "g")),
        format!("sha1={right}"),
    ] {
        let header = format!("X-Hub-Signature-256: {wrong}");
        let answer = request(&mut client, "POST /hook", &[&header], body);
        assert_eq!(answer.status, 403, "{wrong:?}");
    }
    let answer = request(&mut client, "POST /hook", &[], body);
    assert_eq!(answer.status, 403, "{answer:?}");
    let signed = "X-Hub-Signature-256: sha256=fa3b5d02e872f16e76a2c368a50634681a186fcde90edac6e199820e11991e81";
    let answer = request(&mut client, "POST /hook", &[signed], b"hello");
    check_page(&answer, 400, "no event: ");
}

#[test]
fn oauth_callback() {
    let mut child = start("oauth_callback", &["0", "60"]);
    let address = child.address();
    let line = child.line();
    let (state, callback) = line
        .strip_prefix("Open https://example.org/authorize?state=")
        .and_then(|rest| rest.split_once("&redirect_uri="))
        .unwrap_or_else(|| panic!("{line}"));
    assert_eq!(state.len(), 32);
    assert_eq!(callback, format!("http://{address}/callback"));
    let mut client = child.connect();
    assert_eq!(client.get("/favicon.ico").status, 404);
    let answer = client.get("/callback?state=guess&code=1");
    check_page(&answer, 400, "not the log-in that was begun");
    let answer = client.get(&format!("/callback?state={state}"));
    check_page(&answer, 400, "there is no code");
    let answer = client.get(&format!("/callback?state={state}&code=abc%2F1"));
    check(
        &answer,
        200,
        TEXT,
        "You are logged in. You may close this page.\n",
    );
    drop(client);
    assert_eq!(child.line(), "The code is abc/1");
    assert_eq!(child.ended(), Some(0));
}

#[test]
fn oauth_callback_that_nobody_calls() {
    let mut child = start("oauth_callback", &["0", "0"]);
    assert!(child.line().starts_with("Open "));
    assert_eq!(child.line(), "Nobody has logged in");
    assert_eq!(child.ended(), Some(1));
}

#[test]
fn test_double() {
    let mut command = Command::new(examples().join("test_double"));
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "POST /builds HTTP/1.1: 7 is green\nPOST /broken HTTP/1.1: 8 is red\n"
    );
}

#[test]
fn local_page() {
    let mut child = start("local_page", &[]);
    let address = child.address();
    let line = child.line();
    let base = line
        .strip_prefix(&format!("Open http://{address}"))
        .unwrap_or_else(|| panic!("{line}"))
        .to_owned();
    let mut client = child.connect();
    let page = client.get(&base);
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text().contains("<progress"));
    let percent = client.get(&format!("{base}progress"));
    assert!(percent.text().parse::<u32>().is_ok(), "{percent:?}");
    for path in ["/", "/progress", "/0000000000000000/", "/guess/progress"] {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
    let guess = request(&mut client, "POST /guess/stop", &[], b"");
    assert_eq!(guess.status, 404);
    let answer = request(&mut client, &format!("POST {base}stop"), &[], b"");
    check(&answer, 200, TEXT, "stopped");
    drop(client);
    assert!(child.line().ends_with(" percent done"));
    assert_eq!(child.ended(), Some(0));
}

#[test]
fn testing() {
    let child = start("testing", &["0"]);
    let mut client = child.connect();
    let kind = ["Content-Type: application/json"];
    let answer = request(
        &mut client,
        "POST /notes",
        &kind,
        b"{\"text\": \"buy milk\"}",
    );
    check(&answer, 201, TEXT, "/notes/0");
    let answer = client.get("/notes/0");
    check(&answer, 200, "application/json", "{\"text\":\"buy milk\"}");
    assert_eq!(client.get("/notes/1").status, 404);
}
