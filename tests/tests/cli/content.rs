//! What is served, and with which headers.

use super::{Doget, Place, fails};
use doget_tests::Client;
use std::fs;
use std::path::Path;

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

/// A symbolic link to a file; says whether there are any: below wine there are none.
fn link(target: &str, path: &Path) -> bool {
    #[cfg(unix)]
    std::os::unix::fs::symlink(target, path).unwrap();
    #[cfg(windows)]
    {
        if doget_tests::is_below_wine() {
            return false;
        }
        std::os::windows::fs::symlink_file(target.replace('/', "\\"), path).unwrap();
    }
    true
}

#[test]
fn what_is_served() {
    let place = Place::new();
    place.file("dir/start.html", "<p>start");
    place.file("index.html", "<p>index");
    place.file("gone.html", "<p>gone");
    link("../../outside", &place.root().join("out"));
    let links = link("a.txt", &place.root().join("in"));
    fs::write(place.beside("outside"), "outside").unwrap();
    link(&place.beside("outside"), &place.root().join("far"));

    let doget = place.serve(&["--no-listing", "--index", "start.html"]);
    assert_eq!(doget.get("/").status, 404);
    assert_eq!(doget.get("/dir/").text(), "<p>start");

    let doget = place.serve(&["--hidden"]);
    assert_eq!(doget.get("/.secret").text(), "secret");
    for (options, statuses) in [
        (&[][..], (200, 404)),
        (&["--symlinks", "all"], (200, 200)),
        (&["--symlinks", "none"], (404, 404)),
    ] {
        if links {
            let doget = place.serve(options);
            let found = (doget.get("/in").status, doget.get("/far").status);
            assert_eq!(found, statuses, "{options:?}");
        }
    }

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
    #[cfg(unix)]
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
        #[cfg(unix)]
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
fn a_directory_is_sent_as_an_archive_where_that_is_said() {
    let place = Place::new();
    let mut command = place.command(&["0", "-b", "127.0.0.1", "--allow-host", "test"]);
    let said = [
        ("DOGET_ARCHIVE", "1"),
        ("DOGET_LIMIT", "archive.max_entries=3"),
    ];
    let doget = Doget::start({
        command.envs(said);
        command
    });
    let answer = doget.get("/dir/?archive=tar");
    assert_eq!(answer.header("Content-Type"), Some("application/x-tar"));
    assert!(answer.body.starts_with(b"dir/b.foo\0"));
    place.file("more", "");
    place.file("most", "");
    assert_eq!(doget.get("/?archive=tar").status, 413);
    let plain = place.serve(&[]).get("/dir/?archive=tar");
    assert_eq!(
        plain.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    fails(
        &place.run(&["0", "--archive", "--no-listing"]),
        2,
        "cannot be used with",
    );
}
