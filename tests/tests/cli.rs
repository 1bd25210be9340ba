//! The command `doget` as its users start it: a process, real requests, and what it says and writes.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget_tests::{Answer, Client, eventually, tls};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// Where the command is, built in the profile of this test.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // This test is TARGET/PROFILE/deps/cli-HASH.
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--package", "doget"])
            .args(["--features", "cli", "--bin", "doget", "--target-dir"])
            .arg(profile.parent().unwrap())
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the command is built");
        profile.join("doget")
    })
}

/// A directory to serve, and beside it what a test writes.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("doget-cli-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("root/dir")).unwrap();
        let place = Self(path);
        place.file("a.txt", "hello\n");
        place.file("dir/b.foo", "b");
        place.file(".secret", "secret");
        place
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }

    fn beside(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.root().join(name), text).unwrap();
    }

    /// The command, in the directory.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .current_dir(self.root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Serves on a free port of the loopback interface, with these options, under the names that these tests use.
    #[track_caller]
    fn serve(&self, arguments: &[&str]) -> Doget {
        let all = [&["--allow-host", "test,a"], arguments].concat();
        self.serve_by_address(&all)
    }

    /// The same under the names that it chooses itself.
    #[track_caller]
    fn serve_by_address(&self, arguments: &[&str]) -> Doget {
        let all = [&["0", "-b", "127.0.0.1"], arguments].concat();
        Doget::start(self.command(&all))
    }

    /// Runs it to its end.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running command; dropped, it is killed.
struct Doget {
    child: Child,
    output: BufReader<ChildStdout>,
    /// The first line.
    line: String,
}

impl Doget {
    #[track_caller]
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut doget = Self {
            child,
            output,
            line: String::new(),
        };
        doget.line = doget.next_line();
        doget
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    /// What the first line says.
    #[track_caller]
    fn address(&self) -> SocketAddr {
        let url = self.line.split_once("://").expect(&self.line).1;
        url.split_once("/)").unwrap().0.parse().unwrap()
    }

    #[track_caller]
    fn get(&self, target: &str) -> Answer {
        Client::connect(self.address()).get(target)
    }

    #[track_caller]
    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end: the status, what else it said, and what it said on stderr.
    #[track_caller]
    fn ended(mut self) -> (Option<i32>, String, String) {
        let mut code = None;
        eventually("the end", || match self.child.try_wait().unwrap() {
            Some(status) => {
                code = status.code();
                true
            }
            None => false,
        });
        let (mut out, mut err) = (String::new(), String::new());
        self.output.read_to_string(&mut out).unwrap();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut err).unwrap();
        }
        (code, out, err)
    }

    /// Ends it with SIGTERM, and says what it logged.
    #[track_caller]
    fn log(self) -> String {
        self.signal(Signal::TERM);
        let (code, _, err) = self.ended();
        assert_eq!(code, Some(0), "{err}");
        err
    }
}

