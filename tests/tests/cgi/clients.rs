//! Real programs on both sides: scripts in a shell, Python and C, git over its own CGI program, forms by curl, and
//! `python3 -m http.server --cgi` beside the handler.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../files/site.rs"]
mod files_site;
mod site;

use doget::Symlinks;
use doget::{CgiHandler, FileHandler};
use doget_tests::test_server::{Conn, TestServer};
use site::{Scripts, patient, variable};
use std::ffi::OsStr;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// These tests are worth nothing without the programs; `.ci/run setup` installs them.
#[track_caller]
fn needs(program: &str) {
    let found = Command::new(program).arg("--version").output();
    assert!(
        found.is_ok_and(|output| output.status.success()),
        "this test needs {program}, which is not installed here"
    );
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let output: Output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

#[track_caller]
fn curl(arguments: &[&str]) -> String {
    run(Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--max-time",
            "60",
            "--noproxy",
            "*",
        ])
        .args(arguments))
}

const C: &str = r#"
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    const char *length = getenv("CONTENT_LENGTH");
    long left = length ? atol(length) : 0;
    printf("Status: 201 Made in C\r\nContent-Type: text/plain\r\n\r\n%s:", getenv("REQUEST_METHOD"));
    while (left-- > 0)
        putchar(getchar());
    return 0;
}
"#;

/// Compiles to a place where the other scripts are.
fn compile(scripts: &Scripts, path: &str) {
    needs("cc");
    let source = scripts.site.outside().join("program.c");
    fs::write(&source, C).unwrap();
    let program = scripts.site.root().join(path);
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    run(Command::new("cc").arg("-o").arg(&program).arg(&source));
}

#[test]
fn a_shell_a_python_and_a_c_program_answer() {
    needs("python3");
    let scripts = Scripts::new();
    scripts.add(
        "cgi-bin/shell",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s:' \"$REQUEST_METHOD\"\ncat\n",
    );
    scripts.add(
        "cgi-bin/python.py",
        "#!/usr/bin/env python3\nimport os, sys\nprint('Content-Type: text/plain\\n')\n\
         print(os.environ['REQUEST_METHOD'], sys.stdin.read(), sep=':', end='')\n",
    );
    compile(&scripts, "cgi-bin/c");
    let wire = scripts.serve();
    for (name, status) in [("shell", 200), ("python.py", 200), ("c", 201)] {
        let answer = site::post(&wire, &format!("/cgi-bin/{name}"), "body");
        assert_eq!(
            (answer.status, answer.text()),
            (status, "POST:body"),
            "{name}"
        );
        let answer = wire.get(&format!("/cgi-bin/{name}"));
        assert_eq!((answer.status, answer.text()), (status, "GET:"), "{name}");
    }
}

const FORM: &str = r#"#!/usr/bin/env python3
import os, sys
from email import message_from_bytes
from urllib.parse import parse_qsl

body = sys.stdin.buffer.read(int(os.environ["CONTENT_LENGTH"]))
kind = os.environ["CONTENT_TYPE"]
if kind == "application/x-www-form-urlencoded":
    pairs = parse_qsl(body.decode())
else:
    message = message_from_bytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    pairs = [(part.get_param("name", header="content-disposition"), part.get_payload(decode=True).decode())
             for part in message.get_payload()]
print("Content-Type: text/plain; charset=utf-8\n")
for name, value in pairs:
    print(f"{name}={value[:20]}:{len(value)}")
"#;

#[test]
fn a_form_is_posted_by_curl() {
    needs("curl");
    needs("python3");
    let scripts = Scripts::new();
    scripts.add("cgi-bin/form", FORM);
    let wire = scripts.serve();
    let url = format!("{}/cgi-bin/form", wire.url());
    let file = scripts.site.outside().join("upload.txt");
    fs::write(&file, "0123456789".repeat(50_000)).unwrap();
    let plain = curl(&[
        "--data-urlencode",
        "name=Ada & Co",
        "--data-urlencode",
        "x=\u{e9}",
        &url,
    ]);
    assert_eq!(plain, "name=Ada & Co:8\nx=\u{e9}:1\n");
    let upload = format!("file=@{}", file.display());
    let parts = curl(&["--form", "name=Ada", "--form", &upload, &url]);
    assert_eq!(parts, "name=Ada:3\nfile=01234567890123456789:500000\n");
    // The same without a length.
    let parts = curl(&[
        "--header",
        "Transfer-Encoding: chunked",
        "--form",
        &upload,
        &url,
    ]);
    assert_eq!(parts, "file=01234567890123456789:500000\n");
}

