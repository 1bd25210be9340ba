//! The blocks of a tar archive: ustar, with pax headers for what that has no room for (POSIX.1-2024, pax).

use crate::files::version::Modified;
use std::io::Write as _;

const BLOCK: usize = 512;

/// What stands behind the last entry.
pub(in crate::files) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// The largest number that eleven octal digits have.
const LARGEST: u64 = (1 << 33) - 1;

/// A file follows: its name, length and time.
pub(in crate::files) fn file(name: &[u8], length: u64, modified: Modified) -> Vec<u8> {
    entry(name, b'0', length, modified)
}

/// A directory; its name ends with a slash.
pub(in crate::files) fn directory(name: &[u8], modified: Modified) -> Vec<u8> {
    entry(name, b'5', 0, modified)
}

/// What fills up the last block of a file.
pub(in crate::files) fn filling(length: u64) -> &'static [u8] {
    let over = usize::try_from(length % BLOCK as u64).unwrap_or_default();
    END.get(..(BLOCK - over) % BLOCK).unwrap_or_default()
}

fn entry(name: &[u8], kind: u8, length: u64, modified: Modified) -> Vec<u8> {
    let seconds = u64::try_from(modified.seconds)
        .ok()
        .filter(|&seconds| seconds <= LARGEST);
    let fitting = split(name);
    let mut records = Vec::new();
    // A name that is no UTF-8 is safer as its bytes than in a record, whose text is UTF-8.
    let is_text = std::str::from_utf8(name).is_ok();
    if fitting.is_none() || is_text && !name.is_ascii() {
        if !is_text {
            record("hdrcharset", b"BINARY", &mut records);
        }
        record("path", name, &mut records);
    }
    if length > LARGEST {
        record("size", length.to_string().as_bytes(), &mut records);
    }
    if seconds.is_none() {
        record(
            "mtime",
            modified.seconds.to_string().as_bytes(),
            &mut records,
        );
    }
    // For readers that know no pax; others have the name of the record.
    let cut = (
        &[][..],
        name.get(name.len().saturating_sub(100)..)
            .unwrap_or_default(),
    );
    let names = fitting.unwrap_or(cut);
    let mut blocks = Vec::new();
    if !records.is_empty() {
        let size = records.len() as u64;
        blocks.extend(header((b"", b"doget-pax-header"), b'x', size, 0));
        blocks.extend_from_slice(&records);
        blocks.extend_from_slice(filling(size));
    }
    let shown = if length > LARGEST { 0 } else { length };
    blocks.extend(header(names, kind, shown, seconds.unwrap_or(0)));
    blocks
}

/// A name in the two fields that it has, at one of its slashes. `None` if it is too long.
fn split(name: &[u8]) -> Option<(&[u8], &[u8])> {
    if name.len() <= 100 {
        return Some((b"", name));
    }
    // The part behind the slash must not be empty.
    let earliest = name.len().checked_sub(101)?;
    let within = name.get(earliest..name.len() - 1)?;
    let at = earliest + within.iter().position(|&byte| byte == b'/')?;
    (1..=155)
        .contains(&at)
        .then(|| name.split_at(at))
        .map(|(prefix, rest)| (prefix, rest.get(1..).unwrap_or_default()))
}

/// `LENGTH KEY=VALUE` and a line feed; the length counts itself.
fn record(key: &str, value: &[u8], into: &mut Vec<u8>) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    // A vector takes whatever is written to it.
    let _ = write!(into, "{length} {key}=");
    into.extend_from_slice(value);
    into.push(b'\n');
}

fn header((prefix, name): (&[u8], &[u8]), kind: u8, size: u64, seconds: u64) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    // Nobody learns who owns a file here; what is unpacked belongs to whoever does it.
    let mode: &[u8] = if kind == b'5' { b"0000755" } else { b"0000644" };
    for (at, text) in [
        (0, name),
        (100, mode),
        (108, b"0000000"),
        (116, b"0000000"),
        (124, format!("{size:011o}").as_bytes()),
        (136, format!("{seconds:011o}").as_bytes()),
        // The checksum is counted with blanks in its place.
        (148, b"        "),
        (156, &[kind]),
        (257, b"ustar\x0000"),
        (329, b"0000000"),
        (337, b"0000000"),
        (345, prefix),
    ] {
        put(&mut block, at, text);
    }
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    put(&mut block, 148, format!("{sum:06o}\0 ").as_bytes());
    block
}

fn put(block: &mut [u8; BLOCK], at: usize, text: &[u8]) {
    if let Some(field) = block.get_mut(at..at + text.len()) {
        field.copy_from_slice(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_a_slash_or_not_at_all() {
        let long = |one: usize, other: usize| ["a".repeat(one), "b".repeat(other)].join("/");
        for (name, expected) in [
            ("b".repeat(100), Some((0, 100))),
            ("b".repeat(101), None),
            (long(155, 100), Some((155, 100))),
            (long(156, 100), None),
            (long(10, 101), None),
            (format!("{}/", "b".repeat(100)), None),
            (format!("a/{}/", "b".repeat(99)), Some((1, 100))),
        ] {
            let found = split(name.as_bytes()).map(|(prefix, rest)| (prefix.len(), rest.len()));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn records_count_their_own_length() {
        for size in [
            1, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 985, 990, 991, 992, 993, 1000,
        ] {
            let mut text = Vec::new();
            record("path", &vec![b'x'; size], &mut text);
            let said = text.split(|&byte| byte == b' ').next().unwrap_or_default();
            assert_eq!(String::from_utf8_lossy(said), text.len().to_string());
        }
    }

    #[test]
    fn what_ustar_has_no_room_for_is_in_a_record() {
        let modified = |seconds| Modified { seconds, nanos: 0 };
        let plain = file(b"a", 1, modified(1));
        assert_eq!(plain.len(), BLOCK);
        for (blocks, says) in [
            (file(b"a", 1 << 33, modified(1)), "19 size=8589934592\n"),
            (file(b"a", 1, modified(-1)), "12 mtime=-1\n"),
            (
                file("\u{e4}".as_bytes(), 1, modified(1)),
                "11 path=\u{e4}\n",
            ),
        ] {
            assert_eq!(blocks.len(), 3 * BLOCK);
            assert_eq!(blocks.get(BLOCK..BLOCK + says.len()), Some(says.as_bytes()));
        }
        assert_eq!(file(b"\xff", 1, modified(1)).len(), BLOCK);
        assert_eq!(
            (filling(0).len(), filling(1).len(), filling(512).len()),
            (0, 511, 0)
        );
    }
}
