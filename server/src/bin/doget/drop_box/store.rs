//! The directory of the box: files come into it whole, under a name that is free, or not at all.

use super::name;
use crate::arguments::DropLimits;
use crate::error::CommandError;
use doget::{Error, Result, StatusCode};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the names of files begin with that are not whole. No client can give such a name.
const UNFINISHED: &str = ".doget-";

/// How much is read and written at once.
const PIECE: usize = 64 << 10;

/// Bytes that stay free on a disk of more than ten times as many.
const SPARE: u64 = 1 << 30;

/// After how many bytes the free space is looked at again.
const LOOK: u64 = 16 << 20;

#[derive(Debug)]
pub(crate) struct Store {
    /// Opened once: whatever becomes of its path, files come here.
    directory: OwnedFd,
    limits: DropLimits,
    /// What is there, and what is being written.
    used: Mutex<Used>,
    running: AtomicUsize,
    next: AtomicUsize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Used {
    files: u64,
    bytes: u64,
}

/// One of the clients that may send at the same time.
pub(super) struct Turn<'s>(&'s AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A file that is being written, and goes unless it is whole.
struct Unfinished<'s> {
    store: &'s Store,
    name: String,
    /// Bytes that are counted for it.
    bytes: u64,
    is_whole: bool,
}

impl Store {
    /// Opens the directory, removes what was left unfinished, and counts what is there.
    pub(super) fn open(path: &Path, limits: DropLimits) -> std::result::Result<Self, CommandError> {
        let opened = || -> io::Result<Self> {
            let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
            let directory = rustix::fs::open(path, flags, Mode::empty())?;
            let mut used = Used::default();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                if entry
                    .file_name()
                    .as_encoded_bytes()
                    .starts_with(UNFINISHED.as_bytes())
                {
                    fs::remove_file(entry.path())?;
                    continue;
                }
                used.files += 1;
                used.bytes += entry.metadata()?.len();
            }
            Ok(Self {
                directory,
                limits,
                used: Mutex::new(used),
                running: AtomicUsize::new(0),
                next: AtomicUsize::new(0),
            })
        };
        opened().map_err(|error| {
            CommandError::of(format_args!("cannot use {}", path.display()), &error)
        })
    }

    pub(super) fn limits(&self) -> &DropLimits {
        &self.limits
    }

    /// Lets a client send, if not too many do.
    pub(super) fn turn(&self) -> Result<Turn<'_>> {
        let before = self.running.fetch_add(1, Ordering::Relaxed);
        let turn = Turn(&self.running);
        if before >= self.limits.max_uploads {
            return Err(Error::service_unavailable()
                .explain("others send files now")
                .header("Retry-After", "5"));
        }
        Ok(turn)
    }

    /// Keeps what a client sends under this name.
    pub(super) fn keep(
        &self,
        name: &str,
        announced: Option<u64>,
        source: &mut dyn Read,
    ) -> Result<()> {
        if !name::is_good(name) {
            return Err(Error::bad_request().explain(
                "the name has to be that of one file, in at most 200 bytes, without a dot at its begin or its end and \
                 without any of / \\ : * ? \" < > |",
            ));
        }
        if announced.is_some_and(|length| length > self.limits.max_file_size) {
            return Err(self.too_large());
        }
        // Looked at first, so that nobody sends a gigabyte for nothing.
        if rustix::fs::statat(&self.directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            return Err(taken(name));
        }
        let mut unfinished = self.begin()?;
        unfinished.count(announced.unwrap_or(0))?;
        let mut file = self.create(&unfinished.name)?;
        let written = self.copy(source, &mut file, &mut unfinished)?;
        file.sync_all().map_err(Error::internal)?;
        drop(file);
        self.give(&unfinished.name, name)?;
        unfinished.is_whole = true;
        unfinished.settle(written);
        Ok(())
    }

    /// A place among the files, and a name that no client can ask for.
    fn begin(&self) -> Result<Unfinished<'_>> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.files >= self.limits.max_files {
            return Err(full("as many files are kept as may be"));
        }
        used.files += 1;
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        Ok(Unfinished {
            store: self,
            name: format!("{UNFINISHED}{}-{number}", std::process::id()),
            bytes: 0,
            is_whole: false,
        })
    }

    /// A new file, never one that is there, never through a link, and never one that can be run.
    fn create(&self, name: &str) -> Result<File> {
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&self.directory, name, flags, Mode::RUSR | Mode::WUSR);
        file.map(File::from).map_err(Error::internal)
    }

    fn copy(
        &self,
        source: &mut dyn Read,
        file: &mut File,
        unfinished: &mut Unfinished<'_>,
    ) -> Result<u64> {
        let mut piece = vec![0; PIECE];
        let (mut written, mut looked) = (0, None);
        loop {
            // A piece of a chunked body or of a form has no announced length.
            let size = source.read(&mut piece)?;
            if size == 0 {
                return Ok(written);
            }
            written += size as u64;
            if written > self.limits.max_file_size {
                return Err(self.too_large());
            }
            unfinished.count(written)?;
            if looked.is_none_or(|looked| written - looked >= LOOK) {
                self.has_space()?;
                looked = Some(written);
            }
            let bytes = piece.get(..size).unwrap_or_default();
            file.write_all(bytes).map_err(|error| match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    full("the disk is full")
                }
                _ => Error::internal(error),
            })?;
        }
    }

    /// A tenth of the disk stays free, and of a large one [`SPARE`].
    fn has_space(&self) -> Result<()> {
        let told = rustix::fs::fstatvfs(&self.directory).map_err(Error::internal)?;
        let spare = (told.f_blocks / 10).min(SPARE / told.f_frsize.max(1));
        if told.f_bavail < spare {
            return Err(full("there is too little space left"));
        }
        Ok(())
    }

    /// Gives a whole file its name, if that is free.
    fn give(&self, from: &str, to: &str) -> Result<()> {
        let at = &self.directory;
        let moved = match move_to_free_name(at, from, to) {
            // A second name, which is never given to two files either.
            Err(Errno::INVAL | Errno::NOSYS) => {
                rustix::fs::linkat(at, from, at, to, AtFlags::empty())
                    .and_then(|()| rustix::fs::unlinkat(at, from, AtFlags::empty()))
            }
            moved => moved,
        };
        match moved {
            Ok(()) => Ok(()),
            Err(Errno::EXIST) => Err(taken(to)),
            Err(error) => Err(Error::internal(error)),
        }
    }

    fn too_large(&self) -> Error {
        let most = self.limits.max_file_size;
        Error::new(StatusCode::CONTENT_TOO_LARGE).explain(format!("a file may have {most} bytes"))
    }
}

