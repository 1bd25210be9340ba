//! The page: `http.server`'s look made good, without a script and without anything from elsewhere.
//!
//! Its only links are those to the entries, so that a program that reads it, or a crawler, finds what it finds in
//! `http.server`'s: one page for each directory. All else that can be clicked is the button of a form.

use crate::escape_html;
use crate::files::listing::contents::{Listing, Place};
use crate::files::listing::date::Dates;
use crate::files::listing::entry::{is_directory, link, size, visible, visible_path};
use crate::files::listing::order::{Column, Order};
use crate::files::path::plain;
use crate::files::root::Entry;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");

pub(super) fn head(listing: &Listing<'_>, into: &mut String) {
    let title = escape_html(&visible_path(listing.place.segments())).into_owned();
    // A string takes whatever is written to it, here and below.
    let _ = write!(
        into,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Directory listing for {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <form id=\"up\"></form>\n\
         <h1><small>Directory listing for </small>"
    );
    crumbs(listing, into);
    into.push_str("</h1>\n");
    summary(listing, into);
    into.push_str("<table>\n<thead><tr>");
    for (column, title) in [
        (Column::Name, "Name"),
        (Column::Size, "Size"),
        (Column::Date, "Modified (UTC)"),
    ] {
        heading(listing.order, column, title, into);
    }
    into.push_str("</tr></thead>\n<tbody>\n");
    if !listing.place.path.is_root() {
        into.push_str(
            "<tr class=\"d u\"><td><button form=\"up\" formaction=\"../\" aria-label=\"Parent directory\">..\
             </button><td><td>\n",
        );
    }
}

/// The path with a button for each directory on the way, relative, so that it holds behind a proxy's prefix too. What
/// the files are below is one with their root: no button leads out of them.
fn crumbs(listing: &Listing<'_>, into: &mut String) {
    let Place { above, path } = listing.place;
    let depth = path.segments().count();
    let step = |index: usize, text: &str, into: &mut String| {
        if index == depth {
            let _ = write!(into, "<span aria-current=\"page\">{text}/</span>");
            return;
        }
        into.push_str("<button form=\"up\" formaction=\"");
        for _ in index..depth {
            into.push_str("../");
        }
        let _ = write!(into, "\">{text}/</button>");
    };
    let root = visible_path(above.segments());
    step(0, &escape_html(root.trim_end_matches('/')), into);
    for (index, segment) in path.segments().enumerate() {
        let name = format!("<bdi>{}</bdi>", escape_html(&visible(segment)));
        step(index + 1, &name, into);
    }
}

/// What there is in all, and in which other forms. It stands above the entries: below them nobody would see that some
/// are missing.
fn summary(listing: &Listing<'_>, into: &mut String) {
    let (mut directories, mut files, mut bytes) = (0_usize, 0_usize, 0_u64);
    for entry in &listing.entries {
        if is_directory(entry) {
            directories += 1;
        } else {
            files += 1;
            bytes = bytes.saturating_add(size(entry).unwrap_or_default());
        }
    }
    let plural = |number, one, many| if number == 1 { one } else { many };
    let _ = write!(
        into,
        "<form>{} {}, {} {} · ",
        grouped(directories),
        plural(directories, "directory", "directories"),
        grouped(files),
        plural(files, "file", "files"),
    );
    push_size(bytes, into);
    into.push_str(
        " · <button name=\"format\" value=\"json\">JSON</button> · \
         <button name=\"format\" value=\"text\">text</button>",
    );
    if listing.offers.archive {
        into.push_str(" · <button name=\"archive\" value=\"tar\">tar</button>");
    }
    let order = listing.order;
    if order != Order::default() {
        hidden("sort", order.column.word(), into);
        hidden("order", order.word(), into);
    }
    into.push_str("</form>\n");
    if listing.offers.uploads {
        into.push_str(
            "<form method=\"post\" enctype=\"multipart/form-data\"><input type=\"file\" name=\"file\" multiple \
             required aria-label=\"Files\"> <button>Upload</button></form>\n",
        );
    }
    if listing.more {
        let _ = writeln!(
            into,
            "<p role=\"note\"><strong>There are more.</strong> These are the first {} entries that the system \
             gave.</p>",
            grouped(listing.entries.len())
        );
    }
}

/// What a form says besides.
fn hidden(name: &str, value: &str, into: &mut String) {
    let _ = write!(
        into,
        "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
    );
}

/// A number, its thousands set off.
fn grouped(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{},{rest:03}", grouped(thousands)),
    }
}

