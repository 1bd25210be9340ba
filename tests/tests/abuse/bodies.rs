//! Bodies that lie: A05, A06, A13, A14.

use crate::stage::{CANARY, alive, both, post, refused, strict};
use doget_tests::{Child, Client, Process};

const CHUNKED: &str = "Transfer-Encoding: chunked";

#[test]
fn a05_chunk_sizes() {
    for stage in both() {
        for chunks in [
            "ffffffffffffffff1\r\n",
            "10000000000000000\r\n",
            "0x5\r\nhello\r\n0\r\n\r\n",
            "+5\r\nhello\r\n0\r\n\r\n",
            "-1\r\nhello\r\n0\r\n\r\n",
            " 5\r\nhello\r\n0\r\n\r\n",
            "5 \r\nhello\r\n0\r\n\r\n",
            "\r\nhello\r\n0\r\n\r\n",
            ";x\r\nhello\r\n0\r\n\r\n",
            "5\r\nhelloXX0\r\n\r\n",
            "5\nhello\r\n0\r\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "5\rhello\r\n0\r\n\r\n",
            "5\r\nhello\r\n0\n\n",
            "5;a\0b\r\nhello\r\n0\r\n\r\n",
            "5;a\nb\r\nhello\r\n0\r\n\r\n",
        ] {
            refused(&stage, post(CHUNKED, chunks), &[400]);
        }
        // Without the chunk that ends the body, the canary is a chunk size, and none.
        refused(&stage, post(CHUNKED, "5\r\nhello\r\n"), &[400]);
    }
}

#[test]
fn a06_extensions_and_trailers_are_bounded() {
    let stage = strict();
    let extended = |count: usize, length: usize| {
        let chunk = format!("1;{}\r\nx\r\n", "e".repeat(length));
        post(CHUNKED, &(chunk.repeat(count) + "0\r\n\r\n"))
    };
    assert_eq!(stage.0.one(extended(4, 4000)).text(), "xxxx");
    refused(&stage, extended(5, 4000), &[400]);
    refused(&stage, extended(1, 5000), &[400]);
    let trailed = |count: usize, length: usize| {
        let trailer = format!("T: {}\r\n", "t".repeat(length));
        post(CHUNKED, &format!("0\r\n{}\r\n", trailer.repeat(count)))
    };
    assert_eq!(stage.0.one(trailed(32, 100)).status, 200);
    refused(&stage, trailed(33, 1), &[400]);
    refused(&stage, trailed(4, 5000), &[400]);
    refused(&stage, trailed(10_000, 1), &[400]);
    refused(&stage, post(CHUNKED, "0\r\nno trailer\r\n\r\n"), &[400]);
    refused(&stage, post(CHUNKED, "0\r\n folded: 1\r\n\r\n"), &[400]);
}

#[test]
fn a06_a_trailer_is_no_header() {
    let (wire, canary) = strict();
    let trailers =
        "Content-Length: 40\r\nTransfer-Encoding: gzip\r\nHost: b\r\nConnection: close\r\n";
    let request = post(CHUNKED, &format!("4\r\nbody\r\n0\r\n{trailers}\r\n"));
    let answers = wire.ask(request.repeat(2), &["POST", "POST"]);
    assert!(answers.iter().all(|answer| answer.text() == "body"));
    canary.is_silent();
}

#[test]
fn a13_a_body_that_nobody_reads_is_no_request() {
    for (wire, canary) in both() {
        for size in [1, 600, 1500, 6000] {
            let body = CANARY.repeat(size);
            let length = body.len();
            let head =
                format!("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
            for expect in ["", "Expect: 100-continue\r\n"] {
                if size > 1500 && !expect.is_empty() {
                    // More than is thrown away before the close: the client may see a reset.
                    continue;
                }
                let request = head.replace("\r\n\r\n", &format!("\r\n{expect}\r\n")) + &body;
                for piece in [usize::MAX, 1000] {
                    let mut conn = wire.connect();
                    conn.send_in(&request, piece);
                    conn.finish();
                    let raw = conn.rest();
                    assert!(
                        raw.starts_with(b"HTTP/1.1 200 OK\r\n"),
                        "{}",
                        raw.escape_ascii()
                    );
                }
            }
        }
        canary.is_silent();
        alive(&wire);
    }
}

#[test]
fn a13_a_body_that_was_never_invited_is_not_waited_for() {
    let (wire, canary) = strict();
    let request =
        "POST /unread HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 34\r\n\r\n";
    let mut conn = wire.connect();
    conn.send(request);
    let answer = conn.answer("POST");
    assert!(answer.status == 200 && answer.closes());
    conn.send(CANARY);
    conn.assert_end();
    canary.is_silent();
}

#[test]
fn a14_a_declared_length_costs_nothing() {
    let child = Child::start(env!("CARGO_BIN_EXE_doget-test-server"), &["loops=1"]);
    let process = child.process();
    assert_eq!(child.connect().get("/").text(), "hello\n");
    let before = process.memory();
    let declare = |length: &str| -> Client {
        let mut client = child.connect();
        client.send(format!(
            "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n0123456789"
        ));
        client
    };
    let clients: Vec<Client> = (0..50).map(|_| declare("9000000000000000000")).collect();
    // Each of them is in its handler, and waits there.
    doget_tests::eventually("threads", || process.threads() >= 50 || !has_threads());
    assert_eq!(child.connect().get("/").text(), "hello\n");
    let grown = process.memory().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes for 50 promises");
    drop(clients);
}

/// Whether this system shows the threads of a process.
fn has_threads() -> bool {
    Process::own().threads() > 0
}
