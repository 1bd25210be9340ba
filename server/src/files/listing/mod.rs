//! The listing of a directory, as HTML, JSON or plain text.

mod contents;
mod date;
mod entry;
mod html;
mod json;
mod memory;
mod order;
mod text;

use crate::Pairs;
use crate::semantics::accept::Weights;
pub(super) use contents::{Listing, Offers, Place, USUAL};
use date::Dates;
pub(super) use memory::ListingMemory;
pub(super) use order::Order;
use std::borrow::Cow;
use std::io::{self, Write};

/// Text gathered before it is written.
const PIECE: usize = 16 << 10;

/// What a listing is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Html,
    Json,
    Text,
}

impl Format {
    /// What the query says (`?format=html|json|text`), else what `Accept` likes best, else HTML.
    pub(super) fn choose<'r>(query: &str, accept: impl Iterator<Item = &'r str>) -> Self {
        let named = |(name, value): (_, Cow<'_, str>)| {
            (name == "format").then(|| match &*value {
                "html" => Some(Self::Html),
                "json" => Some(Self::Json),
                "text" | "txt" => Some(Self::Text),
                _ => None,
            })?
        };
        if let Some(format) = Pairs::new(query).find_map(named) {
            return format;
        }
        let formats = [Self::Html, Self::Json, Self::Text];
        let best = Weights::read(accept).best_media(&formats.map(Self::essence));
        let mut formats = formats.into_iter();
        let liked = formats.find(|format| Some(format.essence()) == best);
        liked.unwrap_or(Self::Html)
    }

    fn essence(self) -> &'static str {
        match self {
            Self::Html => "text/html",
            Self::Json => "application/json",
            Self::Text => "text/plain",
        }
    }

    /// The value of `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Html => "text/html; charset=utf-8",
            Self::Json => "application/json",
            Self::Text => "text/plain; charset=utf-8",
        }
    }
}

