//! Answers whose status is in their type, errors that say which values were wrong, and bodies of RFC 9457.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use doget::{Error, Handler, Log, Place, Result, handler, testing};
use std::io::Write;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, data: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(data)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the log says of a request, without addresses and dates.
fn logged(handler: &impl Handler, request: &str) -> Vec<String> {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    testing::Exchange::new()
        .log(log.clone())
        .run(handler, request.as_bytes());
    assert!(log.flush(std::time::Duration::from_secs(60)));
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    text.lines()
        .map(|line| line.split_once("] ").unwrap().1.to_owned())
        .collect()
}

struct Faulty;

#[handler]
impl Faulty {
    fn do_GET(&self) -> Result<String> {
        Err(Error::bad_request()
            .fault(Place::Query, "limit", "a number from 1 to 100")
            .fault(Place::Header, "If-Match", "an entity tag, <quoted>"))
    }
}

#[test]
fn several_faults_stand_in_the_page_and_in_the_log() {
    let answer = testing::get("/?limit=secret").send(&Faulty);
    assert_eq!(answer.status(), 400);
    let text = answer.text();
    assert!(
        text.contains(
            "(query limit: a number from 1 to 100; header If-Match: an entity tag, &lt;quoted&gt;)"
        ),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
    let log = logged(&Faulty, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(log[0], "code 400, message Bad Request");
    assert_eq!(
        log[1],
        "faults: query limit: a number from 1 to 100; header If-Match: an entity tag, <quoted>"
    );
}
