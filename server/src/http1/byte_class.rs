//! Runs of good bytes, sixteen at a time. For what is usual only: what ends a run early here may
//! still be allowed, and it is the precise path's business to say so.
//!
//! A class is a function that says whether one byte is *not* of it, written without branches
//! (`|`, not `||`), so that the compiler makes one vector operation of sixteen calls. It does so
//! reliably where a sweep is a function of its own, so most are not inlined. Those of a single block are: the loop
//! over lines that calls them (`field_line`) does little else.
//!
//! Other ways were rejected. The intrinsics of `std::arch` need `unsafe`, and a version for each processor. A table of
//! 256 entries takes a load for each byte. `memchr` searches for three bytes at most, and a class has more.

/// A vector register of every x86-64 and aarch64 processor: larger blocks would need features that not all have.
pub(super) const BLOCK: usize = 16;

/// Where the letters and hyphens from `at` on end: most header names and methods to their end.
#[inline(never)]
pub(super) fn name(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, odd_in_name)
}

/// Where the letters and hyphens that `block` begins with end; `None`: it has nothing else.
#[inline(always)]
pub(super) fn name_in(block: &[u8; BLOCK]) -> Option<usize> {
    first_in(block, odd_in_name)
}

/// Where the visible ASCII and blanks that `block` begins with end; `None`: it has nothing else.
#[inline(always)]
pub(super) fn value_in(block: &[u8; BLOCK]) -> Option<usize> {
    // One more makes of DEL the least of all signed numbers, so that one comparison is enough.
    first_in(block, |b| (b.wrapping_add(1) as i8) <= b' ' as i8)
}

/// Where the part of a path from `at` on ends: visible ASCII without `?` and `#`.
#[inline(never)]
pub(super) fn path(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |b| invisible(b) | (b == b'?') | (b == b'#'))
}

/// Where the part of a query from `at` on ends: visible ASCII without `#`.
#[inline(never)]
pub(super) fn query(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |b| invisible(b) | (b == b'#'))
}

/// Where the part of a field value from `at` on ends: all but control characters.
#[inline(never)]
pub(super) fn value(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |b| (b < 0x20) | (b == 0x7f))
}

/// Where the part of a host from `at` on ends: small letters, digits, dots and hyphens.
#[inline(never)]
pub(super) fn host(bytes: &[u8], at: usize) -> usize {
    run(bytes, at, |b| {
        let letter = b.wrapping_sub(b'a') < 26;
        // Between the hyphen and the nine only the slash is none of a host's.
        let other = (b.wrapping_sub(b'-') <= b'9' - b'-') & (b != b'/');
        !(letter | other)
    })
}

/// How many digits `bytes` begin with; 8 stands for more, too.
#[inline(always)]
pub(super) fn digits(bytes: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    match bytes.first_chunk() {
        Some(chunk) => {
            // Digits become 0 to 9, which do not reach the highest bit with 0x76 more; everything else does, or has
            // it. What is carried over changes only bytes behind the first that is odd.
            let values = u64::from_le_bytes(*chunk) ^ (ONES * u64::from(b'0'));
            let odd = (values.wrapping_add(ONES * 0x76) | values) & (ONES * 0x80);
            (odd.trailing_zeros() / 8) as usize
        }
        None => bytes.iter().take_while(|b| b.is_ascii_digit()).count(),
    }
}

/// Whether `bytes` are letters and hyphens and nothing else, as most header names are.
#[inline(never)]
pub(super) fn is_name(bytes: &[u8]) -> bool {
    none(bytes, odd_in_name)
}

/// Whether `bytes` can go into a field value as they are, and are ASCII.
#[inline(never)]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    none(bytes, |b| b.wrapping_sub(b' ') > b'~' - b' ')
}

/// Whether `bytes` are visible ASCII.
#[inline(never)]
pub(super) fn is_visible(bytes: &[u8]) -> bool {
    none(bytes, invisible)
}

#[inline(always)]
fn odd_in_name(b: u8) -> bool {
    // Five more bring the letters, and nothing else, to the end of the signed numbers: one comparison for both ends.
    !(((b | 0x20).wrapping_add(5) as i8 > (b'a' + 4) as i8) | (b == b'-'))
}

#[inline(always)]
fn invisible(b: u8) -> bool {
    b.wrapping_sub(b'!') > b'~' - b'!'
}

/// Where the run from `at` on ends, at the latest with `bytes`; these are a block at least, so that the last bytes can
/// be looked at as a block that overlaps, and never one by one.
#[inline(always)]
fn run(bytes: &[u8], mut at: usize, odd: impl Fn(u8) -> bool) -> usize {
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        if let Some(end) = first_in(block, &odd) {
            return at + end;
        }
        at += BLOCK;
    }
    run_in_last(bytes, at, odd)
}

/// The first odd byte of a block.
#[inline(always)]
fn first_in(block: &[u8; BLOCK], odd: impl Fn(u8) -> bool) -> Option<usize> {
    let marks = marks(block, odd);
    // First whether there is any mark, which is one vector operation; only then where, which takes the block out of
    // the vector register. The box keeps the two apart: seen together, the compiler makes sixteen scalar operations of
    // the first, or moves the marks to and fro for the second.
    let any = marks.iter().fold(0, |any, mark| any | mark) != 0;
    any.then(|| first(u128::from_le_bytes(std::hint::black_box(marks))))
}

/// As [`run`], where less than a block is left: looks at the last block, which overlaps with what
/// was looked at before.
#[inline(never)]
fn run_in_last(bytes: &[u8], at: usize, odd: impl Fn(u8) -> bool) -> usize {
    let (Some(last), left @ 1..) = (bytes.last_chunk(), bytes.len().saturating_sub(at)) else {
        return at;
    };
    // The marks of the bytes before `at` are shifted out: they belong to what stood there, a colon for example.
    let marks = u128::from_le_bytes(marks(last, odd)) >> (8 * (BLOCK - left));
    at + ((marks.trailing_zeros() / 8) as usize).min(left)
}

