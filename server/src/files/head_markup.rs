//! Markup that is put into HTML pages on their way.

use crate::FileRanges;
use crate::files::whole_file::read_exactly;
use std::collections::hash_map::DefaultHasher;
use std::fmt;
use std::fs::File;
use std::hash::Hasher as _;
use std::sync::Arc;

/// What gives the markup, asked for each page.
#[derive(Clone)]
pub(super) struct HeadMarkup(Arc<dyn Fn() -> String + Send + Sync>);

impl HeadMarkup {
    pub(super) fn new(markup: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(markup))
    }
}

impl fmt::Debug for HeadMarkup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeadMarkup").finish_non_exhaustive()
    }
}

/// A page with markup in it.
pub(super) struct Marked {
    pub(super) body: FileRanges,
    /// Tells pages with other markup apart.
    pub(super) digest: u64,
}

/// The beginning of a page in which its head is looked for.
const BEGINNING: u64 = 16 << 10;

impl HeadMarkup {
    /// The page in this file with the markup in it, if the page is not in UTF-16.
    pub(super) fn put_into(&self, file: &File, length: u64) -> Option<Marked> {
        let mut beginning = vec![0; usize::try_from(length.min(BEGINNING)).ok()?];
        // One that became shorter just now is cut where it ends, as any file.
        read_exactly(file, &mut beginning).ok()?;
        let place = place(&beginning)? as u64;
        let markup = (self.0)();
        let mut digest = DefaultHasher::new();
        digest.write(markup.as_bytes());
        let ranges = vec![(String::new(), 0..place), (markup, place..length)];
        Some(Marked {
            body: FileRanges::new(ranges, String::new()),
            digest: digest.finish(),
        })
    }
}

/// Where markup can stand: in the head, behind the elements that say how the rest is read. It stands as early as it
/// may, so that what is wrong in the rest of a page does not hide it. `None` for UTF-16.
fn place(page: &[u8]) -> Option<usize> {
    if page.starts_with(&[0xfe, 0xff]) || page.starts_with(&[0xff, 0xfe]) {
        return None;
    }
    let mut place = if page.starts_with(&[0xef, 0xbb, 0xbf]) {
        3
    } else {
        0
    };
    loop {
        let rest = page.get(place..).unwrap_or_default();
        let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
        let blank = blank.count();
        match piece(rest.get(blank..).unwrap_or_default()) {
            Some(length) => place += blank + length,
            None => return Some(place),
        }
    }
}

/// The length of a comment, a declaration, or a tag that markup may stand behind.
fn piece(text: &[u8]) -> Option<usize> {
    if text.starts_with(b"<!--") {
        let end = text.windows(3).skip(4).position(|three| three == b"-->")?;
        return Some(4 + end + 3);
    }
    if text.starts_with(b"<!") {
        return Some(text.iter().position(|&byte| byte == b'>')? + 1);
    }
    let is_tag = |name: &&[u8]| {
        let begins = text.get(1..=name.len());
        begins.is_some_and(|begin| begin.eq_ignore_ascii_case(name))
            && text
                .get(1 + name.len())
                .is_some_and(|&next| next == b'>' || next == b'/' || next.is_ascii_whitespace())
    };
    let known: [&[u8]; 3] = [b"html", b"head", b"meta"];
    if text.first() != Some(&b'<') || !known.iter().any(is_tag) {
        return None;
    }
    let mut quote = None;
    let end = text.iter().position(|&byte| match quote {
        Some(open) => {
            if byte == open {
                quote = None;
            }
            false
        }
        None => {
            if byte == b'"' || byte == b'\'' {
                quote = Some(byte);
            }
            byte == b'>'
        }
    })?;
    Some(end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_stands_early_in_the_head() {
        for (before, after) in [
            ("", ""),
            ("", "text"),
            ("", "<p>x"),
            ("<!DOCTYPE html>", "\n<p>x"),
            (
                "<!DOCTYPE html>\n<html lang=\"a>b\">\n<head>",
                "\n<title>x</title>",
            ),
            ("\u{feff}<!-- <head> -->\n<HTML><HEAD class='>'>", "<title>"),
            (
                "<!doctype html><meta charset=utf-8><meta name=x />",
                "<title>",
            ),
            ("<!---->", "<header>"),
            ("<html>", "<!-- no end"),
            ("<html>", "<head class=\"no end>"),
            ("<html>", "<head"),
            ("", "<"),
        ] {
            let page = format!("{before}{after}");
            assert_eq!(place(page.as_bytes()), Some(before.len()), "{page}");
        }
    }

    #[test]
    fn utf_16_is_left_alone() {
        assert_eq!(place(b"\xff\xfe<\0p\0>\0"), None);
        assert_eq!(place(b"\xfe\xff\0<\0p\0>"), None);
    }
}
