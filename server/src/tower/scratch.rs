//! What a request needs while it is answered, kept by each thread for the next one.

use crate::http1::Head;
use crate::response::writer::ResponseWriter;
use crate::tower::known_heads::KnownHeads;
use std::cell::Cell;

/// Memory beyond this is not kept.
const KEEP: usize = 64 << 10;

/// See the module.
pub(super) struct Scratch {
    pub(super) head: Head,
    pub(super) writer: ResponseWriter,
    pub(super) known: KnownHeads,
    ahead: usize,
}

thread_local! {
    static KEPT: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

/// Calls `with` with this thread's. A handler that calls a service itself gets another one within.
pub(super) fn with<T>(ahead: usize, with: impl FnOnce(&mut Scratch) -> T) -> T {
    let kept = KEPT.take().filter(|kept| kept.ahead == ahead);
    let mut scratch = kept.unwrap_or_else(|| {
        Box::new(Scratch {
            head: Head::default(),
            writer: ResponseWriter::new(ahead),
            known: KnownHeads::default(),
            ahead,
        })
    });
    let result = with(&mut scratch);
    scratch.writer.clear();
    scratch.writer.shrink(KEEP);
    KEPT.set(Some(scratch));
    result
}

thread_local! {
    static INPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Empty memory for a head.
pub(super) fn take_input() -> Vec<u8> {
    let mut input = INPUT.take();
    input.clear();
    input.reserve(512);
    input
}

/// Gives it back, for the next request on this thread.
pub(super) fn keep_input(input: Vec<u8>) {
    if input.capacity() <= KEEP {
        INPUT.set(input);
    }
}
