//! Bodies byte by byte: however they arrive the outcome is the same, and what is wrong is refused.
#![allow(clippy::unwrap_used)]

use super::limits::MultipartLimits;
use super::parts::Parts;
use std::io::{self, Read};

/// Gives at most `step` bytes at once, and stops at `stop` once.
struct Pieces<'b> {
    rest: &'b [u8],
    step: usize,
    until_stop: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut size = self.rest.len().min(buffer.len()).min(self.step);
        if self.until_stop > 0 {
            size = size.min(self.until_stop);
            self.until_stop -= size;
        }
        let (now, later) = self.rest.split_at(size);
        buffer[..size].copy_from_slice(now);
        self.rest = later;
        Ok(size)
    }
}

type Found = Vec<(String, Option<String>, Vec<u8>)>;

fn collect(
    reader: impl Read,
    boundary: &str,
    limits: MultipartLimits,
) -> Result<Found, (u16, String)> {
    let told = |error: crate::Error| {
        let text = error.explain_text().unwrap_or_default().to_owned();
        let faults: String = error.faults().iter().map(ToString::to_string).collect();
        (error.status().as_u16(), text + &faults)
    };
    let kind = format!("multipart/form-data; boundary=\"{boundary}\"");
    let mut parts = Parts::new(reader, &kind, limits).map_err(told)?;
    let mut found = Vec::new();
    loop {
        match parts.next() {
            Ok(Some(mut part)) => {
                let (name, file) = (
                    part.name().to_owned(),
                    part.raw_file_name().map(str::to_owned),
                );
                let mut bytes = Vec::new();
                let end = part.read_to_end(&mut bytes);
                if let Err(error) = end {
                    // What follows an error is the same error, and never an end.
                    assert!(parts.next().is_err());
                    return Err(told(error.into()));
                }
                found.push((name, file, bytes));
            }
            Ok(None) => {
                assert!(matches!(parts.next(), Ok(None)));
                return Ok(found);
            }
            Err(error) => {
                assert!(parts.next().is_err());
                return Err(told(error));
            }
        }
    }
}

/// The outcome, whole, byte by byte, and in two pieces at every position.
#[track_caller]
fn outcome(body: &[u8], boundary: &str, limits: MultipartLimits) -> Result<Found, (u16, String)> {
    let whole = collect(body, boundary, limits);
    let mut splits: Vec<(usize, usize)> = (1..6).map(|step| (step, 0)).collect();
    splits.extend((1..body.len().min(600)).map(|stop| (usize::MAX, stop)));
    for (step, until_stop) in splits {
        let pieces = Pieces {
            rest: body,
            step,
            until_stop,
        };
        let split = collect(pieces, boundary, limits);
        assert_eq!(split, whole, "{step} {until_stop}: {}", body.escape_ascii());
    }
    whole
}

fn of(body: &[u8]) -> Result<Found, (u16, String)> {
    outcome(body, "b", MultipartLimits::new())
}

fn part(name: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
    [head.as_bytes(), data, b"\r\n"].concat()
}

fn found(parts: &[(&str, &[u8])]) -> Result<Found, (u16, String)> {
    Ok(parts
        .iter()
        .map(|(name, data)| ((*name).to_owned(), None, data.to_vec()))
        .collect())
}

