use crate::answer::{self, Flaw};
use doget::testing::Exchange;
use doget::{Error, HttpDate, Limits, Request, Response, Result, Sent, StatusCode, handler};
use doget::{HeadLimits, Parsing, Version};
use std::cell::RefCell;
use std::io::{Read, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// Any bytes as a client's: no panic, answers that a strict reader takes, one for each request that was
/// logged, none behind one that closes.
///
/// The first three bytes choose how: profile, version of responses and limits; size of pieces; size of
/// the limits.
pub fn exchange(data: &[u8]) {
    let Some((&[how, step, size], bytes)) = data.split_first_chunk() else {
        return;
    };
    let size = usize::from(size);
    let limits = if how & 4 == 0 {
        Limits::default()
    } else {
        let head = HeadLimits::new()
            .max_target_size(1 + size / 2)
            .max_field_line_size(16 + size / 2)
            .max_fields(1 + size % 8)
            .max_size(64 + size);
        Limits::new()
            .lenient_head(head.clone())
            .head(head)
            .body_buffer_size(size / 4)
            .max_collected_body_size(size as u64)
            .max_drain_size(size as u64 / 2)
            .response_buffer_size(size)
            .max_requests_per_connection(1 + u32::from(step % 5))
    };
    let piece = match step {
        0 => usize::MAX,
        step => usize::from(step),
    };
    let exchange = Exchange::new().limits(limits).pieces(piece);
    let seen = Seen::default();
    let outcome = match how & 3 {
        0 => exchange.run(&Strict(&seen), bytes),
        1 => exchange.run(&Lenient(&seen), bytes),
        2 => exchange.run(&Old(&seen), bytes),
        _ => exchange.run(&LenientOld(&seen), bytes),
    };
    let logged = seen.logged.into_inner();
    let lines = bytes.iter().filter(|&&byte| byte == b'\n').count();
    assert!(logged.len() <= lines + 1, "more answers than lines");
    assert!(seen.called.into_inner() <= logged.len());
    assert!(
        outcome.bytes.len() <= 2 * bytes.len() + 8192 * logged.len(),
        "answers without bound"
    );

    let mut rest = outcome.bytes.as_slice();
    let mut closed = false;
    for (position, (method, version)) in logged.iter().enumerate() {
        assert!(!closed, "an answer behind one that closes");
        let last = position + 1 == logged.len();
        if *version == Version::HTTP_09 && !rest.starts_with(b"HTTP/1.") {
            assert!(last, "HTTP/0.9 is one request");
            return;
        }
        match answer::read(rest, method, true) {
            Ok((answer, behind)) => {
                closed = answer.closes();
                rest = behind;
            }
            Err(Flaw::Incomplete) if last && outcome.cut => return,
            Err(flaw) => panic!("{flaw:?}: {}", rest.escape_ascii()),
        }
    }
    assert!(
        rest.is_empty() || rest == b"HTTP/1.1 100 Continue\r\n\r\n",
        "an answer to nothing: {}",
        rest.escape_ascii()
    );
}

/// What became of the requests.
#[derive(Default)]
struct Seen {
    called: RefCell<usize>,
    logged: RefCell<Vec<(String, Version)>>,
}

impl Seen {
    fn answer(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        *self.called.borrow_mut() += 1;
        let mut body = Vec::new();
        match request.path() {
            "/204" | "/205" | "/304" => {
                let status: u16 = request.path()[1..].parse().unwrap_or(500);
                let mut wfile = response.send_response(status).end_headers()?;
                wfile.write_all(&[b'x'; 300])?;
                wfile.finish()
            }
            "/early" => response
                .send_interim(103, [("Link", "</a>")])?
                .reply("early"),
            "/error" => Err(Error::new(409).message("no\u{e9}")),
            "/short" => response
                .send_response(200)
                .send_header("Content-Length", 10)
                .finish_with(&b"less"[..]),
            "/split" => response
                .send_response(200)
                .send_header("X", request.headers().get("X").unwrap_or("\n"))
                .finish(),
            "/unread" => response.reply("unread"),
            "/one" => {
                request.body().read_exact(&mut [0])?;
                response.reply("one")
            }
            "/stream" => {
                let mut wfile = response.send_response(200).end_headers()?;
                let mut piece = [0; 7];
                loop {
                    let size = request.body().read(&mut piece)?;
                    if size == 0 {
                        return wfile.finish();
                    }
                    wfile.write_all(&piece[..size])?;
                    wfile.flush()?;
                }
            }
            _ => {
                request.body().read_to_end(&mut body)?;
                let mut wfile = response.send_response(200).end_headers()?;
                wfile.write_all(&body)?;
                wfile.finish()
            }
        }
    }
}

macro_rules! handlers {
    ($($name:ident $profile:ident $version:literal),*) => {$(
        struct $name<'s>(&'s Seen);

        #[handler]
        impl $name<'_> {
            const PARSING: Parsing = Parsing::$profile;
            const PROTOCOL_VERSION: &'static str = $version;

            fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
                self.0.answer(request, response)
            }

            fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
                self.0.answer(request, response)
            }

            fn do_PUT(&self, body: Vec<u8>) -> Vec<u8> {
                *self.0.called.borrow_mut() += 1;
                body
            }

            fn date_time_string(&self, _: SystemTime) -> HttpDate {
                HttpDate::new(UNIX_EPOCH)
            }

            fn log_request(&self, request: &Request<'_>, _: StatusCode, _: u64) {
                let request = (request.method().to_owned(), request.version());
                self.0.logged.borrow_mut().push(request);
            }
        }
    )*};
}

handlers! {
    Strict Strict "HTTP/1.1",
    Lenient Lenient "HTTP/1.1",
    Old Strict "HTTP/1.0",
    LenientOld Lenient "HTTP/1.0"
}
