//! Which file a path names.

use super::Lenient;
use crate::site::Site;
use doget_tests::test_server::TestServer;
#[cfg(unix)]
use std::fs;

#[test]
fn fil_02_query_and_fragment_are_cut_off() {
    let site = Site::usual();
    site.file("q?x", "question");
    let server = site.serve();
    for path in ["/a.txt?x", "/a.txt?x/../y", "/a.txt?", "/%61.txt"] {
        assert_eq!(server.get(path).text(), "hello\n", "{path}");
    }
    assert_eq!(server.get("/q%3Fx").text(), "question");
    let answer = server.get("/a.txt%zz");
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
    let server = site.serve();
    assert_eq!(server.get("/bad%ff.txt").text(), "raw");
    assert_eq!(server.get("/bad%ED%B3%BF.txt").status, 404);
}

#[cfg(unix)]
#[test]
fn fil_04_raw_bytes_in_the_target_find_the_file() {
    use std::os::unix::ffi::OsStrExt;
    let site = Site::usual();
    site.file("\u{e9}.txt", "utf-8");
    site.file(std::ffi::OsStr::from_bytes(b"\xe9.txt"), "latin-1");
    let server = TestServer::new(Lenient {
        files: site.handler(),
    });
    assert_eq!(
        server.one(b"GET /\xc3\xa9.txt HTTP/1.0\r\n\r\n").text(),
        "utf-8"
    );
    assert_eq!(
        server.one(b"GET /\xe9.txt HTTP/1.0\r\n\r\n").text(),
        "latin-1"
    );
}

#[test]
fn fil_05_empty_parts_and_single_dots_are_dropped_and_double_dots_refused() {
    let site = Site::usual();
    site.file("a:b.txt", "colon");
    let server = site.serve();
    assert_eq!(server.get("/dir//b.txt").text(), "b");
    assert_eq!(server.get("//a.txt").text(), "hello\n");
    // As Go's programs write a relative link whose first part has a colon (RFC 3986 section 4.2).
    for (path, text) in [
        ("/./a:b.txt", "colon"),
        ("/./a.txt", "hello\n"),
        ("/././dir/./b.txt", "b"),
        ("/./indexed/", "<p>index"),
        ("/indexed/.", "<p>index"),
        ("/indexed/./", "<p>index"),
    ] {
        assert_eq!(server.get(path).text(), text, "{path}");
    }
    assert_eq!(server.get("/./dir").header("Location"), Some("/dir/"));
    assert!(server.get("/.").text().contains("a.txt"));
    for path in [
        "/../a.txt",
        "/dir/../a.txt",
        "/dir/./../a.txt",
        "/./../a.txt",
        "/./.secret",
        "/a.txt/.",
        "/%2e/a.txt",
        "/dir/%2E",
        "/dir/..",
        "/dir%2fb.txt",
        "/dir%2f",
    ] {
        let answer = server.get(path);
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
    let server = TestServer::new(Lenient {
        files: site.handler(),
    });
    assert_eq!(server.one("GET a.txt HTTP/1.0\r\n\r\n").text(), "hello\n");
    let strict = site.serve();
    let answer = strict.one("GET http://a/a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.text(), "hello\n");
}

#[test]
fn fil_08_dot_files_are_hidden_but_well_known() {
    let site = Site::usual();
    let server = site.serve();
    assert_eq!(server.get("/.secret").status, 404);
    assert_eq!(server.get("/%2Esecret").status, 404);
    assert_eq!(server.get("/.well-known/acme").text(), "token");
    let page = server.get("/");
    assert!(!page.text().contains("secret"));
    assert!(page.text().contains("\".well-known/\""));

    let server = TestServer::new(site.handler().hidden(true));
    assert_eq!(server.get("/.secret").text(), "secret");
    assert!(server.get("/").text().contains("\".secret\""));
}

#[test]
fn fil_09_nul_is_not_found() {
    let site = Site::usual();
    let server = site.serve();
    assert_eq!(server.get("/a.txt%00").status, 404);
    assert_eq!(server.get("/%00").status, 404);
}

#[test]
fn fil_10_a_file_is_no_directory() {
    let site = Site::usual();
    let server = site.serve();
    for path in ["/a.txt/", "/a.txt/b", "/a.txt%2f", "/empty/"] {
        let answer = server.get(path);
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
    let server = site.serve();
    let long = format!("/{}", "x".repeat(1000));
    for path in ["/nothing", "/dir/nothing", "/nothing/at/all", &long] {
        let answer = server.get(path);
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
        .output();
    match child {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success() && said.contains("1 passed"),
                "{said}"
            );
        }
        Err(error) => eprintln!("left out: nobody cannot run this test: {error}"),
    }
}

#[cfg(unix)]
#[test]
fn fil_11_and_dir_04_what_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        return as_nobody("paths::fil_11_and_dir_04_what_may_not_be_read");
    }
    let site = Site::usual();
    let forbid = |path: &str, mode| {
        let path = site.root().join(path);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    forbid("a.txt", 0);
    forbid("dir", 0o100);
    forbid("indexed/index.html", 0);
    let server = site.serve();
    assert_eq!(server.get("/a.txt").reason, "File not found");
    assert_eq!(server.get("/indexed/").reason, "File not found");
    assert_eq!(server.get("/dir").status, 301);
    let answer = server.get("/dir/");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (404, "No permission to list directory")
    );
    assert_eq!(server.get("/dir/b.txt").text(), "b");
    forbid("dir", 0o700);
}
