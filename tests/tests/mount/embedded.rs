//! Files that are part of the program, beside the same files of a directory.

use crate::files_site::Site;
use doget::{Embedded, FileHandler, handler, testing};
use std::fs;
use std::path::Path;

const ASSETS: &str = "tests/mount/assets";

fn embedded() -> Embedded {
    doget::embed!("tests/mount/assets")
}

/// The same files on a disk. They are written anew, so that all have one time, as a checkout does not give it.
fn on_disk() -> (Site, FileHandler) {
    fn copy(from: &Path, to: &str, site: &Site) {
        for entry in fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{to}{}", path.file_name().unwrap().to_str().unwrap());
            match path.is_dir() {
                true => copy(&path, &format!("{name}/"), site),
                false => drop(site.file(name, fs::read(path).unwrap())),
            }
        }
    }
    let site = Site::new();
    copy(Path::new(ASSETS), "", &site);
    let files = site.handler().listing(false);
    (site, files)
}

/// An answer without what differs by nature.
fn comparable(bytes: &[u8]) -> String {
    let answer = bytes.escape_ascii().to_string();
    let mut lines: Vec<String> = answer.split("\\r\\n").map(str::to_owned).collect();
    // The boundary of several ranges is random.
    let boundary = answer
        .split("boundary=")
        .nth(1)
        .map(|rest| rest[..32].to_owned());
    lines.retain(|line| {
        let names = ["Date:", "Last-Modified:", "ETag:"];
        !names.iter().any(|name| line.starts_with(name))
    });
    let answer = lines.join("\\r\\n");
    match boundary {
        Some(boundary) => answer.replace(&boundary, "BOUNDARY"),
        None => answer,
    }
}

const PATHS: [&str; 32] = [
    "/",
    "/index.html",
    "/app.css",
    "/app.css.br",
    "/long.js",
    "/short.js",
    "/bytes.bin",
    "/empty.txt",
    "/a%20b.txt",
    "/a b.txt",
    "/%61pp.css",
    "/dir",
    "/dir?x=y",
    "/dir/",
    "/dir//page.html",
    "/dir/./page.html",
    "/dir-like.txt",
    "/dir-like",
    "/plain",
    "/plain/",
    "/plain/only.txt/",
    "/plain/only.txt",
    "/nothing",
    "/nothing/",
    "/.secret",
    "/.hidden-dir/x",
    "/.well-known/acme",
    "/../Cargo.toml",
    "/%2e%2e/Cargo.toml",
    "/dir%2Fpage.html",
    "/%zz",
    "/app.css/x",
];

#[test]
fn embedded_files_are_answered_as_those_of_a_directory() {
    let (embedded, (_site, files)) = (embedded(), on_disk());
    let mut seen = std::collections::BTreeSet::new();
    for path in PATHS {
        for method in ["GET", "HEAD", "OPTIONS", "PUT", "BREW"] {
            for fields in [
                "",
                "Accept-Encoding: br, gzip;q=0\r\n",
                "Accept-Encoding: br\r\nRange: bytes=0-3\r\n",
                "Range: bytes=0-9\r\n",
                "Range: bytes=-2\r\n",
                "Range: bytes=3-\r\n",
                "Range: bytes=0-1,4-5\r\n",
                "Range: bytes=9999-\r\n",
                "Range: bytes=0-9\r\nIf-Range: \"other\"\r\n",
                "If-None-Match: *\r\n",
                "If-None-Match: \"other\"\r\n",
                "If-Match: \"other\"\r\n",
                "If-Match: *\r\n",
            ] {
                let request = format!(
                    "{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n{fields}\r\n"
                );
                let ours = testing::exchange(&embedded, request.as_bytes());
                let theirs = testing::exchange(&files, request.as_bytes());
                assert_eq!(comparable(&ours), comparable(&theirs), "{request}");
                seen.insert(String::from_utf8_lossy(&ours[9..12]).into_owned());
            }
        }
    }
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    assert_eq!(
        seen,
        [
            "200", "206", "301", "304", "400", "404", "405", "412", "416", "501"
        ]
    );
}

