//! The end of all connections at once: what handlers wait on beside their own socket.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Not cut, then cut, once.
#[derive(Debug)]
pub(crate) struct AbortSignal {
    cut: AtomicBool,
    /// Its write end is dropped at the cut, which wakes everybody who polls the read end.
    #[cfg(unix)]
    pipe: (
        std::os::fd::OwnedFd,
        std::sync::Mutex<Option<std::os::fd::OwnedFd>>,
    ),
}

impl AbortSignal {
    pub(crate) fn new() -> io::Result<Self> {
        #[cfg(unix)]
        let pipe = {
            let (read, write) = io::pipe()?;
            (read.into(), std::sync::Mutex::new(Some(write.into())))
        };
        Ok(Self {
            cut: AtomicBool::new(false),
            #[cfg(unix)]
            pipe,
        })
    }

    pub(crate) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        #[cfg(unix)]
        drop(
            self.pipe
                .1
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .take(),
        );
    }

    pub(crate) fn is_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

#[cfg(unix)]
impl std::os::fd::AsFd for AbortSignal {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.pipe.0.as_fd()
    }
}
