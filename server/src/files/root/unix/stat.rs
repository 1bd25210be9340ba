//! What the system says of a file.

use crate::files::root::entry::{FileKind, Metadata};
use crate::files::version::Modified;
use rustix::fs::{FileType, Stat};

/// The number of a file, and of the file system that it is on.
pub(super) type Identity = (u64, u64);

#[allow(
    clippy::unnecessary_cast,
    reason = "the types differ from system to system"
)]
pub(super) fn identity(stat: &Stat) -> Identity {
    (stat.st_dev as u64, stat.st_ino as u64)
}

#[allow(
    clippy::unnecessary_cast,
    clippy::useless_conversion,
    reason = "the types differ from system to system"
)]
pub(super) fn facts(stat: &Stat) -> Metadata {
    Metadata {
        kind: match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => FileKind::File,
            FileType::Directory => FileKind::Directory,
            _ => FileKind::Special,
        },
        length: u64::try_from(stat.st_size).unwrap_or_default(),
        modified: Modified {
            seconds: stat.st_mtime as i64,
            nanos: u32::try_from(stat.st_mtime_nsec).unwrap_or_default(),
        },
        changed: Modified {
            seconds: stat.st_ctime as i64,
            nanos: u32::try_from(stat.st_ctime_nsec).unwrap_or_default(),
        },
        inode: stat.st_ino as u64,
        #[cfg(feature = "cgi")]
        executable: stat.st_mode & 0o111 != 0,
    }
}
