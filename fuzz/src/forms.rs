//! What clients send as names and values: queries, cookies, header fields and forms with files.

#![allow(dead_code, reason = "fields are read by the derive alone")]

use doget::testing;
use doget::{
    Cookies, ETag, Headers, HttpDate, MultipartLimits, Pairs, Params, Parts, Query, Request,
    Result, handler,
};
use std::io::{self, Read};

#[derive(Debug, Params)]
struct Paging {
    #[param(default = 1, range = 1..)]
    page: u64,
    #[param(default = 20, range = 1..=100)]
    limit: u8,
}

#[derive(Debug, Params)]
struct Search {
    #[param(length = 1..=5)]
    q: Option<String>,
    tag: Vec<String>,
    near: Vec<i8>,
    all: Option<bool>,
    price: Option<f32>,
    #[param(flatten)]
    paging: Paging,
}

#[derive(Debug, Params)]
struct Session {
    #[param(name = "__Host-session")]
    host: Option<String>,
    theme: Option<String>,
    a: Vec<String>,
}

#[derive(Debug, Params)]
struct Conditions {
    if_match: Vec<ETag>,
    if_modified_since: Option<HttpDate>,
    x_depth: Option<u8>,
    cookie: Option<String>,
}

struct Site;

#[handler]
impl Site {
    #[route("/query")]
    fn do_GET_query(&self, request: &Request<'_>, search: Result<Query<Search>>) -> String {
        if let Ok(Query(search)) = &search {
            query_agrees(search, &request.query());
        }
        told(search.map(|_| ()))
    }

    #[route("/all")]
    fn do_GET_all(
        &self,
        search: Result<Query<Search>>,
        session: Result<Option<Cookies<Session>>>,
        when: Result<Headers<Conditions>>,
    ) -> String {
        told(search.map(|_| ())) + &told(session.map(|_| ())) + &told(when.map(|_| ()))
    }

    #[route("/cookies")]
    fn do_GET_cookies(&self, request: &Request<'_>, session: Result<Cookies<Session>>) -> String {
        if let Ok(Cookies(session)) = &session {
            let lines: Vec<&[u8]> = request.headers().get_all_bytes("Cookie").collect();
            cookies_agree(session, &lines.join(&b';'));
        }
        told(session.map(|_| ()))
    }
}

/// A refusal is a 400, with a fault that has words.
fn told(value: Result<()>) -> String {
    match value {
        Ok(()) => "fine".to_owned(),
        Err(error) => {
            assert_eq!(error.status().as_u16(), 400);
            let faults = error.faults();
            assert!(!faults.is_empty() && faults.len() <= 21, "{faults:?}");
            assert!(faults.iter().all(|fault| !fault.detail.is_empty()));
            "refused".to_owned()
        }
    }
}

/// What was accepted is what the untyped pairs have.
fn query_agrees(search: &Search, pairs: &Pairs<'_>) {
    let all = |name: &str| -> Vec<String> {
        let named = pairs.clone().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.into_owned()).collect()
    };
    let q = all("q");
    assert_eq!(search.q.as_ref().map_or(&[][..], std::slice::from_ref), q);
    assert_eq!(search.tag, all("tag"));
    let near: Vec<i8> = all("near")
        .iter()
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().unwrap())
        .collect();
    assert_eq!(search.near, near);
    assert!((1..=100).contains(&search.paging.limit) && search.paging.page >= 1);
    if let Some(limit) = all("limit").first().filter(|text| !text.is_empty()) {
        assert_eq!(limit.parse(), Ok(search.paging.limit));
    }
}

/// What was accepted is what a loop over the text finds.
fn cookies_agree(session: &Session, lines: &[u8]) {
    let Ok(line) = std::str::from_utf8(lines) else {
        return;
    };
    let named = |name: &str| -> Vec<&str> {
        let parts = line.split(';').filter_map(|part| part.split_once('='));
        let trimmed = parts.map(|(name, value)| {
            (
                name.trim_matches([' ', '\t']),
                value.trim_matches([' ', '\t']),
            )
        });
        trimmed
            .filter(|(known, _)| *known == name)
            .map(|(_, value)| value)
            .collect()
    };
    assert_eq!(session.theme.as_deref(), named("theme").first().copied());
    assert_eq!(
        session.host.as_deref().map_or(vec![], |host| vec![host]),
        named("__Host-session")
    );
    assert_eq!(session.a, named("a"));
}

/// Runs a request that the head parser may well refuse.
fn ask(head: &[u8]) {
    let answer = testing::exchange(&Site, head);
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 "));
    let status = answer.get(9..12).unwrap_or(b"400");
    assert_ne!(status, b"500", "{}", answer.escape_ascii());
}

