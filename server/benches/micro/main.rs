//! What the parts of doget cost, without sockets: time, allocations and, on request, instructions.
//!
//! ```text
//! cargo bench -p doget                      nanoseconds, median and least of many runs, and allocations
//! cargo bench -p doget -- --instructions    also instructions, which are the same on a busy machine; needs valgrind
//! cargo bench -p doget -- head              only what has this in its name
//! ```
//!
//! Run as a test, as `cargo test --benches` does, it only checks that everything works.

mod dispatch;
mod exchange;
mod harness;
mod head;
mod response;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: harness::Counting = harness::Counting;

fn main() -> ExitCode {
    let mut cases = Vec::new();
    head::cases(&mut cases);
    dispatch::cases(&mut cases);
    response::cases(&mut cases);
    exchange::cases(&mut cases);
    harness::main(cases)
}
