//! What lies below a directory: enough of each file to see that it has changed.

use std::collections::HashMap;
use std::fs::{self, DirEntry, Metadata};
use std::hash::{DefaultHasher, Hasher as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// More files and directories than these are not looked at.
const MOST: usize = 100_000;

/// A directory, and which of its files count: those that are served.
pub(super) struct Tree {
    root: PathBuf,
    hidden: bool,
    most: usize,
    /// What the command itself writes: each page that is loaded adds a line.
    logs: Vec<u64>,
}

/// All files at one time.
#[derive(Default)]
pub(super) struct Snapshot {
    /// By a digest of the path: a digest of the state, and whether it is a style sheet.
    files: HashMap<u64, (u64, bool)>,
    /// There are more than are looked at.
    pub(super) is_cut: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// In the content of style sheets alone.
    Styles,
    Other,
}

impl Tree {
    pub(super) fn new(root: &Path, hidden: bool, log: Option<&Path>) -> Self {
        let mut logs: Vec<_> = own_streams();
        logs.extend(
            log.and_then(|log| fs::metadata(log).ok())
                .and_then(identity),
        );
        // Also when somebody else changes the process's directory.
        let root = std::path::absolute(root).unwrap_or_else(|_| root.to_path_buf());
        Self {
            root,
            hidden,
            most: MOST,
            logs,
        }
    }

    #[cfg(test)]
    pub(super) fn at_most(mut self, entries: usize) -> Self {
        self.most = entries;
        self
    }

    /// Which directory lies at the path: another one if it was made anew.
    pub(super) fn identity(&self) -> Option<u64> {
        fs::metadata(&self.root).ok().and_then(identity)
    }

    /// Looks at all files. Each directory is named before it is looked at, so that whoever watches it from then on
    /// misses nothing.
    pub(super) fn look(&self, mut enter: impl FnMut(&Path)) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let mut directories = vec![self.root.clone()];
        let mut count = 0;
        while let Some(directory) = directories.pop() {
            enter(&directory);
            // One that is gone by now, or may not be read, has no files.
            for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
                if !self.hidden && entry.file_name().as_encoded_bytes().starts_with(b".") {
                    continue;
                }
                count += 1;
                if count > self.most {
                    snapshot.is_cut = true;
                    return snapshot;
                }
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                if kind.is_dir() {
                    directories.push(entry.path());
                } else if let Some(facts) = facts(&entry, kind.is_symlink())
                    && identity(facts.clone()).is_none_or(|own| !self.logs.contains(&own))
                {
                    snapshot.add(&entry.path(), &facts);
                }
            }
        }
        snapshot
    }
}

impl Snapshot {
    fn add(&mut self, path: &Path, facts: &Metadata) {
        let modified = facts.modified().ok();
        let modified = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let state = digest((modified, facts.len(), identity(facts.clone())));
        let name = path.file_name().unwrap_or_default().as_encoded_bytes();
        let is_style = name.ends_with(b".css") || name.ends_with(b".css.map");
        self.files.insert(digest(path), (state, is_style));
    }

    /// The same for the same files in the same state, also in another process.
    pub(super) fn version(&self) -> u64 {
        let each = self
            .files
            .iter()
            .map(|(path, (state, _))| digest((path, state)));
        each.fold(0, u64::wrapping_add)
    }

    /// What has changed since another look.
    pub(super) fn since(&self, before: &Self) -> Option<Change> {
        let mut change = None;
        for (path, (state, is_style)) in &self.files {
            match before.files.get(path) {
                Some((old, _)) if old == state => {}
                Some(_) if *is_style => change = Some(Change::Styles),
                _ => return Some(Change::Other),
            }
        }
        let is_same = self.files.len() == before.files.len();
        if is_same { change } else { Some(Change::Other) }
    }
}

fn digest(value: impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Those of a regular file, or of one that a link leads to. A directory behind a link is not entered: it may lead
/// around in a circle.
fn facts(entry: &DirEntry, is_link: bool) -> Option<Metadata> {
    let facts = if is_link {
        fs::metadata(entry.path()).ok()?
    } else {
        entry.metadata().ok()?
    };
    facts.is_file().then_some(facts)
}

/// Which file or directory it is.
#[cfg(unix)]
fn identity(facts: Metadata) -> Option<u64> {
    use std::os::unix::fs::MetadataExt as _;
    Some(digest((facts.dev(), facts.ino())))
}

/// The number that a file has is not to be had there; when it was made is nearly as good.
#[cfg(not(unix))]
fn identity(facts: Metadata) -> Option<u64> {
    facts.created().ok().map(digest)
}

/// The files that standard output and standard error are.
#[cfg(unix)]
fn own_streams() -> Vec<u64> {
    use std::os::fd::AsFd as _;
    let (out, err) = (std::io::stdout(), std::io::stderr());
    let streams = [
        out.as_fd().try_clone_to_owned(),
        err.as_fd().try_clone_to_owned(),
    ];
    let facts = streams.into_iter().flatten().map(fs::File::from);
    facts
        .filter_map(|file| file.metadata().ok().and_then(identity))
        .collect()
}

#[cfg(not(unix))]
fn own_streams() -> Vec<u64> {
    Vec::new()
}
