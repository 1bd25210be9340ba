//! Route patterns: `/users/{id}/files/{*path}`.

use proc_macro2::{Literal, Span};
use syn::LitStr;

use crate::errors::Sink;
use crate::messages;

/// A pattern that is well formed.
#[derive(Clone)]
pub(crate) struct Pattern {
    pub(crate) text: String,
    pub(crate) literal: LitStr,
    pub(crate) segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Text, decoded. The last one is empty if the pattern ends in `/`.
    Literal(String),
    Param(String),
    Rest(String),
}

impl Pattern {
    /// The names of the placeholders, from left to right.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Param(name) | Segment::Rest(name) => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
    }

    /// The text of its segments, as far as they are text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(text) => Some(text.as_str()),
            Segment::Param(_) | Segment::Rest(_) => None,
        })
    }

    /// The path that it matches byte for byte, if it has no placeholders and what is sent for it is most likely what is
    /// written. Text with a slash or a percent sign in it is sent in another spelling than the decoded one.
    pub(crate) fn exact(&self) -> Option<String> {
        let mut path = String::new();
        for segment in &self.segments {
            let Segment::Literal(text) = segment else {
                return None;
            };
            if !text
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'%' | b'/'))
            {
                return None;
            }
            path.push('/');
            path.push_str(text);
        }
        Some(path)
    }

    /// Reads a pattern; `None` if it was refused.
    pub(crate) fn parse(literal: &LitStr, sink: &mut Sink) -> Option<Pattern> {
        let text = literal.value();
        let Some(path) = text.strip_prefix('/') else {
            sink.push(syn::Error::new(
                literal.span(),
                messages::route_without_slash(&text),
            ));
            return None;
        };
        if let Some((at, character)) = text.char_indices().find(|&(at, c)| {
            matches!(c, '?' | '\\') || c.is_control() || (c == '#' && !text[..at].ends_with("{r"))
        }) {
            let place = part(literal, at, at + character.len_utf8());
            sink.push(syn::Error::new(
                place,
                messages::route_bad_character(character),
            ));
            return None;
        }
        if path.starts_with('/') || path.contains("//") {
            sink.push(syn::Error::new(
                literal.span(),
                messages::route_empty_segment(&text),
            ));
            return None;
        }
        let mut reader = Reader {
            literal,
            sink,
            at: 1,
            segments: Vec::new(),
            sound: true,
        };
        let mut raw = path.split('/').peekable();
        while let Some(segment) = raw.next() {
            reader.segment(segment, raw.peek().is_none());
            reader.at += segment.len() + 1;
        }
        let Reader {
            segments, sound, ..
        } = reader;
        sound.then(|| Pattern {
            text: text.clone(),
            literal: literal.clone(),
            segments,
        })
    }
}

struct Reader<'a> {
    literal: &'a LitStr,
    sink: &'a mut Sink,
    at: usize,
    segments: Vec<Segment>,
    sound: bool,
}

impl Reader<'_> {
    fn segment(&mut self, raw: &str, last: bool) {
        let segment = match placeholder(raw) {
            Some(name) => {
                let (rest, name) = match name.strip_prefix('*') {
                    Some(name) => (true, name),
                    None => (false, name),
                };
                let name = name.strip_prefix("r#").unwrap_or(name);
                if !is_name(name) {
                    return self.refuse(
                        raw,
                        foreign(raw).unwrap_or_else(|| messages::route_bad_placeholder(raw)),
                    );
                }
                if matches!(name, "self" | "Self" | "super" | "crate") {
                    return self.refuse(raw, messages::route_placeholder_keyword(name));
                }
                if rest && !last {
                    return self.refuse(raw, messages::route_rest_not_last(name));
                }
                let known = self.segments.iter().any(|segment| {
                    matches!(segment, Segment::Param(other) | Segment::Rest(other) if other == name)
                });
                if known {
                    return self.refuse(raw, messages::route_placeholder_twice(name));
                }
                if rest {
                    Segment::Rest(name.into())
                } else {
                    Segment::Param(name.into())
                }
            }
            None if raw.contains(['{', '}']) => {
                return self.refuse(raw, messages::route_bad_placeholder(raw));
            }
            None => match (foreign(raw), decode(raw)) {
                (Some(message), _) => return self.refuse(raw, message),
                (None, None) => return self.refuse(raw, messages::route_bad_escape(raw)),
                (None, Some(text)) => Segment::Literal(text),
            },
        };
        self.segments.push(segment);
    }

    fn refuse(&mut self, raw: &str, message: String) {
        self.sound = false;
        let place = part(self.literal, self.at, self.at + raw.len());
        self.sink.push(syn::Error::new(place, message));
    }
}

fn placeholder(raw: &str) -> Option<&str> {
    raw.strip_prefix('{')?
        .strip_suffix('}')
        .filter(|inside| !inside.contains(['{', '}']))
}

/// A route of another framework as it is written here, as far as that can be told.
pub(crate) fn translated(route: &str) -> String {
    let path = route.split('?').next().unwrap_or_default();
    let segments = path.strip_prefix('/').unwrap_or(path).split('/');
    segments
        .map(|raw| format!("/{}", translate(raw).unwrap_or_else(|| raw.to_owned())))
        .collect()
}

