//! Handlers that block: the loop is taken over, the request answered in its turn, the threads grow and shrink.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod connections;
mod loops;
mod threads;

use doget::{Limits, Request, Response, Sent, handler};
use doget_tests::{Gate, Server, answers};

/// One loop, so that whatever blocks it blocks everything.
fn one_loop(
    limits: Limits,
    answer: impl Fn(&mut Request<'_>, Response<'_>) -> doget::Result<Sent> + Send + Sync + 'static,
) -> Server {
    Server::built(|server| server.loops(1).limits(limits), answers(answer))
}

/// `/block...` waits at the gate, everything else does not; the answer is the path.
fn gated(gate: &Gate) -> Server {
    let gate = gate.clone();
    one_loop(Limits::default(), move |request, response| {
        if request.path().starts_with("/block") {
            gate.wait();
        }
        response.reply(request.target())
    })
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")
}

struct Marked {
    gate: Gate,
}

#[handler]
impl Marked {
    #[blocking]
    fn do_GET(&self) -> &'static str {
        self.gate.wait();
        "got\n"
    }

    fn do_PUT(&self) -> &'static str {
        "put\n"
    }
}

const PUT: &str = "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n";
