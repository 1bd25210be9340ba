//! What "the same" means: parser and model, whole and split, side by side. The tests here and the
//! fuzz targets both call these; the names come from whatever is around this file.

use super::chunk_model;
use super::head_model;
use super::*;

fn bounds(limits: &HeadLimits) -> head_model::Bounds {
    head_model::Bounds {
        method: limits.max_method_size,
        target: limits.max_target_size,
        request_line: limits.max_request_line_size,
        line: limits.max_field_line_size,
        fields: limits.max_fields,
        head: limits.max_size,
        empty_lines: limits.max_empty_lines,
    }
}

/// What the parser came to, in the model's words.
fn outcome(result: Result<Progress, HeadError>, head: &Head, bytes: &[u8]) -> head_model::Outcome {
    use head_model::{Model, Outcome};
    match result {
        Ok(Progress::Partial) => Outcome::Partial,
        Err(error) if error.silent() => Outcome::Silent,
        Err(error) => Outcome::Refused(error.status()),
        Ok(Progress::Complete(taken)) => Outcome::Complete(Box::new(Model {
            taken,
            requestline: head.requestline().to_owned(),
            method: head.method().to_owned(),
            target: head.target().to_owned(),
            word: head.request_version().to_owned(),
            fields: head
                .fields(bytes)
                .iter()
                .map(|(n, v)| (n.to_owned(), v.to_vec()))
                .collect(),
            framing: match head.framing() {
                RequestFraming::None => None,
                RequestFraming::Length(length) => Some(Some(length)),
                RequestFraming::Chunked => Some(None),
            },
            persistent: head.persistent(),
            expect: match head.expect() {
                Expect::None => 0,
                Expect::Continue => 1,
                Expect::Unknown => 2,
            },
        })),
    }
}

/// Parses `bytes` whole and compares with the model.
pub fn heads(profile: Parsing, limits: &HeadLimits, bytes: &[u8], eof: bool) {
    let mut head = Head::default();
    let result = parse(bytes, eof, profile, limits, &mut Scan::default(), &mut head);
    let expected = head_model::read(bytes, eof, profile == Parsing::Lenient, &bounds(limits));
    let found = outcome(result.clone(), &head, bytes);
    assert_eq!(
        found,
        expected,
        "{profile:?} eof {eof} {:?}\n{result:?}",
        String::from_utf8_lossy(bytes)
    );
}

/// Parses `bytes` whole and in pieces of `step` and compares.
pub fn split_heads(profile: Parsing, limits: &HeadLimits, bytes: &[u8], step: usize) {
    let mut whole_head = Head::default();
    let whole = parse(
        bytes,
        false,
        profile,
        limits,
        &mut Scan::default(),
        &mut whole_head,
    );
    let mut scan = Scan::default();
    let mut head = Head::default();
    let mut result = Ok(Progress::Partial);
    for end in (0..bytes.len()).step_by(step).chain([bytes.len()]) {
        result = parse(&bytes[..end], false, profile, limits, &mut scan, &mut head);
        if result != Ok(Progress::Partial) {
            break;
        }
    }
    assert_eq!(
        result,
        whole,
        "{profile:?} {:?}",
        String::from_utf8_lossy(bytes)
    );
    if result != Ok(Progress::Partial) {
        assert_eq!(format!("{head:?}"), format!("{whole_head:?}"));
    }
}

/// Decodes `bytes` in pieces of `step` and whole, and compares with the model.
pub fn chunked(limits: &ChunkLimits, bytes: &[u8], step: usize) {
    let bounds = chunk_model::Bounds {
        line: limits.max_line_size,
        extensions: limits.max_extensions_size,
        trailer_bytes: limits.max_trailer_size,
        trailer_fields: limits.max_trailer_fields,
    };
    let expected = chunk_model::read(bytes, &bounds);
    for size in [step, bytes.len().max(1)] {
        let (data, end) = decode(limits, bytes, size);
        let end = match end {
            Ok(Some(taken)) => chunk_model::End::Done(taken),
            Ok(None) => chunk_model::End::More,
            Err(_) => chunk_model::End::Refused,
        };
        assert_eq!(
            (data, end),
            expected,
            "{:?}",
            String::from_utf8_lossy(bytes)
        );
    }
}

/// Feeds `input` in pieces of `size` and collects what comes out.
pub fn decode(
    limits: &ChunkLimits,
    input: &[u8],
    size: usize,
) -> (Vec<u8>, Result<Option<usize>, ChunkError>) {
    let mut decoder = ChunkedDecoder::new(limits);
    let mut data = Vec::new();
    let mut consumed = 0;
    for piece in input.chunks(size) {
        let mut rest = piece;
        while !rest.is_empty() {
            let step = match decoder.decode(rest) {
                Ok(step) => step,
                Err(error) => {
                    assert_eq!(decoder.decode(b"0\r\n\r\n"), Err(error), "an error stays");
                    return (data, Err(error));
                }
            };
            assert!(step.consumed > 0);
            data.extend_from_slice(&rest[step.data.clone()]);
            assert!(step.done || !step.data.is_empty() || step.consumed == rest.len());
            consumed += step.consumed;
            if step.done {
                return (data, Ok(Some(consumed)));
            }
            rest = &rest[step.consumed..];
        }
    }
    (data, Ok(None))
}