/// Any bytes as a query.
pub fn query(data: &[u8]) {
    let Some((_, query)) = data.split_first() else {
        return;
    };
    ask(&[b"GET /query?", query, b" HTTP/1.1\r\nHost: a\r\n\r\n"].concat());
}

/// Any bytes as a `Cookie`.
pub fn cookies(data: &[u8]) {
    let Some((_, cookies)) = data.split_first() else {
        return;
    };
    ask(&[
        b"GET /cookies HTTP/1.1\r\nHost: a\r\nCookie: ",
        cookies,
        b"\r\n\r\n",
    ]
    .concat());
}

/// A query in the first line, header fields in the others.
pub fn parameters(data: &[u8]) {
    let Some((_, lines)) = data.split_first() else {
        return;
    };
    let mut lines = lines.split(|byte| *byte == b'\n');
    let query = lines.next().unwrap_or_default();
    let mut head = [b"GET /all?", query, b" HTTP/1.1\r\nHost: a\r\n"].concat();
    for line in lines.filter(|line| !line.is_empty()) {
        head.extend_from_slice(line);
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    ask(&head);
}

/// At most as many bytes at once.
struct Pieces<'b>(&'b [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.0.len().min(buffer.len()).min(self.1);
        let (now, later) = self.0.split_at(size);
        buffer[..size].copy_from_slice(now);
        self.0 = later;
        Ok(size)
    }
}

type Found = Vec<(String, Option<String>, Option<String>, Vec<u8>)>;

fn collect(reader: impl Read, limits: MultipartLimits) -> std::result::Result<Found, u16> {
    let mut parts = Parts::new(reader, "multipart/form-data; boundary=b", limits).unwrap();
    let status = |error: doget::Error| error.status().as_u16();
    let mut found = Found::new();
    while let Some(mut part) = parts.next().map_err(status)? {
        if let Some(name) = part.file_name() {
            let odd = |c: char| c.is_control() || "/\\<>:\"|?*".contains(c);
            assert!(
                !name.is_empty() && name != "." && name != ".." && !name.contains(odd),
                "{name:?}"
            );
        }
        let (name, file) = (
            part.name().to_owned(),
            part.raw_file_name().map(str::to_owned),
        );
        let kind = part.content_type().map(str::to_owned);
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes)
            .map_err(|error| status(error.into()))?;
        assert!(bytes.len() as u64 <= limits.max_file_size);
        found.push((name, file, kind, bytes));
    }
    assert!(found.len() <= limits.max_parts);
    Ok(found)
}

/// Any bytes as a body of `multipart/form-data` with the boundary `b`: the same outcome however it is split, within its
/// limits; and what was found comes back when it is written out anew.
///
/// The first three bytes choose how: small limits or not; size of pieces; size of the limits.
pub fn multipart(data: &[u8]) {
    let Some((&[how, step, size], body)) = data.split_first_chunk() else {
        return;
    };
    let size = usize::from(size);
    let limits = if how & 1 == 0 {
        MultipartLimits::new()
    } else {
        MultipartLimits::new()
            .max_parts(size % 5)
            .max_file_size(size as u64)
            .max_part_fields(size % 4)
            .max_part_header_size(16 + size)
            .max_size(8 * size as u64)
    };
    let whole = collect(body, limits);
    let split = collect(Pieces(body, 1 + usize::from(step)), limits);
    // Which of two limits is reached first depends on how much was read.
    match (&whole, &split) {
        (Err(413), Err(_)) | (Err(_), Err(413)) => {}
        _ => assert_eq!(whole, split),
    }
    if let Ok(found) = whole {
        let mut again = Vec::new();
        for (name, file, kind, bytes) in &found {
            let escape = |text: &str| {
                text.replace('"', "%22")
                    .replace('\r', "%0D")
                    .replace('\n', "%0A")
            };
            let head = format!(
                "--b\r\nContent-Disposition: form-data; name=\"{}\"",
                escape(name)
            );
            again.extend_from_slice(head.as_bytes());
            if let Some(file) = file {
                again.extend_from_slice(format!("; filename=\"{}\"", escape(file)).as_bytes());
            }
            if let Some(kind) = kind {
                again.extend_from_slice(format!("\r\nContent-Type: {kind}").as_bytes());
            }
            again.extend_from_slice(b"\r\n\r\n");
            again.extend_from_slice(bytes);
            again.extend_from_slice(b"\r\n");
        }
        again.extend_from_slice(b"--b--");
        // A name of control characters cannot be sent so; `filename*` can have one.
        let odd = |c: char| c == '%' || (c.is_control() && c != '\r' && c != '\n');
        let plain = |text: &String| !text.contains(odd);
        if found
            .iter()
            .all(|(name, file, ..)| plain(name) && file.as_ref().is_none_or(plain))
        {
            assert_eq!(collect(&again[..], MultipartLimits::new()), Ok(found));
        }
    }
}