impl Listing<'_> {
    /// Writes it in pieces.
    pub(super) fn write(&self, format: Format, out: &mut impl Write) -> io::Result<()> {
        let mut text = String::with_capacity(PIECE + 2048);
        let mut dates = Dates::default();
        match format {
            Format::Html => html::head(self, &mut text),
            Format::Json => json::head(self, &mut text),
            Format::Text => {}
        }
        for (index, entry) in self.entries.iter().enumerate() {
            match format {
                Format::Html => html::row(entry, &mut dates, &mut text),
                Format::Json => json::row(index, entry, &mut dates, &mut text),
                Format::Text => text::row(entry, &mut text),
            }
            if text.len() >= PIECE {
                out.write_all(text.as_bytes())?;
                text.clear();
            }
        }
        match format {
            Format::Html => html::tail(&mut text),
            Format::Json => text.push_str("]}\n"),
            Format::Text => text::tail(self, &mut text),
        }
        out.write_all(text.as_bytes())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::extract::file_name::Names;
    use crate::files::path::UrlPath;
    use crate::files::root::{Entry, FileKind, Metadata};
    use crate::files::version::Modified;

    fn entry(name: impl AsRef<[u8]>, kind: FileKind, length: u64, seconds: i64) -> Entry {
        Entry {
            name: name.as_ref().into(),
            link: false,
            facts: Some(Metadata {
                kind,
                length,
                modified: Modified { seconds, nanos: 0 },
                changed: Modified { seconds, nanos: 0 },
                inode: 1,
                #[cfg(all(unix, feature = "cgi"))]
                executable: false,
            }),
        }
    }

    fn file(name: impl AsRef<[u8]>) -> Entry {
        entry(name, FileKind::File, 1, 1_795_268_868)
    }

    fn written(path: &str, entries: Vec<Entry>, more: bool, format: Format) -> String {
        let path = UrlPath::parse(path, Names::Unix).unwrap();
        let place = Place {
            above: &UrlPath::ROOT,
            path: &path,
        };
        let listing = Listing::new(place, &entries, more, Order::default(), Offers::default());
        let mut out = Vec::new();
        listing.write(format, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_format_that_is_asked_for() {
        use Format::{Html, Json, Text};
        for (query, accept, format) in [
            ("", &[][..], Html),
            ("", &["*/*"], Html),
            ("", &["text/html,application/xhtml+xml,*/*;q=0.8"], Html),
            ("", &["application/json"], Json),
            ("", &["application/json", "text/html;q=0.9"], Json),
            ("", &["text/html;q=0.5, */*"], Json),
            ("", &["text/*"], Html),
            ("", &["text/plain"], Text),
            ("", &["image/png"], Html),
            ("", &["text/html;q=0, text/plain"], Text),
            ("format=json", &["text/html"], Json),
            ("a&format=text&format=json", &[], Text),
            ("format=html", &["application/json"], Html),
            ("format=exe", &["application/json"], Json),
        ] {
            assert_eq!(
                Format::choose(query, accept.iter().copied()),
                format,
                "{query} {accept:?}"
            );
        }
    }

    #[test]
    fn dir_05_directories_first_then_by_name_without_case() {
        let entries = vec![
            entry("b", FileKind::File, 3, 1),
            entry("A", FileKind::File, 1, 3),
            entry("z", FileKind::Directory, 9, 9),
            entry("c", FileKind::File, 2, 2),
            entry("Y", FileKind::Directory, 9, 8),
            entry("a", FileKind::File, 1, 3),
        ];
        for (query, names) in [
            ("", "Y z A a b c"),
            ("sort=name&order=desc", "z Y c b a A"),
            ("sort=size", "Y z A a c b"),
            ("sort=size&order=desc", "z Y b c a A"),
            ("sort=date", "Y z b c A a"),
            ("order=desc&sort=date", "z Y a A c b"),
            ("sort=inode&order=up", "Y z A a b c"),
        ] {
            let sorted = Order::choose(query).sort(&entries);
            let sorted: Vec<_> = sorted
                .iter()
                .map(|entry| std::str::from_utf8(&entry.name).unwrap())
                .collect();
            assert_eq!(sorted.join(" "), names, "{query}");
        }
    }

    const ODD: &[&[u8]] = &[
        b"<img src=x onerror=1>",
        b"\"'`",
        b"&amp;",
        b"javascript:x",
        b"a:b",
        b"new\nline",
        "evil\u{202e}gpj.exe".as_bytes(),
        b"bad\xff.txt",
        b"#",
        b"?",
        b"%41",
        b"index.html?x",
        b" ",
        b"\\",
        b"</script>",
        b"\x1b[31m",
    ];

    #[test]
    fn a35_odd_names_in_html() {
        let page = written("/", ODD.iter().map(file).collect(), false, Format::Html);
        assert!(!page.contains("<img") && !page.contains("</script"));
        assert!(page.contains("&lt;img src=x onerror=1&gt;"));
        assert!(page.contains("href=\"%3Cimg%20src%3Dx%20onerror%3D1%3E\""));
        assert!(page.contains("href=\"javascript%3Ax\""));
        assert!(page.contains("href=\"bad%FF.txt\""));
        assert!(page.contains("bad\\xff.txt"));
        assert!(page.contains("href=\"%2541\""));
        assert!(page.contains("href=\"new%0Aline\""));
        assert!(page.contains("evil\\u{202e}gpj.exe"));
        assert!(page.contains("&amp;amp;"));
        assert!(!page.contains('\u{202e}') && !page.contains('\x1b'));
    }

    #[test]
    fn a35_odd_names_in_json() {
        let text = written("/", ODD.iter().map(file).collect(), false, Format::Json);
        assert!(text.contains(r#""name":"\"'`""#), "{text}");
        assert!(text.contains(r#""name":"new\nline""#));
        assert!(text.contains(r#""name":"bad\ufffd.txt","href":"bad%FF.txt""#));
        assert!(text.contains(r#""name":"evil\u202egpj.exe""#));
        assert!(text.contains(r#""name":"\\""#));
        assert!(text.is_ascii() && !text.contains('<'));
    }

    #[test]
    fn a35_odd_names_in_text_are_one_line_each() {
        let text = written("/", ODD.iter().map(file).collect(), false, Format::Text);
        assert_eq!(text.lines().count(), ODD.len());
        assert!(text.contains("new\\nline\n"));
        assert!(text.contains("bad\\xff.txt\n"));
    }

    #[test]
    fn dir_06_marks() {
        let mut link = file("file-link");
        link.link = true;
        let mut directory_link = entry("dir-link", FileKind::Directory, 0, 0);
        directory_link.link = true;
        let broken = Entry {
            name: b"broken"[..].into(),
            link: true,
            facts: None,
        };
        let all = vec![
            link,
            directory_link,
            broken,
            entry("dir", FileKind::Directory, 0, 0),
        ];
        let text = written("/", all.clone(), false, Format::Text);
        assert_eq!(text, "dir/\ndir-link@\nbroken@\nfile-link@\n");
        let page = written("/", all.clone(), false, Format::Html);
        assert!(page.contains(
            "<bdi><a href=\"dir-link/\" title=\"link to a directory\">dir-link/</a></bdi>"
        ));
        assert!(page.contains("<bdi><a href=\"dir/\">dir/</a></bdi>"));
        assert!(page.contains(
            "<bdi><a href=\"broken\" title=\"link to nothing that is served\">broken</a></bdi>"
        ));
        let json = written("/", all, false, Format::Json);
        let broken = r#"{"name":"broken","href":"broken","type":"link","link":true,"size":null,"modified":null}"#;
        assert!(json.contains(broken), "{json}");
    }

    #[test]
    fn the_page_tells_where_it_is() {
        let page = written("/a/b%3Cc/", vec![], false, Format::Html);
        assert!(page.contains("<title>Directory listing for /a/b&lt;c/</title>"));
        assert!(page.contains("formaction=\"../../\">/</button>"));
        assert!(page.contains("formaction=\"../\"><bdi>a</bdi>/</button>"));
        assert!(page.contains("<span aria-current=\"page\"><bdi>b&lt;c</bdi>/</span>"));
        assert!(!page.contains("<a "));
        let page = written("/", vec![], false, Format::Html);
        assert!(!page.contains("../"));
        let json = written("/a/%FF/", vec![], false, Format::Json);
        assert_eq!(
            json,
            "{\"path\":\"/a/%FF/\",\"truncated\":false,\"entries\":[]}\n"
        );
    }

    #[test]
    fn a37_what_is_left_out_is_said() {
        for format in [Format::Html, Format::Json, Format::Text] {
            let full = written("/", vec![file("a")], false, format);
            let cut = written("/", vec![file("a")], true, format);
            assert_ne!(full, cut);
        }
        let cut = written("/", vec![file("a")], true, Format::Html);
        assert!(cut.contains("first 1 entries"));
    }

    #[test]
    fn dates_are_utc() {
        let shown = |seconds| {
            let mut text = String::new();
            let entry = entry("a", FileKind::File, 0, seconds);
            let known = Dates::default().push(&entry, 'T', true, &mut text);
            known.then_some(text)
        };
        assert_eq!(shown(0).as_deref(), Some("1970-01-01T00:00:00"));
        assert_eq!(shown(1_795_268_868).as_deref(), Some("2026-11-21T13:47:48"));
        assert_eq!(shown(-1).as_deref(), Some("1969-12-31T23:59:59"));
        assert_eq!(shown(-86_400).as_deref(), Some("1969-12-31T00:00:00"));
        assert_eq!(shown(951_827_696).as_deref(), Some("2000-02-29T12:34:56"));
        assert_eq!(shown(i64::MAX), None);
        assert_eq!(shown(i64::MIN), None);
        let mut text = String::new();
        let mut dates = Dates::default();
        for seconds in [86_399, 86_400, i64::MAX, 86_401, 0] {
            dates.push(
                &entry("a", FileKind::File, 0, seconds),
                ' ',
                false,
                &mut text,
            );
            text.push(';');
        }
        assert_eq!(
            text,
            "1970-01-01 23:59;1970-01-02 00:00;;1970-01-02 00:00;1970-01-01 00:00;"
        );
    }
}
