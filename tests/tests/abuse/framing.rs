//! Where a body ends: A01 to A04.

use crate::hostile::{
    BAD_CODING_LINES, BAD_CODINGS, CHUNKED, CODING_ON_HTTP_10, FOUR, LENGTH_AND_CODING,
    MALFORMED_LENGTHS, OTHER_CODINGS, SEVERAL_LENGTHS,
};
use crate::stage::{CANARY, both, post, refused};

#[test]
fn a01_length_and_coding_together() {
    for stage in both() {
        for lines in LENGTH_AND_CODING {
            refused(&stage, post(lines, "0\r\n\r\nX"), &[400]);
        }
    }
}

#[test]
fn a02_more_than_one_length() {
    for stage in both() {
        for lines in SEVERAL_LENGTHS {
            refused(&stage, post(lines, "body"), &[400]);
        }
    }
}

#[test]
fn a03_malformed_lengths() {
    let many = "1".repeat(8000);
    for stage in both() {
        for value in MALFORMED_LENGTHS.iter().chain([&many.as_str()]) {
            let lines = format!("Content-Length: {value}");
            refused(&stage, post(&lines, "body"), &[400]);
        }
    }
}

#[test]
fn a03_lengths_with_whitespace_and_zeros_are_lengths() {
    for (wire, _) in both() {
        for value in FOUR {
            let answer = wire.one(post(&format!("Content-Length:{value}"), "body"));
            assert_eq!(answer.text(), "body");
        }
    }
}

#[test]
fn a04_transfer_codings() {
    for stage in both() {
        for (values, status) in [(BAD_CODINGS, 400), (OTHER_CODINGS, 501)] {
            for value in values {
                let lines = format!("Transfer-Encoding: {value}");
                refused(&stage, post(&lines, "0\r\n\r\n"), &[status]);
            }
        }
        for lines in BAD_CODING_LINES {
            refused(&stage, post(lines, "0\r\n\r\n"), &[400]);
        }
        refused(&stage, format!("{CODING_ON_HTTP_10}0\r\n\r\n"), &[400]);
    }
}

#[test]
fn a04_chunked_in_any_case_and_with_whitespace() {
    for (wire, _) in both() {
        for value in CHUNKED {
            let lines = format!("Transfer-Encoding:{value}");
            let answer = wire.one(post(&lines, "4\r\nbody\r\n0\r\n\r\n"));
            assert_eq!(answer.text(), "body");
        }
    }
}

/// No body of a request ends with its connection, also not where the client speaks HTTP/1.0 or names a coding (pingora,
/// CVE-2026-2835): without a length there is none.
#[test]
fn a04_no_body_ends_with_the_connection() {
    for (wire, canary) in both() {
        let answer = wire.one(format!("POST / HTTP/1.0\r\n\r\n{CANARY}"));
        assert_eq!((answer.status, answer.text()), (200, ""));
        let answer = wire.one(format!(
            "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n{CANARY}"
        ));
        assert_eq!((answer.status, answer.text()), (200, ""));
        canary.is_silent();
        for coding in ["identity", "chunked, identity", "identity, chunked"] {
            for version in ["1.0", "1.1"] {
                let head = format!(
                    "POST / HTTP/{version}\r\nHost: a\r\nTransfer-Encoding: {coding}\r\n\r\n"
                );
                let answer = wire.one(head + CANARY);
                assert!(
                    matches!(answer.status, 400 | 501),
                    "{coding}: {}",
                    answer.status
                );
                assert!(answer.closes());
            }
        }
        canary.is_silent();
    }
}
