//! What is sent of a file.

use crate::site::{Site, THEN, get, head};

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
