//! The encoded lines of a head, one by one.

/// Fields that are lists over several lines, so that one more takes nothing away.
pub(super) fn adds_up(name: &[u8]) -> bool {
    ["Set-Cookie", "Vary", "Link", "WWW-Authenticate"]
        .iter()
        .any(|list| name.eq_ignore_ascii_case(list.as_bytes()))
}

/// The lines, their ends included.
pub(super) fn lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    head.split_inclusive(|&byte| byte == b'\n')
}

pub(super) fn name(line: &[u8]) -> Option<&[u8]> {
    line.split(|&byte| byte == b':').next()
}

/// A status line has no such name, since a name has no slash.
pub(super) fn is_named(line: &[u8], name: &[u8]) -> bool {
    line.split_at_checked(name.len())
        .is_some_and(|(begin, rest)| {
            begin.eq_ignore_ascii_case(name) && rest.first() == Some(&b':')
        })
}