/// `INVAL` or `NOSYS`: the system or the file system has no such call.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn move_to_free_name(at: &OwnedFd, from: &str, to: &str) -> rustix::io::Result<()> {
    rustix::fs::renameat_with(at, from, at, to, rustix::fs::RenameFlags::NOREPLACE)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn move_to_free_name(_: &OwnedFd, _: &str, _: &str) -> rustix::io::Result<()> {
    Err(Errno::NOSYS)
}

impl Unfinished<'_> {
    /// Counts so many bytes for this file, if there is room for them.
    fn count(&mut self, bytes: u64) -> Result<()> {
        let Some(more) = bytes.checked_sub(self.bytes) else {
            return Ok(());
        };
        let mut used = self
            .store
            .used
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if used.bytes.saturating_add(more) > self.store.limits.max_total_size {
            return Err(full("as many bytes are kept as may be"));
        }
        used.bytes += more;
        self.bytes = bytes;
        Ok(())
    }

    /// The file has this size in the end.
    fn settle(&mut self, size: u64) {
        let mut used = self
            .store
            .used
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        used.bytes = used.bytes.saturating_sub(self.bytes).saturating_add(size);
        self.bytes = size;
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if self.is_whole {
            return;
        }
        let _ = rustix::fs::unlinkat(&self.store.directory, &self.name, AtFlags::empty());
        self.settle(0);
        let mut used = self
            .store
            .used
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        used.files = used.files.saturating_sub(1);
    }
}

fn taken(name: &str) -> Error {
    Error::conflict().explain(format!("there is a file of the name {name} already"))
}

fn full(why: &'static str) -> Error {
    Error::new(StatusCode::INSUFFICIENT_STORAGE).explain(why)
}
