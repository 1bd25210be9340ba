//! The rules of http.server's file handler, over a socket. A test is named after the rule it holds.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod files_site;

use doget::http1::Parsing;
use doget::{AllowHosts, FileHandler, Handler, assert_methods, handler};
use doget_tests::answer::Answer;
use doget_tests::wire::Wire;
use files_site::{AFTER, BEFORE, Site, THEN, changed, get, head, links, then};
use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

assert_methods!(FileHandler: GET, HEAD, OPTIONS, !POST, !PUT, !DELETE);

/// Another method is refused with the methods that are taken, and with the usual page; the connection is kept.
#[track_caller]
fn is_refused(wire: &Wire, line: &str, lines: &str, allow: &str) {
    let head = format!("{line} HTTP/1.1\r\nHost: a\r\n{lines}Content-Length: 5\r\n\r\nbytes");
    let raw = wire.raw(head.clone() + &head + "GET / HTTP/1.0\r\n\r\n");
    let text = String::from_utf8_lossy(&raw);
    let answers: Vec<_> = text.split("HTTP/1.1 ").collect();
    assert_eq!(answers.len(), 4, "{line}: {text}");
    for answer in &answers[1..3] {
        assert!(
            answer.starts_with("405 Method Not Allowed\r\nServer: "),
            "{line}: {answer}"
        );
        assert_eq!(answer.matches("\r\nAllow: ").count(), 1, "{answer}");
        assert!(
            answer.contains(&format!(
                "\r\nAllow: {allow}\r\nContent-Type: text/html;charset=utf-8\r\nContent-Length: "
            )),
            "{line}: {answer}"
        );
        assert!(
            answer.contains("<p>Error code: 405</p>\n        <p>Message: Method Not Allowed.</p>"),
            "{line}: {answer}"
        );
    }
}