impl Drop for Doget {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[track_caller]
fn fails(output: &Output, status: i32, says: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{text}");
    assert!(text.contains(says), "{text}");
    assert!(
        !text.contains("panicked") && !text.contains("os error"),
        "{text}"
    );
    assert!(output.stdout.is_empty());
    if status == 1 {
        assert!(
            text.starts_with("doget: ") && text.lines().count() == 1,
            "{text}"
        );
    }
}

#[test]
fn cli_12_it_serves_where_it_is_on_all_addresses_and_says_so() {
    let place = Place::new();
    let mut doget = Doget::start(place.command(&["0"]));
    let address = doget.address();
    let (ip, port) = (address.ip(), address.port());
    assert!(ip.is_unspecified());
    let url = match ip {
        std::net::IpAddr::V4(_) => format!("http://0.0.0.0:{port}/"),
        std::net::IpAddr::V6(_) => format!("http://[::]:{port}/"),
    };
    assert_eq!(
        doget.line,
        format!("Serving HTTP on {ip} port {port} ({url}) ...")
    );
    let directory = fs::canonicalize(place.root()).unwrap();
    assert_eq!(
        doget.next_line(),
        format!("Directory: {}", directory.display())
    );
    assert!(doget.next_line().starts_with("Open: http://"));
    // IPv4 clients reach it too, and the log shows them by their own address.
    let mut client = Client::connect(SocketAddr::from(([127, 0, 0, 1], port)));
    assert_eq!(client.get("/a.txt").text(), "hello\n");
    let answer = client.get("/");
    assert!(answer.text().contains("Directory listing for /"));
    assert_eq!(answer.header("Cache-Control"), Some("no-cache"));
    assert_eq!(client.get("/.secret").status, 404);
    let log = doget.log();
    assert!(log.starts_with("127.0.0.1 - - ["), "{log}");
    assert!(log.contains("] \"GET /a.txt HTTP/1.1\" 200 6\n"), "{log}");
    assert!(
        log.contains("] code 404, message File not found\n"),
        "{log}"
    );
}

#[test]
fn cli_03_several_addresses_share_a_free_port() {
    let place = Place::new();
    let mut doget = place.serve(&["-b", "127.0.0.2"]);
    let second = doget.next_line();
    let port = doget.address().port();
    assert_eq!(
        second,
        format!("Serving HTTP on 127.0.0.2 port {port} (http://127.0.0.2:{port}/) ...")
    );
    let mut client = Client::connect(SocketAddr::from(([127, 0, 0, 2], port)));
    assert_eq!(client.get("/a.txt").status, 200);
}

#[test]
fn cli_05_another_directory() {
    let place = Place::new();
    for option in ["-d", "--directory"] {
        assert_eq!(place.serve(&[option, "dir"]).get("/b.foo").text(), "b");
    }
}

#[test]
fn cli_06_the_version_of_responses() {
    let place = Place::new();
    for (version, closes) in [("HTTP/1.0", true), ("HTTP/1.1", false)] {
        let doget = place.serve(&["-p", version]);
        let mut client = Client::connect(doget.address());
        let answer = client.get("/a.txt");
        assert_eq!(answer.closes(), closes, "{version}");
        assert_eq!(answer.version, version);
        drop(client);
    }
}

#[test]
fn cli_07_https_with_a_certificate_a_key_and_a_password() {
    let place = Place::new();
    let write = |name: &str, text: &str| {
        let path = place.beside(name);
        fs::write(&path, text).unwrap();
        path
    };
    let certificate = write("cert.pem", tls::CERTIFICATE);
    let key = write("key.pem", tls::KEY);
    let encrypted = write("encrypted.pem", tls::KEY_ENCRYPTED);
    let both = write("both.pem", &format!("{}{}", tls::KEY, tls::CERTIFICATE));
    let password = write("password", "\n  secret \r\n");
    for options in [
        &["--tls-cert", &certificate, "--tls-key", &key][..],
        &["--tls-cert", &both],
        &[
            "--tls-cert",
            &certificate,
            "--tls-key",
            &encrypted,
            "--tls-password-file",
            &password,
        ],
    ] {
        let mut doget = place.serve(options);
        let port = doget.address().port();
        let line =
            format!("Serving HTTPS on 127.0.0.1 port {port} (https://127.0.0.1:{port}/) ...");
        assert_eq!(doget.line, line);
        doget.next_line();
        assert_eq!(
            doget.next_line(),
            format!("Open: https://127.0.0.1:{port}/")
        );
        let config = Arc::new(tls::client(rustls::ALL_VERSIONS));
        let mut client = Client::connect(doget.address()).secure(&config);
        assert_eq!(client.get("/a.txt").text(), "hello\n");
        assert_eq!(doget.get("/a.txt").status, 400);
        drop(client);
        let log = doget.log();
        assert!(log.contains("] \"GET /a.txt HTTP/1.1\" 200 6\n"), "{log}");
    }
}

#[test]
fn cli_07_a_key_among_the_files_is_warned_of() {
    let place = Place::new();
    place.file("cert.pem", tls::CERTIFICATE);
    place.file("dir/key.pem", tls::KEY);
    let options = ["--tls-cert", "cert.pem", "--tls-key", "dir/key.pem"];
    let says = "doget: the private key dir/key.pem is in the directory that is served\n";
    assert!(place.serve(&options).log().starts_with(says));
    fs::create_dir(place.root().join("other")).unwrap();
    let log = place
        .serve(&[&options[..], &["-d", "other"]].concat())
        .log();
    assert_eq!(log, "");
}

#[test]
fn cli_07_files_that_cannot_be_used_are_one_line() {
    let place = Place::new();
    let write = |name: &str, text: &str| {
        let path = place.beside(name);
        fs::write(&path, text).unwrap();
        path
    };
    let certificate = write("cert.pem", tls::CERTIFICATE);
    let encrypted = write("encrypted.pem", tls::KEY_ENCRYPTED);
    let foreign = write("foreign.pem", tls::RSA_KEY);
    let wrong = write("wrong", "Secret");
    let missing = place.beside("missing");
    for option in ["--tls-key", "--tls-password-file"] {
        let says = format!("{option} requires --tls-cert to be set");
        fails(&place.run(&["0", option, &certificate]), 2, &says);
    }
    let gone = format!("cannot read {missing}: No such file or directory");
    let secret = format!("cannot read the TLS password file {missing}: No such file");
    for (options, says) in [
        (&["--tls-cert", &missing][..], gone.as_str()),
        (&["--tls-cert", &certificate, "--tls-key", &missing], &gone),
        (
            &["--tls-cert", &certificate, "--tls-password-file", &missing],
            &secret,
        ),
        (
            &["--tls-cert", &certificate],
            "there is no private key in the file",
        ),
        (
            &["--tls-cert", "a.txt"],
            "there is no certificate in the file",
        ),
        (
            &["--tls-cert", &certificate, "--tls-key", &foreign],
            "does not belong to the certificate",
        ),
        (
            &["--tls-cert", &certificate, "--tls-key", &encrypted],
            "(--tls-password-file)",
        ),
        (
            &[
                "--tls-cert",
                &certificate,
                "--tls-key",
                &encrypted,
                "--tls-password-file",
                &wrong,
            ],
            "the password is not that of the private key",
        ),
    ] {
        fails(&place.run(&[&["0"], options].concat()), 1, says);
    }
}

#[test]
fn cli_08_headers_in_both_spellings() {
    let place = Place::new();
    let doget = place.serve(&[
        "-H",
        "X-A",
        "one",
        "--header",
        "X-B: two",
        "-H",
        "Cache-Control: no-store",
    ]);
    let answer = doget.get("/a.txt");
    assert_eq!(answer.header("X-A"), Some("one"));
    assert_eq!(answer.header("X-B"), Some("two"));
    assert_eq!(answer.header("Cache-Control"), Some("no-store"));
}

#[test]
fn cli_09_media_types() {
    let place = Place::new();
    place.file("noname", "");
    let doget = place.serve(&["--content-type", "text/x-none", "--mime", ".foo=text/x-foo"]);
    let kind = |target: &str| doget.get(target).header("Content-Type").unwrap().to_owned();
    assert!(kind("/noname").starts_with("text/x-none"));
    assert!(kind("/dir/b.foo").starts_with("text/x-foo"));
    assert!(kind("/a.txt").starts_with("text/plain"));
}

#[test]
fn what_is_served() {
    let place = Place::new();
    place.file("dir/start.html", "<p>start");
    place.file("index.html", "<p>index");
    place.file("gone.html", "<p>gone");
    std::os::unix::fs::symlink("../../outside", place.root().join("out")).unwrap();
    std::os::unix::fs::symlink("a.txt", place.root().join("in")).unwrap();
    fs::write(place.beside("outside"), "outside").unwrap();
    std::os::unix::fs::symlink(place.beside("outside"), place.root().join("far")).unwrap();

    let doget = place.serve(&["--no-listing", "--index", "start.html"]);
    assert_eq!(doget.get("/").status, 404);
    assert_eq!(doget.get("/dir/").text(), "<p>start");

    let doget = place.serve(&["--hidden"]);
    assert_eq!(doget.get("/.secret").text(), "secret");
    assert_eq!(
        (doget.get("/in").status, doget.get("/far").status),
        (200, 404)
    );
    let doget = place.serve(&["--symlinks", "all"]);
    assert_eq!(
        (doget.get("/in").status, doget.get("/far").status),
        (200, 200)
    );
    let doget = place.serve(&["--symlinks", "none"]);
    assert_eq!(
        (doget.get("/in").status, doget.get("/far").status),
        (404, 404)
    );

    let doget = place.serve(&["--spa"]);
    let answer = doget.get("/some/page");
    assert_eq!((answer.status, answer.text()), (200, "<p>index"));
    let doget = place.serve(&["--spa=gone.html"]);
    assert_eq!(doget.get("/some/page").text(), "<p>gone");
    let doget = place.serve(&["--404", "gone.html"]);
    let answer = doget.get("/some/page");
    assert_eq!((answer.status, answer.text()), (404, "<p>gone"));
}

#[test]
fn methods_that_are_not_taken() {
    let place = Place::new();
    place.program(
        "cgi-bin/shell",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\n",
    );
    let files = "GET, HEAD, OPTIONS";
    for (arguments, requests) in [
        (
            &[][..],
            &[
                ("POST /a.txt", 405, Some(files)),
                ("PUT /new.txt", 405, Some(files)),
                ("DELETE /nothing", 405, Some(files)),
                ("SPAM /a.txt", 501, None),
            ][..],
        ),
        (
            &["-p", "HTTP/1.0", "--log-format", "json"],
            &[("PATCH /a.txt", 405, Some(files))],
        ),
        (
            &["--cgi"],
            &[
                ("POST /a.txt", 501, None),
                ("PUT /a.txt", 405, Some(files)),
                ("PUT /cgi-bin/shell", 405, Some("GET, HEAD, POST, OPTIONS")),
                ("SPAM /cgi-bin/shell", 501, None),
            ],
        ),
    ] {
        let doget = place.serve(arguments);
        for (request, status, allow) in requests {
            let mut client = Client::connect(doget.address());
            client.send(format!(
                "{request} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
            ));
            let answer = client.answer();
            assert_eq!(
                (answer.status, answer.header("Allow")),
                (*status, *allow),
                "{arguments:?} {request}"
            );
        }
    }
}

#[test]
fn caching_and_other_origins() {
    let place = Place::new();
    let header = |arguments: &[&str], name: &str| {
        place
            .serve(arguments)
            .get("/a.txt")
            .header(name)
            .map(str::to_owned)
    };
    let cache = "Cache-Control";
    assert_eq!(
        header(&["--cache", "60"], cache).as_deref(),
        Some("max-age=60")
    );
    assert_eq!(
        header(&["--cache", "no-store"], cache).as_deref(),
        Some("no-store")
    );
    assert_eq!(header(&["--cache", ""], cache), None);
    let origin = "Access-Control-Allow-Origin";
    assert_eq!(header(&[], origin), None);
    assert_eq!(header(&["--cors"], origin).as_deref(), Some("*"));
    for (pattern, value) in [
        ("*.txt=60,immutable", "max-age=60, immutable"),
        ("*.js=60", "no-store"),
    ] {
        let options = ["--cache", "no-store", "--cache", pattern];
        assert_eq!(header(&options, cache).as_deref(), Some(value), "{pattern}");
    }
    let one = "http://localhost:3000";
    let doget = place.serve(&["--cors=http://localhost:3000", "--cors=http://two.example"]);
    for (asking, told) in [
        (one, Some(one)),
        ("http://two.example", Some("http://two.example")),
        ("http://three.example", None),
    ] {
        let mut client = Client::connect(doget.address());
        client.send(format!(
            "GET /a.txt HTTP/1.1\r\nHost: a\r\nOrigin: {asking}\r\n\r\n"
        ));
        assert_eq!(client.answer().header(origin), told);
        client.send(format!(
            "OPTIONS /a.txt HTTP/1.1\r\nHost: a\r\nOrigin: {asking}\r\nAccess-Control-Request-Method: GET\r\n\r\n"
        ));
        let answer = client.answer();
        assert_eq!(answer.status, if told.is_some() { 204 } else { 200 });
        assert_eq!(answer.header(origin), told);
    }
}

/// Case A40: a page whose name was made to lead to this machine (DNS rebinding).
#[test]
fn a40_foreign_names_are_not_answered_to_on_the_loopback_interface() {
    let place = Place::new();
    let ask = |doget: &Doget, host: &str| {
        let port = doget.address().port();
        let mut client = Client::connect(([127, 0, 0, 1], port).into());
        client.send(format!(
            "GET /a.txt HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n"
        ));
        client.answer()
    };
    let doget = place.serve_by_address(&["-b", "127.0.0.2"]);
    for host in [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "127.0.0.2",
        "[::1]",
        "app.localhost",
    ] {
        assert_eq!(ask(&doget, host).status, 200, "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "192.0.2.1"] {
        let answer = ask(&doget, host);
        assert_eq!(answer.status, 421, "{host}");
        assert!(answer.text().contains("--allow-host") && answer.text().contains(host));
        assert!(!answer.text().contains("hello"));
    }
    let log = doget.log();
    assert!(log.contains("code 421"), "{log}");

    let doget = place.serve_by_address(&["--allow-host", "dev.example,*.test"]);
    for (host, status) in [("dev.example", 200), ("a.test", 200), ("localhost", 421)] {
        assert_eq!(ask(&doget, host).status, status, "{host}");
    }
    let doget = place.serve_by_address(&["--allow-host", "*"]);
    assert_eq!(ask(&doget, "evil.example").status, 200);
    // On all addresses nobody knows by which names it is called.
    let doget = Doget::start(place.command(&["0"]));
    assert_eq!(ask(&doget, "anything.example").status, 200);
}

#[test]
fn verbose_says_why_something_is_not_found() {
    let place = Place::new();
    let doget = place.serve(&["-v"]);
    assert_eq!(doget.get("/.secret").status, 404);
    let log = doget.log();
    assert!(log.contains("caused by: it is hidden"), "{log}");
    let doget = place.serve(&[]);
    assert_eq!(doget.get("/.secret").status, 404);
    let log = doget.log();
    assert!(!log.contains("caused by"), "{log}");
    // With a page of the site for it, and in the format of the rest.
    place.file("404.html", "<p>gone");
    let doget = place.serve(&["-v", "--log-format", "json"]);
    assert_eq!(doget.get("/.secret").text(), "<p>gone");
    let log = doget.log();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    assert!(
        lines[0].contains(",\"message\":\"not found: it is hidden"),
        "{log}"
    );
    assert!(lines[1].contains(",\"status\":404,"), "{log}");
}

#[test]
fn cli_10_usage_is_status_2() {
    let place = Place::new();
    for (arguments, says) in [
        (&["x"][..], "invalid value 'x' for '[PORT]'"),
        (&["70000"], "70000"),
        (&["-H", "X-A"], "write 'Name: value', or NAME VALUE"),
        (&["-H", "Content-Length: 3"], "the server's own"),
        (&["-p", "HTTP/2"], "HTTP/1.0"),
        (&["--mime", "foo"], "EXT=TYPE"),
        (&["--log-format", "xml"], "combined"),
        (&["--threads", "0"], "--threads"),
        (&["--nolisting"], "--no-listing"),
        (&["1", "2"], "'2'"),
        (&["0", "--cors=example.org"], "write it as a browser does"),
        (
            &[
                "0",
                "--cors",
                "-H",
                "Access-Control-Allow-Credentials: true",
            ],
            "name the origins",
        ),
    ] {
        fails(&place.run(arguments), 2, says);
    }
}

#[test]
fn cli_14_what_cannot_be_done_is_one_line_and_status_1() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let missing = place.beside("missing");
    let in_use = format!("port {port} is in use already");
    fails(&place.run(&[&port]), 1, &in_use);
    let in_use = format!("port {port} of 127.0.0.1 is in use already");
    fails(&place.run(&[&port, "-b", "127.0.0.1"]), 1, &in_use);
    let gone = format!("cannot serve {missing}: No such file or directory");
    fails(&place.run(&["0", "-d", &missing]), 1, &gone);
    fails(
        &place.run(&["0", "-d", "a.txt"]),
        1,
        "cannot serve a.txt: Not a directory",
    );
    for (option, name) in [
        ("--spa=no.html", "no.html"),
        ("--spa", "index.html"),
        ("--404=no.html", "no.html"),
    ] {
        let missing = format!("{name} is no file in the directory that is served");
        fails(&place.run(&["0", option]), 1, &missing);
    }
    // RFC 5737: nobody has this address.
    let foreign = "192.0.2.77 is not an address of this machine";
    fails(&place.run(&["0", "-b", "192.0.2.77"]), 1, foreign);
    fails(&place.run(&["0", "-b", "1.2.3.4.5."]), 1, "of 1.2.3.4.5.");
    let file = format!("{missing}/log");
    let unwritable = format!("cannot write to {file}: No such file or directory");
    fails(&place.run(&["0", "--log-file", &file]), 1, &unwritable);
    fails(
        &place.run(&["--unix", "a.txt"]),
        1,
        "cannot listen on a.txt: ",
    );
}

#[test]
fn cli_13_ctrl_c_and_sigterm_end_it_with_status_0() {
    let place = Place::new();
    for (signal, words) in [
        (Signal::INT, "\nKeyboard interrupt received, exiting.\n"),
        (Signal::TERM, ""),
    ] {
        let doget = place.serve(&[]);
        doget.get("/a.txt");
        doget.signal(signal);
        let (code, out, err) = doget.ended();
        assert_eq!(code, Some(0));
        assert!(out.ends_with(words), "{out:?}");
        assert_eq!(out.contains("interrupt"), signal == Signal::INT);
        assert!(err.ends_with("\"GET /a.txt HTTP/1.1\" 200 6\n"), "{err}");
    }
}

/// Case A28: what is being sent is finished after one signal, and cut by a second.
#[test]
fn a28_a_second_signal_ends_it_at_once() {
    let place = Place::new();
    let large = fs::File::create(place.root().join("large")).unwrap();
    large.set_len(256 << 20).unwrap();
    let doget = place.serve(&[]);
    let mut client = Client::connect_narrow(doget.address());
    client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.read_some(10).unwrap(), b"HTTP/1.1 2");
    let address = doget.address();
    doget.signal(Signal::TERM);
    eventually("no more connections", || {
        Client::try_connect(address).is_err()
    });
    let mut doget = doget;
    assert!(
        doget.child.try_wait().unwrap().is_none(),
        "it waits for the client"
    );
    doget.signal(Signal::INT);
    assert_eq!(doget.ended().0, Some(0));
}

