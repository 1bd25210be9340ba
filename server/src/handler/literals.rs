//! Many texts of which a segment of a path may be one: the matcher of a block finds it among a thousand as soon as
//! among ten.

use percent_encoding::percent_decode_str;

/// Texts by their hash. The macro writes the texts, and the compiler builds the table.
///
/// A bucket has one text on average and is searched from its begin to its end; how many there are in one is settled
/// when the program is built, so no client can make a search long. `STARTS` is one more than there are buckets.
#[derive(Debug)]
pub struct Literals<const N: usize, const STARTS: usize> {
    texts: [&'static str; N],
    /// Where each bucket begins among `entries`, and behind them where the last one ends.
    starts: [u16; STARTS],
    /// The hash and the number of each text, bucket by bucket.
    entries: [(u32, u16); N],
    longest: usize,
    /// Some text has a percent sign.
    percent: bool,
}

impl<const N: usize, const STARTS: usize> Literals<N, STARTS> {
    /// A table of these texts, which are all different.
    #[must_use]
    pub const fn new(texts: [&'static str; N]) -> Self {
        let mut hashes = [0; N];
        let mut starts = [0u16; STARTS];
        let mut longest = 0;
        let mut percent = false;
        let mut number = 0;
        while number < N {
            let text = texts[number].as_bytes();
            hashes[number] = hash(text);
            starts[bucket(hashes[number], STARTS) + 1] += 1;
            if text.len() > longest {
                longest = text.len();
            }
            percent |= has_percent(text);
            number += 1;
        }
        let mut position = 1;
        while position < STARTS {
            starts[position] += starts[position - 1];
            position += 1;
        }
        let mut free = starts;
        let mut entries = [(0, 0); N];
        let mut number = 0;
        while number < N {
            let place = bucket(hashes[number], STARTS);
            entries[free[place] as usize] = (hashes[number], number as u16);
            free[place] += 1;
            number += 1;
        }
        Self {
            texts,
            starts,
            entries,
            longest,
            percent,
        }
    }

    /// The number of the text that this is, as it stands.
    #[inline]
    #[must_use]
    pub fn exact(&self, text: &str) -> Option<usize> {
        look_up(text.as_bytes(), &self.texts, &self.starts, &self.entries)
    }

    /// The number of the text that a segment is, escaped or not. Text with a percent sign is never sent as it stands.
    #[inline]
    #[must_use]
    pub fn find(&self, segment: &str) -> Option<usize> {
        if self.percent {
            return self.find_escaped(segment);
        }
        self.exact(segment).or_else(|| self.find_escaped(segment))
    }

    #[inline]
    fn find_escaped(&self, segment: &str) -> Option<usize> {
        // No segment that is longer decodes to any of them.
        if segment.len() > 3 * self.longest {
            return None;
        }
        match has_percent(segment.as_bytes()) {
            true => self.find_decoded(segment),
            false if self.percent => self.exact(segment),
            false => None,
        }
    }

    #[cold]
    fn find_decoded(&self, segment: &str) -> Option<usize> {
        let decoded: Vec<u8> = percent_decode_str(segment).collect();
        look_up(&decoded, &self.texts, &self.starts, &self.entries)
    }
}

/// Not of a type with parameters, so that there is one of it for all tables.
fn look_up(text: &[u8], texts: &[&str], starts: &[u16], entries: &[(u32, u16)]) -> Option<usize> {
    let hash = hash(text);
    let bucket = bucket(hash, starts.len());
    let (from, to) = (*starts.get(bucket)?, *starts.get(bucket + 1)?);
    for (known, number) in entries.get(usize::from(from)..usize::from(to))? {
        let number = usize::from(*number);
        if *known == hash && texts.get(number)?.as_bytes() == text {
            return Some(number);
        }
    }
    None
}

/// One bucket less than there are starts.
const fn bucket(hash: u32, starts: usize) -> usize {
    ((hash as u64 * (starts - 1) as u64) >> 32) as usize
}

const fn has_percent(text: &[u8]) -> bool {
    let mut rest = text;
    while let [first, behind @ ..] = rest {
        if *first == b'%' {
            return true;
        }
        rest = behind;
    }
    false
}

/// Eight bytes at a time, those that are left as one more word. Nobody but the program's author chooses what is in a
/// table, so it need not withstand anybody.
const fn hash(text: &[u8]) -> u32 {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = text.len() as u64;
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk() {
        hash = (hash.rotate_left(29) ^ u64::from_le_bytes(*word)).wrapping_mul(MULTIPLIER);
        rest = behind;
    }
    let left = match (rest.first_chunk(), rest.last_chunk()) {
        (Some(first), Some(last)) => {
            u32::from_le_bytes(*first) as u64 | (u32::from_le_bytes(*last) as u64) << 32
        }
        _ => match rest {
            [] => 0,
            [one] => *one as u64,
            [first, second] => (*first as u64) << 8 | *second as u64,
            [first, second, third, ..] => {
                (*first as u64) << 16 | (*second as u64) << 8 | *third as u64
            }
        },
    };
    hash = (hash.rotate_left(29) ^ left).wrapping_mul(MULTIPLIER);
    // High bits have something of all others, so they are brought down, and once more up.
    ((hash ^ hash >> 32).wrapping_mul(MULTIPLIER) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXTS: [&str; 12] = [
        "",
        "a",
        "ab",
        "abc",
        "abcd",
        "abcdefg",
        "abcdefgh",
        "abcdefghi",
        "é",
        "a b",
        "a/b",
        "abcdefghijklmnopqrstuvwxyz",
    ];

    static PLAIN: Literals<12, 13> = Literals::new(TEXTS);
    static WITH_PERCENT: Literals<3, 4> = Literals::new(["%", "%25", "a"]);

    /// What [`Literals::find`] stands for.
    fn model(texts: &[&str], segment: &str) -> Option<usize> {
        let decoded: Vec<u8> = percent_decode_str(segment).collect();
        texts.iter().position(|text| text.as_bytes() == decoded)
    }

    #[test]
    fn every_text_is_found() {
        for (number, text) in TEXTS.iter().enumerate() {
            assert_eq!(PLAIN.exact(text), Some(number));
            let escaped: String = text.bytes().map(|byte| format!("%{byte:02x}")).collect();
            assert_eq!(PLAIN.find(&escaped), Some(number), "{escaped}");
        }
        assert_eq!(PLAIN.find("abcde"), None);
        assert_eq!(PLAIN.find("%61bc"), Some(3));
        assert_eq!(WITH_PERCENT.find("%"), Some(0));
        assert_eq!(WITH_PERCENT.find("%25"), Some(0));
        assert_eq!(WITH_PERCENT.find("%2525"), Some(1));
        assert_eq!(WITH_PERCENT.find("a"), Some(2));
        assert_eq!(WITH_PERCENT.find("%61"), Some(2));
    }

    #[test]
    fn a_thousand_are_spread() {
        let texts: Vec<String> = (0..1000).map(|number| format!("r{number:04}")).collect();
        let mut sizes = [0; 1000];
        for text in &texts {
            sizes[bucket(hash(text.as_bytes()), 1001)] += 1;
        }
        assert!(sizes.iter().max() < Some(&9), "{:?}", sizes.iter().max());
    }

    proptest! {
        #[test]
        fn is_what_the_model_finds(segment in "(a|b|c|d|é| |/|%25|%61|%2|%|%62|h|[a-z]{1,9}){0,5}") {
            prop_assert_eq!(PLAIN.find(&segment), model(&TEXTS, &segment));
            prop_assert_eq!(WITH_PERCENT.find(&segment), model(&["%", "%25", "a"], &segment));
        }
    }
}
