//! The connection of a handler that runs in the task of its request: it cannot wait.

use crate::connection::transport::Transport;
use crate::tower::answered::Unsent;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// See the module.
pub(super) struct Immediate {
    unsent: Mutex<Unsent>,
    /// Bytes that may be written at most.
    room: usize,
    /// The whole body has come.
    ended: bool,
}

impl Immediate {
    pub(super) fn new(room: usize, ended: bool) -> Self {
        Self {
            unsent: Mutex::default(),
            room,
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
        let size = unsent.bytes.len() + first.len() + second.len();
        if size > self.room {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        unsent.bytes.extend_from_slice(first);
        unsent.bytes.extend_from_slice(second);
        Ok(())
    }
}
