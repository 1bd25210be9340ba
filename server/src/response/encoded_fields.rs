//! Header fields in the form in which they are sent: made once, and copied from then on.

use crate::http1;
use crate::response::field_lines::{adds_up, is_named, name};
use crate::{Error, Result};

/// So many fields can be promised for one request: a bit for each says which of them a head has already.
pub(super) const MOST: usize = 64;

/// Encoded lines, and what each of them is: nothing is searched for line ends a second time.
#[derive(Clone, Debug, Default)]
pub(crate) struct EncodedFields {
    lines: Vec<u8>,
    all: Vec<EncodedField>,
    /// Of all of them: see [`kind`].
    kinds: u64,
    /// One of them is a `Server` or a `Date`, which stand in the first lines of most heads.
    is_in_first_lines: bool,
}

/// A line. Where it begins, the lengths of those before it say: so lines of another list are added as they are.
#[derive(Clone, Copy, Debug)]
struct EncodedField {
    length: usize,
    kind: u64,
}

impl EncodedFields {
    pub(crate) fn add(&mut self, name: &str, value: &str) -> Result<()> {
        let start = self.lines.len();
        encode(&mut self.lines, name, value)?;
        self.note(start);
        Ok(())
    }

    /// Leaves out what was added of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        let old = std::mem::take(self);
        for (line, _) in old.iter() {
            if !is_named(line, name.as_bytes()) {
                self.push(line);
            }
        }
    }

    /// Adds fields, where the first of a name stands.
    pub(super) fn append(&mut self, other: &Self) {
        if self.kinds & other.kinds == 0 {
            self.lines.extend_from_slice(&other.lines);
            self.all.extend_from_slice(&other.all);
            self.kinds |= other.kinds;
            self.is_in_first_lines |= other.is_in_first_lines;
        } else {
            self.append_new(other);
        }
    }

    #[cold]
    fn append_new(&mut self, other: &Self) {
        for (line, _) in other.iter() {
            if name(line).is_some_and(|name| self.may_add(name)) {
                self.push(line);
            }
        }
    }

    fn push(&mut self, line: &[u8]) {
        let start = self.lines.len();
        self.lines.extend_from_slice(line);
        self.note(start);
    }

    /// A line was written from `start` on.
    fn note(&mut self, start: usize) {
        let line = self.lines.get(start..).unwrap_or_default();
        let (length, kind) = (line.len(), kind(line));
        self.is_in_first_lines |= is_named(line, b"Server") || is_named(line, b"Date");
        self.all.push(EncodedField { length, kind });
        self.kinds |= kind;
    }

    pub(super) fn clear(&mut self) {
        self.lines.clear();
        self.all.clear();
        self.kinds = 0;
        self.is_in_first_lines = false;
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The lines, each with its kind.
    fn iter(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let mut rest = self.lines.as_slice();
        self.all.iter().map(move |field| {
            let (line, behind) = rest.split_at_checked(field.length).unwrap_or_default();
            rest = behind;
            (line, field.kind)
        })
    }

    /// The first line of this name.
    pub(super) fn line(&self, wanted: &[u8]) -> Option<&[u8]> {
        let mut lines = self.iter().map(|(line, _)| line);
        lines.find(|line| is_named(line, wanted))
    }

    pub(super) fn may_add(&self, name: &[u8]) -> bool {
        adds_up(name) || self.line(name).is_none()
    }

    /// Adds all lines.
    pub(super) fn put_all(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.lines);
    }

    /// Adds what the head, which begins at `start`, has not. Up to `first_lines` it is status line, `Server` and
    /// `Date`.
    pub(super) fn put(&self, start: usize, first_lines: usize, bytes: &mut Vec<u8>) {
        let start = match self.is_in_first_lines {
            true => start,
            false => first_lines,
        };
        let there = self.there(bytes.get(start..).unwrap_or_default());
        if there == 0 {
            return self.put_all(bytes);
        }
        for (position, (line, _)) in self.iter().enumerate().take(MOST) {
            if there & (1 << position) == 0 {
                bytes.extend_from_slice(line);
            }
        }
    }

    /// Which of these lines a head has already: a bit for each of the first [`MOST`].
    ///
    /// One pass over the head, in which almost every line is put aside by its kind.
    fn there(&self, head: &[u8]) -> u64 {
        let (mut there, mut start) = (0, 0);
        for end in memchr::memchr_iter(b'\n', head) {
            let own = head.get(start..=end).unwrap_or_default();
            start = end + 1;
            if kind(own) & self.kinds != 0 {
                there |= self.replaced_by(own);
            }
        }
        there
    }

    #[cold]
    fn replaced_by(&self, own: &[u8]) -> u64 {
        let own_kind = kind(own);
        let lines = self.iter().enumerate().take(MOST);
        lines
            .filter(|(_, (line, kind))| *kind == own_kind && replaces(own, line))
            .fold(0, |there, (position, _)| there | 1 << position)
    }
}

