//! What handlers do inline: their answers are gathered whole, within a limit, and can be taken back until then.

use crate::executor::{ask, get};
use doget::{
    Deadline, Error, Layer, Log, Promised, Request, Response, Result, Sent, handler, tower,
};
use doget_tests::{Lines, PATIENCE};
use std::io::Write;
use std::time::Duration;

struct Marked;

impl Layer for Marked {
    fn promise(&self, _: &Request<'_>, promised: &mut Promised) {
        promised.header("X-Layer", "was here");
    }
}

struct Writer {
    marked: Marked,
    brief: Deadline,
}

#[handler(layers(self.marked))]
impl Writer {
    /// Bytes in pieces, as a length or as a stream. Says nothing of writes that fail where `deaf`.
    #[route("/write/{framing}/{size}/{piece}")]
    fn do_GET_write(
        &self,
        framing: &str,
        size: usize,
        piece: usize,
        response: Response<'_>,
    ) -> Result<Sent> {
        let mut head = response.send_response(201).send_header("X-Own", "mine");
        if framing == "length" {
            head = head.send_header("Content-Length", size);
        }
        let mut body = head.end_headers()?;
        if framing == "flushed" {
            body.flush()?;
        }
        let mut left = size;
        while left > 0 {
            let next = left.min(piece);
            let written = body.write_all(&vec![b'x'; next]);
            if framing != "deaf" {
                written?;
            }
            left -= next;
        }
        body.finish()
    }

    #[route("/fails")]
    fn do_GET_fails(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(&[b'x'; 90_000])?;
        Err(Error::new(418))
    }

    #[route("/panics")]
    fn do_GET_panics(&self, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(&[b'x'; 90_000])?;
        panic!("as it was told")
    }

    /// Until its time is over.
    #[layer(self.brief)]
    #[route("/slow/{minds}")]
    fn do_GET_slow(&self, minds: bool, response: Response<'_>) -> Result<Sent> {
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(b"begun")?;
        loop {
            match body.flush() {
                Err(error) if minds => return Err(error.into()),
                Err(_) => return body.finish(),
                Ok(()) => {}
            }
        }
    }

    #[route("/whole")]
    fn do_GET_whole(&self) -> Vec<u8> {
        vec![b'x'; 200_000]
    }
}

fn writer(most: usize) -> (tower::Service, Lines, Log) {
    let lines = Lines::default();
    let log = Log::writer(Box::new(lines.clone()));
    let writer = Writer {
        marked: Marked,
        brief: Deadline::after(Duration::from_millis(100)),
    };
    let service = tower::service(writer).log(log.clone());
    (service.max_inline_response(most).inline(), lines, log)
}

#[test]
fn an_answer_inline_may_have_its_limit_and_not_a_byte_more() {
    for most in [1, 5000, 100_000, 1 << 20] {
        let (service, ..) = writer(most);
        for framing in ["length", "stream", "flushed", "deaf"] {
            for piece in [most, 1 + most / 3, 8191.min(most), usize::MAX] {
                let path = |size| format!("/write/{framing}/{size}/{piece}");
                let (status, fields, text) = ask(&service, get(&path(most)));
                assert_eq!((status, text.len()), (201, most), "{}", path(most));
                assert_eq!(fields.get("x-layer").unwrap(), "was here");
                let status = ask(&service, get(&path(most + 1))).0;
                assert_eq!(status, 500, "{}", path(most + 1));
            }
        }
        // What is given whole is there already.
        assert_eq!(ask(&service, get("/whole")).2.len(), 200_000);
    }
}

#[test]
fn an_answer_that_is_too_long_is_an_error_page_and_the_log_says_what_to_do() {
    for framing in ["length", "stream", "flushed", "deaf"] {
        let (service, lines, log) = writer(1 << 20);
        let path = format!("/write/{framing}/1048577/5000");
        let (status, fields, text) = ask(&service, get(&path));
        assert_eq!(status, 500, "{framing}");
        assert_eq!(fields.get("x-layer").unwrap(), "was here", "{framing}");
        assert!(!fields.contains_key("x-own"), "{framing}");
        let length = fields.get("content-length").unwrap().to_str().unwrap();
        assert_eq!(length, text.len().to_string(), "{framing}");
        assert!(text.contains("Error code: 500"), "{framing}: {text}");
        assert!(log.flush(PATIENCE));
        let logged = lines.text();
        assert!(
            logged.contains(
                "the answer is longer than Tower's max_inline_response (1048576 bytes): raise it, or run the handler \
                 on the pool"
            ),
            "{framing}: {logged}"
        );
        assert!(!logged.contains("went away"), "{framing}: {logged}");
        let access = format!("\"GET {path} HTTP/1.1\" 500 {length}");
        assert!(logged.contains(&access), "{framing}: {logged}");
    }
}

/// Of a stream in doget's own engine a part has left by then; here nothing has.
#[test]
fn a_fault_behind_the_head_is_an_error_page_inline() {
    for (path, expected) in [
        ("/fails", 418),
        ("/panics", 500),
        ("/slow/true", 503),
        ("/slow/false", 503),
    ] {
        let (service, lines, log) = writer(1 << 20);
        let (status, fields, text) = ask(&service, get(path));
        assert_eq!(status, expected, "{path}");
        assert!(text.contains(&format!("Error code: {expected}")), "{text}");
        assert_eq!(fields.get("x-layer").unwrap(), "was here");
        assert!(log.flush(PATIENCE));
        let access = format!("\"GET {path} HTTP/1.1\" {expected} {}", text.len());
        assert!(lines.text().contains(&access), "{}", lines.text());
    }
}