#[test]
fn log_formats() {
    let place = Place::new();
    let logged = |arguments: &[&str]| {
        let doget = place.serve(arguments);
        let mut client = Client::connect(doget.address());
        client.send(
            "GET /a.txt HTTP/1.1\r\nHost: a\r\nReferer: http://x/\"\r\nUser-Agent: me\\\r\n\r\n",
        );
        assert_eq!(client.answer().status, 200);
        assert_eq!(client.get("/%0a\u{9b}").status, 400);
        drop(client);
        doget.log()
    };
    let log = logged(&["--log-format", "combined"]);
    let first = log.lines().next().unwrap();
    assert!(
        first.ends_with("\"GET /a.txt HTTP/1.1\" 200 6 \"http://x/\\\\x22\" \"me\\\\\""),
        "{log}"
    );
    let log = logged(&["--log-format", "json"]);
    let lines: Vec<_> = log.lines().collect();
    assert!(
        lines
            .iter()
            .all(|line| line.starts_with("{\"time\":\"2") && line.ends_with('}'))
    );
    let expected = "Z\",\"remote\":\"127.0.0.1\",\"method\":\"GET\",\"target\":\"/a.txt\",\"version\":\"HTTP/1.1\",\"status\":200,\
                    \"bytes\":6,\"referer\":\"http://x/\\\"\",\"user_agent\":\"me\\\\\"}";
    assert!(lines[0].ends_with(expected), "{log}");
    assert!(
        lines[1].contains(",\"message\":\"code 400, message "),
        "{log}"
    );
    assert!(lines[2].contains("\"status\":400"), "{log}");
    assert_eq!(logged(&["--log-format", "off"]), "");
}

