mod abuse;
#[allow(unreachable_pub, reason = "the fuzz targets use it too")]
mod agreement;
mod bodies;
#[allow(unreachable_pub, reason = "the fuzz targets use it too")]
mod chunk_model;
mod encoding;
mod fast_path;
#[allow(unreachable_pub, reason = "the fuzz targets use it too")]
mod head_model;
mod hostile;
mod lenient;
mod limits;
mod models;
mod splits;
mod valid;

use crate::http1::*;

/// Parses `bytes` in one go with the profile's own limits.
fn read(profile: Parsing, bytes: &[u8], eof: bool) -> (Result<Progress, HeadError>, Head) {
    read_within(profile, &limits_of(profile), bytes, eof)
}

fn read_within(
    profile: Parsing,
    limits: &HeadLimits,
    bytes: &[u8],
    eof: bool,
) -> (Result<Progress, HeadError>, Head) {
    let mut head = Head::default();
    let result = parse(bytes, eof, profile, limits, &mut Scan::default(), &mut head);
    (result, head)
}

fn limits_of(profile: Parsing) -> HeadLimits {
    match profile {
        Parsing::Strict => HeadLimits::default(),
        Parsing::Lenient => HeadLimits::lenient(),
    }
}

const BOTH: [Parsing; 2] = [Parsing::Strict, Parsing::Lenient];

fn accept(profile: Parsing, bytes: impl AsRef<[u8]>) -> Head {
    let bytes = bytes.as_ref();
    let (result, head) = read(profile, bytes, false);
    assert!(
        matches!(result, Ok(Progress::Complete(_))),
        "{profile:?} {:?}: {result:?}",
        String::from_utf8_lossy(bytes)
    );
    head
}

fn refuse(profile: Parsing, bytes: impl AsRef<[u8]>) -> HeadError {
    let bytes = bytes.as_ref();
    match read(profile, bytes, false).0 {
        Err(error) => error,
        other => panic!(
            "{profile:?} {:?}: {other:?}",
            String::from_utf8_lossy(bytes)
        ),
    }
}

#[track_caller]
fn refuse_with(profile: Parsing, bytes: impl AsRef<[u8]>, status: u16) {
    let bytes = bytes.as_ref();
    let error = refuse(profile, bytes);
    assert_eq!(
        error.status(),
        status,
        "{profile:?} {:?}: {error}",
        String::from_utf8_lossy(bytes)
    );
}

/// A request with these extra header lines.
fn with(lines: &str) -> String {
    format!("POST / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n")
}
