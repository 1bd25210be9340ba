//! Words that belong together, where a grammar alone cannot tell: the value of an option that need not have one, and
//! a header in two words. What decides is that the only word on its own is the port, a number.

use std::ffi::{OsStr, OsString};

/// Options that may stand without a value.
const OPTIONAL: [&str; 3] = ["--cors", "--reload", "--spa"];

/// Makes one word of those that came in two.
pub(super) fn join(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut joined = Vec::new();
    let mut words = words.into_iter().peekable();
    while let Some(mut word) = words.next() {
        if word == "--" {
            joined.push(word);
            joined.extend(words);
            break;
        }
        if OPTIONAL.iter().any(|option| word == *option) {
            if let Some(value) = words.next_if(|next| is_value(next)) {
                word.push("=");
                word.push(value);
            }
            joined.push(word);
            continue;
        }
        let is_header = word == "-H" || word == "--header";
        joined.push(word);
        if !is_header {
            continue;
        }
        let Some(mut header) = words.next() else {
            break;
        };
        // A name has no colon.
        if !header.as_encoded_bytes().contains(&b':')
            && let Some(value) = words.next()
        {
            header.push(":");
            header.push(value);
        }
        joined.push(header);
    }
    joined
}

/// Whether a word is neither an option nor a port.
fn is_value(word: &OsStr) -> bool {
    let bytes = word.as_encoded_bytes();
    !bytes.starts_with(b"-") && !bytes.is_empty() && !bytes.iter().all(u8::is_ascii_digit)
}
