//! A directory and what is below it as one tar archive, sent while it is read.

mod limits;
pub(super) mod tar;
mod walk;

pub use limits::ArchiveLimits;
pub(super) use walk::{Fault, Item, Shown, Walk};

use crate::files::path::encode;
use crate::{Body, Pairs};
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

/// How much of a file is read and written at once.
pub(super) const PIECE: usize = 64 << 10;

/// What the root is called: the name that it has on this machine is nobody's business.
pub(super) const ROOT: &str = "files";

/// Archives that may be sent, and those that are.
#[derive(Debug)]
pub(super) struct Archives {
    pub(super) limits: ArchiveLimits,
    running: AtomicUsize,
}

/// One of the archives that may be sent at the same time.
pub(super) struct Turn<'a>(&'a AtomicUsize);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Archives {
    pub(super) fn new(limits: ArchiveLimits) -> Self {
        Self {
            limits,
            running: AtomicUsize::new(0),
        }
    }

    pub(super) fn turn(&self) -> Option<Turn<'_>> {
        let before = self.running.fetch_add(1, Ordering::Relaxed);
        let turn = Turn(&self.running);
        (before < self.limits.max_archives).then_some(turn)
    }
}

/// Whether a query asks for an archive: `?archive=tar`.
pub(super) fn is_asked(query: &str) -> bool {
    Pairs::new(query).any(|(name, value)| name == "archive" && value == "tar")
}

/// Sends so many bytes of a file, and what fills up its last block. One that has become shorter has no end that could
/// be sent: the connection is cut.
pub(super) fn copy(
    file: File,
    length: u64,
    body: &mut Body<'_>,
    piece: &mut [u8],
) -> io::Result<()> {
    let mut rest = file.take(length);
    let mut sent = 0;
    loop {
        match rest.read(piece) {
            Ok(0) => break,
            Ok(size) => {
                body.write_all(piece.get(..size).unwrap_or_default())?;
                sent += size as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if sent < length {
        let words = "a file became shorter while it was sent in an archive";
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, words));
    }
    body.write_all(tar::filling(length))
}

/// The value of `Content-Disposition`: the name as it is as far as it is harmless in quotes, and all of it for clients
/// that know RFC 8187.
pub(super) fn attachment(name: &[u8]) -> String {
    let text = String::from_utf8_lossy(name);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " -_.,()+=@".contains(c);
    let plain: String = text
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    if plain == text {
        return format!("attachment; filename=\"{plain}.tar\"");
    }
    let mut encoded = String::new();
    encode(text.as_bytes(), &mut encoded);
    format!("attachment; filename=\"{plain}.tar\"; filename*=UTF-8''{encoded}.tar")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_archive_cannot_leave_its_quotes() {
        for (name, value) in [
            (&b"photos"[..], "attachment; filename=\"photos.tar\""),
            (
                b"a\"; x=\r\n",
                "attachment; filename=\"a__ x=__.tar\"; filename*=UTF-8''a%22%3B%20x%3D%0D%0A.tar",
            ),
            (
                "\u{e4}".as_bytes(),
                "attachment; filename=\"_.tar\"; filename*=UTF-8''%C3%A4.tar",
            ),
        ] {
            assert_eq!(attachment(name), value);
        }
    }

    #[test]
    fn what_asks_for_an_archive() {
        for (query, asked) in [
            ("archive=tar", true),
            ("sort=size&archive=tar", true),
            ("archive=zip", false),
            ("archive", false),
            ("", false),
        ] {
            assert_eq!(is_asked(query), asked, "{query}");
        }
    }
}