/// The head of a column, a button that sorts by it; the other way round if it is sorted by it already.
fn heading(order: Order, column: Column, title: &str, into: &mut String) {
    let current = order.column == column;
    let next = Order {
        column,
        descending: if current {
            !order.descending
        } else {
            column != Column::Name
        },
    };
    let sorted = match (current, order.descending) {
        (false, _) => "",
        (true, false) => " aria-sort=\"ascending\"",
        (true, true) => " aria-sort=\"descending\"",
    };
    let _ = write!(into, "<th scope=\"col\"{sorted}><form>");
    hidden("sort", column.word(), into);
    let next = next.word();
    let _ = write!(
        into,
        "<button name=\"order\" value=\"{next}\">{title}</button></form></th>"
    );
}

/// A row, its end tags left out as HTML allows: there are ten thousand. The anchor's text is the name, with a slash if
/// it is a directory, as in `http.server`'s listing: programs compare it with the link. The mark of a link is the style
/// sheet's.
pub(super) fn row(entry: &Entry, dates: &mut Dates, into: &mut String) {
    let (class, title) = match (entry.link, is_directory(entry)) {
        (false, false) => ("", ""),
        (false, true) => (" class=\"d\"", ""),
        (true, true) => (" class=\"d l\"", " title=\"link to a directory\""),
        (true, false) if entry.facts.is_some() => (" class=\"l\"", " title=\"link to a file\""),
        (true, false) => (
            " class=\"l x\"",
            " title=\"link to nothing that is served\"",
        ),
    };
    into.push_str("<tr");
    into.push_str(class);
    into.push_str("><td><bdi><a href=\"");
    let plain = plain(&entry.name);
    link(entry, plain, into);
    into.push('"');
    into.push_str(title);
    into.push('>');
    match plain {
        Some(name) => into.push_str(name),
        None => into.push_str(&escape_html(&visible(&entry.name))),
    }
    if is_directory(entry) {
        into.push('/');
    }
    into.push_str("</a></bdi>");
    match size(entry) {
        None => into.push_str("<td>"),
        Some(size) if size < UNIT => {
            into.push_str("<td>");
            push_size(size, into);
        }
        // Not what it is rounded to alone.
        Some(size) => {
            into.push_str("<td title=\"");
            into.push_str(itoa::Buffer::new().format(size));
            into.push_str(" bytes\">");
            push_size(size, into);
        }
    }
    into.push_str("<td>");
    dates.push(entry, ' ', false, into);
    into.push('\n');
}

pub(super) fn tail(into: &mut String) {
    into.push_str("</tbody>\n</table>\n</main>\n</body>\n</html>\n");
}

/// The size from which on a unit stands for many bytes.
const UNIT: u64 = 1024;

/// A size in bytes, or with one decimal in the unit that leaves it below 1024.
fn push_size(size: u64, into: &mut String) {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if size < UNIT {
        into.push_str(itoa::Buffer::new().format(size));
        into.push_str(" B");
        return;
    }
    // In tenths of a unit, rounded to the nearest.
    let mut tenths = u128::from(size) * 10;
    let mut unit = "";
    for next in UNITS {
        if tenths < 10_235 {
            break;
        }
        tenths = (tenths + 512) / 1024;
        unit = next;
    }
    let tenths = u64::try_from(tenths).unwrap_or_default();
    into.push_str(itoa::Buffer::new().format(tenths / 10));
    into.push('.');
    into.push_str(itoa::Buffer::new().format(tenths % 10));
    into.push(' ');
    into.push_str(unit);
}

#[cfg(test)]
mod tests {
    use super::push_size;

    #[test]
    fn sizes() {
        for (size, shown) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (10_240, "10.0 KiB"),
            (1_048_575, "1.0 MiB"),
            (1_048_576, "1.0 MiB"),
            (123_456_789, "117.7 MiB"),
            (1 << 40, "1.0 TiB"),
            (u64::MAX, "16.0 EiB"),
        ] {
            let mut text = String::new();
            push_size(size, &mut text);
            assert_eq!(text, shown, "{size}");
        }
    }
}