/// Whether no byte is odd. Bytes that are no whole number of blocks are looked at twice where
/// that makes a block of them.
#[inline(always)]
fn none(bytes: &[u8], odd: impl Fn(u8) -> bool) -> bool {
    if let Some(last) = bytes.last_chunk::<BLOCK>() {
        let blocks = bytes.as_chunks::<BLOCK>().0;
        !any(last, &odd) && !blocks.iter().any(|block| any(block, &odd))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        !any(first, &odd) && !any(last, &odd)
    } else if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        !any(first, &odd) && !any(last, &odd)
    } else {
        !bytes.iter().any(|&b| odd(b))
    }
}

#[inline(always)]
fn any<const N: usize>(block: &[u8; N], odd: impl Fn(u8) -> bool) -> bool {
    block.iter().fold(false, |any, &b| any | odd(b))
}

/// 255 for each odd byte: what a vector comparison gives, so that the compiler has nothing to convert.
#[inline(always)]
fn marks(block: &[u8; BLOCK], odd: impl Fn(u8) -> bool) -> [u8; BLOCK] {
    let mut marks = [0; BLOCK];
    for (mark, &b) in marks.iter_mut().zip(block) {
        *mark = if odd(b) { 0xff } else { 0 };
    }
    marks
}

/// The first marked byte, the last one if there is none. As one little-endian number the marks have their first at the
/// lowest bits.
#[inline(always)]
fn first(marks: u128) -> usize {
    let (low, high) = (marks as u64, (marks >> 64) as u64);
    match low {
        // That it is never 0 spares a case, and shows that the place is within the block.
        0 => 8 + ((high | 1 << 63).trailing_zeros() / 8) as usize,
        _ => (low.trailing_zeros() / 8) as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Class = (fn(&[u8], usize) -> usize, fn(u8) -> bool);

    const CLASSES: [Class; 5] = [
        (
            |bytes, at| name(bytes, at),
            |b| b.is_ascii_alphabetic() || b == b'-',
        ),
        (
            |bytes, at| path(bytes, at),
            |b| b.is_ascii_graphic() && b != b'?' && b != b'#',
        ),
        (
            |bytes, at| query(bytes, at),
            |b| b.is_ascii_graphic() && b != b'#',
        ),
        (|bytes, at| value(bytes, at), |b| !b.is_ascii_control()),
        (
            |bytes, at| host(bytes, at),
            |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-',
        ),
    ];

    /// Every byte at every place, from everywhere before it, with every length behind it.
    #[test]
    fn runs_end_where_the_class_ends() {
        for (run, holds) in CLASSES {
            for byte in 0..=255u8 {
                for place in 0..40 {
                    let mut bytes = [b'a'; 58];
                    bytes[place] = byte;
                    for from in 0..=place {
                        let bytes = &bytes[..BLOCK.max(place + from % (BLOCK + 3))];
                        let expected = bytes.iter().skip(from).position(|&b| !holds(b));
                        let expected = expected.map_or(bytes.len(), |len| from + len);
                        assert_eq!(run(bytes, from), expected, "{bytes:?} {from}");
                    }
                }
            }
        }
    }

    /// Every byte at every place of a block.
    #[test]
    fn a_block_ends_where_the_class_ends() {
        type InBlock = (fn(&[u8; BLOCK]) -> Option<usize>, fn(u8) -> bool);
        const IN_BLOCK: [InBlock; 2] = [
            (
                |block| name_in(block),
                |b| b.is_ascii_alphabetic() || b == b'-',
            ),
            (
                |block| value_in(block),
                |b| b.is_ascii_graphic() || b == b' ',
            ),
        ];
        for (end, holds) in IN_BLOCK {
            assert_eq!(end(&[b'a'; BLOCK]), None);
            for byte in 0..=255u8 {
                for place in 0..BLOCK {
                    for behind in [b'a', 0, b'\r'] {
                        let mut block = [b'a'; BLOCK];
                        block[place + 1..].fill(behind);
                        block[place] = byte;
                        let expected = block.iter().position(|&b| !holds(b));
                        assert_eq!(end(&block), expected, "{block:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn digits_are_counted() {
        for byte in 0..=255u8 {
            for place in 0..9 {
                for length in place..11 {
                    let mut bytes = vec![b'7'; length];
                    bytes[..place].fill(b'0' + (place as u8));
                    if let Some(at) = bytes.get_mut(place) {
                        *at = byte;
                    }
                    let count = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
                    assert_eq!(digits(&bytes).min(8), count.min(8), "{bytes:?}");
                }
            }
        }
    }

    /// Every byte at every place of every length.
    #[test]
    fn one_odd_byte_is_found() {
        type Whole = (fn(&[u8]) -> bool, fn(u8) -> bool);
        const WHOLE: [Whole; 3] = [
            (
                |bytes| is_name(bytes),
                |b| b.is_ascii_alphabetic() || b == b'-',
            ),
            (
                |bytes| is_plain(bytes),
                |b| b.is_ascii_graphic() || b == b' ',
            ),
            (|bytes| is_visible(bytes), |b| b.is_ascii_graphic()),
        ];
        for (is, holds) in WHOLE {
            for len in 0..50 {
                let mut bytes = vec![b'a'; len];
                assert!(is(&bytes));
                for place in 0..len {
                    for byte in 0..=255 {
                        bytes[place] = byte;
                        assert_eq!(is(&bytes), holds(byte), "{bytes:?}");
                    }
                    bytes[place] = b'a';
                }
            }
        }
    }
}