fn encode(out: &mut Vec<u8>, name: &str, value: &str) -> Result<()> {
    if ["Content-Length", "Transfer-Encoding", "Connection"]
        .iter()
        .any(|own| own.eq_ignore_ascii_case(name))
    {
        return Err(Error::internal(format!(
            "{name} belongs to one message and cannot be promised: send it with the head"
        )));
    }
    http1::field(out, name, value).map_err(Error::internal)
}

/// A bit that lines of the same name have in common, whatever the case of its letters: of the first byte of the name,
/// the fourth and the ninth, as far as it has them. With these factors next to no field that handlers send shares its
/// bit with one that the layers promise.
fn kind(line: &[u8]) -> u64 {
    let name = line
        .iter()
        .take(9)
        .take_while(|byte| **byte != b':')
        .count();
    let of = |position: usize| match line.get(position) {
        Some(byte) if position < name => u32::from(byte & 0x1F),
        _ => 0,
    };
    1 << ((of(0) + 5 * (of(3) + of(8))) % 64)
}

/// Whether a line of the head makes the promised one needless.
fn replaces(own: &[u8], promised: &[u8]) -> bool {
    let Some(name) = name(promised).filter(|name| is_named(own, name)) else {
        return false;
    };
    if !name.eq_ignore_ascii_case(b"Vary") {
        return !adds_up(name);
    }
    let value = |line| <[u8]>::get(line, name.len() + 1..).unwrap_or_default();
    let wanted = value(promised).trim_ascii();
    value(own)
        .split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .any(|one| one == b"*" || one.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is put aside by its kind must not have the same name.
    #[test]
    fn the_kind_of_a_name_is_one_whatever_its_case_and_its_value() {
        for name in [
            "A",
            "TE",
            "Age",
            "ETag",
            "Allow",
            "Location",
            "X-Request",
            "Content-Type",
        ] {
            let (lower, upper) = (name.to_ascii_lowercase(), name.to_ascii_uppercase());
            for line in [
                format!("{lower}:x"),
                format!("{upper}: a long value\r\n"),
                format!("{upper}:"),
            ] {
                assert_eq!(kind(line.as_bytes()), kind(name.as_bytes()), "{line}");
            }
        }
    }

    #[test]
    fn a_promised_server_or_date_is_looked_for_in_the_first_lines() {
        let first = "HTTP/1.1 200 OK\r\nServer: a\r\nDate: b\r\n";
        for (name, expected) in [("server", ""), ("Date", ""), ("X-A", "X-A: 1\r\n")] {
            let mut fields = EncodedFields::default();
            assert!(fields.add(name, "1").is_ok());
            let mut bytes = first.as_bytes().to_vec();
            fields.put(0, first.len(), &mut bytes);
            assert_eq!(bytes, format!("{first}{expected}").into_bytes(), "{name}");
        }
    }
}
