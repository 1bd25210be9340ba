//! The connection of a handler that runs in the task of its request: it cannot wait.

use crate::connection::transport::Transport;
use crate::tower::answered::Unsent;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes of heads, interim ones among them, beside the body: whoever sends hints without end has to end too.
const HEADS: usize = 1 << 20;

/// See the module.
pub(super) struct Immediate {
    unsent: Mutex<Unsent>,
    /// Bytes of a body that may be written piece by piece.
    most: usize,
    /// The whole body has come.
    ended: bool,
}

impl Immediate {
    pub(super) fn new(most: usize, ended: bool) -> Self {
        Self {
            unsent: Mutex::default(),
            most,
            ended,
        }
    }

    pub(super) fn into_unsent(self) -> Unsent {
        self.unsent
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, Unsent> {
        self.unsent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Immediate {
    fn read(&self, _: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        Err(io::ErrorKind::FileTooLarge.into())
    }

    fn write(&self, first: &[u8], second: &[u8]) -> io::Result<()> {
        let mut unsent = self.lock();
        let heads = unsent.bytes.len() + first.len() + second.len();
        if heads > self.most.saturating_add(HEADS) {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "the heads of the answer are too long",
            ));
        }
        unsent.bytes.extend_from_slice(first);
        unsent.bytes.extend_from_slice(second);
        Ok(())
    }

    fn make_room(&self, body: u64) -> io::Result<()> {
        if body > self.most as u64 {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!(
                    "the answer is longer than Tower's max_inline_response ({} bytes): raise it, or run the handler \
                     on the pool",
                    self.most
                ),
            ));
        }
        Ok(())
    }

    fn take_back(&self) -> bool {
        self.lock().bytes.clear();
        true
    }
}
