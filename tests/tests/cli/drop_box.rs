//! `--drop`: files that clients send, kept where nobody is shown them.

use super::{Doget, Place, fails};
use doget_tests::test_server::Conn;
use doget_tests::{Answer, Client, eventually};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Nobody: as root it does not run.
const NOBODY: u32 = 65_534;

/// A directory to serve, and one that files are kept in.
struct Kept {
    place: Place,
    directory: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let place = Place::new();
        let directory = PathBuf::from(place.beside("kept"));
        fs::create_dir(&directory).unwrap();
        for path in [&directory, &place.root()] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        }
        Self { place, directory }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let directory = self.directory.to_str().unwrap();
        let mut command = self
            .place
            .command(&[&["--drop", directory], arguments].concat());
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn serve(&self, arguments: &[&str]) -> Doget {
        let all = [&["0", "-b", "127.0.0.1", "--allow-host", "test"], arguments].concat();
        Doget::start(self.command(&all))
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// All that is there, unfinished files too.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.directory).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).unwrap()
    }
}

fn put(doget: &Doget, path: &str, fields: &str, body: &str) -> Answer {
    let mut client = Client::connect(doget.address());
    let length = body.len();
    client.send(format!(
        "PUT {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n{fields}\r\n{body}"
    ));
    client.answer()
}

/// Begins to send a file; the server has taken it up, and waits for its bytes.
fn begun(doget: &Doget, name: &str) -> Conn {
    let mut conn = Conn::to(doget.address());
    conn.send(format!(
        "PUT /drop/{name} HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
    ));
    conn.until(b"100 Continue\r\n\r\n");
    conn.send("abc");
    conn
}