/// The zone is that of the C library, as `date` shows it.
#[test]
fn log_08_the_date_is_local() {
    let place = Place::new();
    for zone in [
        None,
        Some(""),
        Some("Europe/Berlin"),
        Some(":America/St_Johns"),
        Some(":/usr/share/zoneinfo/Asia/Kolkata"),
        Some("CET-1CEST,M3.5.0,M10.5.0/3"),
        Some("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"),
        Some("No/Such_Zone"),
        Some("/dev/null"),
    ] {
        let in_zone = |mut command: Command| {
            match zone {
                Some(zone) => command.env("TZ", zone),
                None => command.env_remove("TZ"),
            };
            command
        };
        let logged = || {
            let options = ["0", "-b", "127.0.0.1", "--log-format", "combined"];
            let doget = Doget::start(in_zone(place.command(&options)));
            doget.get("/");
            let log = doget.log();
            let date = log.split(['[', ']']).nth(1);
            date.expect(&log).to_owned()
        };
        let shown = || {
            let mut date = in_zone(Command::new("date"));
            date.env("LC_ALL", "C").arg("+%d/%b/%Y:%H:%M:%S %z");
            let date = String::from_utf8(date.output().unwrap().stdout).unwrap();
            date.trim_end().to_owned()
        };
        let mut both = (logged(), shown());
        for _ in 0..4 {
            // The second may have changed between the two.
            if both.0 != both.1 {
                both = (logged(), shown());
            }
        }
        assert_eq!(both.0, both.1, "TZ={zone:?}");
    }
}

