//! The page: `http.server`'s look made good, without a script and without anything from elsewhere.

use super::{
    Column, Listing, MOST, Order, is_directory, link, mark, push_date, size, visible, visible_path,
};
use crate::escape_html;
use crate::files::root::Entry;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");

pub(super) fn head(listing: &Listing<'_>, into: &mut String) {
    let title = escape_html(&visible_path(listing.path)).into_owned();
    // A string takes whatever is written to it, here and below.
    let _ = write!(
        into,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Directory listing for {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
    into.push_str("<h1>Directory listing for <span>");
    crumbs(listing, into);
    into.push_str("</span></h1>\n<table>\n<thead><tr>");
    for (column, name, title) in [
        (Column::Name, "name", "Name"),
        (Column::Size, "size", "Size"),
        (Column::Date, "date", "Modified (UTC)"),
    ] {
        heading(listing.order, column, name, title, into);
    }
    into.push_str("</tr></thead>\n<tbody>\n");
    if listing.path.segments().next().is_some() {
        into.push_str("<tr class=\"d\"><td><a href=\"../\">..</a><td><td>\n");
    }
}

/// The path with a link to each directory on the way, relative, so that it holds behind a proxy's prefix too.
fn crumbs(listing: &Listing<'_>, into: &mut String) {
    let depth = listing.path.segments().count();
    let up = |levels: usize, into: &mut String| {
        into.push_str("<a href=\"");
        for _ in 0..levels {
            into.push_str("../");
        }
        if levels == 0 {
            into.push_str("./");
        }
        into.push_str("\">");
    };
    up(depth, into);
    into.push_str("/</a>");
    for (index, segment) in listing.path.segments().enumerate() {
        up(depth - index - 1, into);
        let _ = write!(into, "<bdi>{}</bdi>/</a>", escape_html(&visible(segment)));
    }
}

/// The head of a column, a link that sorts by it; the other way round if it is sorted by it already.
fn heading(order: Order, column: Column, name: &str, title: &str, into: &mut String) {
    let current = order.column == column;
    let descending = if current {
        !order.descending
    } else {
        column != Column::Name
    };
    let order_name = if descending { "desc" } else { "asc" };
    let sorted = match (current, order.descending) {
        (false, _) => "",
        (true, false) => " aria-sort=\"ascending\"",
        (true, true) => " aria-sort=\"descending\"",
    };
    let _ = write!(
        into,
        "<th scope=\"col\"{sorted}><a href=\"?sort={name}&amp;order={order_name}\">{title}</a></th>"
    );
}

pub(super) fn row(entry: &Entry, into: &mut String) {
    into.push_str(if is_directory(entry) {
        "<tr class=\"d\"><td><a href=\""
    } else {
        "<tr><td><a href=\""
    });
    link(entry, into);
    into.push_str("\"><bdi>");
    into.push_str(&escape_html(&visible(&entry.name)));
    into.push_str("</bdi>");
    into.push_str(mark(entry));
    into.push_str("</a><td>");
    if let Some(size) = size(entry) {
        push_size(size, into);
    }
    into.push_str("<td>");
    push_date(entry, ' ', false, into);
    into.push('\n');
}

pub(super) fn tail(listing: &Listing<'_>, into: &mut String) {
    into.push_str("</tbody>\n</table>\n");
    if listing.more {
        let thousands = MOST / 1000;
        let _ = writeln!(
            into,
            "<p role=\"note\"><strong>There are more.</strong> These are the first {thousands},000 entries that the system gave.</p>"
        );
    }
    let directories = listing
        .entries
        .iter()
        .filter(|entry| is_directory(entry))
        .count();
    let files = listing.entries.len() - directories;
    let _ = write!(
        into,
        "<footer>{directories} {}, {files} {} · <a href=\"?format=json\">JSON</a> · <a href=\"?format=text\">text</a></footer>\n\
         </main>\n</body>\n</html>\n",
        if directories == 1 {
            "directory"
        } else {
            "directories"
        },
        if files == 1 { "file" } else { "files" },
    );
}

/// A size in bytes, or with one decimal in the unit that leaves it below 1024.
fn push_size(size: u64, into: &mut String) {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if size < 1024 {
        let _ = write!(into, "{size} B");
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
    let _ = write!(into, "{}.{} {unit}", tenths / 10, tenths % 10);
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
