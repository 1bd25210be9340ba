//! The one place where files are opened: beneath the root directory, whatever links say.
//!
//! Everything that is sent, listed or looked at comes through [`Root::open`] or [`Root::look`]: files, index pages,
//! pre-compressed siblings, error pages, entries of listings.

mod entry;
#[cfg(unix)]
#[path = "unix/mod.rs"]
mod system;
#[cfg(not(unix))]
#[path = "portable.rs"]
mod system;

pub use entry::Symlinks;
pub(crate) use entry::{Entry, FileKind, Metadata, Refusal};
pub(crate) use system::Directory;

use crate::extract::file_name::Names;
use entry::OpenRules;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

/// A file or a directory, open.
pub(crate) type Opened = entry::Opened<Directory>;

/// A directory and how links below it are treated. Paths are relative to it, their names separated by slashes, and have
/// been checked as a [`UrlPath`](super::path::UrlPath) is; the empty path is the root itself.
#[derive(Debug)]
pub(crate) struct Root {
    /// Where it was found, absolute; another directory may lie there one day. `None` for one that lasts for a request.
    path: Option<PathBuf>,
    system: RwLock<Arc<system::Root>>,
    symlinks: Symlinks,
    /// Directories in which nothing is opened, whichever way leads there.
    closed: Vec<Vec<u8>>,
}

impl Root {
    /// Holds this directory from now on, even if it is renamed, until [`follow`](Self::follow) finds another one.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: std::path::absolute(path).ok(),
            system: RwLock::new(Arc::new(system::Root::new(path)?)),
            symlinks: Symlinks::default(),
            closed: Vec::new(),
        })
    }

    /// Looks at the path again, and holds the directory that lies there from now on if it is another one: build tools
    /// remove the directory and make it anew, and a release is published by turning a link. Gives the path if it is so.
    /// What may be reached below stays the same. While nothing is at the path the directory that was there is kept.
    pub(crate) fn follow(&self) -> Option<&Path> {
        let path = self.path.as_deref()?;
        if !self.system().is_replaced(path) {
            return None;
        }
        let new = system::Root::new(path).ok()?;
        let mut held = self.system.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have been faster.
        if !held.is_replaced(path) {
            return None;
        }
        *held = Arc::new(new);
        Some(path)
    }

    fn system(&self) -> Arc<system::Root> {
        let held = self.system.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&held)
    }

    /// Nothing in these directories is opened or looked at from now on: it is [`Refusal::Forbidden`], also by links,
    /// mounts and other spellings of their names. They themselves can be looked at.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn close(&mut self, directories: Vec<Vec<u8>>) {
        self.closed = directories;
    }

    /// A directory below as a root of its own: what links inside it may lead to lies inside it too. It may be a closed
    /// one.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn below(&self, path: &[u8]) -> Result<Self, Refusal> {
        Ok(Self {
            path: None,
            system: RwLock::new(Arc::new(self.system().below(path, self.symlinks)?)),
            symlinks: self.symlinks,
            closed: Vec::new(),
        })
    }

    /// The absolute path, for callers that cannot use a descriptor: a script is started by its path.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn absolute(&self, path: &[u8]) -> std::path::PathBuf {
        self.system().absolute(path)
    }

    fn way(&self) -> OpenRules<'_> {
        OpenRules {
            symlinks: self.symlinks,
            closed: &self.closed,
        }
    }

    pub(crate) fn set_symlinks(&mut self, symlinks: Symlinks) {
        self.symlinks = symlinks;
    }

    /// Opens a regular file or a directory. It never waits for the other end of a pipe, and what it says of the file it
    /// says of the very one that is open.
    pub(crate) fn open(&self, path: &[u8]) -> Result<Opened, Refusal> {
        self.system().open(path, self.way())
    }

    /// Opens a regular file.
    pub(crate) fn open_file(&self, path: &[u8]) -> Result<(File, Metadata), Refusal> {
        match self.open(path)? {
            Opened::File(file, facts) => Ok((file, facts)),
            Opened::Directory(_) => Err(Refusal::NotFound),
        }
    }

    /// Opens a directory for writing into it: no link leads there, whichever are followed for reading.
    #[cfg(all(unix, feature = "upload"))]
    pub(crate) fn directory(&self, path: &[u8]) -> Result<Directory, Refusal> {
        let way = OpenRules {
            symlinks: Symlinks::None,
            closed: &self.closed,
        };
        match self.system().open(path, way)? {
            Opened::Directory(directory) => Ok(directory),
            Opened::File(..) => Err(Refusal::NotFound),
        }
    }

    /// What is there, without the right to read it.
    pub(crate) fn look(&self, path: &[u8]) -> Result<Metadata, Refusal> {
        self.system().look(path, self.way())
    }

    /// Why [`open`](Self::open) refused this path, if there is something all the same: for the log alone. Whether it
    /// was asked for as a directory is not in the path.
    pub(super) fn why_not(&self, path: &[u8], as_directory: bool) -> Option<&'static str> {
        let everywhere = OpenRules {
            symlinks: Symlinks::All,
            closed: &self.closed,
        };
        match (self.look(path), self.system().look(path, everywhere)) {
            (Ok(facts), _) if facts.kind == FileKind::File && as_directory => {
                Some("it is a file, and the path ends as that of a directory")
            }
            (Ok(facts), _) if facts.kind == FileKind::Directory && !as_directory => {
                Some("it is a directory")
            }
            (Ok(facts), _) if facts.kind == FileKind::Special => {
                Some("it is neither a regular file nor a directory")
            }
            (Ok(_), _) => Some("the system does not let this process read it"),
            (Err(Refusal::Forbidden), _) => Some("the system does not let this process reach it"),
            (Err(_), Ok(_)) => Some("it is behind a symbolic link that is not followed"),
            (Err(_), Err(_)) => None,
        }
    }

    /// The entries of a directory that was opened by this path, at most `most` of those that `wanted` lets through, and
    /// whether there are more. An entry that goes away meanwhile is left out, and so are pipes, sockets, devices, and
    /// names that no path of a request may have.
    pub(crate) fn entries(
        &self,
        directory: &Directory,
        path: &[u8],
        most: usize,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> Result<(Vec<Entry>, bool), Refusal> {
        let wanted = |name: &[u8]| Names::HERE.allow(name) && wanted(name);
        let links = self.symlinks != Symlinks::None;
        let (mut entries, more) = directory.entries(most, links, wanted)?;
        for entry in entries.iter_mut().filter(|entry| entry.link) {
            let mut target = path.to_vec();
            if !target.is_empty() {
                target.push(b'/');
            }
            target.extend_from_slice(&entry.name);
            entry.facts = self.look(&target).ok();
        }
        entries.retain(|entry| {
            entry
                .facts
                .is_none_or(|facts| facts.kind != FileKind::Special)
        });
        Ok((entries, more))
    }
}