#[test]
fn log_09_an_ipv4_client_has_its_own_address_in_every_format() {
    let place = Place::new();
    for (format, expected) in [
        ("common", "127.0.0.1 - - ["),
        ("combined", "127.0.0.1 - - ["),
        ("json", "\"remote\":\"127.0.0.1\","),
    ] {
        // On all addresses: `::` where the system has IPv6.
        let doget = Doget::start(place.command(&["0", "--log-format", format]));
        let port = doget.address().port();
        let mut client = Client::connect(SocketAddr::from(([127, 0, 0, 1], port)));
        assert_eq!(client.get("/a.txt").status, 200);
        assert_eq!(client.get("/nothing").status, 404);
        let log = doget.log();
        assert_eq!(log.lines().count(), 3, "{log}");
        assert!(log.lines().all(|line| line.contains(expected)), "{log}");
        assert!(!log.contains("ffff"), "{log}");
    }
}

#[test]
fn a39_the_log_has_no_control_characters_of_a_client() {
    let place = Place::new();
    for format in ["common", "combined", "json"] {
        let doget = place.serve(&["--log-format", format]);
        let mut client = Client::connect(doget.address());
        client.send(b"GET /\x1b[31m\x07\"\\\xff HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(client.answer().status, 400);
        let log = doget.log();
        assert!(!log.trim_end().is_empty());
        assert!(log.chars().all(|c| c == '\n' || !c.is_control()), "{log:?}");
    }
}

#[test]
fn a_log_file_takes_the_log_and_quiet_says_nothing() {
    let place = Place::new();
    let (file, socket) = (place.beside("log"), place.beside("socket"));
    fs::write(&file, "before\n").unwrap();
    let mut child = place
        .command(&["-q", "--log-file", &file, "--unix", &socket])
        .spawn()
        .unwrap();
    eventually("a socket", || {
        std::os::unix::net::UnixStream::connect(&socket).is_ok()
    });
    let answer = Client::connect_unix(Path::new(&socket)).get("/a.txt");
    assert_eq!(answer.text(), "hello\n");
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    assert!(child.wait().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.stdout, output.stderr), (Vec::new(), Vec::new()));
    let log = fs::read_to_string(&file).unwrap();
    assert!(log.starts_with("before\nunix - - ["), "{log}");
    assert!(log.ends_with("\"GET /a.txt HTTP/1.1\" 200 6\n"), "{log}");
    assert!(!Path::new(&socket).exists());
}

