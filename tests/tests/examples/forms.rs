//! The examples `upload`, `cookies` and `session`.

use crate::{check_page, examples, request, start, temporary};
use doget_tests::{Answer, Child, Client};
use std::fs;
use std::process::{Command, Stdio};

const MULTIPART: [&str; 1] = ["Content-Type: multipart/form-data; boundary=b"];

fn part(head: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
    [head.as_bytes(), data, b"\r\n"].concat()
}

fn picture(name: &str, kind: &str, data: &[u8]) -> Vec<u8> {
    part(
        &format!("name=\"picture\"; filename=\"{name}\"\r\nContent-Type: {kind}"),
        data,
    )
}

#[test]
fn upload() {
    let directory = temporary("upload");
    let child = start("upload", &["0", &directory.display().to_string()]);
    let mut client = child.connect();
    assert!(client.get("/").text().contains("multipart/form-data"));

    let large = vec![7; 1 << 20];
    let body = [
        part("name=title", b"<Tea>"),
        picture("../../one.png", "image/png", b"1"),
        picture("two.gif", "image/gif", &large),
        b"--b--\r\n".to_vec(),
    ];
    let answer = request(&mut client, "POST /", &MULTIPART, &body.concat());
    assert_eq!(
        answer.text(),
        "<!DOCTYPE html>\n<h1>&lt;Tea&gt;</h1>\n<p>one.png: 1 bytes\n<p>two.gif: 1048576 bytes\n"
    );
    let mut kept: Vec<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    kept.sort();
    assert_eq!(kept, ["picture-0", "picture-1"]);
    assert_eq!(fs::read(directory.join("picture-1")).unwrap(), large);

    let wrong = [
        picture("a.txt", "text/plain", b"1"),
        part("name=other", b"1"),
        b"--b--\r\n".to_vec(),
    ];
    let answer = request(&mut client, "POST /", &MULTIPART, &wrong.concat());
    check_page(&answer, 400, "picture: a file of image/png or");
    check_page(&answer, 400, "title: missing");
    check_page(&answer, 400, "other: not a known name");
    let large = [
        picture("a.png", "image/png", &vec![0; (2 << 20) + 1]),
        b"--b--".to_vec(),
    ];
    let answer = request(&mut child.connect(), "POST /", &MULTIPART, &large.concat());
    check_page(&answer, 413, "picture: at most 2097152 bytes");
    fs::remove_dir_all(directory).unwrap();
}

/// The cookie that an answer sets, as the browser sends it.
fn cookie(answer: &Answer) -> String {
    let set = answer.header("Set-Cookie").unwrap();
    let rules = "; Path=/; Max-Age=3600; Secure; HttpOnly; SameSite=Lax";
    assert!(set.ends_with(rules), "{set}");
    format!("Cookie: {}", set.split(';').next().unwrap())
}

#[test]
fn cookies() {
    let child = start("cookies", &["0"]);
    let mut client = child.connect();
    let kind = ["Content-Type: application/x-www-form-urlencoded"];
    assert!(client.get("/").text().contains("/sign-in"));

    let answer = request(&mut client, "POST /sign-in", &kind, b"user=ada&password=x");
    check_page(&answer, 403, "wrong user or password");
    let answer = request(&mut client, "POST /sign-in", &kind, b"user=ada");
    check_page(&answer, 400, "password: missing");

    let mut sign_in = || {
        let answer = request(
            &mut client,
            "POST /sign-in",
            &kind,
            b"user=ada&password=lovelace",
        );
        assert_eq!((answer.status, answer.header("Location")), (303, Some("/")));
        cookie(&answer)
    };
    let (first, second) = (sign_in(), sign_in());
    assert_ne!(first, second);
    assert!(first.starts_with("Cookie: __Host-session="), "{first}");

    let page = request(&mut client, "GET /", &[&first], b"");
    assert!(page.text().contains("Welcome, ada!"), "{}", page.text());
    assert_eq!(page.header("Cache-Control"), Some("no-store"));

    let answer = request(&mut client, "POST /sign-out", &[&first], b"");
    assert_eq!(
        answer.header("Set-Cookie"),
        Some("__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
    );
    let mut see = |cookie: &str| request(&mut client, "GET /", &[cookie], b"");
    // The session is gone from the server too; the other one stays.
    assert!(see(&first).text().contains("/sign-in"));
    assert!(see(&second).text().contains("Welcome, ada!"));
    check_page(
        &see("Cookie: __Host-session=short"),
        400,
        "exactly 32 characters",
    );
    let twice = format!("{first}; __Host-session=1");
    check_page(&see(&twice), 400, "given more than once");
}

/// A client that keeps the cookie.
struct Browser {
    client: Client,
    host: String,
    cookie: String,
}

impl Browser {
    fn ask(&mut self, line: &str, more: &[&str], body: &[u8]) -> Answer {
        let mut headers = vec![
            "Content-Type: application/x-www-form-urlencoded",
            &self.host,
        ];
        headers.push(&self.cookie);
        headers.extend(more);
        let mut head = format!("{line} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
        headers
            .iter()
            .for_each(|field| head += &format!("{field}\r\n"));
        self.client.send(head + "\r\n");
        self.client.send(body);
        let answer = self.client.answer_to(line.split(' ').next().unwrap());
        if let Some(set) = answer.header("Set-Cookie") {
            self.cookie = format!("Cookie: {}", set.split(';').next().unwrap());
        }
        answer
    }
}

#[test]
fn session() {
    let mut command = Command::new(examples().join("session"));
    command
        .arg("0")
        .env("SESSION_KEY", "0123456789abcdef0123456789abcdef")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let child = Child::spawn(command);
    let mut browser = Browser {
        client: child.connect(),
        host: format!("Host: {}", child.address()),
        cookie: "Cookie: a=b".to_owned(),
    };
    for page in 1..=2 {
        let answer = browser.ask("GET /", &[], b"");
        assert!(
            answer.text().contains(&format!("Page {page} of")),
            "{}",
            answer.text()
        );
        assert!(answer.text().contains("/log-in"));
        assert_eq!(answer.header("Cache-Control"), Some("no-store"));
    }
    let good = b"user=ada&password=lovelace";
    assert_eq!(
        browser
            .ask("POST /log-in", &[], b"user=ada&password=x")
            .status,
        403
    );
    let foreign = ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"];
    assert_eq!(browser.ask("POST /log-in", &foreign, good).status, 403);
    let answer = browser.ask("POST /log-in", &["Sec-Fetch-Site: same-origin"], good);
    assert_eq!((answer.status, answer.header("Location")), (303, Some("/")));
    let page = browser.ask("GET /", &[], b"");
    assert!(
        page.text().contains("<em>You are logged in.</em>"),
        "{}",
        page.text()
    );
    assert!(page.text().contains("Hello, ada!"));
    let page = browser.ask("GET /", &[], b"");
    assert!(
        !page.text().contains("<em>") && page.text().contains("Page 4 of"),
        "{}",
        page.text()
    );
    assert_eq!(browser.ask("POST /log-out", &foreign, b"").status, 403);
    assert_eq!(browser.ask("POST /log-out", &[], b"").status, 303);
    assert!(browser.ask("GET /", &[], b"").text().contains("Page 1 of"));
}
