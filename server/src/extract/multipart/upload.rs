//! [`Upload`]: a file of a form, in memory or in a temporary file.

use super::limits::MultipartLimits;
use super::parts::Part;
use super::{file_name, temporary};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// A file of a [`Multipart`](crate::Multipart) form. Feature `multipart`.
///
/// Small ones are in memory, larger ones in a temporary file that has no name; it is gone when this value is, also if
/// the program panics or ends.
///
/// **A client's name never names a file.** [`save_as`](Self::save_as) takes the program's own path; what the client
/// called the file is [`file_name`](Self::file_name), made safe to be shown.
pub struct Upload {
    file_name: Option<String>,
    content_type: Option<String>,
    content: Content,
}

enum Content {
    Memory(Vec<u8>),
    File(File, u64),
}

impl Upload {
    /// Takes the rest of a part, which may have `limit` bytes.
    pub(crate) fn store<R: Read>(
        part: &mut Part<'_, R>,
        limit: u64,
        limits: &MultipartLimits,
    ) -> io::Result<Self> {
        part.set_limit(limit);
        let file_name = part.raw_file_name().map(str::to_owned);
        let content_type = part.content_type().map(str::to_owned);
        let mut bytes = Vec::new();
        part.take(limits.memory_size as u64)
            .read_to_end(&mut bytes)?;
        let mut more = [0; 1];
        // One byte tells whether that was all.
        let content = if part.read(&mut more)? == 0 {
            Content::Memory(bytes)
        } else {
            let mut file = temporary::file(limits.directory)?;
            file.write_all(&bytes)?;
            file.write_all(&more)?;
            let rest = io::copy(part, &mut file)?;
            Content::File(file, bytes.len() as u64 + 1 + rest)
        };
        Ok(Self {
            file_name,
            content_type,
            content,
        })
    }

    /// What the file can be called: see [`Part::file_name`](crate::Part::file_name).
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        file_name::safe(self.file_name.as_deref()?)
    }

    /// The name as the client sent it. It can be a path, `../../etc/passwd` too: never join it to a directory.
    #[must_use]
    pub fn raw_file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// The media type that the client declares. What the bytes are is another question.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// How many bytes it has.
    #[must_use]
    #[allow(clippy::len_without_is_empty, reason = "a file is not a collection")]
    pub fn len(&self) -> u64 {
        match &self.content {
            Content::Memory(bytes) => bytes.len() as u64,
            Content::File(_, length) => *length,
        }
    }

    /// Its bytes, from the first on.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn reader(&mut self) -> io::Result<impl Read + Seek + '_> {
        Ok(match &mut self.content {
            Content::Memory(bytes) => UploadReader::Memory(io::Cursor::new(bytes)),
            Content::File(file, _) => {
                file.seek(SeekFrom::Start(0))?;
                UploadReader::File(file)
            }
        })
    }

    /// Its bytes, all in memory.
    ///
    /// # Errors
    ///
    /// The temporary file cannot be read.
    pub fn into_bytes(mut self) -> io::Result<Vec<u8>> {
        if let Content::Memory(bytes) = self.content {
            return Ok(bytes);
        }
        let mut bytes = Vec::new();
        self.reader()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes it to a new file at this path of the program's own.
    ///
    /// # Errors
    ///
    /// There is a file of this name already, which stays as it is; or the file cannot be written, and nothing is left
    /// of it.
    pub fn save_as(&mut self, path: impl AsRef<Path>) -> io::Result<()> {
        let path = path.as_ref();
        let mut to = File::options().write(true).create_new(true).open(path)?;
        let copied = self
            .reader()
            .and_then(|mut from| io::copy(&mut from, &mut to))
            .and_then(|_| to.flush());
        if copied.is_err() {
            let _ = std::fs::remove_file(path);
        }
        copied
    }
}

/// What reads an [`Upload`].
enum UploadReader<'u> {
    Memory(io::Cursor<&'u mut Vec<u8>>),
    File(&'u mut File),
}

impl Read for UploadReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Memory(bytes) => bytes.read(buffer),
            Self::File(file) => file.read(buffer),
        }
    }
}

impl Seek for UploadReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Memory(bytes) => bytes.seek(to),
            Self::File(file) => file.seek(to),
        }
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
