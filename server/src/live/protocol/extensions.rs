//! The extensions that a client offers (RFC 6455 section 9.1), and the one that is taken up (RFC 7692 section 7.1).

use crate::http1::{HeaderFields, is_tchar};
use crate::live::protocol::deflate::PerMessageDeflate;
use std::num::NonZero;

/// The first offer of `permessage-deflate` that can be kept to. One that cannot is declined, and so is what is none:
/// the connection is made without it.
pub(crate) fn negotiate(fields: &HeaderFields<'_>) -> Option<PerMessageDeflate> {
    let mut values = fields.get_all("Sec-WebSocket-Extensions");
    values.find_map(|value| split(value, ',').find_map(offer))
}

/// One extension and its parameters.
fn offer(text: &str) -> Option<PerMessageDeflate> {
    let mut parts = split(text, ';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case("permessage-deflate") {
        return None;
    }
    let mut agreed = PerMessageDeflate {
        window_bits: PerMessageDeflate::UNSAID,
    };
    let mut seen = [false; 4];
    for part in parts {
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim_end(), Some(unquoted(value.trim_start())?)),
            None => (part, None),
        };
        let (place, value) = match (name, value) {
            // All of these are kept to in any case, but for the last.
            ("server_no_context_takeover", None) => (0, None),
            ("client_no_context_takeover", None) => (1, None),
            ("client_max_window_bits", None) => (2, None),
            ("client_max_window_bits", Some(bits)) => (2, Some(window_bits(bits)?)),
            ("server_max_window_bits", Some(bits)) => (3, Some(window_bits(bits)?)),
            _ => return None,
        };
        if std::mem::replace(seen.get_mut(place)?, true) {
            return None;
        }
        if let (3, Some(bits)) = (place, value) {
            agreed.window_bits = bits;
        }
    }
    Some(agreed)
}

/// A number from 8 to 15, without a zero in front of it (section 7.1.2).
fn window_bits(text: &str) -> Option<NonZero<u8>> {
    let bits: NonZero<u8> = text.parse().ok()?;
    ((8..=15).contains(&bits.get()) && bits.to_string() == text).then_some(bits)
}

/// A token, or one in quotes.
fn unquoted(text: &str) -> Option<&str> {
    let inner = text
        .strip_prefix('"')
        .map_or(Some(text), |rest| rest.strip_suffix('"'))?;
    (!inner.is_empty() && inner.bytes().all(is_tchar)).then_some(inner)
}

/// The parts between separators that do not stand in quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(value: &str) -> Option<String> {
        split(value, ',')
            .find_map(offer)
            .map(PerMessageDeflate::answer)
    }

    const TAKEN: &str =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    #[test]
    fn h10_offers_that_are_taken() {
        for offer in [
            "permessage-deflate",
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=8",
            "Permessage-Deflate ; client_max_window_bits = \"10\"",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "x-foo, permessage-deflate",
            "x-foo; a=\"b,c\", permessage-deflate",
            "permessage-deflate; client_max_window_bits=16, permessage-deflate",
        ] {
            assert_eq!(answer(offer).as_deref(), Some(TAKEN), "{offer}");
        }
        for bits in 8..=15 {
            let offer = format!("permessage-deflate; server_max_window_bits={bits}");
            let taken = format!("{TAKEN}; server_max_window_bits={bits}");
            assert_eq!(answer(&offer), Some(taken));
        }
    }

    #[test]
    fn h10_offers_that_are_declined() {
        for offer in [
            "",
            "x-foo",
            "permessage-deflat",
            "permessage-deflate; client_max_window_bits=16",
            "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_max_window_bits=08",
            "permessage-deflate; client_max_window_bits=+8",
            "permessage-deflate; client_max_window_bits=",
            "permessage-deflate; client_max_window_bits=\"\"",
            "permessage-deflate; client_max_window_bits=\"9",
            "permessage-deflate; server_max_window_bits",
            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=9",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
            "permessage-deflate; server_no_context_takeover=1",
            "permessage-deflate; unknown",
            "permessage-deflate;",
            "permessage-deflate; ; client_max_window_bits",
            "permessage-deflate \"; client_max_window_bits",
        ] {
            assert_eq!(answer(offer), None, "{offer}");
        }
    }
}
