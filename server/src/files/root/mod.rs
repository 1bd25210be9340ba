//! The one place where files are opened: beneath the root directory, whatever links say.
//!
//! Everything that is sent, listed or looked at comes through [`Root::open`] or [`Root::look`]: files, index pages,
//! pre-compressed siblings, error pages, entries of listings.

#[cfg(unix)]
#[path = "unix.rs"]
mod system;
#[cfg(not(unix))]
#[path = "portable.rs"]
mod system;

use crate::files::name::Name;
use crate::semantics::conditional::Modified;
use std::fs::File;
use std::io;
use std::path::Path;

/// Which symbolic links a [`FileHandler`](super::FileHandler) follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symlinks {
    /// None: what is behind a link is not found, and links are not listed.
    None,
    /// Those that stay inside the root directory, over every hop.
    #[default]
    Inside,
    /// All, wherever they lead, as `http.server` does.
    All,
}

/// What is known of a file or directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) kind: FileKind,
    pub(crate) length: u64,
    pub(crate) modified: Modified,
    /// Which file of its file system it is, where that is known.
    pub(crate) inode: u64,
    /// Its mode lets somebody execute it.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) executable: bool,
}

/// What there may be at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    File,
    Directory,
    /// A pipe, socket or device, which is never served.
    Special,
}

/// A file or a directory, open.
#[derive(Debug)]
pub(crate) enum Opened {
    File(File, Metadata),
    Directory(Directory),
}

/// An open directory.
#[derive(Debug)]
pub(crate) struct Directory(system::Handle);

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: Name,
    /// It is a symbolic link; the rest is told of what it leads to.
    pub(crate) link: bool,
    /// `None` for a link that leads nowhere, or nowhere that may be served.
    pub(crate) facts: Option<Metadata>,
}

/// Why nothing was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is nothing, or nothing that may be served.
    NotFound,
    /// There is something, but the system does not let this process read it.
    Forbidden,
    /// The process or the system has no descriptor left.
    Exhausted,
}

/// A directory and how links below it are treated. Paths are relative to it, their names separated by slashes, and have been
/// checked as a [`UrlPath`](super::path::UrlPath) is; the empty path is the root itself.
#[derive(Debug)]
pub(crate) struct Root {
    system: system::Root,
    symlinks: Symlinks,
    /// Directories in which nothing is opened, whichever way leads there.
    closed: Vec<Vec<u8>>,
}

/// What a path may lead through.
#[derive(Clone, Copy)]
struct OpenRules<'r> {
    symlinks: Symlinks,
    closed: &'r [Vec<u8>],
}

impl Root {
    /// Holds this directory from now on, even if it is renamed.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self {
            system: system::Root::new(path)?,
            symlinks: Symlinks::default(),
            closed: Vec::new(),
        })
    }

    /// Nothing in these directories is opened or looked at from now on: it is [`Refusal::Forbidden`], also by links, mounts and other
    /// spellings of their names. They themselves can be looked at.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn close(&mut self, directories: Vec<Vec<u8>>) {
        self.closed = directories;
    }

    /// A directory below as a root of its own: what links inside it may lead to lies inside it too. It may be a closed one.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn below(&self, path: &[u8]) -> Result<Self, Refusal> {
        Ok(Self {
            system: self.system.below(path, self.symlinks)?,
            symlinks: self.symlinks,
            closed: Vec::new(),
        })
    }

    /// Where this lies, for who has no handle.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn absolute(&self, path: &[u8]) -> std::path::PathBuf {
        self.system.absolute(path)
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

    /// Opens a regular file or a directory. It never waits for the other end of a pipe, and what it says of the file it says of
    /// the very one that is open.
    pub(crate) fn open(&self, path: &[u8]) -> Result<Opened, Refusal> {
        self.system.open(path, self.way())
    }

    /// Opens a regular file.
    pub(crate) fn open_file(&self, path: &[u8]) -> Result<(File, Metadata), Refusal> {
        match self.open(path)? {
            Opened::File(file, facts) => Ok((file, facts)),
            Opened::Directory(_) => Err(Refusal::NotFound),
        }
    }

    /// What is there, without the right to read it.
    pub(crate) fn look(&self, path: &[u8]) -> Result<Metadata, Refusal> {
        self.system.look(path, self.way())
    }

    /// Why [`open`](Self::open) refused this path, if there is something all the same: for the log alone. Whether it was
    /// asked for as a directory is not in the path.
    pub(super) fn why_not(&self, path: &[u8], as_directory: bool) -> Option<&'static str> {
        let everywhere = OpenRules {
            symlinks: Symlinks::All,
            closed: &self.closed,
        };
        match (self.look(path), self.system.look(path, everywhere)) {
            (Ok(facts), _) if facts.kind == FileKind::File && as_directory => {
                Some("it is a file, and the path ends as that of a directory")
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

    /// The entries of a directory that was opened by this path, at most `most` of those that `wanted` lets through, and whether
    /// there are more. An entry that goes away meanwhile is left out, and so are pipes, sockets and devices.
    pub(crate) fn entries(
        &self,
        directory: &Directory,
        path: &[u8],
        most: usize,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> Result<(Vec<Entry>, bool), Refusal> {
        let wanted = |name: &[u8]| name != b"." && name != b".." && wanted(name);
        let links = self.symlinks != Symlinks::None;
        let (mut entries, more) = directory.0.entries(most, links, wanted)?;
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
