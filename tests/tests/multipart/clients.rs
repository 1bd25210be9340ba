//! curl, Python and Chromium send the same form.
//!
//! Where one is missing its test says so and passes; with `CI=true` a missing curl, Python or Chromium is a failure.

use crate::site::Site;
use doget_tests::PATIENCE;
use doget_tests::browser::Browser;
use doget_tests::test_server::TestServer;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;

const SITE: Site = Site { reports: None };

/// A file of 100,000 bytes of 7.
fn photo(name: &str) -> PathBuf {
    let directory =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("multipart-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join(name);
    std::fs::write(&path, vec![7; 100_000]).unwrap();
    path
}

/// Runs a program to its end; `None` if it is not there.
fn run(program: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).env("NO_PROXY", "*");
    match command.output() {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            let demanded = std::env::var("CI").is_ok_and(|value| value == "true");
            assert!(!demanded, "there is no {program}, and CI demands it");
            eprintln!("skipped: there is no {program}");
            None
        }
    }
}

#[test]
fn curl() {
    let server = TestServer::new(SITE);
    let (typed, parts) = (
        format!("{}/typed", server.url()),
        format!("{}/parts", server.url()),
    );
    let photo = photo("curl \"1\".png");
    let quoted = photo.display().to_string().replace('"', "\\\"");
    let form = [
        "-F".to_owned(),
        "title=Tea".to_owned(),
        "-F".to_owned(),
        "tag=a".to_owned(),
        "-F".to_owned(),
        format!("photo=@\"{quoted}\";type=image/png"),
        "-F".to_owned(),
        format!("more=@\"{quoted}\";filename=../../etc/passwd"),
    ];
    let form: Vec<&str> = form.iter().map(String::as_str).collect();
    let common = ["-sS", "--max-time", "30", "--noproxy", "*"];
    let Some(told) = run("curl", &[&common[..], &form, &[&*typed]].concat()) else {
        return;
    };
    assert_eq!(
        told,
        "\"Tea\" [\"a\"]\n\
         photo Some(\"curl _1_.png\") Some(\"image/png\") 100000 700000\n\
         more Some(\"passwd\") Some(\"image/png\") 100000 700000\n"
    );
    let chunked = [
        "-H",
        "Transfer-Encoding: chunked",
        "-H",
        "Expect: 100-continue",
    ];
    let told = run("curl", &[&common[..], &chunked, &form, &[&*parts]].concat());
    assert_eq!(
        told.unwrap(),
        "title None None 3\n\
         tag None None 1\n\
         photo Some(\"curl _1_.png\") Some(\"image/png\") 100000\n\
         more Some(\"passwd\") Some(\"image/png\") 100000\n"
    );
    // Too large: the answer comes before the upload is through, and curl sees it.
    let large = photo.with_file_name("large");
    std::fs::write(&large, vec![0; 2 << 20]).unwrap();
    let file = format!("photo=@{}", large.display());
    let status = ["-o", "/dev/null", "-w", "%{http_code}", "-F", &file, &typed];
    assert_eq!(
        run("curl", &[&common[..], &status].concat()).unwrap(),
        "413"
    );
}

/// Runs a script of Python with the address and a file; it prints what the server told.
fn python(import: &str, script: &str) {
    let server = TestServer::new(SITE);
    let url = format!("{}/typed", server.url());
    let photo = photo(&format!("{import}.png"));
    let Some(found) = run(
        "python3",
        &["-c", &format!("import {import}; print('here')")],
    ) else {
        return;
    };
    if found.trim() != "here" {
        let demanded = std::env::var_os("DOGET_PYTHON_LIBRARIES").is_some();
        assert!(
            !demanded,
            "there is no {import} for Python, and it is demanded"
        );
        eprintln!("skipped: there is no {import} for Python");
        return;
    }
    let told = run(
        "python3",
        &["-c", script, &url, &photo.display().to_string()],
    );
    assert_eq!(
        told.unwrap().replace("\r\n", "\n"),
        format!(
            "\"Tea\" [\"a\", \"b\"]\n\
             photo Some(\"{import}.png\") Some(\"image/png\") 100000 700000\n\
             more Some(\"\u{fc}_b.txt\") Some(\"text/plain\") 3 294\n\n"
        )
    );
}

#[test]
fn requests() {
    python(
        "requests",
        r#"
import requests, sys, os
photo = open(sys.argv[2], 'rb')
files = [('photo', (os.path.basename(sys.argv[2]), photo, 'image/png')), ('more', ('ü"b.txt', b'abc', 'text/plain'))]
session = requests.Session()
session.trust_env = False
print(session.post(sys.argv[1], data={'title': 'Tea', 'tag': ['a', 'b']}, files=files, timeout=30).text)
"#,
    );
}

#[test]
fn httpx() {
    python(
        "httpx",
        r#"
import httpx, sys, os
photo = open(sys.argv[2], 'rb')
files = [('photo', (os.path.basename(sys.argv[2]), photo, 'image/png')), ('more', ('ü"b.txt', b'abc', 'text/plain'))]
client = httpx.Client(trust_env=False, timeout=30)
print(client.post(sys.argv[1], data={'title': 'Tea', 'tag': ['a', 'b']}, files=files).text)
"#,
    );
}

#[test]
fn urllib() {
    python(
        "urllib",
        r#"
import sys, os, urllib.request
def part(head, data):
    return b'--=_b\r\nContent-Disposition: form-data; ' + head.encode() + b'\r\n\r\n' + data + b'\r\n'
photo = open(sys.argv[2], 'rb').read()
body = part('name="title"', b'Tea') + part('name="tag"', b'a') + part('name="tag"', b'b')
body += part('name="photo"; filename="%s"\r\nContent-Type: image/png' % os.path.basename(sys.argv[2]), photo)
body += part('name="more"; filename="ü%22b.txt"\r\nContent-Type: text/plain', b'abc') + b'--=_b--\r\n'
request = urllib.request.Request(sys.argv[1], body, {'Content-Type': 'multipart/form-data; boundary="=_b"'})
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(opener.open(request, timeout=30).read().decode())
"#,
    );
}

#[test]
fn chromium() {
    let (sender, reported) = channel();
    let server = TestServer::new(Site {
        reports: Some(Mutex::new(sender)),
    });
    let profile = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("multipart-profile-{}", std::process::id()));
    let Some(browser) = Browser::open(&server.url(), &profile) else {
        let demanded = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!demanded, "there is no Chromium, and CI demands it");
        eprintln!("left out: no Chromium here (Debian: apt-get install chromium)");
        return;
    };
    let told = reported.recv_timeout(6 * PATIENCE);
    drop(browser);
    let _ = std::fs::remove_dir_all(&profile);
    assert_eq!(
        told.unwrap_or_else(|_| panic!("nothing came: {:?}", server.end())),
        "\"T\u{eb}a \\\"green\\\"\" [\"ab\"]\n\
         photo Some(\"a_b\u{65e5}\u{672c}.png\") Some(\"image/png\") 100000 700000\n\
         more Some(\"one.txt\") Some(\"application/octet-stream\") 1 49\n\
         more Some(\"two.txt\") Some(\"application/octet-stream\") 2 100\n"
    );
}
