//! What a request needs while it is answered, kept by each thread for the next one.

use crate::http1::Head;
use crate::response::writer::ResponseWriter;
use std::cell::Cell;

/// Memory beyond this is not kept.
const KEEP: usize = 64 << 10;

/// See the module.
pub(super) struct Scratch {
    pub(super) head: Head,
    pub(super) writer: ResponseWriter,
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
            ahead,
        })
    });
    let result = with(&mut scratch);
    scratch.writer.clear();
    scratch.writer.shrink(KEEP);
    KEPT.set(Some(scratch));
    result
}
