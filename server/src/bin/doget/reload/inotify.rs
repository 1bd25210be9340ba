//! Linux tells of changes in directories. What it tells is not read: whatever it was, somebody looks at all files, so
//! that nothing is missed when its queue was full, a directory came with files in it, or an editor renamed.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::io::Errno;
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

/// More directories are not watched: each takes about 1 KiB of the kernel's memory.
const MOST: usize = 16_384;

pub(super) struct Inotify {
    queue: OwnedFd,
    /// By the kernel's number for it, the look that found the directory last.
    watches: HashMap<i32, u64>,
    look: u64,
    most: usize,
}

impl Inotify {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            queue: inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?,
            watches: HashMap::new(),
            look: 0,
            most: MOST,
        })
    }

    pub(super) fn begin(&mut self) {
        self.look += 1;
        self.drain();
    }

    /// # Errors
    ///
    /// There are too many. A directory that has gone or may not be read is none.
    pub(super) fn watch(&mut self, directory: &Path) -> io::Result<()> {
        // A file that is being written is looked at when its writer closes it.
        let flags = WatchFlags::ATTRIB
            | WatchFlags::CLOSE_WRITE
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        match inotify::add_watch(&self.queue, directory, flags) {
            Ok(number) => {
                self.watches.insert(number, self.look);
                // Counted here, since most of them were watched before and have the same number.
                match self.watches.len() > self.most {
                    true => Err(io::Error::other("there are too many directories")),
                    false => Ok(()),
                }
            }
            Err(Errno::NOSPC) => Err(io::Error::other(
                "fs.inotify.max_user_watches are too few for its directories",
            )),
            Err(Errno::NOMEM) => Err(Errno::NOMEM.into()),
            Err(_) => Ok(()),
        }
    }

    pub(super) fn end(&mut self) {
        let (queue, look) = (&self.queue, self.look);
        self.watches.retain(|&number, &mut found| {
            if found != look {
                // The kernel drops those of directories that are gone itself.
                let _ = inotify::remove_watch(queue, number);
            }
            found == look
        });
    }

    /// Waits for a change, or for as long; true if there was one.
    pub(super) fn wait(&self, most: Duration) -> bool {
        let mut fds = [PollFd::new(&self.queue, PollFlags::IN)];
        let most = Timespec {
            tv_sec: i64::try_from(most.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: most.subsec_nanos().into(),
        };
        matches!(poll(&mut fds, Some(&most)), Ok(1..))
    }

    fn drain(&self) {
        let mut room = [0; 4096];
        while matches!(rustix::io::read(&self.queue, &mut room), Ok(1..)) {}
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    #[test]
    fn as_many_directories_as_may_be_are_watched_again_and_again() {
        let (directory, other) = (std::env::temp_dir(), Path::new("/"));
        let mut inotify = Inotify::new().unwrap();
        inotify.most = 1;
        for _ in 0..3 {
            inotify.begin();
            inotify.watch(&directory).unwrap();
            inotify.end();
        }
        assert!(inotify.watch(other).is_err());
    }
}
