//! What is shown of uploads, who may send them, and what they cannot do.

use crate::site::{Site, get};
use crate::{handler, names, part, post, put, serve};
use doget::{handler, testing};
use doget_tests::test_server::TestServer;

#[test]
fn a_listing_has_a_form_without_a_script() {
    let site = Site::usual();
    let server = serve(&site);
    let page = server.get("/dir/");
    let form = "<form method=\"post\" enctype=\"multipart/form-data\"><input type=\"file\" name=\"file\" multiple";
    assert!(page.text().contains(form), "{}", page.text());
    assert!(!page.text().contains("<script"));
    assert!(
        page.header("Content-Security-Policy")
            .unwrap()
            .contains("form-action 'self'")
    );
    assert_eq!(page.header("Referrer-Policy"), Some("same-origin"));
    assert!(!site.serve().get("/dir/").text().contains("multipart"));
    // Back to the listing for a browser, and words for a program.
    let answer = post(
        &server,
        "/dir/",
        "Accept: text/html,*/*;q=0.8\r\n",
        &[part("x", "x")],
    );
    assert_eq!(
        (answer.status, answer.header("Location")),
        (303, Some("/dir/"))
    );
    let answer = post(
        &server,
        "/dir/",
        "Accept: */*\r\n",
        &[part("y", "y"), part("z", "z")],
    );
    assert_eq!((answer.status, answer.text()), (201, "kept y\nkept z\n"));
}

#[test]
fn no_page_of_another_site_sends_files() {
    let site = Site::usual();
    let server = serve(&site);
    let before = names(&site.root());
    for fields in [
        "Origin: https://evil.example\r\n",
        "Origin: null\r\n",
        "Origin: http://a:81\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\nOrigin: http://a\r\n",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Site: same-origin\r\n",
    ] {
        assert_eq!(put(&server, "/new", fields, "x").status, 403, "{fields}");
        let answer = post(&server, "/", fields, &[part("new", "x")]);
        assert_eq!(answer.status, 403, "{fields}");
    }
    // By the head alone: nobody is told to send the body.
    let mut conn = server.connect();
    conn.send(
        "PUT /new HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
    );
    assert_eq!(conn.answer("PUT").status, 403);
    assert_eq!(names(&site.root()), before);
    for (name, fields) in [
        ("/one", "Origin: http://a\r\n"),
        (
            "/two",
            "Sec-Fetch-Site: same-origin\r\nOrigin: http://a\r\n",
        ),
    ] {
        assert_eq!(put(&server, name, fields, "x").status, 201);
    }
    // Neither does one that another origin may read by CORS.
    let files = site.handler().cors("*").unwrap();
    let server = TestServer::new(doget::UploadHandler::with_files(files).unwrap());
    let preflight = "OPTIONS /new HTTP/1.1\r\nHost: a\r\nOrigin: http://b\r\n\
         Access-Control-Request-Method: PUT\r\n\r\n";
    let allowed = server.one(preflight);
    let methods = allowed
        .header("Access-Control-Allow-Methods")
        .unwrap_or_default();
    assert!(!methods.contains("PUT"), "{methods}");
    assert_eq!(
        put(&server, "/new", "Origin: http://b\r\n", "x").status,
        403
    );
}

struct Wrapped<H>(H);

#[handler(base(self.0: H))]
impl<H: doget::Declared> Wrapped<H> {}

/// Whoever has it as a base does not get around its gate.
#[test]
fn the_gate_is_part_of_the_handler() {
    let site = Site::new();
    let wrapped = Wrapped(handler(&site));
    let send = |origin: &str| {
        let request = testing::put("/new").header("Origin", origin).body("x");
        request.send(&wrapped).status()
    };
    assert_eq!(send("http://evil.example"), 403);
    assert!(names(&site.root()).is_empty());
}

#[test]
fn what_was_sent_does_not_act_for_the_site() {
    let site = Site::usual();
    let server = serve(&site);
    for (name, is_page) in [
        ("/x.html", true),
        ("/x.svg", true),
        ("/x.xhtml", true),
        ("/x.xml", true),
        ("/x.xsl", true),
        ("/x.txt", false),
        ("/x.js", false),
        ("/x", false),
    ] {
        assert_eq!(
            put(&server, name, "", "<script>alert(1)</script>").status,
            201
        );
        let answer = server.get(name);
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
        let policy = is_page.then_some("sandbox");
        assert_eq!(answer.header("Content-Security-Policy"), policy, "{name}");
    }
    // No upload stands for the file beside it.
    assert_eq!(put(&server, "/a.txt.gz", "", "compressed").status, 201);
    let answer = get(&server, "/a.txt", "Accept-Encoding: gzip\r\n");
    assert_eq!(
        (answer.text(), answer.header("Content-Encoding")),
        ("hello\n", None)
    );
}
