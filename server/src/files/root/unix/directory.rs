//! The entries of an open directory.

use crate::files::root::entry::{Entry, FileKind, Metadata, Refusal};
use crate::files::root::system::stat::facts;
#[cfg(feature = "upload")]
use crate::files::root::system::stat::identity;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, FileType};
use rustix::io::Result;
use std::ffi::CStr;

/// An open directory.
#[derive(Debug)]
pub(crate) struct Directory(pub(super) OwnedFd);

#[cfg(feature = "upload")]
impl Directory {
    /// For files to be made in it.
    pub(crate) fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Whether something in it has this name, a link that leads nowhere included.
    pub(crate) fn has(&self, name: &str) -> bool {
        rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW).is_ok()
    }

    /// Whether both are the same directory of the system.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let of = |directory: &Self| rustix::fs::fstat(&directory.0).map(|stat| identity(&stat));
        of(self).is_ok_and(|this| of(other).is_ok_and(|other| this == other))
    }
}

impl Directory {
    /// The entries whose names are wanted, at most so many, and whether there are more. Pipes, sockets and devices are
    /// left out, and so are links unless they are wanted; of a link nothing else is told.
    pub(in crate::files::root) fn entries(
        &self,
        most: usize,
        links: bool,
        wanted: impl Fn(&[u8]) -> bool,
    ) -> std::result::Result<(Vec<Entry>, bool), Refusal> {
        let mut entries = Vec::new();
        let mut more = false;
        self.each(|name, kind| {
            if is_special(kind) || !wanted(name.to_bytes()) {
                return true;
            }
            match facts_of(self.0.as_fd(), name) {
                Some(Some(facts)) if facts.kind == FileKind::Special => {}
                Some(None) if !links => {}
                Some(_) if entries.len() == most => more = true,
                Some(facts) => entries.push(Entry {
                    name: name.to_bytes().into(),
                    link: facts.is_none(),
                    facts,
                }),
                // It is gone.
                None => {}
            }
            !more
        })?;
        Ok((entries, more))
    }

    /// Calls `then` with each name and kind until it returns false. `Dir`, which all systems have, allocates for each
    /// name.
    #[cfg(target_os = "linux")]
    fn each(&self, mut then: impl FnMut(&CStr, FileType) -> bool) -> Result<()> {
        let mut room = Vec::with_capacity(32 << 10);
        let mut directory = rustix::fs::RawDir::new(&self.0, room.spare_capacity_mut());
        while let Some(entry) = directory.next() {
            let entry = entry?;
            if !then(entry.file_name(), entry.file_type()) {
                break;
            }
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn each(&self, mut then: impl FnMut(&CStr, FileType) -> bool) -> Result<()> {
        for entry in rustix::fs::Dir::read_from(&self.0)? {
            let entry = entry?;
            if !then(entry.file_name(), entry.file_type()) {
                break;
            }
        }
        Ok(())
    }
}

/// Not every file system says of what kind an entry is.
fn is_special(kind: FileType) -> bool {
    !matches!(
        kind,
        FileType::RegularFile | FileType::Directory | FileType::Symlink | FileType::Unknown
    )
}

/// `None` if it is gone, and nothing in it if it is a link.
fn facts_of(directory: BorrowedFd<'_>, name: &CStr) -> Option<Option<Metadata>> {
    let stat = rustix::fs::statat(directory, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    let is_link = FileType::from_raw_mode(stat.st_mode) == FileType::Symlink;
    Some((!is_link).then(|| facts(&stat)))
}
