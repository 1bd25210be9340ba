//! How handlers that wait learn that the service has been told to end at once.

use crate::connection::server_info::Shutdown;

/// See the module.
pub(super) struct Ending {
    shutdown: Shutdown,
    #[cfg(all(unix, feature = "cgi"))]
    pipe: std::sync::OnceLock<Option<std::io::PipeReader>>,
}

impl Ending {
    pub(super) fn new(shutdown: &Shutdown) -> Self {
        Self {
            shutdown: shutdown.clone(),
            #[cfg(all(unix, feature = "cgi"))]
            pipe: std::sync::OnceLock::new(),
        }
    }

    pub(super) fn is_cut(&self) -> bool {
        self.shutdown.is_cut()
    }

    /// The service is gone.
    pub(super) fn over(&self) {
        self.shutdown.ended();
    }

    /// Ready to be read when the service is cut. `None`: the system has no pipe left.
    #[cfg(all(unix, feature = "cgi"))]
    pub(super) fn cut(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        use std::os::fd::AsFd as _;
        let pipe = self.pipe.get_or_init(|| {
            let (reader, writer) = std::io::pipe().ok()?;
            let writer = std::sync::Mutex::new(Some(writer));
            let shutdown = self.shutdown.clone();
            // The handle that it holds is let go of when the service is dropped.
            self.shutdown.on_change(Box::new(move || {
                if shutdown.is_cut()
                    && let Ok(mut writer) = writer.lock()
                {
                    // The end of the pipe can be read, by everybody.
                    writer.take();
                }
            }));
            Some(reader)
        });
        pipe.as_ref().map(|pipe| pipe.as_fd())
    }
}
