//! What a path leads to, and what it may lead through.

use crate::files::name::Name;
use crate::files::version::Modified;
use std::fs::File;

/// Which symbolic links a [`FileHandler`](crate::FileHandler) follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
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
    /// When its content, name or mode was last changed, which nobody can set. Where that is not known, `modified`.
    pub(crate) changed: Modified,
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
pub(crate) enum Opened<D> {
    File(File, Metadata),
    Directory(D),
}

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

/// What a path may lead through.
#[derive(Clone, Copy)]
pub(super) struct OpenRules<'r> {
    pub(super) symlinks: Symlinks,
    pub(super) closed: &'r [Vec<u8>],
}
