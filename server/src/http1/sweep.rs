//! Runs of good bytes, eight at a time. For the usual head only: what ends a run early here may
//! still be allowed, and it is the precise path's business to say so.
//!
//! Each class is a function from eight bytes to a word in which a byte's high bit is set where the
//! byte is *not* of the class. Only the lowest such byte is looked at, so carries and borrows may
//! spoil the bytes above it: they come from a byte that ends the run.

const HIGH: u64 = splat(0x80);

const fn splat(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// How many letters and hyphens `bytes` begin with: most header names and methods to their end.
#[inline(always)]
pub(super) fn name(bytes: &[u8]) -> usize {
    run(bytes, not_name)
}

/// How many bytes of a path `bytes` begin with: visible ASCII without `?` and `#`.
#[inline(always)]
pub(super) fn path(bytes: &[u8]) -> usize {
    run(bytes, not_path)
}

/// How many bytes of a query `bytes` begin with: visible ASCII without `#`.
#[inline(always)]
pub(super) fn query(bytes: &[u8]) -> usize {
    run(bytes, not_query)
}

/// How many bytes of a field value `bytes` begin with: all but control characters.
#[inline(always)]
pub(super) fn value(bytes: &[u8]) -> usize {
    run(bytes, not_value)
}

/// How many bytes of a host `bytes` begin with: small letters, digits, dots and hyphens.
#[inline(always)]
pub(super) fn host(bytes: &[u8]) -> usize {
    run(bytes, not_host)
}

#[inline(always)]
fn run(bytes: &[u8], odd: impl Fn(u64) -> u64) -> usize {
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let odd = odd(u64::from_le_bytes(*word));
        if odd != 0 {
            return bytes.len() - rest.len() + lowest(odd);
        }
        rest = behind;
    }
    bytes.len() - rest.len() + run_of_few(rest, odd)
}

/// Fewer than eight bytes, with zeros behind them, which are in no class.
#[inline(always)]
fn run_of_few(bytes: &[u8], odd: impl Fn(u64) -> u64) -> usize {
    let word = bytes
        .iter()
        .rfold(0, |word, &byte| word << 8 | u64::from(byte));
    lowest(odd(word))
}

fn lowest(odd: u64) -> usize {
    (odd.trailing_zeros() / 8) as usize
}

fn not_name(word: u64) -> u64 {
    let low = (word | splat(0x20)) & !HIGH;
    let letter = (low + splat(0x80 - b'a')) & !(low + splat(0x7f - b'z')) & !word;
    let differs = word ^ splat(b'-');
    // Exact, unlike `is`: this one lets bytes through.
    let hyphen = !(((differs & !HIGH) + !HIGH) | differs);
    !(letter | hyphen) & HIGH
}

fn not_path(word: u64) -> u64 {
    (not_visible(word) | is(b'?', word) | is(b'#', word)) & HIGH
}

fn not_query(word: u64) -> u64 {
    (not_visible(word) | is(b'#', word)) & HIGH
}

fn not_value(word: u64) -> u64 {
    let low = word.wrapping_sub(splat(0x20)) & !word;
    (low | is(0x7f, word)) & HIGH
}

fn not_host(word: u64) -> u64 {
    let low = word & !HIGH;
    let letter = (low + splat(0x80 - b'a')) & !(low + splat(0x7f - b'z'));
    // From the hyphen to the nine there is one byte that is none of a host's.
    let other = (low + splat(0x80 - b'-')) & !(low + splat(0x7f - b'9')) & !is(b'/', word);
    !((letter | other) & !word) & HIGH
}

fn not_visible(word: u64) -> u64 {
    word.wrapping_sub(splat(b'!')) | word.wrapping_add(splat(1)) | word
}

fn is(byte: u8, word: u64) -> u64 {
    let differs = word ^ splat(byte);
    differs.wrapping_sub(splat(1)) & !differs
}

#[cfg(test)]
mod tests {
    use super::*;

    type Class = (fn(&[u8]) -> usize, fn(u8) -> bool);

    const CLASSES: [Class; 5] = [
        (
            |bytes| name(bytes),
            |b| b.is_ascii_alphabetic() || b == b'-',
        ),
        (
            |bytes| path(bytes),
            |b| b.is_ascii_graphic() && b != b'?' && b != b'#',
        ),
        (|bytes| query(bytes), |b| b.is_ascii_graphic() && b != b'#'),
        (|bytes| value(bytes), |b| !b.is_ascii_control()),
        (
            |bytes| host(bytes),
            |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-',
        ),
    ];

    /// Every pair of bytes, the first good or not, at every place and with every length behind it.
    #[test]
    fn runs_end_where_the_class_ends() {
        for (run, holds) in CLASSES {
            for first in 0..=255u8 {
                for second in 0..=255u8 {
                    for at in 0..8 {
                        let mut bytes = [b'a'; 18];
                        bytes[at] = first;
                        bytes[at + 1] = second;
                        let bytes = &bytes[..at + 2 + usize::from(second) % 9];
                        let expected = bytes.iter().position(|&b| !holds(b));
                        assert_eq!(run(bytes), expected.unwrap_or(bytes.len()), "{bytes:?}");
                    }
                }
            }
        }
    }
}
