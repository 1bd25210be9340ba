//! Where a body ends: A01 to A04.

use crate::stage::{both, post, refused};

#[test]
fn a01_length_and_coding_together() {
    for stage in both() {
        for length in ["6", "0"] {
            let one = format!("Content-Length: {length}\r\nTransfer-Encoding: chunked");
            let two = format!("Transfer-Encoding: chunked\r\nContent-Length: {length}");
            for lines in [one, two] {
                refused(&stage, post(&lines, "0\r\n\r\nX"), &[400]);
            }
        }
    }
}

#[test]
fn a02_more_than_one_length() {
    for stage in both() {
        for lines in [
            "Content-Length: 4\r\nContent-Length: 0",
            "Content-Length: 0\r\nContent-Length: 4",
            "Content-Length: 4\r\nContent-Length: 4",
            "Content-Length: 4\r\nX: y\r\ncontent-length: 4",
            "Content-Length: 4, 4",
            "Content-Length: 4,5",
        ] {
            refused(&stage, post(lines, "body"), &[400]);
        }
    }
}

#[test]
fn a03_malformed_lengths() {
    let many = "1".repeat(8000);
    for stage in both() {
        for value in [
            "+4",
            "-1",
            "4 4",
            "0x4",
            "4_0",
            "",
            "4;",
            "\u{664}",
            "4.0",
            "1e1",
            "18446744073709551616",
            "99999999999999999999",
            &many,
        ] {
            let lines = format!("Content-Length: {value}");
            refused(&stage, post(&lines, "body"), &[400]);
        }
    }
}

#[test]
fn a03_lengths_with_whitespace_and_zeros_are_lengths() {
    for (wire, _) in both() {
        for value in [" 4", "\t4 \t", "004"] {
            let answer = wire.one(post(&format!("Content-Length:{value}"), "body"));
            assert_eq!(answer.text(), "body");
        }
    }
}

#[test]
fn a04_transfer_codings() {
    for stage in both() {
        for value in [
            "chunked, identity",
            "chunked, chunked",
            "identity",
            "identity, chunked",
            "xchunked",
            "\"chunked\"",
            "chunked;q=1",
            "chunked,",
            ",chunked",
            "",
            "chunke",
            "gzip",
            "br, chunked",
            "chunked gzip",
            "chunked\u{a0}",
        ] {
            let lines = format!("Transfer-Encoding: {value}");
            refused(&stage, post(&lines, "0\r\n\r\n"), &[400]);
        }
        for value in ["gzip, chunked", "deflate, chunked", "compress,chunked"] {
            let lines = format!("Transfer-Encoding: {value}");
            refused(&stage, post(&lines, "0\r\n\r\n"), &[501]);
        }
        for lines in [
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding : chunked",
            "Transfer-Encoding\t: chunked",
            "Transfer-Encoding:\r\n chunked",
            "Transfer-Encoding: \u{b}chunked",
            "Transfer-Encoding: chunked\0",
            "Transfer-Encoding: chunked\u{c}",
        ] {
            refused(&stage, post(lines, "0\r\n\r\n"), &[400]);
        }
        let old = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        refused(&stage, old, &[400]);
    }
}

#[test]
fn a04_chunked_in_any_case_and_with_whitespace() {
    for (wire, _) in both() {
        for value in ["chunked", " \tCHUNKED\t ", "Chunked"] {
            let lines = format!("Transfer-Encoding:{value}");
            let answer = wire.one(post(&lines, "4\r\nbody\r\n0\r\n\r\n"));
            assert_eq!(answer.text(), "body");
        }
    }
}