#[test]
fn fil_01_get_and_head_only() {
    let site = Site::usual();
    let wire = site.serve();
    // The registry of RFC 9110 section 16.1.1, as far as it has no method that is answered.
    let registered = "ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY DELETE LABEL LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL \
                      MKREDIRECTREF MKWORKSPACE MOVE ORDERPATCH PATCH POST PROPFIND PROPPATCH PUT QUERY REBIND REPORT SEARCH TRACE \
                      UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF VERSION-CONTROL";
    for method in registered.split_whitespace() {
        let line = format!("{method} /a.txt");
        is_refused(&wire, &line, "", "GET, HEAD, OPTIONS");
    }
    let answer = wire.one("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
    assert_eq!(
        (answer.status, answer.header("Allow")),
        (405, Some("GET, HEAD, OPTIONS"))
    );
    for method in ["SPAM", "get", "Put", "PRI", "PURGE"] {
        let answer = wire.one(format!(
            "{method} /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        ));
        assert_eq!(answer.status, 501, "{method}");
        assert_eq!(answer.reason, format!("Unsupported method ('{method}')"));
        assert_eq!(answer.header("Allow"), None);
    }
    let answer = wire.one("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(
        (answer.status, answer.header("Allow")),
        (200, Some("GET, HEAD, OPTIONS"))
    );
}

#[test]
fn fil_01_what_lies_at_a_path_is_not_asked() {
    let site = Site::usual();
    let wire = site.serve();
    for path in [
        "/",
        "/dir",
        "/dir/",
        "/indexed/",
        "/nothing",
        "/nothing/",
        "/a.txt/",
        "/.secret",
        "/../a.txt",
        "/%zz",
        "/a.txt?x",
    ] {
        is_refused(&wire, &format!("POST {path}"), "", "GET, HEAD, OPTIONS");
    }
}

#[test]
fn fil_01_a_body_that_waits_to_be_invited_is_not() {
    let site = Site::usual();
    let wire = site.serve();
    let raw = wire.raw(
        "PUT /new.txt HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );
    let text = String::from_utf8_lossy(&raw);
    assert!(text.starts_with("HTTP/1.1 405 "), "{text}");
    assert!(text.contains("\r\nConnection: close\r\n"), "{text}");
    assert!(!site.root().join("new.txt").exists());
}

/// Files, and a method for every path.
struct Taking<F>(F);

#[handler(base(self.0: F))]
impl<F: Handler> Taking<F> {
    fn do_POST(&self) -> &'static str {
        "taken"
    }
}

#[test]
fn fil_01_wherever_the_handler_stands() {
    let site = Site::usual();
    let usual = "GET, HEAD, OPTIONS";
    for handler in [
        site.handler().spa("a.txt"),
        site.handler().listing(false).not_found(Some("a.txt")),
        site.handler().cors("*").unwrap(),
    ] {
        is_refused(
            &Wire::new(handler),
            "POST /some/page",
            "Origin: https://one.example\r\n",
            usual,
        );
    }
    is_refused(
        &Wire::new(Arc::new(site.handler())),
        "POST /a.txt",
        "",
        usual,
    );
    let wire = Wire::new(AllowHosts::new(site.handler(), ["a"]));
    is_refused(&wire, "POST /a.txt", "", usual);
    let foreign = wire.one("POST /a.txt HTTP/1.1\r\nHost: b\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(foreign.status, 421);

    let wire = Wire::new(Upload {
        files: site.handler(),
    });
    is_refused(&wire, "POST /a.txt", "", usual);
    is_refused(&wire, "PUT /upload", "", "POST, GET, HEAD, OPTIONS");
    let answer = wire.one("SPAM /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.status, 501);

    let wire = Wire::new(Taking(Box::new(AllowHosts::new(site.handler(), ["a"]))));
    is_refused(&wire, "PUT /a.txt", "", "POST, GET, HEAD, OPTIONS");
    let answer = wire.one("POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(answer.text(), "taken");
}

#[test]
fn fil_02_query_and_fragment_are_cut_off() {
    let site = Site::usual();
    site.file("q?x", "question");
    let wire = site.serve();
    for path in ["/a.txt?x", "/a.txt?x/../y", "/a.txt?", "/%61.txt"] {
        assert_eq!(wire.get(path).text(), "hello\n", "{path}");
    }
    assert_eq!(wire.get("/q%3Fx").text(), "question");
    let answer = wire.get("/a.txt%zz");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (400, "Bad percent-encoding in the path")
    );
}

#[cfg(unix)]
#[test]
fn fil_03_raw_bytes_of_a_name_find_the_file() {
    use std::os::unix::ffi::OsStrExt;
    let site = Site::usual();
    site.file(std::ffi::OsStr::from_bytes(b"bad\xff.txt"), "raw");
    let wire = site.serve();
    assert_eq!(wire.get("/bad%ff.txt").text(), "raw");
    assert_eq!(wire.get("/bad%ED%B3%BF.txt").status, 404);
}

struct Lenient {
    files: FileHandler,
}

#[handler(base(self.files: FileHandler))]
impl Lenient {
    const PARSING: Parsing = Parsing::Lenient;

    #[route("/health")]
    fn do_GET_health(&self) -> &'static str {
        "well"
    }
}

#[cfg(unix)]
#[test]
fn fil_04_raw_bytes_in_the_target_find_the_file() {
    use std::os::unix::ffi::OsStrExt;
    let site = Site::usual();
    site.file("\u{e9}.txt", "utf-8");
    site.file(std::ffi::OsStr::from_bytes(b"\xe9.txt"), "latin-1");
    let wire = Wire::new(Lenient {
        files: site.handler(),
    });
    assert_eq!(
        wire.one(b"GET /\xc3\xa9.txt HTTP/1.0\r\n\r\n").text(),
        "utf-8"
    );
    assert_eq!(
        wire.one(b"GET /\xe9.txt HTTP/1.0\r\n\r\n").text(),
        "latin-1"
    );
}

#[test]
fn fil_05_empty_parts_are_dropped_and_dots_refused() {
    let site = Site::usual();
    let wire = site.serve();
    assert_eq!(wire.get("/dir//b.txt").text(), "b");
    assert_eq!(wire.get("//a.txt").text(), "hello\n");
    for path in [
        "/../a.txt",
        "/dir/../a.txt",
        "/./a.txt",
        "/dir/.",
        "/dir/..",
        "/dir%2fb.txt",
        "/dir%2f",
    ] {
        let answer = wire.get(path);
        assert_eq!(
            (answer.status, answer.reason.as_str()),
            (404, "File not found"),
            "{path}"
        );
    }
}

#[test]
fn fil_07_other_forms_of_the_target() {
    let site = Site::usual();
    let wire = Wire::new(Lenient {
        files: site.handler(),
    });
    assert_eq!(wire.one("GET a.txt HTTP/1.0\r\n\r\n").text(), "hello\n");
    let strict = site.serve();
    let answer = strict.one("GET http://a/a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.text(), "hello\n");
}

#[test]
fn fil_08_dot_files_are_hidden_but_well_known() {
    let site = Site::usual();
    let wire = site.serve();
    assert_eq!(wire.get("/.secret").status, 404);
    assert_eq!(wire.get("/%2Esecret").status, 404);
    assert_eq!(wire.get("/.well-known/acme").text(), "token");
    let page = wire.get("/");
    assert!(!page.text().contains("secret"));
    assert!(page.text().contains("./.well-known/"));

    let wire = Wire::new(site.handler().hidden(true));
    assert_eq!(wire.get("/.secret").text(), "secret");
    assert!(wire.get("/").text().contains("./.secret"));
}

#[test]
fn fil_09_nul_is_not_found() {
    let site = Site::usual();
    let wire = site.serve();
    assert_eq!(wire.get("/a.txt%00").status, 404);
    assert_eq!(wire.get("/%00").status, 404);
}

#[test]
fn fil_10_a_file_is_no_directory() {
    let site = Site::usual();
    let wire = site.serve();
    for path in ["/a.txt/", "/a.txt/b", "/a.txt%2f", "/empty/"] {
        let answer = wire.get(path);
        assert_eq!(
            (answer.status, answer.reason.as_str()),
            (404, "File not found"),
            "{path}"
        );
    }
}

#[test]
fn fil_11_what_cannot_be_opened_is_not_found() {
    let site = Site::usual();
    let wire = site.serve();
    let long = format!("/{}", "x".repeat(1000));
    for path in ["/nothing", "/dir/nothing", "/nothing/at/all", &long] {
        let answer = wire.get(path);
        assert_eq!(
            (answer.status, answer.reason.as_str()),
            (404, "File not found"),
            "{path}"
        );
        assert!(
            answer.text().contains("Message: File not found."),
            "{}",
            answer.text()
        );
    }
}

/// Runs a test once more as a user to whom something can be forbidden.
#[cfg(unix)]
fn as_nobody(test: &str) {
    use std::os::unix::process::CommandExt;
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .current_dir("/")
        .uid(65_534)
        .gid(65_534)
        .status();
    match child {
        Ok(status) => assert!(status.success()),
        Err(error) => eprintln!("left out: nobody cannot run this test: {error}"),
    }
}

#[cfg(unix)]
#[test]
fn fil_11_and_dir_04_what_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return as_nobody("fil_11_and_dir_04_what_may_not_be_read");
    }
    let site = Site::usual();
    let forbid = |path: &str, mode| {
        let path = site.root().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    forbid("a.txt", 0);
    forbid("dir", 0o100);
    forbid("indexed/index.html", 0);
    let wire = site.serve();
    assert_eq!(wire.get("/a.txt").reason, "File not found");
    assert_eq!(wire.get("/indexed/").reason, "File not found");
    assert_eq!(wire.get("/dir").status, 301);
    let answer = wire.get("/dir/");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (404, "No permission to list directory")
    );
    assert_eq!(wire.get("/dir/b.txt").text(), "b");
    forbid("dir", 0o700);
}

#[test]
fn fil_12_headers_of_a_file() {
    let site = Site::usual();
    let wire = site.serve();
    let answer = wire.get("/a.txt");
    assert_eq!(
        answer.names(),
        [
            "Server",
            "Date",
            "Content-Type",
            "Last-Modified",
            "Accept-Ranges",
            "ETag",
            "Cache-Control",
            "Vary",
            "Content-Length"
        ]
    );
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(answer.header("Last-Modified"), Some(THEN));
    assert_eq!(answer.header("Accept-Ranges"), Some("bytes"));
    assert_eq!(answer.header("Cache-Control"), Some("no-cache"));
    assert_eq!(answer.header("Content-Length"), Some("6"));
    assert_eq!(answer.text(), "hello\n");
    assert_eq!(wire.get("/empty").body, b"");
}

#[test]
fn fil_12_files_around_every_size_that_matters() {
    let site = Site::new();
    let wire = site.serve();
    for size in [1, 16_383, 16_384, 16_385, 65_536, 100_000, 3 << 20] {
        let content: Vec<u8> = (0..size)
            .map(|i: u32| (i.wrapping_mul(31) >> 3) as u8)
            .collect();
        site.file("sized.bin", &content);
        let answer = wire.get("/sized.bin");
        assert_eq!(answer.header("Content-Length"), Some(&*size.to_string()));
        assert!(answer.body == content, "{size}");
    }
}

#[test]
fn fil_14_head_is_get_without_the_body() {
    let site = Site::usual();
    let wire = site.serve();
    for path in [
        "/a.txt",
        "/dir",
        "/dir/",
        "/indexed/",
        "/nothing",
        "/digits",
    ] {
        for lines in ["", "If-None-Match: *\r\n", "Accept: application/json\r\n"] {
            let (get, head) = (get(&wire, path, lines), head(&wire, path, lines));
            assert_eq!(head.body, b"");
            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(
                head.without_date().headers,
                get.without_date().headers,
                "{path} {lines}"
            );
        }
    }
}

#[test]
fn dir_01_a_directory_without_its_slash_is_redirected() {
    let site = Site::usual();
    let wire = site.serve();
    let answer = wire.get("/dir");
    assert_eq!(answer.status, 301);
    assert_eq!(
        answer.names(),
        ["Server", "Date", "Location", "Content-Length"]
    );
    assert_eq!(answer.header("Content-Length"), Some("0"));
    assert_eq!(answer.header("Location"), Some("/dir/"));
}

#[test]
fn dir_02_and_a34_where_a_redirect_leads() {
    let site = Site::usual();
    fs::create_dir_all(site.root().join("evil.example/dir")).unwrap();
    #[cfg(unix)]
    for name in ["\\evil", "\r\nX:1", "a b", "%41"] {
        fs::create_dir_all(site.root().join(name)).unwrap();
    }
    let wire = site.serve();
    for (path, location) in [
        ("/dir?a=b&c", "/dir/?a=b&c"),
        ("/dir?", "/dir/"),
        ("/dir?x=//y", "/dir/?x=//y"),
        ("/dir//sub", "/dir/sub/"),
        ("//dir", "/dir/"),
        ("//evil.example/dir", "/evil.example/dir/"),
        ("///evil.example", "/evil.example/"),
        #[cfg(unix)]
        ("/\\evil", "/%5Cevil/"),
        #[cfg(unix)]
        ("/%5cevil", "/%5Cevil/"),
        #[cfg(unix)]
        ("/%0d%0aX:1", "/%0D%0AX%3A1/"),
        #[cfg(unix)]
        ("/a%20b", "/a%20b/"),
        #[cfg(unix)]
        ("/%2541", "/%2541/"),
    ] {
        let answer = wire.get(path);
        assert_eq!(answer.status, 301, "{path}");
        let sent = answer.header("Location").unwrap();
        assert_eq!(sent, location, "{path}");
        assert!(sent.starts_with('/') && !sent.starts_with("//") && !sent.starts_with("/\\"));
    }
    assert_eq!(wire.get("//evil.example/..%2fdir").status, 404);
    assert_eq!(
        wire.one("GET http://a/dir?q HTTP/1.1\r\nHost: a\r\n\r\n")
            .header("Location"),
        Some("/dir/?q")
    );
}

#[test]
fn dir_03_index_pages() {
    let site = Site::usual();
    let wire = site.serve();
    let answer = wire.get("/indexed/");
    assert_eq!(answer.text(), "<p>index");
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(answer.header("Last-Modified"), Some(THEN));
    assert_eq!(wire.get("/both/").text(), "<p>first");
    assert_eq!(wire.get("/odd/").text(), "<p>a file");
    assert_eq!(wire.get("/indexed/?x").text(), "<p>index");

    let wire = Wire::new(site.handler().index(["other.txt"]));
    assert_eq!(wire.get("/indexed/").text(), "other");
    assert!(wire.get("/both/").text().contains("Directory listing"));
}

#[test]
fn dir_04_no_listing() {
    let site = Site::usual();
    let wire = Wire::new(site.handler().listing(false));
    let answer = wire.get("/dir/");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (404, "No permission to list directory")
    );
    assert_eq!(wire.get("/indexed/").status, 200);
}

#[test]
fn dir_05_and_06_and_07_the_order_and_the_links() {
    let site = Site::new();
    for name in ["b", "A", "c&d", "e f", "g'h", "i:j"] {
        site.file(name, "");
    }
    fs::create_dir(site.root().join("z")).unwrap();
    let wire = site.serve();
    let page = wire.get("/");
    assert_eq!(
        links(page.text()),
        [
            "./z/", "./A", "./b", "./c%26d", "./e%20f", "./g%27h", "./i%3Aj"
        ]
    );
    assert!(page.text().contains("<bdi>c&amp;d</bdi>"));
    let page = wire.get("/?sort=name&order=desc");
    assert_eq!(links(page.text())[..2], ["./z/", "./i%3Aj"]);
}

#[test]
fn dir_08_and_10_the_listing() {
    let site = Site::usual();
    let wire = site.serve();
    let answer = wire.get("/dir/?x=%3Cscript%3E");
    assert_eq!(
        answer.names(),
        [
            "Server",
            "Date",
            "Content-Type",
            "Cache-Control",
            "Vary",
            "Content-Security-Policy",
            "X-Content-Type-Options",
            "Referrer-Policy",
            "Content-Length"
        ]
    );
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(
        answer.header("Content-Security-Policy"),
        Some("default-src 'none'; style-src 'unsafe-inline'")
    );
    let page = answer.text();
    assert!(page.starts_with("<!DOCTYPE html>"));
    assert!(page.contains("<title>Directory listing for /dir/</title>"));
    assert!(page.contains("prefers-color-scheme:dark"));
    // Without it a phone lays the page out as wide as a desk's screen.
    assert!(
        page.contains("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
    );
    assert!(page.contains("1994-11-06 08:49"));
    assert!(!page.contains("<script") && !page.contains("http:"));
    assert!(page.ends_with("</html>\n"));
}

#[test]
fn dir_listing_as_json_and_text() {
    let site = Site::usual();
    let wire = site.serve();
    let json = get(&wire, "/dir/", "Accept: application/json\r\n");
    assert_eq!(json.header("Content-Type"), Some("application/json"));
    assert!(json.text().starts_with("{\"path\":\"/dir/\",\"truncated\":false,\"entries\":[\n{\"name\":\"sub\",\"href\":\"./sub/\",\"type\":\"directory\",\"link\":false,\"size\":null,\"modified\":\""));
    assert!(json.text().ends_with("{\"name\":\"b.txt\",\"href\":\"./b.txt\",\"type\":\"file\",\"link\":false,\"size\":1,\"modified\":\"1994-11-06T08:49:37Z\"}]}\n"));
    assert_eq!(wire.get("/dir/?format=json").body, json.body);
    let text = wire.get("/dir/?format=text");
    assert_eq!(
        text.header("Content-Type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(text.text(), "sub/\nb.txt\n");
}

#[test]
fn cnd_01_files_and_index_pages_but_no_listings() {
    let site = Site::usual();
    let wire = site.serve();
    let since = format!("If-Modified-Since: {AFTER}\r\n");
    assert_eq!(get(&wire, "/a.txt", &since).status, 304);
    assert_eq!(get(&wire, "/indexed/", &since).status, 304);
    assert_eq!(get(&wire, "/dir/", &since).status, 200);
    let both = format!("{since}If-None-Match: \"x\"\r\n");
    assert_eq!(get(&wire, "/a.txt", &both).status, 200);
}

#[test]
fn cnd_02_dates() {
    let site = Site::usual();
    let wire = site.serve();
    for (date, status) in [
        (THEN, 304),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 304),
        ("Sun Nov  6 08:49:37 1994", 304),
        ("Sun, 06 Nov 1994 08:49:37 +0000", 304),
        ("Sun, 06 Nov 1994 08:49:37", 304),
        ("Sun, 06 Nov 1994 09:49:37 +0100", 200),
        ("nonsense", 200),
    ] {
        let answer = get(&wire, "/a.txt", &format!("If-Modified-Since: {date}\r\n"));
        assert_eq!(answer.status, status, "{date}");
    }
}

#[test]
fn cnd_03_not_modified() {
    let site = Site::usual();
    let wire = site.serve();
    let answer = get(&wire, "/a.txt", &format!("If-Modified-Since: {THEN}\r\n"));
    assert_eq!(answer.status, 304);
    assert_eq!(
        answer.names(),
        ["Server", "Date", "ETag", "Cache-Control", "Vary"]
    );
    let answer = get(&wire, "/a.txt", &format!("If-Modified-Since: {BEFORE}\r\n"));
    assert_eq!((answer.status, answer.text()), (200, "hello\n"));
}

#[test]
fn cnd_entity_tags() {
    let site = Site::usual();
    let wire = site.serve();
    let tag = wire.get("/a.txt").header("ETag").unwrap().to_owned();
    assert!(tag.starts_with('"'), "{tag} is strong: the file is old");
    let status = |lines: &str| get(&wire, "/a.txt", lines).status;
    assert_eq!(status(&format!("If-None-Match: {tag}\r\n")), 304);
    assert_eq!(
        status(&format!(
            "If-None-Match: \"x\"\r\nIf-None-Match: W/{tag}\r\n"
        )),
        304
    );
    assert_eq!(status("If-None-Match: \"x\"\r\n"), 200);
    assert_eq!(status(&format!("If-Match: {tag}\r\n")), 200);
    assert_eq!(status("If-Match: \"x\"\r\n"), 412);
    assert_eq!(status("If-Match: *\r\n"), 200);
    assert_eq!(status(&format!("If-Unmodified-Since: {BEFORE}\r\n")), 412);
    assert_eq!(status(&format!("If-Unmodified-Since: {THEN}\r\n")), 200);
    assert_eq!(
        status(&format!("If-Match: \"x\"\r\nIf-None-Match: {tag}\r\n")),
        412
    );

    // The same length and second, but other nanoseconds.
    let path = site.file("a.txt", "HELLO\n");
    changed(&path, then() + Duration::from_nanos(1));
    let answer = get(&wire, "/a.txt", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((answer.status, answer.text()), (200, "HELLO\n"));
}

#[test]
fn cnd_a_file_that_was_changed_just_now_has_a_weak_tag() {
    let site = Site::usual();
    let path = site.file("fresh", "fresh");
    // No matter how long the test takes, this is not two seconds ago.
    changed(&path, SystemTime::now() + Duration::from_secs(3600));
    let wire = site.serve();
    let answer = wire.get("/fresh");
    let tag = answer.header("ETag").unwrap();
    assert!(tag.starts_with("W/\""), "{tag}");
    let status = |lines: &str| get(&wire, "/fresh", lines).status;
    assert_eq!(status(&format!("If-None-Match: {tag}\r\n")), 304);
    assert_eq!(status(&format!("If-Match: {tag}\r\n")), 412);
    assert_eq!(
        status(&format!("Range: bytes=0-0\r\nIf-Range: {tag}\r\n")),
        200
    );
}

#[test]
fn cnd_times_before_1970() {
    let site = Site::usual();
    let path = site.file("old", "old");
    changed(
        &path,
        std::time::UNIX_EPOCH - Duration::from_secs(1_000_000),
    );
    let wire = site.serve();
    let answer = wire.get("/old");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("Last-Modified"),
        Some("Thu, 01 Jan 1970 00:00:00 GMT")
    );
    assert_eq!(wire.get("/").status, 200);
}

#[test]
fn rng_one_range() {
    let site = Site::usual();
    let wire = site.serve();
    for (range, content_range, body) in [
        ("bytes=0-0", "bytes 0-0/10", "0"),
        ("bytes=2-4", "bytes 2-4/10", "234"),
        ("bytes=5-", "bytes 5-9/10", "56789"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=0-18446744073709551615", "bytes 0-9/10", "0123456789"),
        ("bytes=0-1,2-3", "bytes 0-3/10", "0123"),
    ] {
        let answer = get(&wire, "/digits", &format!("Range: {range}\r\n"));
        assert_eq!(answer.status, 206, "{range}");
        assert_eq!(answer.header("Content-Range"), Some(content_range));
        assert_eq!(answer.text(), body, "{range}");
        assert!(answer.header("ETag").is_some() && answer.header("Last-Modified").is_some());
    }
}

#[test]
fn rng_ignored_or_refused() {
    let site = Site::usual();
    let wire = site.serve();
    for range in [
        "bytes=5-4",
        "bytes=-",
        "bytes=",
        "bytes=--1",
        "lines=0-1",
        "",
    ] {
        let answer = get(&wire, "/digits", &format!("Range: {range}\r\n"));
        assert_eq!(
            (answer.status, answer.text()),
            (200, "0123456789"),
            "{range}"
        );
    }
    for range in ["bytes=10-", "bytes=-0", "bytes=99999999999999999999-"] {
        let answer = get(&wire, "/digits", &format!("Range: {range}\r\n"));
        assert_eq!(answer.status, 416, "{range}");
        assert_eq!(answer.header("Content-Range"), Some("bytes */10"));
    }
    let answer = get(&wire, "/empty", "Range: bytes=0-\r\n");
    assert_eq!((answer.status, answer.text()), (200, ""));
    let answer = head(&wire, "/digits", "Range: bytes=0-0\r\n");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (200, Some("10"))
    );
}

#[test]
fn rng_several_ranges() {
    let site = Site::new();
    let content: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
    site.file("big.bin", &content);
    let wire = site.serve();
    let answer = get(
        &wire,
        "/big.bin",
        "Range: bytes=90000-99999,0-9,20000-60000\r\n",
    );
    assert_eq!(answer.status, 206);
    assert_eq!(answer.header("Content-Range"), None);
    let kind = answer.header("Content-Type").unwrap();
    let boundary = kind
        .strip_prefix("multipart/byteranges; boundary=")
        .unwrap();
    let mut expected = Vec::new();
    for (range, line) in [
        (90_000..100_000, ""),
        (0..10, "\r\n"),
        (20_000..60_001, "\r\n"),
    ] {
        expected.extend_from_slice(
            format!(
                "{line}--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes {}-{}/100000\r\n\r\n",
                range.start,
                range.end - 1
            )
            .as_bytes(),
        );
        expected.extend_from_slice(&content[range]);
    }
    expected.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    assert!(answer.body == expected);
    assert_eq!(
        answer.header("Content-Length"),
        Some(&*expected.len().to_string())
    );
}

#[test]
fn a36_the_answer_is_never_much_more_than_the_file() {
    let site = Site::new();
    site.file("file.bin", vec![7; 50_000]);
    let wire = site.serve();
    let many = |count: u64, step: u64| {
        let specs: Vec<_> = (0..count)
            .map(|i| format!("{}-{}", i * step, i * step))
            .collect();
        format!("bytes={}", specs.join(","))
    };
    for range in [
        "bytes=".to_owned() + &"0-,".repeat(500),
        "bytes=".to_owned() + &"0-0,".repeat(500),
        "bytes=".to_owned() + &",".repeat(4000),
        "bytes=0-,-1,5-,-40000".to_owned(),
        many(16, 3000),
        many(17, 2900),
        many(400, 100),
    ] {
        let answer = get(&wire, "/file.bin", &format!("Range: {range}\r\n"));
        assert!(matches!(answer.status, 200 | 206), "{range}");
        assert!(answer.body.len() <= 50_000 + 4096, "{range}");
    }
}

#[test]
fn rng_if_range() {
    let site = Site::usual();
    let wire = site.serve();
    let tag = wire.get("/digits").header("ETag").unwrap().to_owned();
    for (value, status) in [
        (&*tag, 206),
        (THEN, 206),
        (AFTER, 200),
        (BEFORE, 200),
        ("\"x\"", 200),
        (&*format!("W/{tag}"), 200),
    ] {
        let lines = format!("Range: bytes=1-2\r\nIf-Range: {value}\r\n");
        assert_eq!(get(&wire, "/digits", &lines).status, status, "{value}");
    }
    let lines = "Range: bytes=50-\r\nIf-Range: \"x\"\r\n";
    assert_eq!(get(&wire, "/digits", lines).status, 200);
    let lines = format!("Range: bytes=50-\r\nIf-None-Match: {tag}\r\n");
    assert_eq!(get(&wire, "/digits", &lines).status, 304);
    let lines = "Range: bytes=50-\r\nIf-Match: \"x\"\r\n";
    assert_eq!(get(&wire, "/digits", lines).status, 412);
}

#[test]
fn mim_types_over_the_wire() {
    let site = Site::new();
    for name in ["a.mjs", "B.TXT", "noext", "a.tar.gz", "a.svgz", "a.foo"] {
        site.file(name, "x");
    }
    let wire = Wire::new(
        site.handler()
            .content_type(".foo", "text/x-foo")
            .unwrap()
            .default_content_type("text/plain")
            .unwrap(),
    );
    for (path, kind) in [
        ("/a.mjs", "text/javascript; charset=utf-8"),
        ("/B.TXT", "text/plain; charset=utf-8"),
        ("/noext", "text/plain; charset=utf-8"),
        ("/a.tar.gz", "application/gzip"),
        ("/a.foo", "text/x-foo; charset=utf-8"),
    ] {
        let answer = wire.get(path);
        assert_eq!(answer.header("Content-Type"), Some(kind), "{path}");
        assert_eq!(answer.header("Content-Encoding"), None, "{path}");
    }
    let answer = wire.get("/a.svgz");
    assert_eq!(answer.header("Content-Type"), Some("image/svg+xml"));
    assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
}

#[test]
fn enc_compressed_siblings() {
    let site = Site::new();
    site.file("app.js", "the plain text of the script");
    site.file("app.js.br", "brotli");
    site.file("app.js.gz", "gzipped bytes");
    site.file("index.html", "<p>plain");
    site.file("index.html.zst", "zstd");
    site.file("photo.png", "png");
    site.file("photo.png.gz", "no");
    let wire = site.serve();
    let ask =
        |path: &str, accept: &str| get(&wire, path, &format!("Accept-Encoding: {accept}\r\n"));

    for (accept, coding, body) in [
        ("gzip, br", Some("br"), "brotli"),
        ("gzip", Some("gzip"), "gzipped bytes"),
        ("zstd, gzip;q=0.5", Some("gzip"), "gzipped bytes"),
        ("br;q=0, *", Some("gzip"), "gzipped bytes"),
        ("identity", None, "the plain text of the script"),
        ("", None, "the plain text of the script"),
    ] {
        let answer = ask("/app.js", accept);
        assert_eq!(answer.header("Content-Encoding"), coding, "{accept}");
        assert_eq!(answer.text(), body, "{accept}");
        assert_eq!(
            answer.header("Content-Length"),
            Some(&*body.len().to_string())
        );
        assert_eq!(
            answer.header("Content-Type"),
            Some("text/javascript; charset=utf-8")
        );
        assert_eq!(answer.header("Vary"), Some("Accept-Encoding"));
    }
    let tags: Vec<_> = ["identity", "br", "gzip"]
        .map(|accept| ask("/app.js", accept).header("ETag").unwrap().to_owned())
        .into();
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2]);
    let lines = format!("Accept-Encoding: gzip\r\nIf-None-Match: {}\r\n", tags[1]);
    assert_eq!(get(&wire, "/app.js", &lines).status, 200);
    let lines = format!("Accept-Encoding: br\r\nIf-None-Match: {}\r\n", tags[1]);
    assert_eq!(get(&wire, "/app.js", &lines).status, 304);

    let answer = get(
        &wire,
        "/app.js",
        "Accept-Encoding: br\r\nRange: bytes=1-3\r\n",
    );
    assert_eq!(
        (answer.text(), answer.header("Content-Range")),
        ("rot", Some("bytes 1-3/6"))
    );
    assert_eq!(ask("/", "zstd").text(), "zstd");
    assert_eq!(ask("/photo.png", "gzip").text(), "png");
    assert_eq!(ask("/photo.png", "gzip").header("Vary"), None);

    let wire = Wire::new(site.handler().precompressed(false));
    let answer = get(&wire, "/app.js", "Accept-Encoding: br\r\n");
    assert_eq!(
        (answer.header("Content-Encoding"), answer.header("Vary")),
        (None, None)
    );
}

#[test]
fn enc_a_sibling_that_is_older_is_not_sent() {
    let site = Site::new();
    let plain = site.file("a.txt", "new text");
    let sibling = site.file("a.txt.gz", "old text");
    changed(&plain, then() + Duration::from_secs(1));
    let wire = site.serve();
    let answer = get(&wire, "/a.txt", "Accept-Encoding: gzip\r\n");
    assert_eq!(answer.text(), "new text");
    changed(&sibling, then() + Duration::from_secs(1));
    let answer = get(&wire, "/a.txt", "Accept-Encoding: gzip\r\n");
    assert_eq!(answer.text(), "old text");
}

#[test]
fn xhd_01_extra_headers() {
    let site = Site::usual();
    let wire = Wire::new(
        site.handler()
            .header("X-One", "1")
            .unwrap()
            .header("X-Two", "2")
            .unwrap()
            .header("X-One", "3")
            .unwrap(),
    );
    let extra = |path: &str, lines: &str| {
        let answer = get(&wire, path, lines);
        let found: Vec<_> = answer
            .headers
            .iter()
            .filter(|(name, _)| name.starts_with("X-One") || name.starts_with("X-Two"))
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        found.join(" ")
    };
    for (path, lines) in [
        ("/a.txt", ""),
        ("/dir/", ""),
        ("/a.txt", "Range: bytes=0-0\r\n"),
    ] {
        assert_eq!(extra(path, lines), "X-One:1 X-Two:2 X-One:3", "{path}");
    }
    for (path, lines) in [
        ("/dir", ""),
        ("/nothing", ""),
        ("/a.txt", "If-None-Match: *\r\n"),
    ] {
        assert_eq!(extra(path, lines), "", "{path}");
    }
}

#[test]
fn cache_control_by_patterns() {
    let site = Site::usual();
    let handler = site.handler().cache("*.txt", "max-age=60").unwrap();
    let handler = handler.cache("/dir/*", "no-store").unwrap();
    let wire = Wire::new(handler.cache("digits", "").unwrap());
    for (path, value) in [
        ("/a.txt", Some("max-age=60")),
        ("/dir/b.txt", Some("max-age=60")),
        ("/dir/sub/c.html", Some("no-store")),
        ("/digits", None),
        ("/empty", Some("no-cache")),
        ("/dir/", Some("no-cache")),
    ] {
        assert_eq!(wire.get(path).header("Cache-Control"), value, "{path}");
    }
    let tag = wire.get("/a.txt").header("ETag").unwrap().to_owned();
    let same = get(&wire, "/a.txt", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(
        (same.status, same.header("Cache-Control")),
        (304, Some("max-age=60"))
    );

    let handler = site.handler().cache_control("max-age=60").unwrap();
    assert_eq!(
        Wire::new(handler).get("/a.txt").header("Cache-Control"),
        Some("max-age=60")
    );
    let handler = site.handler().cache_control("").unwrap();
    assert_eq!(
        Wire::new(handler).get("/a.txt").header("Cache-Control"),
        None
    );
}

fn all<'a>(answer: &'a Answer, name: &'a str) -> Vec<&'a str> {
    answer.all(name).collect()
}

#[test]
fn a_header_takes_the_place_of_the_handlers_own() {
    let site = Site::usual();
    let mut handler = site.handler().cors("*").unwrap();
    for (name, value) in [
        ("cache-control", "private"),
        ("Access-Control-Allow-Origin", "https://example.org"),
        ("Content-Security-Policy", "sandbox"),
        ("Vary", "Cookie"),
    ] {
        handler = handler.header(name, value).unwrap();
    }
    let wire = Wire::new(handler);
    for path in ["/a.txt", "/dir/"] {
        let answer = wire.get(path);
        assert_eq!(all(&answer, "Cache-Control"), ["private"], "{path}");
        assert_eq!(
            all(&answer, "Access-Control-Allow-Origin"),
            ["https://example.org"]
        );
        assert_eq!(all(&answer, "Content-Security-Policy"), ["sandbox"]);
        assert_eq!(all(&answer, "Vary").last(), Some(&"Cookie"));
        assert_eq!(all(&answer, "Vary").len(), 2);
    }
    // A 304 has to say what the 200 did.
    let tag = wire.get("/a.txt").header("ETag").unwrap().to_owned();
    let same = get(&wire, "/a.txt", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(same.status, 304);
    assert_eq!(all(&same, "Cache-Control"), ["private"]);
}

#[test]
fn what_cannot_be_set_says_what_to_do() {
    let site = Site::usual();
    let handler = || site.handler();
    for (error, says) in [
        (handler().header("X", "a\r\nY: b").err(), "one line"),
        (handler().header("X Y", "a").err(), "letters, digits"),
        (
            handler().header("content-length", "1").err(),
            "leave it out",
        ),
        (
            handler().header("Content-Type", "a/b").err(),
            "media type of an extension",
        ),
        (handler().cache_control("a\nb").err(), "one line"),
        (handler().cache("*.js", "\u{2603}").err(), "U+00FF"),
        (handler().content_type("x", "a\0").err(), "Content-Type"),
        (handler().default_content_type("\r").err(), "Content-Type"),
        (handler().cors("example.org").err(), "https://example.org"),
        (handler().cors("null").err(), "no origin"),
        (
            handler()
                .cors("*")
                .and_then(|files| files.header("Access-Control-Allow-Credentials", "true"))
                .err(),
            "name the origins",
        ),
        (
            handler()
                .header("access-control-allow-credentials", "true")
                .and_then(|files| files.cors("*"))
                .err(),
            "name the origins",
        ),
        (handler().spa("no.html").check().err(), "no.html is no file"),
        (handler().spa("dir").check().err(), "dir is no file"),
        (
            handler().not_found(Some("no.html")).check().err(),
            "no.html is no file",
        ),
    ] {
        let text = error.unwrap().to_string();
        assert!(text.contains(says), "{text}");
        assert!(!text.contains('\n') && !text.contains('\r'), "{text}");
    }
    assert!(handler().check().is_ok());
    assert!(
        handler()
            .spa("/a.txt")
            .not_found(Some("digits"))
            .check()
            .is_ok()
    );
}

#[test]
fn pages_of_all_origins_may_read() {
    let site = Site::usual();
    let wire = Wire::new(site.handler().cors("*").unwrap());
    for path in ["/a.txt", "/dir", "/dir/", "/nothing", "/a%"] {
        for lines in ["", "Origin: https://example.org\r\n"] {
            let answer = get(&wire, path, lines);
            assert_eq!(all(&answer, "Access-Control-Allow-Origin"), ["*"], "{path}");
            let exposed = answer.header("Access-Control-Expose-Headers").unwrap();
            assert!(exposed.contains("Content-Range") && exposed.contains("ETag"));
            assert_eq!(answer.header("Access-Control-Allow-Credentials"), None);
            assert!(!all(&answer, "Vary").contains(&"Origin"));
        }
    }
}

#[test]
fn pages_of_listed_origins_may_read() {
    let site = Site::usual();
    let handler = site.handler().cors("https://one.example").unwrap();
    let wire = Wire::new(handler.cors("http://localhost:3000").unwrap());
    for path in ["/a.txt", "/dir/", "/nothing"] {
        for (origin, granted) in [
            ("https://one.example", true),
            ("http://localhost:3000", true),
            ("http://localhost", false),
            ("https://two.example", false),
            ("null", false),
        ] {
            let answer = get(&wire, path, &format!("Origin: {origin}\r\n"));
            let expected = granted.then_some(origin);
            assert_eq!(
                answer.header("Access-Control-Allow-Origin"),
                expected,
                "{path} {origin}"
            );
            assert!(all(&answer, "Vary").contains(&"Origin"));
        }
        let answer = wire.get(path);
        assert_eq!(answer.header("Access-Control-Allow-Origin"), None);
        assert!(all(&answer, "Vary").contains(&"Origin"));
    }
}

/// The browser's question before a request that is not simple, such as one with a range.
const PREFLIGHT: &str = "Origin: https://one.example\r\nAccess-Control-Request-Method: GET\r\n\
                         Access-Control-Request-Headers: range\r\n";

fn options(wire: &Wire, path: &str, lines: &str) -> Answer {
    wire.one(format!("OPTIONS {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n"))
}

#[test]
fn a_preflight_is_answered_to_those_who_may_read() {
    let site = Site::usual();
    for (origin, told) in [("*", "*"), ("https://one.example", "https://one.example")] {
        let wire = Wire::new(site.handler().cors(origin).unwrap());
        for path in ["/a.txt", "/nothing", "/dir/"] {
            let answer = options(&wire, path, PREFLIGHT);
            assert_eq!(answer.status, 204);
            assert_eq!(answer.header("Access-Control-Allow-Origin"), Some(told));
            assert_eq!(
                answer.header("Access-Control-Allow-Methods"),
                Some("GET, HEAD")
            );
            let headers = answer.header("Access-Control-Allow-Headers").unwrap();
            assert!(headers.contains("If-Range") && headers.contains(", Range"));
            assert_eq!(answer.header("Access-Control-Max-Age"), Some("3600"));
            assert_eq!(answer.header("Access-Control-Allow-Credentials"), None);
            assert_eq!(answer.header("Vary"), (origin != "*").then_some("Origin"));
        }
        // No preflight, or nobody who may read.
        let answer = options(&wire, "/a.txt", "");
        assert_eq!(
            (answer.status, answer.header("Allow")),
            (200, Some("GET, HEAD, OPTIONS"))
        );
    }
    for handler in [
        site.handler(),
        site.handler().cors("https://two.example").unwrap(),
    ] {
        let answer = options(&Wire::new(handler), "/a.txt", PREFLIGHT);
        assert_eq!(answer.status, 200);
        let names = answer.names();
        assert!(!names.iter().any(|name| name.starts_with("Access-Control")));
    }
}

/// Files, and a method of its own.
struct Upload {
    files: FileHandler,
}

#[handler(base(self.files: FileHandler))]
impl Upload {
    #[route("/upload")]
    fn do_POST_upload(&self) -> &'static str {
        "taken"
    }
}

#[test]
fn a_handler_that_stands_on_it_says_what_it_allows_itself() {
    let site = Site::usual();
    let wire = Wire::new(Upload {
        files: site.handler().cors("*").unwrap(),
    });
    let answer = options(&wire, "/upload", "");
    assert_eq!(
        (answer.status, answer.header("Allow")),
        (200, Some("POST, GET, HEAD, OPTIONS"))
    );
    assert_eq!(options(&wire, "/a.txt", PREFLIGHT).status, 204);
    assert_eq!(
        options(&wire, "/a.txt", "").header("Allow"),
        Some("GET, HEAD, OPTIONS")
    );
}

#[test]
fn the_log_can_say_why_something_was_not_found() {
    let site = Site::usual();
    site.link("../secret", "out");
    fs::write(site.outside().join("secret"), "").unwrap();
    for (path, why) in [
        ("/.secret", "hidden"),
        ("/out", "a symbolic link that is not followed"),
        ("/a.txt/", "ends as that of a directory"),
    ] {
        for on in [false, true] {
            let wire = Wire::new(site.handler().log_reasons(on));
            assert_eq!(wire.get(path).status, 404);
            let log = wire.end();
            assert_eq!(
                log.iter().any(|line| line.contains(why)),
                on,
                "{path}: {log:?}"
            );
        }
    }
    let wire = Wire::new(site.handler().log_reasons(true));
    assert_eq!(wire.get("/nothing").status, 404);
    assert!(!wire.end().iter().any(|line| line.contains("caused by")));
    site.file("404.html", "<p>lost");
    let wire = Wire::new(site.handler().log_reasons(true));
    assert_eq!(wire.get("/.secret").text(), "<p>lost");
    assert!(wire.end().iter().any(|line| line.contains("hidden")));
}

#[test]
fn the_page_for_what_is_not_found() {
    let site = Site::usual();
    let wire = Wire::new(site.handler().not_found(None));
    site.file("404.html", "<p>lost");
    assert!(wire.get("/nothing").text().contains("File not found"));

    let wire = site.serve();
    let answer = wire.get("/nothing");
    assert_eq!(
        (answer.status, answer.reason.as_str(), answer.text()),
        (404, "File not found", "<p>lost")
    );
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/html; charset=utf-8")
    );
    let since = format!("If-Modified-Since: {AFTER}\r\nRange: bytes=0-0\r\n");
    assert_eq!(get(&wire, "/nothing", &since).status, 404);
    assert_eq!(wire.get("/404.html").status, 200);
    let answer = head(&wire, "/nothing", "");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (404, Some("7"))
    );
}

#[test]
fn an_application_that_routes_in_the_browser() {
    let site = Site::usual();
    site.file("index.html", "<p>app");
    let wire = Wire::new(site.handler().spa("index.html"));
    for (path, lines) in [
        ("/users/7", ""),
        ("/users/7/", ""),
        ("/users/john.doe", "Accept: text/html,*/*;q=0.8\r\n"),
    ] {
        let answer = get(&wire, path, lines);
        assert_eq!((answer.status, answer.text()), (200, "<p>app"), "{path}");
    }
    for (path, lines) in [
        ("/missing.js", "Accept: */*\r\n"),
        ("/missing.png", "Accept: image/avif,image/*\r\n"),
        ("/../x", ""),
    ] {
        assert_eq!(get(&wire, path, lines).status, 404, "{path}");
    }
    assert_eq!(wire.get("/a.txt").text(), "hello\n");
}

#[test]
fn a_handler_can_stand_on_it() {
    let site = Site::usual();
    let wire = Wire::new(Lenient {
        files: site.handler(),
    });
    assert_eq!(wire.get("/health").text(), "well");
    assert_eq!(wire.get("/a.txt").text(), "hello\n");
    assert_eq!(wire.get("/nothing").status, 404);
    assert_eq!(
        head(&wire, "/a.txt", "").header("Content-Length"),
        Some("6")
    );
}

#[test]
fn many_requests_on_one_connection() {
    let site = Site::usual();
    let content = vec![b'x'; 200_000];
    site.file("big.bin", &content);
    let wire = site.serve();
    let paths = ["/a.txt", "/big.bin", "/dir", "/dir/", "/nothing", "/digits"];
    let bytes: String = paths
        .iter()
        .map(|path| format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"))
        .collect();
    let answers = wire.ask(bytes, &["GET"; 6]);
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 301, 200, 404, 200]);
    assert!(answers[1].body == content);
    assert_eq!(answers[5].text(), "0123456789");
}

#[test]
fn the_log_is_http_servers() {
    let site = Site::usual();
    let wire = site.serve();
    wire.get("/a.txt");
    wire.get("/nothing");
    let lines = wire.end();
    assert_eq!(
        lines,
        [
            "127.0.0.1 - - [date] \"GET /a.txt HTTP/1.1\" 200 6",
            "127.0.0.1 - - [date] code 404, message File not found",
            &lines[2],
        ]
    );
    assert!(lines[2].starts_with("127.0.0.1 - - [date] \"GET /nothing HTTP/1.1\" 404 "));
}
