//! [`DropDirectory`]: what clients send is kept in a directory that nobody is shown.

use super::intake::{Destination, Intake, Used};
use super::limits::UploadLimits;
use super::new_file::UNFINISHED;
use crate::{Request, Result};
use rustix::fs::{Mode, OFlags};
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

/// A directory that keeps files of clients and shows them to nobody: each whole, of mode 0600, under one plain name,
/// never over another file and never through a link.
///
/// The directory has to be outside of all that is served, and no other program may write into it. Names have at most
/// 200 bytes, no separator, control or invisible character, none of `: * ? " < > |`, no dot, blank, `-` or `~` at their
/// begin, no dot or blank at their end, and are no devices of Windows: else 400. A name that is taken is 409.
///
/// ```no_run
/// use doget::{DropDirectory, HttpServer, Request, Result, SameOrigin, StatusCode, UploadLimits, handler};
///
/// struct Desk {
///     kept: DropDirectory,
/// }
///
/// #[handler]
/// impl Desk {
///     #[route("/drop/{name}")]
///     #[blocking]
///     fn do_PUT_drop(&self, name: &str, request: &mut Request<'_>) -> Result<StatusCode> {
///         self.kept.put(name, request)?;
///         Ok(StatusCode::CREATED)
///     }
/// }
///
/// let kept = DropDirectory::open("/var/lib/desk", UploadLimits::new())?;
/// // No page of another site sends files.
/// let desk = doget::with(SameOrigin::new(), Desk { kept });
/// HttpServer::bind("localhost:8000")?.serve_forever(desk)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct DropDirectory {
    directory: OwnedFd,
    intake: Intake,
}

impl DropDirectory {
    /// Opens a directory, removes what a crash left unfinished, and counts what is there against the limits.
    ///
    /// # Errors
    ///
    /// It is no directory, or cannot be read.
    pub fn open(path: impl AsRef<Path>, limits: UploadLimits) -> io::Result<Self> {
        let path = path.as_ref();
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let directory = rustix::fs::open(path, flags, Mode::empty())?;
        let mut used = Used::default();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(UNFINISHED.as_bytes()) {
                fs::remove_file(entry.path())?;
                continue;
            }
            used.files += 1;
            used.bytes += entry.metadata()?.len();
        }
        Ok(Self {
            directory,
            intake: Intake::new(limits, used),
        })
    }

    /// Keeps the body of a request under this name.
    ///
    /// # Errors
    ///
    /// 400 for a name that may not be and for a part of a file (`Content-Range`), 409 for one that is taken, 413 and
    /// 507 beyond the limits, 503 while as many clients send as may; and those of reading a body.
    pub fn put(&self, name: &str, request: &mut Request<'_>) -> Result<()> {
        self.intake.put(name, request, &self.destination())
    }

    /// Keeps the files of a form (`multipart/form-data`), one after the other, and gives their names. Fields that are
    /// no files are left out. If one is refused, those before it are kept.
    ///
    /// # Errors
    ///
    /// Those of [`put`](Self::put), for a file whose name is none too; 400 also for a form without a file, and 415 for
    /// what is no such form.
    pub fn post(&self, request: &mut Request<'_>) -> Result<Vec<String>> {
        self.intake.post(request, &self.destination())
    }

    fn destination(&self) -> Destination<'_> {
        Destination {
            directory: self.directory.as_fd(),
            mode: Mode::RUSR | Mode::WUSR,
            is_reserved: &|_| false,
            is_there: &|| true,
        }
    }
}
