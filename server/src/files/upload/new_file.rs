//! [`NewFile`]: a file without a name until it is whole.

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::{Errno, Result};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::os::fd::BorrowedFd;

/// What the names of files begin with that are not whole, where the system has no files without a name. No client can
/// give or ask for such a name.
pub(super) const UNFINISHED: &str = ".doget-";

/// A file in this directory that is being written. It is gone when it is dropped, unless it was given a name.
pub(super) struct NewFile<'d> {
    directory: BorrowedFd<'d>,
    pub(super) file: File,
    /// It has a name that nobody knows, since the file system cannot do without.
    hidden: Option<String>,
}

impl<'d> NewFile<'d> {
    /// A new file, never one that is there, and never one that can be run.
    pub(super) fn create(directory: BorrowedFd<'d>, mode: Mode) -> Result<Self> {
        match nameless(directory, mode) {
            Some(file) => Ok(Self {
                directory,
                file: file?,
                hidden: None,
            }),
            None => Self::hidden(directory, mode),
        }
    }

    /// A new file with a name that no client can ask for.
    fn hidden(directory: BorrowedFd<'d>, mode: Mode) -> Result<Self> {
        let flags =
            OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::WRONLY | OFlags::CLOEXEC;
        // Each `RandomState` has a key of its own, which the system's random numbers begin.
        let number = RandomState::new().hash_one(0);
        let name = format!("{UNFINISHED}{number:016x}");
        let file = rustix::fs::openat(directory, &*name, flags, mode)?;
        Ok(Self {
            directory,
            file: file.into(),
            hidden: Some(name),
        })
    }

    /// Gives the file its name, if that is free: `EXIST` if it is not, whatever has it.
    pub(super) fn give(mut self, name: &str) -> Result<()> {
        let Some(hidden) = &self.hidden else {
            return link_open(&self.file, self.directory, name);
        };
        let at = self.directory;
        match move_to_free_name(at, hidden, name) {
            // A second name, which is never given to two files either.
            Err(Errno::INVAL | Errno::NOSYS) => {
                rustix::fs::linkat(at, &**hidden, at, name, AtFlags::empty())
            }
            Ok(()) => {
                self.hidden = None;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl Drop for NewFile<'_> {
    fn drop(&mut self) {
        if let Some(name) = &self.hidden {
            let _ = rustix::fs::unlinkat(self.directory, &**name, AtFlags::empty());
        }
    }
}

/// `INVAL` or `NOSYS`: the system or the file system has no such call.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn move_to_free_name(at: BorrowedFd<'_>, from: &str, to: &str) -> Result<()> {
    rustix::fs::renameat_with(at, from, at, to, rustix::fs::RenameFlags::NOREPLACE)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn move_to_free_name(_: BorrowedFd<'_>, _: &str, _: &str) -> Result<()> {
    Err(Errno::NOSYS)
}

/// A file without a name, if such a one can be had and given one later.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn nameless(directory: BorrowedFd<'_>, mode: Mode) -> Option<Result<File>> {
    // Without /proc there is no way back from an open file to a name that needs no privilege.
    if rustix::fs::access(OPEN, rustix::fs::Access::EXEC_OK).is_err() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    match rustix::fs::openat(directory, ".", flags, mode) {
        // The file system cannot, or the kernel does not know the flag.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => None,
        opened => Some(opened.map(File::from)),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn nameless(_: BorrowedFd<'_>, _: Mode) -> Option<Result<File>> {
    None
}

/// Where the system shows the open files of this process.
#[cfg(any(target_os = "linux", target_os = "android"))]
const OPEN: &str = "/proc/self/fd";

/// The way that open(2) names for a file without a name.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn link_open(file: &File, directory: BorrowedFd<'_>, name: &str) -> Result<()> {
    use std::os::fd::AsRawFd;
    let open = format!("{OPEN}/{}", file.as_raw_fd());
    rustix::fs::linkat(
        rustix::fs::CWD,
        open,
        directory,
        name,
        AtFlags::SYMLINK_FOLLOW,
    )
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn link_open(_: &File, _: BorrowedFd<'_>, _: &str) -> Result<()> {
    Err(Errno::NOSYS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;
    use std::os::fd::AsFd;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_file_is_whole_under_a_free_name_or_is_not_there() {
        let path = std::env::temp_dir().join(format!("doget-new-file-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let directory = File::open(&path).unwrap();
        let mode = Mode::RUSR | Mode::WUSR;
        let names = || fs::read_dir(&path).unwrap().count();
        for make in [NewFile::create, NewFile::hidden] {
            let make = || make(directory.as_fd(), mode).unwrap();
            let mut new = make();
            new.file.write_all(b"tea").unwrap();
            drop(new);
            assert_eq!(names(), 0);
            let mut new = make();
            new.file.write_all(b"tea").unwrap();
            new.give("a").unwrap();
            assert_eq!(fs::read_to_string(path.join("a")).unwrap(), "tea");
            let mode = fs::metadata(path.join("a")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            symlink(path.join("nowhere"), path.join("link")).unwrap();
            fs::create_dir(path.join("dir")).unwrap();
            for taken in ["a", "link", "dir"] {
                assert_eq!(make().give(taken), Err(Errno::EXIST), "{taken}");
            }
            assert_eq!(names(), 3);
            for name in ["a", "link"] {
                fs::remove_file(path.join(name)).unwrap();
            }
            fs::remove_dir(path.join("dir")).unwrap();
        }
        fs::remove_dir(&path).unwrap();
    }
}
