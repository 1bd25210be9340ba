//! Bodies that are compressed on their way: gzip (RFC 1952), by `flate2`.
//!
//! What a body is, its head says, and how long it is, its end. So the decision is made in two steps: when the head is
//! ended, whether it may be compressed at all; and when its framing is decided, whether it is long enough. A body that
//! is held back whole is compressed whole, and keeps a `Content-Length`.

use crate::response::field_lines::{is_named, lines};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::cell::RefCell;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io;

/// How a response is to be compressed, if it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GzipSettings {
    pub(crate) level: u32,
    /// Bodies that are shorter stay as they are.
    pub(crate) above: usize,
}

/// How far it is.
#[derive(Debug)]
pub(crate) enum Coding {
    /// It is wanted.
    Wanted(GzipSettings),
    /// The head says so, and the body passes through this.
    Running(Gzip),
}

/// Whether a response with this status and these fields may be compressed.
pub(crate) fn is_eligible(status: u16, head: &[u8]) -> bool {
    if !(200..=299).contains(&status) || matches!(status, 204..=206) {
        return false;
    }
    let mut is_text = false;
    for line in lines(head) {
        if ["Content-Encoding", "Content-Range", "Set-Cookie"]
            .iter()
            .any(|name| is_named(line, name.as_bytes()))
        {
            return false;
        }
        let value =
            |name: &str| String::from_utf8_lossy(line.get(name.len() + 1..).unwrap_or_default());
        // The names of directives have no case (RFC 9111 section 5.2).
        if is_named(line, b"Cache-Control")
            && value("Cache-Control")
                .to_ascii_lowercase()
                .contains("no-transform")
        {
            return false;
        }
        if is_named(line, b"Content-Type") {
            is_text = is_compressible(&value("Content-Type"));
        }
    }
    is_text
}

/// Types that get shorter. Event streams are text, and are never held up by an encoder.
fn is_compressible(value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    if essence == "text/event-stream" {
        return false;
    }
    const MORE: [&str; 6] = [
        "application/json",
        "application/javascript",
        "application/xml",
        "application/wasm",
        "application/x-ndjson",
        "image/bmp",
    ];
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || MORE.contains(&&*essence)
}

/// Makes the head, which begins at `start`, that of the compressed body. Other bytes have another tag, but mean the
/// same: it becomes weak. Ranges would be of other bytes than those that are sent.
pub(crate) fn rewrite(start: usize, bytes: &mut Vec<u8>) {
    let head = bytes.split_off(start);
    for line in lines(&head) {
        if is_named(line, b"Accept-Ranges") {
            continue;
        }
        put_weak(line, bytes);
    }
    bytes.extend_from_slice(b"Content-Encoding: gzip\r\n");
}

/// Makes the tag of a head weak: that of a 304 is the one of the 200 that it stands for.
pub(crate) fn weaken(start: usize, bytes: &mut Vec<u8>) {
    let head = bytes.split_off(start);
    for line in lines(&head) {
        put_weak(line, bytes);
    }
}

fn put_weak(line: &[u8], bytes: &mut Vec<u8>) {
    match line.split_at_checked("ETag:".len()) {
        Some((name, value))
            if is_named(line, b"ETag") && value.trim_ascii_start().starts_with(b"\"") =>
        {
            bytes.extend_from_slice(name);
            bytes.extend_from_slice(b" W/");
            bytes.extend_from_slice(value.trim_ascii_start());
        }
        _ => bytes.extend_from_slice(line),
    }
}

thread_local! {
    /// An encoder has tables of some 300 KiB: each thread keeps one between two responses.
    static SPARE: RefCell<Option<(u32, Compress)>> = const { RefCell::new(None) };
}

/// A gzip stream.
#[derive(Debug)]
pub(crate) struct Gzip {
    level: u32,
    deflate: Option<Compress>,
    crc: Crc,
}

impl Gzip {
    /// Begins a stream, with its header.
    pub(crate) fn begin(level: u32, out: &mut Vec<u8>) -> Self {
        let spare = SPARE.with_borrow_mut(|spare| match spare.take() {
            Some((known, deflate)) if known == level => Some(deflate),
            _ => None,
        });
        let deflate = spare.unwrap_or_else(|| Compress::new(Compression::new(level), false));
        // Deflate, with a name, no time, no particular system.
        out.extend_from_slice(&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 255]);
        // A name of a random length hides the length of the body: with it a secret can be guessed where it stands
        // beside what an attacker chooses (BREACH).
        let length = usize::try_from(RandomState::new().hash_one(0u8) % 101).unwrap_or(0);
        out.resize(out.len() + length, b'a');
        out.push(0);
        Self {
            level,
            deflate: Some(deflate),
            crc: Crc::new(),
        }
    }

    /// Appends what comes of these bytes.
    pub(crate) fn write(&mut self, data: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        self.crc.update(data);
        self.push(data, out, FlushCompress::None)
    }

    /// Appends all that was written so far.
    pub(crate) fn flush(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.push(&[], out, FlushCompress::Sync)
    }

    /// Appends the end.
    pub(crate) fn finish(mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.push(&[], out, FlushCompress::Finish)?;
        out.extend_from_slice(&self.crc.sum().to_le_bytes());
        out.extend_from_slice(&self.crc.amount().to_le_bytes());
        Ok(())
    }

    fn push(&mut self, mut data: &[u8], out: &mut Vec<u8>, flush: FlushCompress) -> io::Result<()> {
        let Some(deflate) = &mut self.deflate else {
            return Ok(());
        };
        loop {
            out.reserve(data.len() / 2 + 512);
            let before = deflate.total_in();
            let status = deflate
                .compress_vec(data, out, flush)
                .map_err(io::Error::other)?;
            let used = usize::try_from(deflate.total_in() - before).unwrap_or(usize::MAX);
            data = data.get(used..).unwrap_or_default();
            // Where room is left, nothing is held back but what the encoder wants to see more of.
            let has_room = out.len() < out.capacity();
            match flush {
                FlushCompress::Finish if status == Status::StreamEnd => return Ok(()),
                FlushCompress::Finish => {}
                _ if data.is_empty() && has_room => return Ok(()),
                _ => {}
            }
        }
    }
}

impl Drop for Gzip {
    fn drop(&mut self) {
        if let Some(mut deflate) = self.deflate.take() {
            deflate.reset();
            // A thread that ends has none any more.
            let _ = SPARE.try_with(|spare| {
                if let Ok(mut spare) = spare.try_borrow_mut() {
                    *spare = Some((self.level, deflate));
                }
            });
        }
    }
}
