//! What says that it is time to look: the system where it can, else the clock.

#[cfg(target_os = "linux")]
use super::inotify::Inotify;
use std::path::Path;
use std::time::Duration;

/// How often files are looked at where nothing tells of changes.
pub(super) const INTERVAL: Duration = Duration::from_millis(500);

pub(super) enum Notices {
    #[cfg(target_os = "linux")]
    Inotify(Inotify),
    Clock,
}

impl Notices {
    /// The system's, or why there are none.
    pub(super) fn new() -> (Self, Option<String>) {
        #[cfg(target_os = "linux")]
        match Inotify::new() {
            Ok(inotify) => (Self::Inotify(inotify), None),
            Err(error) => (Self::Clock, Some(complaint(&error))),
        }
        #[cfg(not(target_os = "linux"))]
        (Self::Clock, None)
    }

    /// A look begins: what was told so far is seen by it.
    pub(super) fn begin(&mut self) {
        #[cfg(target_os = "linux")]
        if let Self::Inotify(inotify) = self {
            inotify.begin();
        }
    }

    /// From now on changes in this directory are told. If that cannot be, the clock says when to look, from now on.
    pub(super) fn watch(&mut self, directory: &Path) -> Option<String> {
        #[cfg(target_os = "linux")]
        if let Self::Inotify(inotify) = self
            && let Err(error) = inotify.watch(directory)
        {
            *self = Self::Clock;
            return Some(complaint(&error));
        }
        #[cfg(not(target_os = "linux"))]
        let _ = directory;
        None
    }

    /// The look has ended: other directories are not watched any more.
    pub(super) fn end(&mut self) {
        #[cfg(target_os = "linux")]
        if let Self::Inotify(inotify) = self {
            inotify.end();
        }
    }

    /// Waits; true if it is time to look.
    pub(super) fn wait(&mut self, slow: Duration) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            // The root may be another directory by now, which nobody tells.
            Self::Inotify(inotify) => inotify.wait(2 * INTERVAL),
            Self::Clock => {
                std::thread::sleep(INTERVAL.max(slow));
                true
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn complaint(error: &std::io::Error) -> String {
    format!("changes are looked for every half second, since the system tells of none ({error})")
}
