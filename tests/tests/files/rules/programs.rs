//! The file handler in the hands of another handler.

use crate::site::{Site, THEN, get, head};
use doget::{FileHandler, Request, Response, Result, Sent, handler};
use doget_tests::test_server::TestServer;

/// Files below a prefix, and a route beside them.
struct Prefixed {
    files: FileHandler,
}

#[handler(base(self.files: FileHandler))]
impl Prefixed {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }
}

#[test]
fn files_below_a_prefix() {
    let site = Site::usual();
    for prefix in ["/static", "static/", "/static/"] {
        let server = TestServer::new(Prefixed {
            files: site.handler().prefix(prefix),
        });
        for (path, text) in [
            ("/", "home"),
            ("/static/a.txt", "hello\n"),
            ("/static/dir/b.txt", "b"),
            ("/static/indexed/", "<p>index"),
        ] {
            assert_eq!(server.get(path).text(), text, "{path}");
        }
        for (path, location) in [
            ("/static", "/static/"),
            ("/static?q", "/static/?q"),
            ("/static/dir", "/static/dir/"),
        ] {
            let answer = server.get(path);
            assert_eq!(
                (answer.status, answer.header("Location")),
                (301, Some(location)),
                "{path}"
            );
        }
        assert!(server.get("/static/").text().contains("href=\"dir/\""));
        for path in [
            "/a.txt",
            "/statica.txt",
            "/static/../a.txt",
            "/static/%2e%2e/root/a.txt",
            "/static/.secret",
            "/dir",
        ] {
            assert_eq!(server.get(path).status, 404, "{path}");
        }
        assert_eq!(server.get("/static/%zz").status, 400);
    }
}

/// A file if it is there, else something that is made now; and a file that the program names.
struct Own {
    files: FileHandler,
}

#[handler]
impl Own {
    fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let Some(file) = self.files.find(request.path())? else {
            return response.reply("made now");
        };
        self.files.send(file, request, response)
    }

    fn do_HEAD(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.do_GET(request, response)
    }

    #[route("/named")]
    fn do_GET_named(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let name = request.query().get("name").unwrap_or_default();
        match self.files.open(&name)? {
            Some(file) => self.files.send(file, request, response),
            None => response.send_error(404, "No such file of mine", None),
        }
    }

    #[route("/bought")]
    fn do_POST_bought(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let file = self.files.open("digits")?.unwrap();
        assert_eq!(file.length(), 10);
        self.files.send(file, request, response)
    }
}

fn own(site: &Site) -> TestServer {
    TestServer::new(Own {
        files: site.handler(),
    })
}

#[test]
fn a_handler_asks_whether_a_file_is_there() {
    let site = Site::usual();
    let server = own(&site);
    assert_eq!(server.get("/a.txt").text(), "hello\n");
    assert_eq!(server.get("/indexed/").text(), "<p>index");
    for path in [
        "/nothing",
        "/dir",
        "/dir/",
        "/.secret",
        "/../a.txt",
        "/a.txt/",
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.text()), (200, "made now"), "{path}");
    }
    assert_eq!(server.get("/%zz").status, 400);
    let answer = get(&server, "/digits", "Range: bytes=2-4\r\n");
    assert_eq!((answer.status, answer.text()), (206, "234"));
    let tag = server.get("/a.txt").header("ETag").unwrap().to_owned();
    assert_eq!(
        get(&server, "/a.txt", &format!("If-None-Match: {tag}\r\n")).status,
        304
    );
    assert_eq!(get(&server, "/a.txt", "If-Match: \"x\"\r\n").status, 412);
    assert_eq!(
        head(&server, "/a.txt", "").header("Content-Length"),
        Some("6")
    );
}

#[test]
fn a_handler_sends_the_file_that_it_names() {
    let site = Site::usual();
    site.file("a b%41.txt", "percent");
    #[cfg(unix)]
    site.link("../../outside", "out");
    std::fs::write(site.outside().join("outside"), "outside").unwrap();
    let server = own(&site);
    for (name, text) in [
        ("a.txt", "hello\n"),
        ("dir/b.txt", "b"),
        ("/dir//./b.txt", "b"),
        ("a%20b%2541.txt", "percent"),
    ] {
        assert_eq!(
            server.get(&format!("/named?name={name}")).text(),
            text,
            "{name}"
        );
    }
    for name in [
        "",
        ".",
        "..",
        "../outside",
        "dir/../a.txt",
        "%2e%2e/outside",
        "dir",
        "dir/",
        "out",
        ".secret",
        "a.txt%00",
        "/etc/passwd",
        "nothing",
    ] {
        assert_eq!(
            server.get(&format!("/named?name={name}")).status,
            404,
            "{name}"
        );
    }
    let answer = get(&server, "/named?name=digits", "Range: bytes=-3\r\n");
    assert_eq!((answer.status, answer.text()), (206, "789"));
    assert_eq!(answer.header("Last-Modified"), Some(THEN));
    // What a POST answers with has nothing to do with its conditions and ranges.
    let answer = server.one(
        "POST /bought HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\nRange: bytes=0-1\r\nContent-Length: 0\r\n\r\n",
    );
    assert_eq!((answer.status, answer.text()), (200, "0123456789"));
}
