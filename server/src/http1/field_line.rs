//! One field line of a usual head (RFC 9112 section 5).

use crate::http1::byte_class;
use crate::http1::fields::FieldSpan;
use crate::http1::request_line::is_tchar;
use crate::http1::span::Span;

/// A block of a sweep.
const BLOCK: usize = byte_class::BLOCK;

/// A block and what has to be looked at around it: the line end behind a value and the byte before that, or the colon
/// behind a name and two bytes more. A place within the block is then known to be within the window, and nothing is
/// compared with the length of the bytes again.
const WINDOW: usize = BLOCK + 3;

/// Where the parts of a line are.
pub(super) struct FieldLine {
    pub(super) name_end: usize,
    pub(super) value_at: usize,
    pub(super) value_end: usize,
    /// Behind its line end.
    pub(super) end: usize,
}

impl FieldLine {
    pub(super) fn span(&self, at: usize) -> FieldSpan {
        FieldSpan {
            name: Span::near(at, self.name_end),
            value: Span::near(self.value_at, self.value_end),
        }
    }
}

/// Reads the line at `at` as nearly all are: a name of letters and hyphens, one blank, a value of ASCII without blanks
/// at its ends, and enough behind it to look at whole blocks. `None`: see [`other`].
#[inline(always)]
pub(super) fn usual(bytes: &[u8], at: usize) -> Option<FieldLine> {
    let last = bytes.len().checked_sub(WINDOW)?;
    let mut from = at;
    let name_end = loop {
        let window = window(bytes, from, last)?;
        if let Some(end) = byte_class::name_in(window.first_chunk()?) {
            let [colon, blank, first] = window.get(end..)?.first_chunk()?;
            if [*colon, *blank] != *b": " || *first == b' ' || from + end == at {
                return None;
            }
            break from + end;
        }
        from += BLOCK;
    };
    // The window begins a byte before the block here: with what may be the last byte of the value.
    let mut before = name_end + 1;
    let value_end = loop {
        let Some(window) = window(bytes, before, last) else {
            break short_value(bytes, before + 1)?;
        };
        if let Some(end) = byte_class::value_in(window.get(1..)?.first_chunk()?) {
            let [last, cr, lf] = window.get(end..)?.first_chunk()?;
            if [*cr, *lf] != *b"\r\n" || *last == b' ' {
                return None;
            }
            break before + 1 + end;
        }
        before += BLOCK;
    };
    Some(FieldLine {
        name_end,
        value_at: name_end + 2,
        value_end,
        end: value_end + 2,
    })
}

/// Where a value ends whose last bytes from `at` on are no block.
#[inline(never)]
fn short_value(bytes: &[u8], at: usize) -> Option<usize> {
    let end = byte_class::value(bytes, at);
    let around = bytes.get(end.checked_sub(1)?..)?;
    (around.first() != Some(&b' ') && around.get(1..)?.starts_with(b"\r\n")).then_some(end)
}

/// The window at `at`, which is at most at `last`. (That it is compared first spares the checks of a slice.)
#[inline(always)]
fn window(bytes: &[u8], at: usize, last: usize) -> Option<&[u8; WINDOW]> {
    if at > last {
        return None;
    }
    bytes.get(at..at + WINDOW)?.first_chunk()
}

/// As [`usual`], where too little is behind the line: its bytes are copied to where there is more.
#[inline(never)]
pub(super) fn last(bytes: &[u8], at: usize) -> Option<FieldLine> {
    let rest = bytes.get(at..)?;
    let mut padded = [0; 2 * WINDOW];
    padded.get_mut(..rest.len())?.copy_from_slice(rest);
    let line = usual(&padded, 0)?;
    Some(FieldLine {
        name_end: at + line.name_end,
        value_at: at + line.value_at,
        value_end: at + line.value_end,
        end: at + line.end,
    })
}

/// Reads the line at `at` as clients may write it as well: with no blank behind the colon or blanks behind the value,
/// with any token as its name, with bytes beyond ASCII, or at the end of what was read. `None`: it is none, or odd.
#[inline(never)]
pub(super) fn other(bytes: &[u8], at: usize) -> Option<FieldLine> {
    // Letters and hyphens are swept; a name with a digit or an underscore is a token as well, and read on byte by byte.
    let mut name_end = byte_class::name(bytes, at);
    if bytes.get(name_end) != Some(&b':') {
        name_end = token(bytes, name_end);
    }
    if name_end == at {
        return None;
    }
    // One blank or none is what clients send; more would need a loop here. As three bytes they are looked at once:
    // behind every line of a whole head there is another line end.
    let value_at = match bytes.get(name_end..)?.first_chunk()? {
        [b':', b' ', b' '] => return None,
        [b':', b' ', _] => name_end + 2,
        [b':', ..] => name_end + 1,
        _ => return None,
    };
    let line_end = byte_class::value(bytes, value_at);
    if !bytes.get(line_end..)?.starts_with(b"\r\n") {
        return None;
    }
    let mut value_end = line_end;
    // Clients send no blanks at the end of a value; they are no part of it (RFC 9112 section 5.1).
    while value_end > value_at && bytes.get(value_end - 1) == Some(&b' ') {
        value_end -= 1;
    }
    Some(FieldLine {
        name_end,
        value_at,
        value_end,
        end: line_end + 2,
    })
}

/// Where the token at `at` ends, byte by byte. The characters of a token (RFC 9110 section 5.6.2) are many ranges and
/// single ones: too many comparisons to be worth a vector for a method of a few letters.
#[inline(never)]
pub(super) fn token(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.iter().skip(at);
    at + rest.take_while(|&&b| is_tchar(b)).count()
}