/// A git of this test's own, without the settings of who runs it.
fn git(home: &Path) -> Command {
    let mut git = Command::new("git");
    git.env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.com"])
        .args(["-c", "init.defaultBranch=main", "-c", "protocol.version=2"])
        .stdin(Stdio::null());
    git
}

/// Bytes that do not compress.
fn noise(size: u32) -> Vec<u8> {
    let mut state = 0x2545_F491u32;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..size).map(next).collect()
}

#[test]
fn git_clones_and_pushes_through_its_own_cgi_program() {
    needs("git");
    let backend =
        PathBuf::from(run(Command::new("git").arg("--exec-path")).trim()).join("git-http-backend");
    assert!(backend.exists(), "this test needs {}", backend.display());
    let scripts = Scripts::new();
    let outside = scripts.site.outside().to_owned();
    let home = outside.join("home");
    let bare = outside.join("repositories/project.git");
    fs::create_dir(&home).unwrap();
    run(git(&home).args(["init", "--quiet", "--bare"]).arg(&bare));
    run(git(&home)
        .arg("-C")
        .arg(&bare)
        .args(["config", "http.receivepack", "true"]));
    if rustix::process::geteuid().is_root() {
        // Scripts of root run as nobody, who has to be able to write there, and as whom git trusts it.
        run(Command::new("chown")
            .args(["-R", "nobody"])
            .arg(outside.join("repositories")));
    }
    fs::create_dir(scripts.site.root().join("cgi-bin")).unwrap();
    std::os::unix::fs::symlink(&backend, scripts.site.root().join("cgi-bin/git")).unwrap();
    let files = FileHandler::new(scripts.site.root())
        .unwrap()
        .symlinks(Symlinks::All);
    let handler = CgiHandler::with_files(files)
        .variable("GIT_PROJECT_ROOT", outside.join("repositories"))
        .variable("GIT_HTTP_EXPORT_ALL", "1")
        .limits(patient());
    let wire = TestServer::new(handler);
    let url = format!("{}/cgi-bin/git/project.git", wire.url());

    let work = outside.join("work");
    run(git(&home).args(["clone", "--quiet", &url]).arg(&work));
    let commit = |name: &str, content: &[u8]| {
        fs::write(work.join(name), content).unwrap();
        run(git(&home).arg("-C").arg(&work).args(["add", "--all"]));
        run(git(&home)
            .arg("-C")
            .arg(&work)
            .args(["commit", "--quiet", "--message", name]));
        run(git(&home)
            .arg("-C")
            .arg(&work)
            .args(["push", "--quiet", "origin", "HEAD:main"]));
    };
    commit("small.txt", b"hello\n");
    // Beyond http.postBuffer git sends chunks.
    commit("large.bin", &noise(3 << 20));

    let again = outside.join("again");
    run(git(&home)
        .args(["clone", "--quiet", "--branch", "main", &url])
        .arg(&again));
    assert_eq!(fs::read(again.join("small.txt")).unwrap(), b"hello\n");
    assert!(fs::read(again.join("large.bin")).unwrap() == noise(3 << 20));
    for number in 0..20 {
        commit(&format!("{number}.txt"), format!("{number}\n").as_bytes());
    }
    run(git(&home)
        .arg("-C")
        .arg(&again)
        .args(["pull", "--quiet", "--ff-only"]));
    assert_eq!(fs::read(again.join("19.txt")).unwrap(), b"19\n");
    run(git(&home).arg("-C").arg(&again).args(["fsck", "--strict"]));
    // What is not there is the program's own 404.
    assert_eq!(wire.get("/cgi-bin/git/other.git/info/refs").status, 404);
}

/// `python3 -m http.server --cgi` on a free port; ended when dropped.
struct Python {
    child: Child,
    address: SocketAddr,
}

