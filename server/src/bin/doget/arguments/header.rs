//! `-H`: a header in one word, as curl spells it, or in two, its name and its value (rule CLI-08).

use std::ffi::OsString;

/// Makes one word of those that came in two. `NAME VALUE` cannot be told from a name and the port by a grammar alone; a name has no
/// colon.
pub(super) fn join(words: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut joined = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let is_header = word == "-H" || word == "--header";
        let is_end = word == "--";
        joined.push(word);
        if is_end {
            joined.extend(words);
            break;
        }
        if !is_header {
            continue;
        }
        let Some(mut header) = words.next() else {
            break;
        };
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

/// A name and a value that can be sent.
pub(super) fn parse(text: &str) -> Result<(String, String), String> {
    let Some((name, value)) = text.split_once(':') else {
        return Err("write 'Name: value', or NAME VALUE".to_owned());
    };
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() {
        return Err("it has no name".to_owned());
    }
    check(name, value)?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Whether a value can be sent under this name.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    doget::http1::field(&mut Vec::new(), name, value)
        .map_err(|_| "it cannot be a header, or a part of one".to_owned())
}
