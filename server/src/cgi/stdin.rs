//! The body of a request as the standard input of a script.
//!
//! A script has to know its length beforehand (RFC 3875 section 4.1.2). A body of announced length is passed on as it
//! comes; a chunked one is read to its end first, into memory or, if it is longer, into a file that has no name.

use crate::cgi::CgiLimits;
use crate::http1::RequestFraming;
use crate::{Error, Request, Result};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::process::Stdio;

/// Where the standard input of a script comes from.
#[derive(Debug)]
pub(super) enum ScriptInput {
    /// The request has no body.
    Nothing,
    Memory(Vec<u8>),
    File(File, u64),
    /// As many bytes are still to be read from the request.
    Stream(u64),
}

impl ScriptInput {
    pub(super) fn of(request: &mut Request<'_>, limits: &CgiLimits) -> Result<Self> {
        match request.head.framing() {
            RequestFraming::None => Ok(Self::Nothing),
            RequestFraming::Length(length) if length > limits.max_body_size => {
                Err(too_large(limits))
            }
            RequestFraming::Length(0) => Ok(Self::Memory(Vec::new())),
            RequestFraming::Length(length) => Ok(Self::Stream(length)),
            RequestFraming::Chunked => Self::collect(request, limits),
        }
    }

    fn collect(request: &mut Request<'_>, limits: &CgiLimits) -> Result<Self> {
        let mut memory = Vec::new();
        let mut file: Option<File> = None;
        let mut length = 0;
        let mut piece = vec![0; 16 << 10];
        loop {
            let size = request.body().read(&mut piece)?;
            let read = piece.get(..size).unwrap_or_default();
            length += size as u64;
            if length > limits.max_body_size {
                return Err(too_large(limits));
            }
            if size == 0 {
                break;
            }
            match &mut file {
                Some(file) => file.write_all(read).map_err(Error::internal)?,
                None => {
                    memory.extend_from_slice(read);
                    if memory.len() > limits.body_buffer_size {
                        let mut long = nameless().map_err(Error::internal)?;
                        long.write_all(&memory).map_err(Error::internal)?;
                        memory = Vec::new();
                        file = Some(long);
                    }
                }
            }
        }
        match file {
            Some(mut file) => {
                file.rewind().map_err(Error::internal)?;
                Ok(Self::File(file, length))
            }
            None => Ok(Self::Memory(memory)),
        }
    }

    /// `CONTENT_LENGTH`.
    pub(super) fn length(&self) -> Option<u64> {
        match self {
            Self::Nothing => None,
            Self::Memory(bytes) => Some(bytes.len() as u64),
            Self::File(_, length) | Self::Stream(length) => Some(*length),
        }
    }

    /// Whether nothing is left to be read from the request.
    pub(super) fn is_whole(&self) -> bool {
        !matches!(self, Self::Stream(_))
    }

    /// What the script reads.
    pub(super) fn stdin(&self) -> io::Result<Stdio> {
        match self {
            Self::File(file, _) => Ok(file.try_clone()?.into()),
            Self::Memory(bytes) if bytes.is_empty() => Ok(Stdio::null()),
            Self::Nothing => Ok(Stdio::null()),
            Self::Memory(_) | Self::Stream(_) => Ok(Stdio::piped()),
        }
    }
}

fn too_large(limits: &CgiLimits) -> Error {
    Error::new(413).explain(format!("the body may have {} bytes", limits.max_body_size))
}

/// A file that goes away with its last descriptor.
fn nameless() -> io::Result<File> {
    let directory = std::env::temp_dir();
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, Mode, OFlags, openat};
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        if let Ok(file) = openat(CWD, &directory, flags, Mode::RUSR | Mode::WUSR) {
            return Ok(file.into());
        }
    }
    unlinked(&directory)
}

/// The same where the file system cannot do that: a new file, whose name is taken away at once.
fn unlinked(directory: &std::path::Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!("doget-cgi-{}-{number}", std::process::id()));
        let mut options = File::options();
        match options
            .read(true)
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
        {
            Ok(file) => {
                std::fs::remove_file(&path)?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_name() {
        for file in [nameless(), unlinked(&std::env::temp_dir())] {
            let mut file = file.unwrap();
            file.write_all(b"hello").unwrap();
            file.rewind().unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            assert_eq!(text, "hello");
            assert_eq!(
                std::os::unix::fs::MetadataExt::nlink(&file.metadata().unwrap()),
                0
            );
        }
    }
}
