//! Files and scripts below a prefix: redirects, listings, conditions, the variables of scripts.

use crate::files_site::Site;
use doget::{FileHandler, handler};
use doget_tests::test_server::TestServer;

struct Below {
    files: FileHandler,
    more: FileHandler,
}

#[handler(mount("/files" = self.files: FileHandler, "/a b/more" = self.more: FileHandler))]
impl Below {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }
}

fn serve(site: &Site) -> TestServer {
    TestServer::new(Below {
        files: site.handler(),
        more: site.handler().prefix("inner"),
    })
}

#[test]
fn files_below_a_mount_are_as_files() {
    let site = Site::usual();
    let server = serve(&site);
    for (path, text) in [
        ("/files/a.txt", "hello\n"),
        ("/%66iles/a.txt", "hello\n"),
        ("/files//dir/b.txt", "b"),
        ("/files/indexed/", "<p>index"),
        ("/a%20b/more/inner/a.txt", "hello\n"),
        ("/a%20b/%6dore/%69nner/a.txt", "hello\n"),
        ("/", "home"),
    ] {
        assert_eq!(server.get(path).text(), text, "{path}");
    }
    for path in [
        "/filesa.txt",
        "/a.txt",
        "/files/../a.txt",
        "/files/%2e%2e/a.txt",
        "/files/.secret",
        "/a%20b/more/a.txt",
        "/a%20b/more/innera.txt",
        "/a%20b/more/",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    let answer = server.get("/files/a.txt");
    let tag = answer.header("ETag").unwrap();
    let again = server.one(format!(
        "GET /files/a.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: {tag}\r\n\r\n"
    ));
    assert_eq!(again.status, 304);
    let part = server.one("GET /files/a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=1-3\r\n\r\n");
    assert_eq!((part.status, part.text()), (206, "ell"));
}

#[test]
fn redirects_of_directories_keep_the_prefix() {
    let site = Site::usual();
    let server = serve(&site);
    for (path, location) in [
        ("/files", "/files/"),
        ("/files?q", "/files/?q"),
        ("/%66iles", "/%66iles/"),
        ("/files/dir", "/files/dir/"),
        ("//files/dir", "/files/dir/"),
        ("/files//dir?a=b", "/files/dir/?a=b"),
        ("/a%20b/more/inner", "/a%20b/more/inner/"),
        ("/a%20b/more/inner/dir", "/a%20b/more/inner/dir/"),
    ] {
        let answer = server.get(path);
        let seen = (answer.status, answer.header("Location"));
        assert_eq!(seen, (301, Some(location)), "{path}");
    }
}

#[test]
fn listings_lead_within_the_prefix() {
    let site = Site::usual();
    let server = serve(&site);
    let root = server.get("/files/");
    assert!(root.text().contains("href=\"dir/\""));
    assert!(
        !root.text().contains("formaction=\"../\""),
        "nothing leads out"
    );
    let dir = server.get("/files/dir/");
    assert!(dir.text().contains("formaction=\"../\">/files/</button>"));
}

/// A listing says where clients are, and not where the handler thinks that it is.
#[test]
fn listings_have_the_prefix_in_their_path() {
    let site = Site::usual();
    let server = serve(&site);
    let page = server.get("/files/dir/");
    assert!(
        page.text()
            .contains("<title>Directory listing for /files/dir/</title>")
    );
    let json = server.get("/files/dir/?format=json");
    assert!(json.text().starts_with("{\"path\":\"/files/dir/\","));
}

#[test]
fn methods_of_files_below_a_mount() {
    let site = Site::usual();
    let server = serve(&site);
    for (method, status) in [("PUT", 405), ("BREW", 501), ("OPTIONS", 200)] {
        let answer = server.one(format!(
            "{method} /files/a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        ));
        assert_eq!(answer.status, status, "{method}");
        let allow = (status != 501).then_some("GET, HEAD, OPTIONS");
        assert_eq!(answer.header("Allow"), allow, "{method}");
    }
}