impl Python {
    /// `None` where Python has no CGI any more.
    fn serve(directory: &Path) -> Option<Self> {
        needs("python3");
        let has = Command::new("python3")
            .args([
                "-W",
                "ignore",
                "-c",
                "from http.server import CGIHTTPRequestHandler",
            ])
            .stderr(Stdio::null())
            .status();
        if !has.unwrap().success() {
            eprintln!("not compared: this python3 has no CGIHTTPRequestHandler");
            return None;
        }
        let mut child = Command::new("python3")
            .args(["-u", "-W", "ignore", "-m", "http.server", "0", "--cgi"])
            .args(["--bind", "127.0.0.1", "--directory"])
            .arg(directory)
            // Rule CGI-18: what is there would leak into the scripts.
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .current_dir(directory)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = doget_tests::python::address(&mut child);
        Some(Self { child, address })
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status, reason and body; Python frames neither, so the connection's end has to.
fn ask(
    address: SocketAddr,
    request: &str,
    lines: &str,
    body: &str,
) -> Option<(u16, String, String)> {
    let mut conn = Conn::to(address);
    conn.send(format!(
        "{request} HTTP/1.0\r\nHost: a\r\n{lines}\r\n{body}"
    ));
    let raw = conn.rest();
    let text = String::from_utf8_lossy(&raw).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut words = head.lines().next()?.splitn(3, ' ').skip(1);
    let status = words.next()?.parse().ok()?;
    Some((status, words.next()?.to_owned(), body.to_owned()))
}

/// Prints the variables that both have to agree on.
const AGREED: &str = "#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
for name in GATEWAY_INTERFACE REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING REMOTE_ADDR CONTENT_TYPE \\
    CONTENT_LENGTH HTTP_ACCEPT HTTP_REFERER HTTP_USER_AGENT HTTP_COOKIE; do
    eval \"printf '%s=%s\\n' $name \\\"\\$$name\\\"\"
done
if [ -n \"$PATH_INFO\" ]; then echo \"$PATH_TRANSLATED\"; fi
head -c \"${CONTENT_LENGTH:-0}\"
";

#[test]
fn python_gives_the_same_answers() {
    let scripts = Scripts::new();
    scripts.add("cgi-bin/env", AGREED);
    scripts.add("cgi-bin/sub/dir/env", AGREED);
    scripts.add("htbin/b c", AGREED);
    scripts.site.file("cgi-bin/plain", "");
    scripts.site.file("a.txt", "hello\n");
    let root = scripts.site.root().canonicalize().unwrap();
    let Some(python) = Python::serve(&root) else {
        return;
    };
    let wire = TestServer::new(CgiHandler::new(&root).unwrap().limits(patient()));
    let usual = "Accept: a/b\r\nAccept: c/d\r\nUser-Agent: u\r\nReferer: r\r\nCookie: c=d\r\n";
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n";
    for (request, lines, body) in [
        ("GET /cgi-bin/env", "", ""),
        ("GET /cgi-bin/env", usual, ""),
        ("GET /cgi-bin/env?a=b&c=%20+d", "", ""),
        ("GET /cgi-bin/env?", "", ""),
        ("GET /cgi-bin/env/", "", ""),
        ("GET /cgi-bin/env/x/y/z?q=1", "", ""),
        ("GET /cgi-bin/env/x/?q=/", "", ""),
        ("GET /cgi-bin/env/a%20b/%C3%A4", "", ""),
        ("GET /cgi-bin/sub/dir/env/x", "", ""),
        ("GET /cgi-bin//env//x", "", ""),
        ("GET /%63gi-bin/env", "", ""),
        ("GET /htbin/b%20c", "", ""),
        ("POST /cgi-bin/env", form, "a=b"),
        ("POST /cgi-bin/env/x?y=z", form, "a=b"),
        ("POST /cgi-bin/sub/dir/env", "Content-Length: 0\r\n", ""),
        ("GET /cgi-bin/nothing", "", ""),
        ("GET /cgi-bin/nothing/x", "", ""),
        ("GET /cgi-bin/sub/nothing", "", ""),
        ("POST /cgi-bin/nothing", form, "a=b"),
        ("GET /cgi-bin/", "", ""),
        ("GET /cgi-bin/sub", "", ""),
        ("GET /cgi-bin/sub/", "", ""),
        ("GET /cgi-bin/plain", "", ""),
        ("POST /", form, "a=b"),
        ("POST /a.txt", form, "a=b"),
        ("POST /cgi-bin", form, "a=b"),
        ("SPAM /cgi-bin/env", form, "a=b"),
        ("GET /a.txt", "", ""),
    ] {
        let (theirs, ours) = (
            ask(python.address, request, lines, body),
            ask(wire.address(), request, lines, body),
        );
        let ((status, reason, text), (our_status, our_reason, our_text)) =
            (theirs.unwrap(), ours.unwrap());
        assert_eq!(our_status, status, "{request} {lines}");
        if status == 200 {
            assert_eq!(our_text, text, "{request} {lines}");
        } else {
            assert_eq!(our_reason, reason, "{request} {lines}");
        }
    }
}

/// Where we do not do as `http.server` does, and why: the request, its status there and here.
const DIFFERENCES: &[(&str, &str, &str, &str)] = &[
    (
        "GET /cgi-bin%2fenv",
        "200",
        "404",
        "CGI-04: an escaped slash separates nothing, as with files",
    ),
    ("GET /cgi-bin/env%2fx", "200", "404", "the same"),
    (
        "PUT /cgi-bin/env",
        "501",
        "405",
        "FIL-01: the method is known, and no script takes it",
    ),
    ("PUT /a.txt", "501", "405", "FIL-01: nor does a file"),
    (
        "GET /cgi-bin/x/../env",
        "200",
        "404",
        "CGI-02: dots are refused in every spelling",
    ),
    (
        "GET /cgi-bin/../..",
        "nothing",
        "400",
        "CGI-02: and that is no reason to drop the connection",
    ),
    (
        "GET /cgi-bin/env%3Fq",
        "200",
        "404",
        "CGI-06: an escaped question mark is part of a name",
    ),
    (
        "GET /cgi-bin/status",
        "200",
        "404",
        "CGI-20: the status of a script counts",
    ),
    (
        "GET /cgi-bin/location",
        "200",
        "302",
        "CGI-20: and its redirect",
    ),
    (
        "GET /cgi-bin/local",
        "200",
        "200",
        "CGI-20: a local one is answered with what it names",
    ),
    (
        "GET /cgi-bin/silent",
        "nothing",
        "502",
        "CGI-20: what is no header is not passed on",
    ),
    ("GET /cgi-bin/words", "200", "502", "the same"),
    (
        "GET /cgi-bin/missing",
        "nothing",
        "500",
        "CGI-23: a script that cannot be started is an error",
    ),
    ("GET /cgi-bin/text", "nothing", "500", "the same"),
];

#[test]
fn python_gives_other_answers_for_a_reason() {
    let scripts = Scripts::new();
    scripts.add("cgi-bin/env", AGREED);
    scripts.add(
        "cgi-bin/status",
        "#!/bin/sh\nprintf 'Status: 404 No\\r\\n\\r\\n'\n",
    );
    scripts.add(
        "cgi-bin/location",
        "#!/bin/sh\nprintf 'Location: http://a/\\r\\n\\r\\n'\n",
    );
    scripts.add(
        "cgi-bin/local",
        "#!/bin/sh\nprintf 'Location: /a.txt\\r\\n\\r\\n'\n",
    );
    scripts.add("cgi-bin/silent", "#!/bin/sh\n:\n");
    scripts.add(
        "cgi-bin/words",
        "#!/bin/sh\nprintf 'hello\\r\\n\\r\\nworld'\n",
    );
    scripts.add("cgi-bin/missing", "#!/no/such/program\n");
    scripts.add("cgi-bin/text", "echo text\n");
    scripts.add(
        "cgi-bin/arguments",
        "#!/bin/sh\nprintf 'Content-Type: a/b\\r\\n\\r\\n%s' \"$*\"\n",
    );
    scripts.add("cgi-bin/all", site::ENV.replace("\\n\\n", "\\r\\n\\r\\n"));
    scripts.site.file("a.txt", "hello\n");
    let root = scripts.site.root().canonicalize().unwrap();
    let Some(python) = Python::serve(&root) else {
        return;
    };
    let wire = TestServer::new(CgiHandler::new(&root).unwrap().limits(patient()));
    let status = |address, request| match ask(address, request, "", "") {
        Some((status, ..)) => status.to_string(),
        None => "nothing".to_owned(),
    };
    for (request, theirs, ours, why) in DIFFERENCES {
        assert_eq!(
            status(python.address, request),
            *theirs,
            "python: {request}"
        );
        assert_eq!(status(wire.address(), request), *ours, "{request}: {why}");
    }
    // The body of a response to HEAD; arguments from the query; credentials that nobody has verified; other fields.
    let both = |request: &str, lines: &str| {
        [python.address, wire.address()].map(|address| ask(address, request, lines, "").unwrap().2)
    };
    let [theirs, ours] = both("HEAD /cgi-bin/env", "");
    assert!(!theirs.is_empty() && ours.is_empty());
    assert_eq!(both("GET /cgi-bin/arguments?-s", ""), ["-s", ""]);
    assert_eq!(both("GET /cgi-bin/local", "")[1], "hello\n");
    let lines = "Authorization: Basic YWRhOnNlY3JldA==\r\nX-A: b\r\nCookie: a=b\r\nCookie: c=d\r\n";
    let [theirs, ours] = both("GET /cgi-bin/all", lines);
    for (there, here) in [
        ("REMOTE_USER=ada", ""),
        ("AUTH_TYPE=Basic", ""),
        ("", "HTTP_X_A=b"),
        ("", "HTTP_HOST=a"),
        ("HTTP_COOKIE=a=b, c=d", "HTTP_COOKIE=a=b; c=d"),
        ("REMOTE_HOST=\n", "REMOTE_HOST=127.0.0.1"),
        ("CONTENT_LENGTH=\n", ""),
        ("HTTP_REFERER=\n", ""),
    ] {
        assert!(
            theirs.contains(there) && ours.contains(here),
            "{there} {here}\n{theirs}\n{ours}"
        );
        assert!(here.is_empty() || !theirs.contains(here), "{here}");
        assert!(there.is_empty() || !ours.contains(there), "{there}");
    }
}

#[test]
fn a_path_that_is_not_utf_8_comes_as_it_was_sent() {
    let scripts = Scripts::usual();
    let path = scripts
        .site
        .root()
        .join("cgi-bin")
        .join(<OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"\xe9"));
    run(Command::new("cp")
        .arg(scripts.site.root().join("cgi-bin/env"))
        .arg(&path));
    let wire = scripts.serve();
    let answer = wire.get("/cgi-bin/%E9?x");
    let text = String::from_utf8_lossy(&answer.body);
    assert!(text.contains("SCRIPT_NAME=/cgi-bin/\u{fffd}\n"), "{text}");
    assert_eq!(
        variable(&wire.get("/cgi-bin/env"), "REQUEST_METHOD"),
        Some("GET")
    );
}

#[test]
fn scripts_answer_over_tls_and_know_it() {
    let scripts = Scripts::usual();
    let wire = TestServer::with(scripts.handler(), |server| {
        server.tls(doget_tests::tls::server())
    });
    needs("curl");
    let url = format!("https://{}", wire.address());
    let told = curl(&["--insecure", &format!("{url}/cgi-bin/env")]);
    assert!(told.contains("HTTPS=on\n"), "{told}");
    let body = scripts.site.outside().join("body");
    fs::write(&body, noise(2 << 20)).unwrap();
    for coding in ["X-Nothing: x", "Transfer-Encoding: chunked"] {
        let copy = scripts.site.outside().join("copy");
        let data = format!("@{}", body.display());
        curl(&[
            "--insecure",
            "--header",
            coding,
            "--data-binary",
            &data,
            "--output",
            copy.to_str().unwrap(),
            &format!("{url}/cgi-bin/cat"),
        ]);
        assert!(fs::read(&copy).unwrap() == noise(2 << 20), "{coding}");
    }
}