#[test]
fn a_unix_socket_alone_and_with_a_port() {
    let place = Place::new();
    let socket = place.beside("socket");
    let mut doget = Doget::start(place.command(&["--unix", &socket]));
    assert_eq!(doget.line, format!("Serving HTTP on unix:{socket} ..."));
    assert!(doget.next_line().starts_with("Directory: "));
    assert_eq!(
        Client::connect_unix(Path::new(&socket))
            .get("/a.txt")
            .status,
        200
    );
    doget.log();
    let doget = place.serve(&["--unix", &socket]);
    assert_eq!(
        Client::connect_unix(Path::new(&socket))
            .get("/a.txt")
            .status,
        200
    );
    assert_eq!(doget.get("/a.txt").status, 200);
}

/// Case A39: what cannot be said or logged stops nothing.
#[cfg(target_os = "linux")]
#[test]
fn a39_a_full_disk_and_a_closed_pipe_stop_nothing() {
    let place = Place::new();
    let socket = place.beside("socket");
    for closed in [false, true] {
        let mut command = place.command(&["--unix", &socket]);
        if !closed {
            let full = || fs::File::options().write(true).open("/dev/full").unwrap();
            command.stdout(full()).stderr(full());
        }
        let mut child = command.spawn().unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        eventually("a socket", || {
            std::os::unix::net::UnixStream::connect(&socket).is_ok()
        });
        let mut client = Client::connect_unix(Path::new(&socket));
        for _ in 0..1000 {
            assert_eq!(client.get("/a.txt").status, 200);
        }
        drop(client);
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "closed: {closed}");
    }
}

