//! The file handler without descriptors. One test in a program of its own, since the limit is the whole process's.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod site;

use site::Site;
use std::fs::File;

#[test]
fn a21_without_descriptors_the_answer_is_503() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use std::os::fd::AsRawFd;
    let site = Site::usual();
    let wire = site.serve();
    let mut conn = wire.connect();
    let mut ask = |path: &str| {
        conn.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
        conn.answer("GET")
    };
    assert_eq!(ask("/a.txt").status, 200);
    let before = getrlimit(Resource::Nofile);
    let next = File::open("/dev/null").unwrap().as_raw_fd();
    let limit = Rlimit {
        current: Some(u64::try_from(next).unwrap()),
        maximum: before.maximum,
    };
    setrlimit(Resource::Nofile, limit).unwrap();
    for path in ["/a.txt", "/", "/dir/", "/dir", "/nothing"] {
        let answer = ask(path);
        assert_eq!(answer.status, 503, "{path}");
        assert_eq!(answer.header("Retry-After"), Some("1"));
    }
    setrlimit(Resource::Nofile, before).unwrap();
    assert_eq!(ask("/a.txt").text(), "hello\n");
    assert_eq!(ask("/nothing").status, 404);
}