/// What is said about a placeholder as other frameworks write it.
fn foreign(raw: &str) -> Option<String> {
    let ours = translate(raw)?;
    Some(match placeholder(raw) {
        None => messages::route_foreign_placeholder(raw, &ours),
        Some(_) => messages::route_placeholder_form(raw, &ours),
    })
}

/// Placeholders as other frameworks write them: `:id`, `*rest`, `<id>`, `{id:int}`, `{rest...}`.
fn translate(raw: &str) -> Option<String> {
    let braces = placeholder(raw);
    let (name, rest) = if let Some(name) = raw.strip_prefix(':') {
        (name, false)
    } else if let Some(name) = raw.strip_prefix('*') {
        (name, true)
    } else if let Some(name) = raw.strip_prefix('<').and_then(|raw| raw.strip_suffix('>')) {
        match name.strip_suffix("..") {
            Some(name) => (name, true),
            None => (name.rsplit(':').next().unwrap_or(name), false),
        }
    } else if let Some(name) = braces.and_then(|inside| inside.strip_suffix("...")) {
        (name, true)
    } else if let Some((name, kind)) = braces.and_then(|inside| inside.split_once(':')) {
        (name, kind == "path" || kind == ".*")
    } else {
        return None;
    };
    let ours = if rest {
        format!("{{*{name}}}")
    } else {
        format!("{{{name}}}")
    };
    is_name(name).then_some(ours)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name != "_"
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c == '_' || c.is_alphanumeric())
}

fn decode(raw: &str) -> Option<String> {
    let mut bytes = raw.bytes();
    let mut decoded = Vec::with_capacity(raw.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || char::from(bytes.next()?).to_digit(16);
            let (high, low) = (digit()?, digit()?);
            decoded.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok()
}

/// The place of `from..to` inside the literal where the compiler can say it, else all of it.
fn part(literal: &LitStr, from: usize, to: usize) -> Span {
    let token: Literal = literal.token();
    // Only a plain literal has the offsets of its value: one quote, no escapes.
    let plain = token.to_string() == format!("\"{}\"", literal.value());
    plain
        .then(|| token.subspan(from + 1..to + 1))
        .flatten()
        .unwrap_or_else(|| literal.span())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<Segment>, String> {
        let mut sink = Sink::default();
        let literal = LitStr::new(text, Span::call_site());
        match Pattern::parse(&literal, &mut sink) {
            Some(pattern) => Ok(pattern.segments),
            None => Err(sink.into_tokens().to_string()),
        }
    }

    fn text(text: &str) -> Segment {
        Segment::Literal(text.into())
    }

    #[test]
    fn segments() {
        assert_eq!(parse("/"), Ok(vec![text("")]));
        assert_eq!(parse("/a"), Ok(vec![text("a")]));
        assert_eq!(parse("/a/"), Ok(vec![text("a"), text("")]));
        assert_eq!(
            parse("/a%20b/{x}"),
            Ok(vec![text("a b"), Segment::Param("x".into())])
        );
        assert_eq!(
            parse("/{r#type}/{*rest}"),
            Ok(vec![
                Segment::Param("type".into()),
                Segment::Rest("rest".into())
            ])
        );
        assert_eq!(
            parse("/.well-known/x:y"),
            Ok(vec![text(".well-known"), text("x:y")])
        );
    }

    #[test]
    fn routes_of_others() {
        for (theirs, ours) in [
            ("/", "/"),
            ("/users/<id>?<page>", "/users/{id}"),
            ("/users/:id/posts/{post:int}", "/users/{id}/posts/{post}"),
            ("files/<path..>", "/files/{*path}"),
            ("/a/{b}", "/a/{b}"),
        ] {
            assert_eq!(translated(theirs), ours);
        }
    }

    #[test]
    fn refusals() {
        for (route, words) in [
            ("a", "did you mean \\\"/a\\\"?"),
            ("", "did you mean \\\"/\\\"?"),
            ("/a//b", "did you mean \\\"/a/b\\\"?"),
            ("//", "did you mean \\\"/\\\"?"),
            ("/{a}{b}", "`{a}{b}` is no placeholder"),
            ("/x{a}", "`x{a}` is no placeholder"),
            ("/{}", "`{}` is no placeholder"),
            ("/{1a}", "`{1a}` is no placeholder"),
            ("/{*a}/b", "has to be last"),
            ("/{a}/{a}", "is there twice"),
            ("/:id", "is written `{id}`"),
            ("/{self}", "another name"),
            ("/{*crate}", "another name"),
            ("/*all", "is written `{*all}`"),
            ("/<id>", "is written `{id}`"),
            ("/<int:id>", "is written `{id}`"),
            ("/{path:path}", "is written `{*path}`"),
            ("/{rest...}", "is written `{*rest}`"),
            ("/a%2", "hexadecimal"),
            ("/%ff", "UTF-8"),
            ("/a?b=c", "without a query"),
            ("/a#b", "without a fragment"),
            ("/a\nb", "cannot be in a path"),
        ] {
            let error = parse(route).expect_err(route);
            assert!(error.contains(words), "{route}: {error}");
        }
    }
}
