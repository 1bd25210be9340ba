//! Opening by path, for systems without directory handles in the standard library: a path is resolved first, and what
//! it resolves to has to lie inside the root.

use crate::files::root::entry::{Entry, FileKind, Metadata, OpenRules, Opened, Refusal, Symlinks};
use crate::files::version::Modified;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

#[derive(Debug)]
pub(super) struct Root(PathBuf);

/// A directory, by its path.
#[derive(Debug)]
pub(crate) struct Directory(PathBuf);

impl Root {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        fs::read_dir(&path)?;
        Ok(Self(path))
    }

    /// Whether another directory than this one lies at a path. Not if nothing is there, or something else. One that was
    /// made anew under the same name need not be told apart: every path is resolved when it is asked for.
    pub(super) fn is_replaced(&self, path: &Path) -> bool {
        path.canonicalize()
            .is_ok_and(|path| path != self.0 && path.is_dir())
    }

    pub(super) fn open(
        &self,
        path: &[u8],
        way: OpenRules<'_>,
    ) -> Result<Opened<Directory>, Refusal> {
        let path = self.resolve(path, way)?;
        if fs::metadata(&path)?.is_dir() {
            return Ok(Opened::Directory(Directory(path)));
        }
        let file = File::open(&path)?;
        let facts = facts(&file.metadata()?);
        match facts.kind {
            FileKind::File => Ok(Opened::File(file, facts)),
            FileKind::Directory | FileKind::Special => Err(Refusal::NotFound),
        }
    }

    pub(super) fn look(&self, path: &[u8], way: OpenRules<'_>) -> Result<Metadata, Refusal> {
        let path = self.resolve(path, way)?;
        Ok(facts(&fs::metadata(path)?))
    }

    fn resolve(&self, path: &[u8], way: OpenRules<'_>) -> Result<PathBuf, Refusal> {
        let path = std::str::from_utf8(path).map_err(|_| Refusal::NotFound)?;
        let mut whole = self.0.clone();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            whole.push(name);
            let is_link = fs::symlink_metadata(&whole)?.is_symlink();
            if is_link && way.symlinks == Symlinks::None {
                return Err(Refusal::NotFound);
            }
            if !is_link && !is_listed_as(&whole, name)? {
                return Err(Refusal::NotFound);
            }
        }
        let resolved = whole.canonicalize()?;
        if way.symlinks != Symlinks::All && !resolved.starts_with(&self.0) {
            return Err(Refusal::NotFound);
        }
        // Nothing closes a directory where there is no CGI.
        debug_assert!(way.closed.is_empty());
        Ok(resolved)
    }
}

/// Whether the directory lists the file by this name, whatever its case. A file may have another one here: a short one,
/// in a form that differs from one file system to another, or one that ends in dots. What is behind such a name may be
/// hidden.
fn is_listed_as(path: &Path, name: &str) -> io::Result<bool> {
    let real = path.canonicalize()?;
    let real = real.file_name().and_then(|real| real.to_str());
    Ok(real.is_some_and(|real| real.to_lowercase() == name.to_lowercase()))
}

impl Directory {
    /// The entries whose names are wanted, at most so many, and whether there are more. Devices and what else is no
    /// file are left out, and so are names that are not Unicode, and links unless they are wanted; of a link nothing
    /// else is told.
    pub(super) fn entries(
        &self,
        most: usize,
        links: bool,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> Result<(Vec<Entry>, bool), Refusal> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| wanted(name.as_bytes())) else {
                continue;
            };
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let link = metadata.is_symlink();
            let facts = (!link).then(|| facts(&metadata));
            if (link && !links) || facts.is_some_and(|facts| facts.kind == FileKind::Special) {
                continue;
            }
            if entries.len() == most {
                return Ok((entries, true));
            }
            entries.push(Entry {
                name: name.as_bytes().into(),
                link,
                facts,
            });
        }
        Ok((entries, false))
    }
}

fn facts(metadata: &fs::Metadata) -> Metadata {
    let since = |time: std::time::SystemTime| time.duration_since(UNIX_EPOCH).ok();
    let modified = metadata.modified().ok().and_then(since).unwrap_or_default();
    let modified = Modified {
        seconds: i64::try_from(modified.as_secs()).unwrap_or_default(),
        nanos: modified.subsec_nanos(),
    };
    Metadata {
        kind: if metadata.is_file() {
            FileKind::File
        } else if metadata.is_dir() {
            FileKind::Directory
        } else {
            FileKind::Special
        },
        length: metadata.len(),
        modified,
        changed: modified,
        // A file that was put in the place of another has its own, but that Windows hands it on to one that takes a
        // name within 15 seconds after its last owner: then the time of change tells the two apart, if anything does.
        inode: metadata
            .created()
            .ok()
            .and_then(since)
            .map_or(0, |created| created.as_nanos() as u64),
    }
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        /// `ERROR_TOO_MANY_OPEN_FILES` and `ERROR_SHARING_VIOLATION`, which have no kind.
        const TOO_MANY: i32 = 4;
        const SHARED: i32 = 32;
        match error.raw_os_error() {
            Some(TOO_MANY) if cfg!(windows) => return Self::Exhausted,
            Some(SHARED) if cfg!(windows) => return Self::Forbidden,
            _ => {}
        }
        match error.kind() {
            io::ErrorKind::OutOfMemory => Self::Exhausted,
            io::ErrorKind::PermissionDenied => Self::Forbidden,
            _ => Self::NotFound,
        }
    }
}
