//! Requests to handlers and what comes back, as users of the module see it.

use crate::handler::Route;
use crate::testing::{self, Exchange};
use crate::{Error, Handler, Limits, Log, Request, Response, Result, Sent};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Does what the path says. What it wrote to `/endless` before that failed, and with what.
#[derive(Default)]
struct Steps {
    written: AtomicU64,
    failed: Mutex<Option<std::io::ErrorKind>>,
}

impl Handler for Steps {
    fn route(&self, _command: &str, _path: &str) -> Route {
        Route::UNKNOWN
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/echo" => {
                let body = request.read_body(1 << 20)?;
                response.reply(body)
            }
            "/endless" => {
                let mut wfile = response.send_response(200).end_headers()?;
                loop {
                    match wfile.write_all(&[b'x'; 1000]) {
                        Ok(()) => self.written.fetch_add(1000, Ordering::Relaxed),
                        Err(error) => {
                            *self.failed.lock().unwrap() = Some(error.kind());
                            return Err(error.into());
                        }
                    };
                }
            }
            "/polite" => {
                let mut wfile = response.send_response(200).end_headers()?;
                while wfile.is_connected() {
                    wfile.write_all(&[b'x'; 100])?;
                    let _ = wfile.flush();
                }
                wfile.finish()
            }
            "/half" => {
                let mut wfile = response
                    .send_response(200)
                    .send_header("Content-Length", 10)
                    .end_headers()?;
                wfile.write_all(b"half")?;
                wfile.flush()?;
                Err(Error::internal("the other half is lost"))
            }
            "/early" => {
                let response = response.send_interim(103, [("Link", "</style.css>")])?;
                response.reply("late")
            }
            "/cause" => Err(Error::internal("the disk is on fire")),
            "/panic" => panic!("on purpose"),
            path => response.reply(path.to_owned()),
        }
    }
}

#[test]
fn bodies_arrive() {
    let steps = Steps::default();
    let long = vec![b'a'; 300_000];
    let answer = testing::post("/echo").body(long.clone()).send(&steps);
    assert_eq!((answer.status().as_u16(), answer.bytes()), (200, &*long));
    let chunked = testing::put("/echo")
        .header("Transfer-Encoding", "chunked")
        .body("3\r\nabc\r\n0\r\n\r\n");
    assert_eq!(chunked.send(&steps).text(), "abc");
    assert_eq!(testing::post("/echo").send(&steps).bytes(), b"");
}

#[test]
fn requests_in_turn_and_at_once() {
    let steps = Steps::default();
    let mut connection = testing::connect(&steps);
    for path in ["/a", "/b", "/c"] {
        assert_eq!(connection.send(&testing::get(path)).text(), path);
    }
    let at_once = ["/1", "/2", "/3"].map(testing::get);
    let texts: Vec<_> = connection
        .pipeline(&at_once)
        .iter()
        .map(|a| a.text().to_owned())
        .collect();
    assert_eq!(texts, ["/1", "/2", "/3"]);
    assert!(!connection.is_closed());
}

#[test]
fn a_connection_that_the_server_closes() {
    let steps = Steps::default();
    let settings = Exchange::new().limits(Limits::new().max_requests_per_connection(2));
    let mut connection = settings.connect(&steps);
    let answers = connection.pipeline(&["/1", "/2", "/3"].map(testing::get));
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[1].header("Connection"), Some("close"));
    assert!(connection.is_closed());
    assert!(connection.pipeline(&[testing::get("/4")]).is_empty());
}

#[test]
#[should_panic = "there is no answer to\nPOST /echo HTTP/1.1"]
fn a_request_that_is_not_whole() {
    let request = testing::post("/echo")
        .header("Content-Length", 3)
        .body("ab");
    request.send(&Steps::default());
}

#[test]
fn a_stream_without_an_end() {
    let steps = Steps::default();
    let mut connection = Exchange::new().max_received(100_000).connect(&steps);
    let answer = connection.send(&testing::get("/endless"));
    assert_eq!(answer.status(), 200);
    assert!(!answer.is_whole());
    let got = answer.bytes().len();
    assert!((90_000..100_000).contains(&got), "{got}");
    assert!(answer.bytes().iter().all(|&byte| byte == b'x'));
    assert!(steps.written.load(Ordering::Relaxed) >= got as u64);
    assert_eq!(
        *steps.failed.lock().unwrap(),
        Some(std::io::ErrorKind::BrokenPipe)
    );
    assert!(connection.is_closed());
}

#[test]
fn a_stream_without_an_end_and_without_settings() {
    let answer = testing::get("/endless").send(&Steps::default());
    assert!(!answer.is_whole());
    let got = answer.bytes().len();
    assert!((60 << 20..64 << 20).contains(&got), "{got}");
}

#[test]
fn a_stream_that_asks_whether_its_client_is_there() {
    let answer = Exchange::new()
        .max_received(10_000)
        .connect(&Steps::default())
        .send(&testing::get("/polite"));
    assert!(!answer.is_whole());
    assert!(answer.bytes().len() < 10_000);
}

#[test]
fn an_answer_that_is_broken_off() {
    let answer = testing::get("/half").send(&Steps::default());
    assert_eq!((answer.text(), answer.is_whole()), ("half", false));
    assert!(
        answer.errors().contains("the other half is lost"),
        "{answer:?}"
    );
}

#[test]
fn interim_responses() {
    let answer = testing::get("/early").send(&Steps::default());
    assert_eq!((answer.interim().len(), answer.text()), (1, "late"));
    assert_eq!(answer.interim()[0], 103);
}

#[test]
fn errors_are_those_of_the_request() {
    let steps = Steps::default();
    let mut connection = testing::connect(&steps);
    let answer = connection.send(&testing::get("/cause"));
    assert_eq!(answer.status(), 500);
    assert!(!answer.text().contains("fire"), "{answer:?}");
    assert!(
        answer.errors().contains("the disk is on fire"),
        "{answer:?}"
    );
    assert_eq!(connection.send(&testing::get("/")).errors(), "");
    assert_eq!(testing::get("/panic").send(&steps).status(), 500);
    let elsewhere = Exchange::new().log(Log::off());
    let answer = elsewhere.connect(&steps).send(&testing::get("/cause"));
    assert_eq!(answer.errors(), "");
}