#[test]
fn a_file_is_kept_whole_once_and_shown_to_nobody() {
    let kept = Kept::new();
    let doget = kept.serve(&[]);
    assert_eq!(put(&doget, "/drop/a.txt", "", "first").status, 201);
    assert_eq!(kept.text("a.txt"), "first");
    let mode = fs::metadata(kept.directory.join("a.txt"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    // Never over another file.
    assert_eq!(put(&doget, "/drop/a.txt", "", "second").status, 409);
    assert_eq!(kept.text("a.txt"), "first");
    // Never through a link, even one that leads nowhere.
    std::os::unix::fs::symlink(kept.place.beside("target"), kept.directory.join("link")).unwrap();
    assert_eq!(put(&doget, "/drop/link", "", "through").status, 409);
    assert!(!PathBuf::from(kept.place.beside("target")).exists());
    for path in ["/drop/a.txt", "/kept/a.txt", "/a.txt/", "/../kept/a.txt"] {
        assert_ne!(doget.get(path).status, 200, "{path}");
    }
    assert!(!doget.get("/drop/").text().contains("a.txt"));
    // Elsewhere nothing is taken.
    assert_eq!(put(&doget, "/new.txt", "", "x").status, 405);
    assert_eq!(put(&doget, "/a.txt", "", "x").status, 405);
    assert_eq!(doget.get("/a.txt").text(), "hello\n");
    // Chunks, and the name decoded once.
    let mut client = Client::connect(doget.address());
    client.send("PUT /drop/b%20c.txt HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("3\r\nabc\r\n0\r\n\r\n");
    assert_eq!(client.answer().status, 201);
    assert_eq!(kept.text("b c.txt"), "abc");
    assert_eq!(kept.names(), ["a.txt", "b c.txt", "link"]);
}

#[test]
fn a_name_is_that_of_one_file() {
    let kept = Kept::new();
    let doget = kept.serve(&[]);
    let long = "n".repeat(201);
    for (path, status) in [
        ("/drop/.htaccess", 400),
        ("/drop/..%2Fx", 404),
        ("/drop/%2e%2e%2fx", 404),
        ("/drop/a%2Fb", 400),
        ("/drop/a%5Cb", 400),
        ("/drop/%2Fetc%2Fpasswd", 400),
        ("/drop/a%00", 400),
        ("/drop/a%0Ab", 400),
        ("/drop/a%3Astream", 400),
        ("/drop/CON", 400),
        ("/drop/nul.txt", 400),
        ("/drop/a.", 400),
        ("/drop/a%20", 400),
        ("/drop/-rf", 400),
        ("/drop/.doget-1-1", 400),
        ("/drop/evil%E2%80%AEgpj.exe", 400),
        ("/drop/a/b", 405),
        (&format!("/drop/{long}"), 400),
    ] {
        let answer = put(&doget, path, "", "x");
        assert!(
            answer.status == status || matches!(answer.status, 400 | 404 | 405),
            "{path}: {}",
            answer.status
        );
    }
    assert_eq!(kept.names(), [""; 0]);
}

#[test]
fn a_file_that_is_not_whole_has_no_name_and_leaves_nothing() {
    let kept = Kept::new();
    let doget = kept.serve(&["--limit", "upload.max_uploads=1"]);
    let client = begun(&doget, "half");
    assert_eq!(put(&doget, "/drop/x", "", "").status, 503);
    assert!(!kept.names().contains(&"half".to_owned()));
    drop(client);
    eventually("a turn", || put(&doget, "/drop/x", "", "").status == 201);
    assert_eq!(kept.names(), ["x"]);
    fs::remove_file(kept.directory.join("x")).unwrap();
    // What a crash leaves is removed at the start.
    fs::write(kept.directory.join(".doget-99-0"), "rest").unwrap();
    fs::set_permissions(
        kept.directory.join(".doget-99-0"),
        fs::Permissions::from_mode(0o666),
    )
    .unwrap();
    let _next = kept.serve(&[]);
    assert_eq!(kept.names(), [""; 0]);
}

#[test]
fn what_is_kept_has_bounds() {
    let kept = Kept::new();
    let doget = kept.serve(&[
        "--limit",
        "upload.max_file_size=10",
        "--limit",
        "upload.max_total_size=16",
        "--limit",
        "upload.max_files=3",
    ]);
    assert_eq!(put(&doget, "/drop/long", "", "12345678901").status, 413);
    let mut client = Client::connect(doget.address());
    client.send("PUT /drop/long HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send("b\r\n12345678901\r\n0\r\n\r\n");
    assert_eq!(client.answer().status, 413);
    assert_eq!(kept.names(), [""; 0]);
    assert_eq!(put(&doget, "/drop/a", "", "1234567890").status, 201);
    assert_eq!(put(&doget, "/drop/b", "", "1234567").status, 507);
    assert_eq!(put(&doget, "/drop/b", "", "123").status, 201);
    assert_eq!(put(&doget, "/drop/c", "", "").status, 201);
    assert_eq!(put(&doget, "/drop/d", "", "").status, 507);
    assert_eq!(kept.names(), ["a", "b", "c"]);
    // Two at once; a third client is told to come again.
    let kept = Kept::new();
    let doget = kept.serve(&[]);
    let senders = ["one", "two"].map(|name| begun(&doget, name));
    let mut number = 0;
    let mut put_next = || {
        number += 1;
        let answer = put(&doget, &format!("/drop/three-{number}"), "", "x");
        (
            answer.status,
            answer.header("Retry-After").map(str::to_owned),
        )
    };
    assert_eq!(put_next(), (503, Some("5".to_owned())));
    drop(senders);
    eventually("a turn", || put_next().0 == 201);
}

#[test]
fn no_page_of_another_site_sends_files() {
    let kept = Kept::new();
    let doget = kept.serve(&[]);
    for fields in [
        "Origin: https://evil.example\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
    ] {
        assert_eq!(put(&doget, "/drop/a", fields, "x").status, 403, "{fields}");
    }
    assert_eq!(kept.names(), [""; 0]);
    let address = doget.address();
    let own = format!("Origin: http://test\r\nSec-Fetch-Site: same-origin\r\nX-A: {address}\r\n");
    assert_eq!(put(&doget, "/drop/a", &own, "x").status, 201);
}

#[test]
fn a_form_sends_several_files_without_a_script() {
    let kept = Kept::new();
    let doget = kept.serve(&[]);
    let page = doget.get("/drop/");
    assert!(page.text().contains("multipart/form-data") && !page.text().contains("<script"));
    let part = |name: &str, text: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
        )
    };
    let body = [
        &part("one.txt", "1"),
        &part("C:\\dir\\two.txt", "2"),
        "--b--\r\n",
    ]
    .concat();
    let post = |body: &str| {
        let mut client = Client::connect(doget.address());
        client.send(format!(
            "POST /drop/ HTTP/1.1\r\nHost: test\r\nContent-Type: multipart/form-data; boundary=b\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        client.answer()
    };
    assert_eq!(post(&body).status, 201);
    assert_eq!(
        (kept.text("one.txt"), kept.text("two.txt")),
        ("1".to_owned(), "2".to_owned())
    );
    assert_eq!(post(&body).status, 409);
    assert_eq!(post("--b--\r\n").status, 400);
}

#[test]
fn it_does_not_start_where_it_would_be_a_hole() {
    let kept = Kept::new();
    let root = kept.place.root();
    let inside = root.join("dir");
    let above = kept.place.0.clone();
    for (directory, says) in [
        (&root, "outside of the directory that is served"),
        (&inside, "outside of the directory that is served"),
        (&above, "not above it"),
        (&root.join("a.txt"), "no directory"),
        (&root.join("missing"), "No such file"),
    ] {
        let output = kept
            .place
            .command(&[
                "0",
                "-b",
                "127.0.0.1",
                "--drop",
                directory.to_str().unwrap(),
            ])
            .uid(NOBODY)
            .output()
            .unwrap();
        fails(&output, 1, says);
    }
    for options in [
        &["0"][..],
        &["0", "-b", "127.0.0.1", "--behind", "127.0.0.1"],
    ] {
        fails(&kept.run(options), 2, "--drop-anonymous");
    }
    let socket = kept.directory.join("socket").display().to_string();
    fails(&kept.run(&["--unix", &socket]), 2, "--drop-anonymous");
    fails(&kept.run(&["0", "--cgi"]), 2, "cannot be used with");
    if rustix::process::geteuid().is_root() {
        let directory = kept.directory.to_str().unwrap();
        let output = kept
            .place
            .run(&["0", "-b", "127.0.0.1", "--drop", directory]);
        fails(&output, 1, "does not run as root");
    }
    let mut doget = Doget::start(kept.command(&["0", "--drop-anonymous"]));
    doget.next_line();
    doget.next_line();
    assert!(
        doget
            .next_line()
            .starts_with("Drop: what everyone who reaches")
    );
}

#[test]
fn curl_sends_a_file() {
    let kept = Kept::new();
    let doget = kept.serve(&[]);
    kept.place.file("big", &"0123456789".repeat(100_000));
    let url = format!("http://127.0.0.1:{}/drop/", doget.address().port());
    let sent = Command::new("curl")
        .args([
            "-sS",
            "-o",
            "/dev/null",
            "-w",
            "%{http_code}",
            "-H",
            "Host: test",
            "-T",
        ])
        .arg(kept.place.root().join("big"))
        .arg(&url)
        .output();
    let Ok(sent) = sent else {
        eprintln!("left out: there is no curl here");
        return;
    };
    assert_eq!(String::from_utf8_lossy(&sent.stdout), "201");
    assert_eq!(kept.text("big").len(), 1_000_000);
}
