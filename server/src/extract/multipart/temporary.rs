//! Temporary files without a name: nobody else can open them, and nothing is left of one when it is closed, however the
//! program ends. On Windows the name goes when the file is closed.

use std::fs::File;
use std::io;
use std::path::Path;

/// A file that only this value knows, open for reading and writing.
pub(crate) fn file(directory: Option<&str>) -> io::Result<File> {
    match directory {
        Some(directory) => nameless(Path::new(directory)),
        None => nameless(&std::env::temp_dir()),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn nameless(directory: &Path) -> io::Result<File> {
    use rustix::fs::{Mode, OFlags, open};
    use rustix::io::Errno;
    // EXCL: nobody can give it a name later.
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::EXCL | OFlags::CLOEXEC;
    match open(directory, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => Ok(File::from(file)),
        // The file system cannot (overlays and FUSE), or the kernel does not know the flag.
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => named(directory),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn nameless(directory: &Path) -> io::Result<File> {
    named(directory)
}

/// A new file of a name that nobody guesses, which is taken away at once.
fn named(directory: &Path) -> io::Result<File> {
    use std::hash::{BuildHasher, RandomState};
    let mut attempts = 0;
    loop {
        // Each `RandomState` has a key of its own, which the system's random numbers begin.
        let number = RandomState::new().hash_one(attempts);
        let path = directory.join(format!("doget-{number:016x}.tmp"));
        match create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempts < 16 => {
                attempts += 1;
            }
            created => return created,
        }
    }
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

#[cfg(windows)]
fn create(path: &Path) -> io::Result<File> {
    use std::os::windows::fs::OpenOptionsExt;
    /// `FILE_ATTRIBUTE_TEMPORARY`, and `FILE_FLAG_DELETE_ON_CLOSE`: the system takes the file away with its last
    /// handle.
    const TEMPORARY: u32 = 0x100;
    const DELETE_ON_CLOSE: u32 = 0x0400_0000;
    File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .share_mode(0)
        .attributes(TEMPORARY)
        .custom_flags(DELETE_ON_CLOSE)
        .open(path)
}

#[cfg(not(any(unix, windows)))]
fn create(path: &Path) -> io::Result<File> {
    let _ = path;
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::io::{Read, Seek, SeekFrom, Write};

    #[test]
    fn files_without_a_name() {
        let directory =
            std::env::temp_dir().join(format!("doget-temporary-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        for make in [nameless, named] {
            let mut file = make(&directory).unwrap();
            assert_eq!(
                std::fs::read_dir(&directory).unwrap().count(),
                usize::from(cfg!(windows))
            );
            file.write_all(b"tea").unwrap();
            file.seek(SeekFrom::Start(0)).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, "tea");
            #[cfg(unix)]
            {
                use std::os::unix::fs::MetadataExt;
                let facts = file.metadata().unwrap();
                assert_eq!((facts.mode() & 0o777, facts.nlink()), (0o600, 0));
            }
        }
        std::fs::remove_dir(&directory).unwrap();
        assert!(file(directory.to_str()).is_err());
    }
}
