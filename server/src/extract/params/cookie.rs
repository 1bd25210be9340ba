//! The cookies of a request (RFC 6265 section 4.2).

use crate::Error;
use crate::error::fault::Place;
use crate::extract::params::source::{Pair, PairTable};
use crate::http1::HeaderFields;

/// The cookies of all fields `Cookie`, in order, as they were sent: nothing in a value is decoded, quotes neither. What
/// has no `=` or no name is no cookie, and is left out.
///
/// # Errors
///
/// 400 for more pairs than a request may have.
pub(crate) fn pairs<'s>(fields: &HeaderFields<'s>) -> Result<PairTable<'s>, Error> {
    let mut table = PairTable::new(Place::Cookie);
    for (name, value) in each(fields) {
        table.push(Pair::plain(name, value))?;
    }
    Ok(table)
}

/// The value of the one cookie of this name; of several, which may be anybody's, `Some(None)`.
#[cfg(feature = "session")]
pub(crate) fn only<'s>(fields: &HeaderFields<'s>, name: &str) -> Option<Option<&'s [u8]>> {
    let mut values = each(fields).filter(|(known, _)| *known == name.as_bytes());
    let (_, value) = values.next()?;
    Some(values.next().is_none().then_some(value))
}

fn each<'s>(fields: &HeaderFields<'s>) -> impl Iterator<Item = (&'s [u8], &'s [u8])> {
    let parts = fields
        .get_all_bytes("Cookie")
        .flat_map(|line| line.split(|byte| *byte == b';'));
    parts.filter_map(|part| {
        let (name, value) = part.split_at(memchr::memchr(b'=', part)?);
        // Blanks of ASCII alone, which browsers take away too before they look at a prefix of the name: a name with
        // another blank before `__Host-` is another name.
        let name = trimmed(name);
        (!name.is_empty()).then(|| (name, trimmed(value.get(1..).unwrap_or_default())))
    })
}

fn trimmed(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_names_and_values() {
        assert_eq!(trimmed(b" \ta b\t "), b"a b");
        assert_eq!(trimmed(b" \t "), b"");
        assert_eq!(trimmed("\u{2000}a".as_bytes()), "\u{2000}a".as_bytes());
    }
}