#[test]
fn tags_are_of_the_content_and_strong() {
    let embedded = embedded();
    let tag = |path: &str, accept: &str| {
        let answer = testing::get(path)
            .header("Accept-Encoding", accept)
            .send(&embedded);
        answer.header("ETag").unwrap().to_owned()
    };
    let plain = tag("/app.css", "identity");
    assert!(plain.starts_with('"') && plain.len() == 34, "{plain}");
    assert_ne!(plain, tag("/long.js", "identity"));
    assert_ne!(plain, tag("/app.css", "br"));
    assert!(tag("/app.css", "br").ends_with("-br\""));
    assert_eq!(tag("/", "identity"), tag("/index.html", "identity"));
    let again = testing::get("/app.css").header("If-None-Match", &plain);
    assert_eq!(again.send(&embedded).status(), 304);
    let part = testing::get("/app.css")
        .header("Range", "bytes=0-4")
        .header("If-Range", &plain);
    assert_eq!(part.send(&embedded).status(), 206);
    assert_eq!(
        testing::get("/app.css")
            .send(&embedded)
            .header("Last-Modified"),
        None
    );
}

#[test]
fn siblings_are_made_while_compiling_where_they_are_worth_it() {
    let embedded = embedded();
    let coding = |path: &str, accept: &str| {
        let answer = testing::get(path)
            .header("Accept-Encoding", accept)
            .send(&embedded);
        assert_eq!(
            answer.header("Vary").is_some(),
            path != "/bytes.bin",
            "{path}"
        );
        (
            answer.header("Content-Encoding").map(str::to_owned),
            answer.bytes().to_vec(),
        )
    };
    let some = |name: &str| Some(name.to_owned());
    let (name, body) = coding("/long.js", "gzip");
    assert_eq!(name, some("gzip"));
    assert_eq!(body[..3], [0x1f, 0x8b, 8]);
    assert!(body.len() < 700, "{}", body.len());
    assert_eq!(coding("/long.js", "gzip;q=0").0, None);
    assert_eq!(coding("/long.js", "identity").0, None);
    assert_eq!(coding("/long.js", "br").0, None);
    // One that lies there is taken, and the one that makes files smallest first.
    assert_eq!(coding("/app.css", "gzip, br").0, some("br"));
    assert_eq!(coding("/app.css", "gzip").0, some("gzip"));
    assert_eq!(coding("/short.js", "gzip").0, None);
    assert_eq!(coding("/bytes.bin", "gzip").0, None);
}

struct Admin {
    pages: Embedded,
}

#[handler(mount("/admin" = self.pages: Embedded))]
impl Admin {}

#[test]
fn embedded_files_below_a_prefix() {
    let admin = Admin { pages: embedded() };
    assert!(
        testing::get("/admin/")
            .send(&admin)
            .text()
            .contains("All is well.")
    );
    for (path, location) in [
        ("/admin", "/admin/"),
        ("/admin?x", "/admin/?x"),
        ("/admin/dir", "/admin/dir/"),
        ("/%61dmin/dir", "/%61dmin/dir/"),
    ] {
        let answer = testing::get(path).send(&admin);
        assert_eq!(answer.status(), 301, "{path}");
        assert_eq!(answer.header("Location"), Some(location), "{path}");
    }
    assert_eq!(testing::get("/admin/nothing").send(&admin).status(), 404);
}

#[test]
fn caching_and_the_page_of_an_application() {
    let app = embedded()
        .cache("*.css", "max-age=31536000, immutable")
        .unwrap()
        .cache_control("no-store")
        .unwrap()
        .spa("index.html");
    let cache = |path: &str| {
        let answer = testing::get(path).send(&app);
        answer.header("Cache-Control").map(str::to_owned)
    };
    assert_eq!(
        cache("/app.css").as_deref(),
        Some("max-age=31536000, immutable")
    );
    assert_eq!(cache("/long.js").as_deref(), Some("no-store"));
    assert!(
        testing::get("/users/7")
            .send(&app)
            .text()
            .contains("All is well.")
    );
    assert_eq!(testing::get("/users/7.png").send(&app).status(), 404);
    assert!(embedded().cache_control("a\nb").is_err());
}

#[test]
fn what_is_hidden_is_not_embedded() {
    let paths: Vec<&str> = embedded().paths().collect();
    assert!(paths.contains(&".well-known/acme") && paths.contains(&"a b.txt"));
    assert!(
        !paths
            .iter()
            .any(|path| path.contains("secret") || path.contains("hidden"))
    );
}
