//! A table: a path and a name, and the answer.

use crate::site::Site;
use crate::{handler, names, part, post, put, serve, serve_within};
use doget::{FileHandler, UploadHandler, UploadLimits};
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_path_and_what_becomes_of_a_file_for_it() {
    let site = Site::usual();
    site.link("dir", "link");
    site.link("nowhere", "dangling");
    fs::create_dir(site.root().join(".hidden")).unwrap();
    let before = names(&site.root());
    let server = serve(&site);
    let long = format!("/{}", "n".repeat(201));
    for (path, status) in [
        // Never over something, whatever it is.
        ("/a.txt", 409),
        ("/dir", 409),
        ("/link", 409),
        ("/dangling", 409),
        ("/dir/b.txt", 409),
        // Never through a link, into a file, or into a directory that is not there.
        ("/link/x", 404),
        ("/dangling/x", 404),
        ("/a.txt/x", 404),
        ("/new/x", 404),
        // Nothing hidden, and nothing in what is.
        ("/.htaccess", 400),
        ("/.hidden/x", 400),
        ("/.well-known/acme-challenge", 400),
        ("/dir/.x", 400),
        ("/.doget-0", 400),
        // The name of one file.
        ("/dir/../x", 400),
        ("/%2e%2e/x", 400),
        ("/..%2Fx", 400),
        ("/a%2Fb", 400),
        ("/a%5Cb", 400),
        ("/%2Fetc%2Fpasswd", 400),
        ("/a%00", 400),
        ("/a%0Ab", 400),
        ("/a%3Astream", 400),
        ("/CON", 400),
        ("/dir/nul.txt", 400),
        ("/a.", 400),
        ("/a%20", 400),
        ("/-rf", 400),
        ("/~root", 400),
        ("/GIT~1", 400),
        ("/a%FF", 400),
        ("/evil%E2%80%AEgpj.exe", 400),
        ("/a%E2%80%8B", 400),
        ("/%zz", 400),
        (&*long, 400),
        // What stands for other paths.
        ("/index.html", 403),
        ("/dir/INDEX.HTM", 403),
        ("/404.html", 403),
        ("/dir/404.html", 403),
        // A directory takes forms.
        ("/dir/", 405),
        ("/", 405),
    ] {
        assert_eq!(put(&server, path, "", "x").status, status, "{path}");
    }
    assert_eq!(names(&site.root()), before);
    for (path, name) in [
        ("/new.txt", "new.txt"),
        ("/b%20c.txt", "b c.txt"),
        ("/dir/%C3%A4", "dir/\u{e4}"),
        ("//dir//sub/./x", "dir/sub/x"),
        ("/indexed/x?y", "indexed/x"),
    ] {
        let answer = put(&server, path, "", "kept");
        assert_eq!(answer.status, 201, "{path}");
        let file = site.root().join(name);
        assert_eq!(fs::read_to_string(&file).unwrap(), "kept");
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o133, 0, "{path}: {mode:o}");
        assert_eq!(server.get(path).text(), "kept");
        assert_eq!(put(&server, path, "", "again").status, 409);
        assert_eq!(server.get(path).text(), "kept");
    }
}

#[test]
fn the_names_of_a_form_are_those_of_files_in_its_directory() {
    let site = Site::usual();
    let server = serve(&site);
    for (name, status) in [
        ("one.txt", 201),
        ("C:\\\\dir\\\\two.txt", 201),
        ("/etc/three", 201),
        ("../../four", 201),
        ("one.txt", 409),
        ("b.txt", 409),
        (".five", 201),
        (".index.html", 403),
        ("index.html", 403),
        ("nul", 400),
        ("six.", 201),
    ] {
        let answer = post(&server, "/dir/", "", &[part(name, "x")]);
        assert_eq!(answer.status, status, "{name}: {}", answer.text());
    }
    // Those before one that is refused are there.
    let parts = [part("seven", "7"), part("a.txt", "x"), part("eight", "8")];
    assert_eq!(post(&server, "/", "", &parts).status, 409);
    let all = names(&site.root());
    for name in [
        "dir/one.txt",
        "dir/two.txt",
        "dir/three",
        "dir/four",
        "seven",
    ] {
        assert!(all.contains(&name.to_owned()), "{name} {all:?}");
    }
    assert!(!all.contains(&"eight".to_owned()));
    assert_eq!(fs::read_dir(site.outside()).unwrap().count(), 1);
    for (path, status) in [
        ("/a.txt", 405),
        ("/dir", 405),
        ("/new/", 404),
        ("/.hidden/", 400),
    ] {
        assert_eq!(
            post(&server, path, "", &[part("x", "x")]).status,
            status,
            "{path}"
        );
    }
    // Nobody is told that all is there while one is left out; a field that was left empty is no file.
    for bad in ["nul", "..", "dir/"] {
        let answer = post(&server, "/dir/", "", &[part(bad, "x"), part("nine", "9")]);
        assert_eq!(answer.status, 400, "{bad}");
    }
    assert!(!names(&site.root()).contains(&"dir/nine".to_owned()));
    let parts = [part("", ""), part("nine", "9")];
    assert_eq!(post(&server, "/dir/", "", &parts).status, 201);
    assert_eq!(post(&server, "/dir/", "", &[]).status, 400);
    let text =
        "POST /dir/ HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx";
    assert_eq!(server.one(text).status, 415);
}