#[test]
fn open_shows_the_page_and_a_missing_browser_stops_nothing() {
    use std::os::unix::fs::PermissionsExt;
    if cfg!(target_os = "macos") {
        return;
    }
    let place = Place::new();
    let (script, shown) = (place.beside("xdg-open"), place.beside("shown"));
    fs::write(
        &script,
        format!("#!/bin/sh\necho \"$1\" >'{shown}.new' && mv '{shown}.new' '{shown}'\n"),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", place.0.display());
    let mut command = place.command(&["0", "-b", "127.0.0.1", "--open"]);
    command.env("PATH", path);
    let doget = Doget::start(command);
    eventually("a page", || Path::new(&shown).exists());
    let url = fs::read_to_string(&shown).unwrap();
    assert_eq!(url, format!("http://{}/\n", doget.address()));
    let all_hosts = ["0", "-b", "127.0.0.1", "--open", "--allow-host", "*"];
    let mut command = place.command(&all_hosts);
    command.env("PATH", "/nowhere");
    let doget = Doget::start(command);
    assert_eq!(doget.get("/a.txt").status, 200);
}

impl Place {
    /// Adds an executable file. Another process writes it, since a file that somebody has open for writing is not run.
    fn program(&self, name: &str, text: &str) {
        let mut writer = Command::new("sh")
            .args([
                "-c",
                "mkdir -p \"${1%/*}\" && cat >\"$1\" && chmod 755 \"$1\"",
                "sh",
            ])
            .arg(self.root().join(name))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut writer.stdin.take().unwrap(), text.as_bytes()).unwrap();
        assert!(writer.wait().unwrap().success());
    }
}

