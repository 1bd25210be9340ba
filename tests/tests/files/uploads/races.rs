//! Several at once, and what changes meanwhile.

use crate::site::Site;
use crate::{names, put, serve, serve_within};
use doget::UploadLimits;
use doget_tests::test_server::Conn;
use doget_tests::{eventually, test_server::TestServer};
use std::fs;

/// Begins to send a file of three bytes, and waits until the server has taken it up: then nobody else may send.
fn begun(server: &TestServer, path: &str) -> Conn {
    let mut conn = server.connect();
    conn.send(format!(
        "PUT {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    ));
    // It says so when it reads the body, with the file open.
    conn.until(b"100 Continue\r\n\r\n");
    conn.send("ab");
    conn
}

#[test]
fn of_many_that_send_one_name_at_once_one_is_kept() {
    let site = Site::new();
    let server = serve_within(&site, UploadLimits::new().max_uploads(16));
    for round in 0..20 {
        let path = format!("/file-{round}");
        let statuses: Vec<(u16, String)> = std::thread::scope(|scope| {
            let senders: Vec<_> = (0..8)
                .map(|number| {
                    let (server, path) = (&server, &path);
                    let body = number.to_string().repeat(1000);
                    scope.spawn(move || (put(server, path, "", &body).status, body))
                })
                .collect();
            senders
                .into_iter()
                .map(|sender| sender.join().unwrap())
                .collect()
        });
        let kept: Vec<_> = statuses
            .iter()
            .filter(|(status, _)| *status == 201)
            .collect();
        let [(_, body)] = kept[..] else {
            panic!("{statuses:?}");
        };
        assert!(
            statuses
                .iter()
                .all(|(status, _)| matches!(status, 201 | 409))
        );
        assert_eq!(server.get(&path).text(), body);
    }
    assert_eq!(names(&site.root()).len(), 20);
}

#[test]
fn what_takes_the_name_meanwhile_stays() {
    let site = Site::usual();
    let server = serve(&site);
    let outside = site.outside().join("outside");
    for kind in ["file", "link", "dangling", "directory"] {
        let path = site.root().join(kind);
        let mut sender = begun(&server, &format!("/{kind}"));
        match kind {
            "file" => fs::write(&path, "mine").unwrap(),
            "link" => site.link("a.txt", kind),
            "dangling" => site.link(&outside, kind),
            _ => fs::create_dir(&path).unwrap(),
        }
        sender.send("c");
        assert_eq!(sender.answer("PUT").status, 409, "{kind}");
    }
    assert_eq!(
        fs::read_to_string(site.root().join("file")).unwrap(),
        "mine"
    );
    assert_eq!(server.get("/a.txt").text(), "hello\n");
    assert!(!outside.exists());
}

#[test]
fn a_directory_that_another_one_or_a_link_replaces_gets_nothing() {
    let site = Site::usual();
    let server = serve(&site);
    let (dir, away) = (site.root().join("dir"), site.outside().join("away"));
    for target in [
        None,
        Some(site.outside().to_owned()),
        Some(site.root().join("both")),
    ] {
        let mut sender = begun(&server, "/dir/new");
        fs::rename(&dir, &away).unwrap();
        match &target {
            Some(target) => site.link(target, "dir"),
            None => fs::create_dir(&dir).unwrap(),
        }
        sender.send("c");
        assert_eq!(sender.answer("PUT").status, 409, "{target:?}");
        match target {
            Some(_) => fs::remove_file(&dir).unwrap(),
            None => fs::remove_dir(&dir).unwrap(),
        }
        assert_eq!(names(&away), ["b.txt", "sub/", "sub/c.html"]);
        fs::rename(&away, &dir).unwrap();
    }
    // Gone altogether.
    let mut sender = begun(&server, "/dir/sub/new");
    fs::remove_dir_all(dir.join("sub")).unwrap();
    sender.send("c");
    assert_eq!(sender.answer("PUT").status, 409);
    assert!(
        !names(site.outside())
            .iter()
            .any(|name| name.ends_with("new"))
    );
}

#[test]
fn a_file_that_is_not_whole_has_no_name_and_leaves_nothing() {
    let site = Site::new();
    let server = serve_within(&site, UploadLimits::new().max_uploads(1).max_total_size(5));
    let sender = begun(&server, "/half");
    assert!(!names(&site.root()).contains(&"half".to_owned()));
    let answer = put(&server, "/other", "", "x");
    assert_eq!(
        (answer.status, answer.header("Retry-After")),
        (503, Some("5"))
    );
    drop(sender);
    eventually("a turn", || {
        put(&server, "/next", "", "12345").status != 503
    });
    // What was counted for the half file is given back.
    assert_eq!(server.get("/next").text(), "12345");
    assert_eq!(names(&site.root()), ["next"]);
    assert_eq!(put(&server, "/more", "", "1").status, 507);
}
