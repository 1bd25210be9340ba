//! [`Intake`]: files come in whole, under a name that is free, or not at all. The one place where what clients send
//! becomes a file.

use super::limits::UploadLimits;
use super::name;
use super::new_file::NewFile;
use crate::{Error, MultipartLimits, Request, Result, StatusCode};
use rustix::fs::{AtFlags, Mode};
use rustix::io::Errno;
use std::fmt;
use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// How much is read and written at once.
const PIECE: usize = 64 << 10;

/// Bytes that stay free on a disk of more than ten times as many.
const SPARE: u64 = 1 << 30;

/// After how many bytes the free space is looked at again.
const LOOK: u64 = 16 << 20;

/// Where a file is to come.
pub(super) struct Destination<'d> {
    /// Open: whatever becomes of its path, the file comes here.
    pub(super) directory: BorrowedFd<'d>,
    pub(super) mode: Mode,
    /// Whether this name is one that the server gives a meaning of its own.
    pub(super) is_reserved: &'d dyn Fn(&str) -> bool,
    /// Asked when the file is whole: whether it may still come here.
    pub(super) is_there: &'d dyn Fn() -> bool,
}

/// What was taken, what is being taken, and how much of it there may be.
pub(super) struct Intake {
    limits: UploadLimits,
    used: Mutex<Used>,
    running: AtomicUsize,
}

/// What counts against the limits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Used {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// One of the clients that may send at the same time.
struct Turn<'s>(&'s AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The place of a file among those that may be, given up again unless the file is kept.
struct Share<'s> {
    used: &'s Mutex<Used>,
    most: u64,
    /// Bytes that are counted for it.
    bytes: u64,
    is_kept: bool,
}

impl Intake {
    pub(super) fn new(limits: UploadLimits, used: Used) -> Self {
        Self {
            limits,
            used: Mutex::new(used),
            running: AtomicUsize::new(0),
        }
    }

    pub(super) fn set_limits(&mut self, limits: UploadLimits) {
        self.limits = limits;
    }

    /// Keeps the body of a request under this name.
    pub(super) fn put(
        &self,
        name: &str,
        request: &mut Request<'_>,
        to: &Destination<'_>,
    ) -> Result<()> {
        // A part of a file is no file (RFC 9110 section 14.5).
        if request.headers().get("Content-Range").is_some() {
            return Err(Error::bad_request().explain("a file is sent whole, without Content-Range"));
        }
        let _turn = self.turn()?;
        let announced = request.announced_body();
        self.keep(name, announced, request.body(), to)
    }

    /// Keeps the files of a form, one after the other: those before one that is refused are kept.
    pub(super) fn post(
        &self,
        request: &mut Request<'_>,
        to: &Destination<'_>,
    ) -> Result<Vec<String>> {
        let _turn = self.turn()?;
        let most = self.limits.max_file_size;
        let limits = MultipartLimits::new()
            .max_size(self.limits.max_total_size)
            .max_file_size(most);
        let mut parts = request.multipart_within(limits)?;
        let mut kept = Vec::new();
        while let Some(mut part) = parts.next()? {
            let name = match part.raw_file_name() {
                // No file, or a field for one that was left empty.
                None | Some("") => continue,
                Some(_) => part.file_name().ok_or_else(bad_name)?,
            };
            // One byte more than may be, so that the store is the one that refuses.
            part.set_limit(most.saturating_add(1));
            self.keep(&name, None, &mut part, to)?;
            kept.push(name);
        }
        if kept.is_empty() {
            return Err(Error::bad_request().explain("there is no file in the form"));
        }
        Ok(kept)
    }

