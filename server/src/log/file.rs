//! A file that lines go to, which can be opened anew while the log goes on.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The sink.
pub(super) struct LogFile {
    file: File,
    next: NextFile,
}

/// Gives the sink a new file.
pub(super) struct Reopen {
    /// Absolute, since a program may go to another directory.
    path: PathBuf,
    next: NextFile,
}

/// The file for the next write. The lock is never held over a write, so whoever opens a file waits for no slow disk.
#[derive(Clone, Default)]
struct NextFile(Arc<Mutex<Option<File>>>);

impl NextFile {
    fn lock(&self) -> MutexGuard<'_, Option<File>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogFile {
    pub(super) fn open(path: &Path) -> io::Result<(Self, Reopen)> {
        let path = std::path::absolute(path)?;
        let next = NextFile::default();
        let file = Self {
            file: open(&path)?,
            next: next.clone(),
        };
        Ok((file, Reopen { path, next }))
    }
}

impl Reopen {
    pub(super) fn now(&self) -> io::Result<()> {
        let file = open(&self.path)?;
        *self.next.lock() = Some(file);
        Ok(())
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = self.next.lock().take() {
            self.file = file;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}
