//! The content of an open file, sent whole.

use crate::{Error, Request, ResponseHead, Result, Sent};
use std::cell::RefCell;
use std::fs::File;
use std::io;

/// A file up to this size leaves in one write with its head; a larger one by `sendfile`.
const SMALL: u64 = 16 << 10;

pub(super) fn send_whole(
    headers: ResponseHead<'_>,
    file: File,
    length: u64,
    request: &Request<'_>,
) -> Result<Sent> {
    thread_local! {
        static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    if length > SMALL || request.method() == "HEAD" {
        return headers.finish_with_file(file, 0, length);
    }
    ROOM.with_borrow_mut(|room| {
        room.resize(usize::try_from(SMALL).unwrap_or_default(), 0);
        let whole = usize::try_from(length).unwrap_or_default();
        let room = room.get_mut(..whole).unwrap_or_default();
        match read_exactly(&file, room) {
            Ok(()) => headers.finish_with_slice(room),
            // It became shorter just now; the engine cuts the connection where it ends.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                headers.finish_with_file(file, 0, length)
            }
            Err(error) => Err(Error::internal(error)),
        }
    })
}

/// Fills the room from the beginning of a file.
pub(super) fn read_exactly(file: &File, room: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read_at(file, rest, filled as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            got => filled += got,
        }
    }
    Ok(())
}

fn read_at(file: &File, room: &mut [u8], at: u64) -> io::Result<usize> {
    loop {
        #[cfg(unix)]
        let result = std::os::unix::fs::FileExt::read_at(file, room, at);
        #[cfg(windows)]
        let result = std::os::windows::fs::FileExt::seek_read(file, room, at);
        match result {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