#[test]
fn what_a_client_expects_of_the_file_that_it_sends() {
    let site = Site::usual();
    let server = serve(&site);
    for (path, fields, status) in [
        ("/a.txt", "If-None-Match: *\r\n", 412),
        ("/a.txt", "If-Match: *\r\n", 412),
        ("/new", "If-Match: \"x\"\r\n", 412),
        (
            "/new",
            "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            412,
        ),
        ("/new", "Content-Range: bytes 0-0/2\r\n", 400),
        ("/new", "If-None-Match: *\r\n", 201),
    ] {
        assert_eq!(
            put(&server, path, fields, "x").status,
            status,
            "{path} {fields}"
        );
    }
    assert_eq!(server.get("/a.txt").text(), "hello\n");
    let allowed = |path: &str| {
        let answer = server.one(format!("OPTIONS {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
        answer.header("Allow").unwrap().to_owned()
    };
    assert_eq!(allowed("/dir/"), "GET, HEAD, OPTIONS, POST");
    assert_eq!(allowed("/new"), "GET, HEAD, OPTIONS, PUT");
}

#[test]
fn what_comes_in_has_bounds() {
    let site = Site::new();
    let limits = UploadLimits::new()
        .max_file_size(10)
        .max_total_size(16)
        .max_files(3);
    let server = serve_within(&site, limits);
    assert_eq!(put(&server, "/long", "", "12345678901").status, 413);
    let chunked = "PUT /long HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n";
    assert_eq!(server.one(chunked).status, 413);
    assert_eq!(
        post(&server, "/", "", &[part("long", "12345678901")]).status,
        413
    );
    assert_eq!(names(&site.root()), [""; 0]);
    assert_eq!(put(&server, "/a", "", "1234567890").status, 201);
    assert_eq!(put(&server, "/b", "", "1234567").status, 507);
    assert_eq!(put(&server, "/b", "", "123").status, 201);
    assert_eq!(put(&server, "/c", "", "").status, 201);
    assert_eq!(put(&server, "/d", "", "").status, 507);
    assert_eq!(names(&site.root()), ["a", "b", "c"]);
}

#[test]
fn below_a_prefix_and_with_other_index_pages() {
    let site = Site::usual();
    let files = site
        .handler()
        .prefix("/docs")
        .index(["home.html", "book.html"])
        .not_found(Some("errors/gone.html"));
    let server =
        doget_tests::test_server::TestServer::new(UploadHandler::with_files(files).unwrap());
    for (path, status) in [
        ("/docs/new", 201),
        ("/new", 400),
        ("/docs/home.html", 403),
        ("/docs/gone.html", 403),
        // The sign of Kelvin: a file system that knows no case takes it for a k.
        ("/docs/boo%E2%84%AA.html", 403),
        ("/docs/index.html", 201),
    ] {
        assert_eq!(put(&server, path, "", "x").status, status, "{path}");
    }
    let answer = post(
        &server,
        "/docs/dir/",
        "Accept: text/html\r\n",
        &[part("x", "x")],
    );
    assert_eq!(
        (answer.status, answer.header("Location")),
        (303, Some("/docs/dir/"))
    );
}

#[test]
fn a_directory_that_shows_hidden_files_or_an_application_takes_none() {
    let site = Site::new();
    let refused = |files: FileHandler| UploadHandler::with_files(files).unwrap_err().to_string();
    assert!(refused(site.handler().hidden(true)).contains("hidden"));
    assert!(refused(site.handler().spa("index.html")).contains("spa"));
    drop(handler(&site));
}
