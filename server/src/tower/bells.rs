//! A descriptor that can be read when there is something of a request's body, for handlers that wait for other
//! descriptors too.

use std::io::{PipeReader, PipeWriter, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// See the module. Its far end is closed when the client has left.
pub(super) struct Bells {
    reader: PipeReader,
    state: Mutex<State>,
}

struct State {
    writer: Option<PipeWriter>,
    /// A byte is in the pipe, and never more than one.
    rings: bool,
}

impl Bells {
    /// `None`: the system has no descriptors left.
    pub(super) fn new() -> Option<Self> {
        let (reader, writer) = std::io::pipe().ok()?;
        Some(Self {
            reader,
            state: Mutex::new(State {
                writer: Some(writer),
                rings: false,
            }),
        })
    }

    pub(super) fn as_fd(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }

    pub(super) fn ring(&self) {
        let mut state = self.lock();
        if state.rings {
            return;
        }
        if let Some(writer) = &mut state.writer {
            state.rings = writer.write_all(b"!").is_ok();
        }
    }

    pub(super) fn still(&self) {
        let mut state = self.lock();
        if std::mem::take(&mut state.rings) {
            let _ = (&self.reader).read(&mut [0]);
        }
    }

    pub(super) fn hang_up(&self) {
        self.lock().writer = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