#[test]
fn cgi_25_scripts_run_where_that_is_asked_for() {
    let place = Place::new();
    let shell = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; id -u; echo loud >&2\n";
    place.program("cgi-bin/shell", shell);
    place.program("tools/shell", shell);
    place.program(
        "cgi-bin/python.py",
        "print('Content-Type: text/plain\\n\\npython')\n",
    );
    place.file(
        "dir/program.c",
        "#include <stdio.h>\nint main(void) { puts(\"Content-Type: text/plain\\n\\nC\"); return 0; }\n",
    );
    let compiled = Command::new("cc")
        .arg("-o")
        .arg(place.root().join("cgi-bin/c"))
        .arg(place.root().join("dir/program.c"))
        .status();
    assert!(compiled.expect("cc").success());

    // Off unless asked for: the files are files.
    let doget = place.serve(&[]);
    assert!(doget.get("/cgi-bin/shell").text().starts_with("#!/bin/sh"));
    drop(doget);

    let is_root = rustix::process::geteuid().is_root();
    let own = rustix::process::geteuid().as_raw().to_string();
    let mut doget = place.serve(&["--cgi"]);
    doget.next_line();
    doget.next_line();
    let words = doget.next_line();
    let user = if is_root { ", as nobody" } else { "" };
    assert_eq!(
        words,
        format!(
            "CGI: everyone who reaches this server runs the programs in /cgi-bin and /htbin{user}."
        )
    );
    let id = doget.get("/cgi-bin/shell").text().trim().to_owned();
    assert_eq!(id != own, is_root);
    assert_ne!(id, "0");
    assert_eq!(doget.get("/cgi-bin/python.py").text(), "python\n");
    assert_eq!(doget.get("/cgi-bin/c").text(), "C\n");
    assert!(doget.get("/tools/shell").text().starts_with("#!/bin/sh"));
    assert_eq!(doget.get("/a.txt").text(), "hello\n");
    let log = doget.log();
    assert!(log.contains("] CGI script /cgi-bin/shell: loud\n"), "{log}");

    let doget = place.serve(&[
        "--cgi-dir",
        "/tools",
        "--cgi-as-root",
        "--log-format",
        "json",
    ]);
    assert_eq!(doget.get("/tools/shell").text().trim(), own);
    assert!(doget.get("/cgi-bin/shell").text().starts_with("#!/bin/sh"));
    let log = doget.log();
    assert!(
        log.contains("\"message\":\"CGI script /tools/shell: loud\""),
        "{log}"
    );

    fails(&place.run(&["--cgi-dir", "/"]), 2, "as in /cgi-bin");
}

#[test]
fn a38_signals_end_the_command_and_its_scripts() {
    let place = Place::new();
    let notes = place.beside("notes");
    fs::create_dir(&notes).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(&notes, open).unwrap();
    place.program(
        "cgi-bin/deaf",
        &format!("#!/bin/sh\ntrap '' TERM INT\necho $$ >{notes}/$QUERY_STRING\nwhile :; do sleep 1000; done\n"),
    );
    for (name, signal) in [("interrupted", Signal::INT), ("ended", Signal::TERM)] {
        let doget = place.serve(&["--cgi"]);
        let mut client = Client::connect(doget.address());
        client.send(format!(
            "GET /cgi-bin/deaf?{name} HTTP/1.1\r\nHost: a\r\n\r\n"
        ));
        let pid = || -> Option<i32> {
            let text = fs::read_to_string(Path::new(&notes).join(name)).ok()?;
            text.trim().parse().ok()
        };
        eventually("the script runs", || pid().is_some());
        let pid = Pid::from_raw(pid().unwrap()).unwrap();
        doget.signal(signal);
        // Two that come at once may be one.
        eventually("it takes no others", || {
            std::net::TcpStream::connect(doget.address()).is_err()
        });
        doget.signal(signal);
        assert_eq!(doget.ended().0, Some(0), "{name}");
        eventually("the script is gone", || {
            rustix::process::test_kill_process_group(pid).is_err()
        });
    }
}

#[test]
fn limits_are_set_and_shown() {
    let place = Place::new();
    let output = place.run(&["--print-limits", "--threads", "7", "--max-connections", "9"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("threads: 7,") && text.contains("connections: 9,"),
        "{text}"
    );
    assert!(!text.contains("CgiLimits"));
    let output = place.run(&["--print-limits", "--cgi"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("CgiLimits") && text.contains("running: 8,"));
}

#[test]
fn help_version_completions_and_man() {
    let place = Place::new();
    let text = |arguments: &[&str]| {
        let output = place.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let help = text(&["--help"]);
    assert!(help.contains("Usage: doget [OPTIONS] [PORT]"));
    assert!(help.lines().count() <= 50);
    assert!(help.lines().all(|line| line.chars().count() <= 100));
    assert_eq!(text(&["-h"]), help);
    assert!(text(&["--version"]).starts_with("doget 0."));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            text(&["--completions", shell]).contains("no-listing"),
            "{shell}"
        );
    }
    assert!(text(&["--man"]).contains(".TH doget 1"));
}