#[test]
fn bodies_as_clients_send_them() {
    let two = [
        part("a", b"1"),
        part("b", b"two\r\nlines"),
        b"--b--\r\n".to_vec(),
    ]
    .concat();
    assert_eq!(of(&two), found(&[("a", b"1"), ("b", b"two\r\nlines")]));
    // Without the last line end, with a preamble, with an epilogue, with padding.
    assert_eq!(
        of(&two[..two.len() - 2]),
        found(&[("a", b"1"), ("b", b"two\r\nlines")])
    );
    assert_eq!(
        of(&[b"This is\r\n", &two[..], b"the end"].concat()),
        found(&[("a", b"1"), ("b", b"two\r\nlines")])
    );
    let padded = [b"--b \t \r\n", &part("a", b"")[5..], b"--b--  \r\n"].concat();
    assert_eq!(of(&padded), found(&[("a", b"")]));
    // A part without data may do without its line end, and a form without fields has a last delimiter alone.
    assert_eq!(
        of(b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n--b--"),
        found(&[("a", b"")])
    );
    assert_eq!(of(b"--b--\r\n"), found(&[]));
    let file = b"--b\r\ncontent-disposition: FORM-DATA; name=\"f\"; filename=\"a%22.txt\"\r\n\r\n\0\xff\r\n--b--";
    assert_eq!(
        of(file),
        Ok(vec![(
            "f".to_owned(),
            Some("a\".txt".to_owned()),
            b"\0\xff".to_vec()
        )])
    );
}

/// What looks like a delimiter, and is none.
#[test]
fn data_that_is_near_a_delimiter() {
    for data in [
        &b"x--b"[..],
        b"\n--b\n",
        b"\r--b",
        b"\r\n-b",
        b"\r\n--",
        b"\r\n--a",
        b"\r\n\r\n--a--\r\n",
        b"\r\r\n",
        b"\r\n\r\n",
        b"\r",
        b"x\r\n--\r\n-\r",
        b"x--b--",
        b"\r\n --b",
    ] {
        let body = [&part("a", data), &b"--b--"[..]].concat();
        assert_eq!(of(&body), found(&[("a", data)]), "{}", data.escape_ascii());
    }
    // A boundary that begins another one, and one with every sign.
    let sign = "'()+_,-./:=? x";
    let head = format!("--{sign}\r\nContent-Disposition: form-data; name=a\r\n\r\n");
    let body = format!("{head}\r\n--'()+\r\n--{sign}--");
    let limits = MultipartLimits::new();
    assert_eq!(
        outcome(body.as_bytes(), sign, limits),
        found(&[("a", b"\r\n--'()+")])
    );
}

#[test]
fn bodies_that_are_cut_short() {
    let whole = [part("a", b"1"), part("b", b"2"), b"--b--".to_vec()].concat();
    for length in 0..whole.len() {
        let refused = collect(&whole[..length], "b", MultipartLimits::new()).unwrap_err();
        assert_eq!(refused.0, 400, "{length}");
        assert!(
            refused.1.contains("ends before its last delimiter"),
            "{refused:?}"
        );
    }
    assert!(of(&whole).is_ok());
}

#[test]
fn malformed_bodies() {
    let one = |head: &str| format!("--b\r\n{head}\r\n\r\nx\r\n--b--").into_bytes();
    let named = "Content-Disposition: form-data; name=a";
    for (body, complaint) in [
        (b"--bx\r\n".to_vec(), "not followed by a line end"),
        (b"--b-\r\n".to_vec(), "not followed by a line end"),
        (b"--b\n\n".to_vec(), "not followed by a line end"),
        (b"--b --\r\n".to_vec(), "not followed by a line end"),
        (
            [b"--b", &[b' '; 17][..], b"\r\n"].concat(),
            "not followed by a line end",
        ),
        (
            [&part("a", b"1")[..], b"--bx\r\n"].concat(),
            "not followed by a line end",
        ),
        (one(""), "no Content-Disposition"),
        (one("X: y"), "no Content-Disposition"),
        (one("Content-Disposition: form-data"), "not of the form"),
        (
            one(&format!("{named}\r\n{named}")),
            "two Content-Disposition",
        ),
        (one(&format!("{named}\nX: y")), "must not have"),
        (
            one(&format!(
                "{named}\r\nContent-Type: multipart/mixed; boundary=c"
            )),
            "multipart/*",
        ),
        (
            one(&format!("{named}\r\nContent-Transfer-Encoding: base64")),
            "Content-Transfer-Encoding",
        ),
        (
            one(&format!("{named}; filename=a; filename*=UTF-8''b")),
            "filename and filename*",
        ),
        (
            one(format!("{named}\r\n{}", "X: y\r\n".repeat(16)).trim_end()),
            "too many fields",
        ),
        (
            one(&format!("{named}\r\nX: {}", "y".repeat(9000))),
            "too long",
        ),
        (vec![b'x'; 2000], "before the first delimiter"),
        (
            [b"--b--", &[b'x'; 1100][..]].concat(),
            "behind the last delimiter",
        ),
    ] {
        let refused = of(&body).unwrap_err();
        assert_eq!(refused.0, 400, "{}", body.escape_ascii());
        assert!(refused.1.contains(complaint), "{refused:?}");
    }
    // The bounds themselves pass.
    assert!(of(&[b"--b", &[b' '; 16][..], &part("a", b"")[3..], b"--b--"].concat()).is_ok());
    assert!(of(&[&[b'x'; 1022], &b"\r\n--b--"[..], &[b'x'; 1024]].concat()).is_ok());
    assert!(
        of(&one(
            format!("{named}\r\n{}", "X: y\r\n".repeat(15)).trim_end()
        ))
        .is_ok()
    );
    let longest = (8 << 10) - named.len() - "\r\nX: \r\n".len();
    assert!(of(&one(&format!("{named}\r\nX: {}", "y".repeat(longest)))).is_ok());
}

#[test]
fn limits() {
    let body = [part("a", b"12345"), part("b", b"1"), b"--b--".to_vec()].concat();
    let size = body.len() as u64;
    let limits = MultipartLimits::new()
        .max_parts(2)
        .max_file_size(5)
        .max_size(size);
    assert!(outcome(&body, "b", limits).is_ok());
    for (limits, complaint) in [
        (limits.max_parts(1), "the body may have 1 parts"),
        (limits.max_file_size(4), "body a: at most 4 bytes"),
        (limits.max_size(size - 1), "the body may have"),
    ] {
        let refused = collect(&body[..], "b", limits).unwrap_err();
        assert_eq!(refused.0, 413);
        assert!(refused.1.contains(complaint), "{refused:?}");
        // However it arrives; how much of it was given before does not count.
        let pieces = Pieces {
            rest: &body,
            step: 1,
            until_stop: 0,
        };
        assert_eq!(
            collect(pieces, "b", limits).map_err(|error| error.0),
            Err(413)
        );
    }
}

#[test]
fn text_and_what_nobody_reads() {
    let large = vec![b'x'; 100_000];
    let body = [
        part("a", &large),
        part("b", b"\xff"),
        part("c", b"tea"),
        b"--b--".to_vec(),
    ]
    .concat();
    let kind = "multipart/form-data; boundary=b";
    let mut parts = Parts::new(&body[..], kind, MultipartLimits::new()).unwrap();
    let mut part = parts.next().unwrap().unwrap();
    let mut start = [0; 3];
    part.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"xxx");
    // The rest is thrown away.
    let mut part = parts.next().unwrap().unwrap();
    assert_eq!(
        part.text().map_err(|error| error.status().as_u16()),
        Err(400)
    );
    let mut part = parts.next().unwrap().unwrap();
    assert_eq!(part.text().unwrap(), "tea");
    assert!(parts.next().unwrap().is_none());

    let mut parts = Parts::new(&body[..], kind, MultipartLimits::new()).unwrap();
    let mut part = parts.next().unwrap().unwrap();
    assert_eq!(
        part.text().map_err(|error| error.status().as_u16()),
        Err(413)
    );
    assert!(parts.next().is_err());
}

#[test]
fn what_the_reader_fails_with() {
    struct Fails;

    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(
                io::ErrorKind::TimedOut,
                crate::Error::new(408),
            ))
        }
    }

    let reader = (&b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx"[..]).chain(Fails);
    let kind = "multipart/form-data; boundary=b";
    let mut parts = Parts::new(reader, kind, MultipartLimits::new()).unwrap();
    let mut part = parts.next().unwrap().unwrap();
    let error = crate::Error::from(part.read_to_end(&mut Vec::new()).unwrap_err());
    assert_eq!(error.status().as_u16(), 408);
    assert!(parts.next().is_err());
}
