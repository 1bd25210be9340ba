//! Comments as HTML: the part of CommonMark that comments have. Whatever is not known stays text.

use crate::escape_html;

/// Paragraphs, lists, headings, fenced code, and what may stand in a line.
pub(super) fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let plain = line.trim();
        if plain.is_empty() {
            continue;
        }
        if let Some(fence) = fence(plain) {
            let code: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.trim().starts_with(fence))
                .collect();
            element(&mut out, "pre", &escape_html(&code.join("\n")));
        } else if let Some(heading) = heading(plain) {
            element(&mut out, "h4", &inline(heading));
        } else if let Some((first, tag)) = item(plain) {
            let mut items = vec![first.to_owned()];
            while let Some(next) = lines.peek().map(|next| next.trim()) {
                match (item(next), items.last_mut()) {
                    (Some((text, other)), _) if other == tag => items.push(text.to_owned()),
                    // A line that goes on, and does not begin anything.
                    (None, Some(last)) if is_text(next) => {
                        last.push(' ');
                        last.push_str(next);
                    }
                    _ => break,
                }
                lines.next();
            }
            let items: String = items
                .iter()
                .map(|item| format!("<li>{}</li>", inline(item)))
                .collect();
            element(&mut out, tag, &items);
        } else {
            let mut paragraph = plain.to_owned();
            while let Some(next) = lines
                .peek()
                .map(|next| next.trim())
                .filter(|next| is_text(next))
            {
                paragraph.push('\n');
                paragraph.push_str(next);
                lines.next();
            }
            element(&mut out, "p", &inline(&paragraph));
        }
    }
    out
}

fn element(out: &mut String, tag: &str, content: &str) {
    for part in ["<", tag, ">", content, "</", tag, ">\n"] {
        out.push_str(part);
    }
}

fn is_text(line: &str) -> bool {
    !line.is_empty() && fence(line).is_none() && heading(line).is_none() && item(line).is_none()
}

fn fence(line: &str) -> Option<&'static str> {
    ["```", "~~~"]
        .into_iter()
        .find(|fence| line.starts_with(fence))
}

fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    ((1..=6).contains(&level) && text.starts_with(' ')).then(|| text.trim())
}

/// The text of an item, and the kind of its list.
fn item(line: &str) -> Option<(&str, &'static str)> {
    for mark in ["- ", "* ", "+ "] {
        if let Some(text) = line.strip_prefix(mark) {
            return Some((text, "ul"));
        }
    }
    let (number, text) = line.split_once(". ")?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some((text, "ol"))
}

/// What may stand in a line: code, emphasis and links.
pub(super) fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*', '[']) {
        let (before, from) = rest.split_at(at);
        out.push_str(&escape_html(before));
        rest = match span(from, &mut out) {
            Some(after) => after,
            None => {
                let (mark, after) = from.split_at(1);
                out.push_str(mark);
                after
            }
        };
    }
    out.push_str(&escape_html(rest));
    out
}

/// Writes what begins here, and gives what follows it.
fn span<'t>(text: &'t str, out: &mut String) -> Option<&'t str> {
    for (mark, tag) in [("``", "code"), ("`", "code"), ("**", "strong"), ("*", "em")] {
        let Some(from) = text.strip_prefix(mark) else {
            continue;
        };
        let (inner, after) = from.split_once(mark)?;
        if inner.trim().is_empty() || (tag != "code" && inner != inner.trim()) {
            return None;
        }
        let inner = match tag {
            "code" => escape_html(inner.trim()).into_owned(),
            _ => inline(inner),
        };
        for part in ["<", tag, ">", &inner, "</", tag, ">"] {
            out.push_str(part);
        }
        return Some(after);
    }
    let (label, after) = text.strip_prefix('[')?.split_once(']')?;
    if let Some((target, after)) = after
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        && is_harmless(target)
    {
        let target = escape_html(target);
        out.push_str(&format!(
            "<a href=\"{target}\" rel=\"noreferrer\">{}</a>",
            inline(label)
        ));
        return Some(after);
    }
    // A link within Rust's documentation leads nowhere here; its text is what counts.
    let after = match after
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
    {
        Some((_, after)) => after,
        None => after,
    };
    out.push_str(&inline(label));
    Some(after)
}

/// An address that runs nothing.
fn is_harmless(target: &str) -> bool {
    let target = target.trim();
    ["https://", "http://", "mailto:", "/", "#"]
        .iter()
        .any(|start| target.starts_with(start))
        && !target.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        assert_eq!(
            html("One\ntwo.\n\n# Head\n- a\n  b\n- c\n\n1. x\n```json\n<b>\n```\nend"),
            "<p>One\ntwo.</p>\n<h4>Head</h4>\n<ul><li>a b</li><li>c</li></ul>\n<ol><li>x</li></ol>\n\
             <pre>&lt;b&gt;</pre>\n<p>end</p>\n"
        );
    }

    #[test]
    fn what_stands_in_a_line() {
        assert_eq!(
            inline("a `b<c` **d** *e* [f](https://g) [`H`](crate::H) 2 * 3 [i"),
            "a <code>b&lt;c</code> <strong>d</strong> <em>e</em> <a href=\"https://g\" rel=\"noreferrer\">f</a> \
             <code>H</code> 2 * 3 [i"
        );
    }

    #[test]
    fn nothing_becomes_markup() {
        for bad in [
            "<script>alert(1)</script>",
            "[x](javascript:alert(1))",
            "[x](data:text/html,<b>)",
            "`<img src=x>`",
            "**<i>**",
            "```\n</pre><script>\n",
            "[<b>](https://a\"onclick=\"b)",
        ] {
            let html = html(bad);
            for markup in [
                "<script",
                "<img",
                "<i>",
                "<b>",
                "javascript:alert",
                "\"onclick",
            ] {
                let harmless = !html.contains(markup)
                    || (markup == "javascript:alert" && !html.contains("href"));
                assert!(harmless, "{bad}: {html}");
            }
        }
    }
}
