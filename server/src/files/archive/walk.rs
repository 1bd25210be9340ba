//! What an archive holds, in its order: what listings show from a directory on.

use super::limits::ArchiveLimits;
use crate::files::path::{UrlPath, is_hidden};
use crate::files::root::{Directory, Entry, FileKind, Metadata, Opened, Refusal, Root};
use crate::files::version::Modified;
use std::io;

/// An entry of the archive.
pub(in crate::files) enum Item<'p> {
    Directory(Modified),
    /// By its path below the root.
    File(&'p [u8]),
}

/// Why there is no archive.
pub(in crate::files) enum Fault {
    /// There is more than may be.
    Beyond(&'static str),
    Exhausted,
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Beyond(words) => Self::other(words),
            Fault::Exhausted => Self::other("no descriptor is left"),
            Fault::Io(error) => error,
        }
    }
}

/// Called with each entry and its path below the directory that the archive is of; a directory's ends with a slash.
type Visit<'v> = dyn FnMut(Item<'_>, &[u8]) -> Result<(), Fault> + 'v;

/// What listings show.
#[derive(Clone, Copy)]
pub(in crate::files) struct Shown<'w> {
    pub(in crate::files) root: &'w Root,
    pub(in crate::files) index: &'w [String],
    pub(in crate::files) hidden: bool,
}

/// One walk, and what it has come past.
pub(in crate::files) struct Walk<'w> {
    shown: Shown<'w>,
    limits: &'w ArchiveLimits,
    entries: u64,
    size: u64,
    closed: u64,
}

/// A directory whose entries are still to come.
struct Level {
    /// Below the root, with a slash at its end unless it is the root.
    path: Vec<u8>,
    rest: std::vec::IntoIter<Entry>,
}

impl<'w> Walk<'w> {
    pub(in crate::files) fn new(shown: Shown<'w>, limits: &'w ArchiveLimits) -> Self {
        Self {
            shown,
            limits,
            entries: 0,
            size: 0,
            closed: 0,
        }
    }

    /// Walks from this directory on, which was opened by this path. Only as many directories are open as one. Gives how
    /// many could not be read, or are gone.
    pub(in crate::files) fn run(
        mut self,
        directory: Directory,
        path: &UrlPath,
        visit: &mut Visit<'_>,
    ) -> Result<u64, Fault> {
        let top = prefix(path.as_bytes());
        let skipped = top.len();
        let first = self.level(&directory, top)?;
        drop(directory);
        let mut levels = vec![first];
        while let Some(level) = levels.last_mut() {
            let Some(entry) = level.rest.next() else {
                levels.pop();
                continue;
            };
            let mut path = [&*level.path, &*entry.name].concat();
            let Some(facts) = entry.facts else {
                continue;
            };
            match facts.kind {
                FileKind::Directory => {
                    if levels.len() >= self.limits.max_depth {
                        return Err(Fault::Beyond(
                            "there are too many directories in each other",
                        ));
                    }
                    let Some(below) = self.below(&path)? else {
                        self.closed += 1;
                        continue;
                    };
                    path.push(b'/');
                    visit(Item::Directory(facts.modified), told(&path, skipped))?;
                    levels.push(self.level(&below, path)?);
                }
                FileKind::File => {
                    self.weigh(facts.length)?;
                    visit(Item::File(&path), told(&path, skipped))?;
                }
                FileKind::Special => {}
            }
        }
        Ok(self.closed)
    }

    /// A directory, if it is still one and may be read.
    fn below(&self, path: &[u8]) -> Result<Option<Directory>, Fault> {
        match self.shown.root.open(path) {
            Ok(Opened::Directory(directory)) => Ok(Some(directory)),
            Err(Refusal::Exhausted) => Err(Fault::Exhausted),
            Ok(Opened::File(..)) | Err(Refusal::NotFound | Refusal::Forbidden) => Ok(None),
        }
    }

    /// The entries of a directory that come into the archive. One with an index page shows nothing else.
    ///
    /// They are counted here, before they come: those of all directories on the way are in memory together.
    fn level(&mut self, directory: &Directory, path: Vec<u8>) -> Result<Level, Fault> {
        let left = self.limits.max_entries.saturating_sub(self.entries);
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let at_root = path.is_empty();
        let wanted = |name: &[u8]| self.shown.hidden || !is_hidden(name, at_root);
        let plain = path.strip_suffix(b"/").unwrap_or(&path);
        let found = self.shown.root.entries(directory, plain, most, wanted);
        let (mut entries, more) = match found {
            Ok(found) => found,
            Err(Refusal::Exhausted) => return Err(Fault::Exhausted),
            Err(_) => {
                self.closed += 1;
                (Vec::new(), false)
            }
        };
        if more {
            return Err(Fault::Beyond(TOO_MANY));
        }
        let is_index = |entry: &Entry| {
            let mut names = self.shown.index.iter();
            let is_file = |facts: Metadata| facts.kind == FileKind::File;
            names.any(|name| *name.as_bytes() == *entry.name) && entry.facts.is_some_and(is_file)
        };
        if entries.iter().any(is_index) {
            entries.retain(is_index);
        }
        entries.retain(is_taken);
        self.entries += entries.len() as u64;
        entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(Level {
            path,
            rest: entries.into_iter(),
        })
    }

    fn weigh(&mut self, bytes: u64) -> Result<(), Fault> {
        self.size = self.size.saturating_add(bytes);
        if self.size > self.limits.max_size {
            return Err(Fault::Beyond("the files are too large together"));
        }
        Ok(())
    }
}

/// A link to a directory may lead to one above it, or to one that is in the archive anyway.
fn is_taken(entry: &Entry) -> bool {
    entry.facts.is_some_and(|facts| match facts.kind {
        FileKind::Directory => !entry.link,
        FileKind::File => true,
        FileKind::Special => false,
    })
}

const TOO_MANY: &str = "there are too many files";

fn prefix(path: &[u8]) -> Vec<u8> {
    let mut path = path.to_vec();
    if !path.is_empty() {
        path.push(b'/');
    }
    path
}

/// A path as the archive tells it.
fn told(path: &[u8], skipped: usize) -> &[u8] {
    path.get(skipped..).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;
    use std::fs;

    /// Names that wait are in memory: in a deep tree of large directories they would be many times the bound.
    #[test]
    fn names_that_are_still_to_come_count() {
        let path = std::env::temp_dir().join(format!("doget-walk-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("a")).unwrap();
        for number in 0..10 {
            fs::write(path.join(format!("file{number}")), "x").unwrap();
            fs::write(path.join(format!("a/file{number}")), "x").unwrap();
        }
        let root = Root::new(&path).unwrap();
        let visited = |most| {
            let limits = ArchiveLimits::new().max_entries(most);
            let shown = Shown {
                root: &root,
                index: &[],
                hidden: false,
            };
            let Ok(Opened::Directory(directory)) = root.open(b"") else {
                panic!("the root is a directory");
            };
            let mut visited = 0;
            let walk = Walk::new(shown, &limits);
            let walked = walk.run(directory, &UrlPath::ROOT, &mut |_, _| {
                visited += 1;
                Ok(())
            });
            (visited, walked.is_ok())
        };
        assert_eq!(visited(21), (21, true));
        // Eleven wait, and ten more have no room: nothing below the directory is looked at.
        assert_eq!(visited(20), (1, false));
        assert_eq!(visited(10), (0, false));
        fs::remove_dir_all(&path).unwrap();
    }
}