    /// Lets a client send, if not too many do.
    fn turn(&self) -> Result<Turn<'_>> {
        let before = self.running.fetch_add(1, Ordering::Relaxed);
        let turn = Turn(&self.running);
        if before >= self.limits.max_uploads {
            return Err(Error::service_unavailable()
                .explain("others send files now")
                .header("Retry-After", "5"));
        }
        Ok(turn)
    }

    fn keep(
        &self,
        name: &str,
        announced: Option<u64>,
        source: &mut dyn Read,
        to: &Destination<'_>,
    ) -> Result<()> {
        if !name::is_good(name) {
            return Err(bad_name());
        }
        if (to.is_reserved)(name) {
            return Err(Error::forbidden().explain(format!(
                "a file of the name {name} would stand for something else"
            )));
        }
        if announced.is_some_and(|length| length > self.limits.max_file_size) {
            return Err(self.too_large());
        }
        // Looked at first, so that nobody sends a gigabyte for nothing.
        if rustix::fs::statat(to.directory, name, AtFlags::SYMLINK_NOFOLLOW).is_ok() {
            return Err(taken(name));
        }
        let mut share = self.share()?;
        share.count(announced.unwrap_or(0))?;
        let mut new = NewFile::create(to.directory, to.mode).map_err(not_created)?;
        let written = self.copy(source, &mut new, to, &mut share)?;
        new.file.sync_all().map_err(Error::internal)?;
        if !(to.is_there)() {
            return Err(Error::conflict().explain("another directory lies there now"));
        }
        match new.give(name) {
            Ok(()) => {}
            Err(Errno::EXIST) => return Err(taken(name)),
            Err(error) => return Err(not_created(error)),
        }
        share.is_kept = true;
        share.settle(written);
        Ok(())
    }

    /// A place among the files.
    fn share(&self) -> Result<Share<'_>> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.files >= self.limits.max_files {
            return Err(full("as many files are kept as may be"));
        }
        used.files += 1;
        Ok(Share {
            used: &self.used,
            most: self.limits.max_total_size,
            bytes: 0,
            is_kept: false,
        })
    }

    fn copy(
        &self,
        source: &mut dyn Read,
        new: &mut NewFile<'_>,
        to: &Destination<'_>,
        share: &mut Share<'_>,
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
            share.count(written)?;
            if looked.is_none_or(|looked| written - looked >= LOOK) {
                has_space(to.directory)?;
                looked = Some(written);
            }
            let bytes = piece.get(..size).unwrap_or_default();
            let done = new.file.write_all(bytes);
            done.map_err(|error| match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    full("the disk is full")
                }
                _ => Error::internal(error),
            })?;
        }
    }

    fn too_large(&self) -> Error {
        let most = self.limits.max_file_size;
        Error::new(StatusCode::CONTENT_TOO_LARGE).explain(format!("a file may have {most} bytes"))
    }
}

impl fmt::Debug for Intake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intake")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl Share<'_> {
    /// Counts so many bytes for this file, if there is room for them.
    fn count(&mut self, bytes: u64) -> Result<()> {
        let Some(more) = bytes.checked_sub(self.bytes) else {
            return Ok(());
        };
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.bytes.saturating_add(more) > self.most {
            return Err(full("as many bytes are kept as may be"));
        }
        used.bytes += more;
        self.bytes = bytes;
        Ok(())
    }

    /// The file has this size in the end.
    fn settle(&mut self, size: u64) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.bytes = used.bytes.saturating_sub(self.bytes).saturating_add(size);
        self.bytes = size;
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        self.settle(0);
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.files = used.files.saturating_sub(1);
    }
}

/// A tenth of the disk stays free, and of a large one [`SPARE`].
fn has_space(directory: BorrowedFd<'_>) -> Result<()> {
    let told = rustix::fs::fstatvfs(directory).map_err(Error::internal)?;
    let spare = (told.f_blocks / 10).min(SPARE / told.f_frsize.max(1));
    if told.f_bavail < spare {
        return Err(full("there is too little space left"));
    }
    Ok(())
}

fn bad_name() -> Error {
    Error::bad_request().explain(
        "the name has to be that of one file, in at most 200 bytes, without a dot or a blank at its begin or its end, \
         without characters that cannot be seen, and without any of / \\ : * ? \" < > |",
    )
}

fn taken(name: &str) -> Error {
    Error::conflict().explain(format!("there is a file of the name {name} already"))
}

fn full(why: &'static str) -> Error {
    Error::new(StatusCode::INSUFFICIENT_STORAGE).explain(why)
}

fn not_created(error: Errno) -> Error {
    match error {
        Errno::ACCESS | Errno::PERM | Errno::ROFS => {
            Error::forbidden().explain("the server may not write into this directory")
        }
        Errno::NOENT => Error::conflict().explain("the directory is gone"),
        Errno::NOSPC | Errno::DQUOT => full("the disk is full"),
        Errno::MFILE | Errno::NFILE | Errno::NOMEM => Error::busy(),
        error => Error::internal(error),
    }
}
