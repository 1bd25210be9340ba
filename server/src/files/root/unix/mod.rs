//! Opening beneath a directory handle.

mod directory;
mod stat;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
mod tree;

pub(crate) use directory::Directory;

#[cfg(feature = "cgi")]
use crate::files::root::entry::Symlinks;
use crate::files::root::entry::{FileKind, Metadata, OpenRules, Opened, Refusal};
use rustix::io::Errno;
use stat::{facts, identity};
use std::fs::File;
use std::io;
use std::path::Path;
use tree::{Purpose, Tree};

#[derive(Debug)]
pub(super) struct Root {
    tree: Tree,
}

impl Root {
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let tree = Tree::new(path)?;
        Ok(Self { tree })
    }

    /// Whether another directory than this one lies at a path. Not if nothing is there, or something else.
    pub(super) fn is_replaced(&self, path: &Path) -> bool {
        rustix::fs::stat(path).is_ok_and(|stat| {
            facts(&stat).kind == FileKind::Directory && !self.tree.is(identity(&stat))
        })
    }

    pub(super) fn open(
        &self,
        path: &[u8],
        way: OpenRules<'_>,
    ) -> Result<Opened<Directory>, Refusal> {
        let file = self.tree.resolve(path, way, Purpose::Read)?;
        let facts = facts(&rustix::fs::fstat(&file)?);
        match facts.kind {
            FileKind::File => Ok(Opened::File(File::from(file), facts)),
            FileKind::Directory => Ok(Opened::Directory(Directory(file))),
            FileKind::Special => Err(Refusal::NotFound),
        }
    }

    pub(super) fn look(&self, path: &[u8], way: OpenRules<'_>) -> Result<Metadata, Refusal> {
        let file = self.tree.resolve(path, way, Purpose::Look)?;
        Ok(facts(&rustix::fs::fstat(&file)?))
    }

    #[cfg(feature = "cgi")]
    pub(super) fn below(&self, path: &[u8], symlinks: Symlinks) -> Result<Self, Refusal> {
        let way = OpenRules {
            symlinks,
            closed: &[],
        };
        let directory = self.tree.resolve(path, way, Purpose::Look)?;
        let stat = rustix::fs::fstat(&directory)?;
        if facts(&stat).kind != FileKind::Directory {
            return Err(Refusal::NotFound);
        }
        let tree = self.tree.below(path, directory, identity(&stat));
        Ok(Self { tree })
    }

    #[cfg(feature = "cgi")]
    pub(super) fn absolute(&self, path: &[u8]) -> std::path::PathBuf {
        self.tree.absolute(path)
    }
}

impl From<Errno> for Refusal {
    fn from(error: Errno) -> Self {
        match error {
            Errno::MFILE | Errno::NFILE | Errno::NOMEM => Self::Exhausted,
            Errno::ACCESS | Errno::PERM => Self::Forbidden,
            _ => Self::NotFound,
        }
    }
}
