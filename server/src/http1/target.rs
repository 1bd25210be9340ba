//! The four forms of a request target (RFC 9112 section 3.2).

use memchr::memchr2;

use crate::http1::Parsing;
use crate::http1::authority;
use crate::http1::error::HeadError;
use crate::http1::py_repr::repr;
use crate::http1::span::Span;

/// Which form a request target has (RFC 9112 section 3.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetForm {
    /// `/path?query`. In the lenient profile also whatever is none of the others.
    #[default]
    Origin,
    /// `http://host/path?query`.
    Absolute,
    /// `host:port`, with CONNECT.
    Authority,
    /// `*`, with OPTIONS.
    Asterisk,
}

/// The parts of a target, as spans of the text that holds it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Target {
    pub(super) form: TargetForm,
    /// The target with its leading slashes collapsed to one.
    pub(super) effective: Span,
    pub(super) path: Span,
    pub(super) query: Option<Span>,
    pub(super) authority: Option<Span>,
}

/// Takes apart the target at `whole` in `line`.
pub(super) fn read(
    line: &str,
    method: &str,
    whole: Span,
    profile: Parsing,
) -> Result<Target, HeadError> {
    let text = whole.text(line);
    let strict = profile == Parsing::Strict;
    if strict && !is_visible(text) {
        return Err(bad(
            text,
            "a path is visible ASCII; other bytes are percent-encoded",
        ));
    }
    if method == "CONNECT" {
        if authority::is_valid_with_port(text.as_bytes()) {
            return Ok(Target {
                form: TargetForm::Authority,
                effective: whole,
                path: whole,
                query: None,
                authority: Some(whole),
            });
        }
        if strict {
            return Err(bad(text, "CONNECT takes host:port"));
        }
    }
    if text.starts_with('/') {
        return Ok(from_path(line, TargetForm::Origin, whole));
    }
    if text == "*" {
        if strict && method != "OPTIONS" {
            return Err(bad(text, "only OPTIONS takes an asterisk"));
        }
        return Ok(Target {
            form: TargetForm::Asterisk,
            effective: whole,
            path: whole,
            ..Target::default()
        });
    }
    if let Some(prefix) = scheme(text) {
        return absolute(line, whole, prefix);
    }
    if strict {
        return Err(bad(
            text,
            "a target is a path that begins with a slash, or an http URI",
        ));
    }
    Ok(from_path(line, TargetForm::Origin, whole))
}

/// Whether a target has nothing but visible ASCII, which is all that RFC 3986 knows, and behind its question mark also
/// what is not ASCII: programs send that as it was given to them, and there it neither splits nor selects anything.
fn is_visible(target: &str) -> bool {
    let path_end = target.find('?').unwrap_or(target.len());
    let (path, query) = target.split_at(path_end);
    path.bytes().all(|b| b.is_ascii_graphic())
        && query.bytes().all(|b| b.is_ascii_graphic() || !b.is_ascii())
}

fn scheme(text: &str) -> Option<usize> {
    ["http://", "https://"]
        .into_iter()
        .map(str::len)
        .find(|&len| {
            text.get(..len).is_some_and(|head| {
                head.eq_ignore_ascii_case("http://") || head.eq_ignore_ascii_case("https://")
            })
        })
}

/// RFC 9112 section 3.2.2. The authority decides where the request belongs, so it is checked in
/// both profiles.
fn absolute(line: &str, whole: Span, prefix: usize) -> Result<Target, HeadError> {
    let text = whole.text(line);
    let rest = text.get(prefix..).unwrap_or_default();
    let len = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..len).unwrap_or_default();
    if authority.contains('@') {
        // RFC 9110 section 4.2.4: userinfo in a reference from outside is to be treated as an error.
        return Err(bad(text, "user information in a target is refused"));
    }
    if !authority::is_valid(authority.as_bytes()) {
        return Err(bad(
            text,
            "the authority is not a host with an optional port",
        ));
    }
    let from = whole.start() + prefix;
    let tail = Span::new(from + len, whole.end());
    Ok(Target {
        effective: whole,
        authority: Some(Span::new(from, from + len)),
        ..from_path(line, TargetForm::Absolute, tail)
    })
}

/// Cuts path and query out of `span`. A fragment, which RFC 9112 does not allow here, is cut off
/// as http.server's file handler does: it never selects anything on a server.
fn from_path(line: &str, form: TargetForm, span: Span) -> Target {
    let text = span.text(line);
    let slashes = text.bytes().take_while(|&b| b == b'/').count();
    let start = span.start() + slashes.saturating_sub(1);
    let bytes = text.as_bytes();
    let (path_end, query) = match memchr2(b'?', b'#', bytes) {
        None => (span.end(), None),
        Some(at) if bytes.get(at) == Some(&b'#') => (span.start() + at, None),
        Some(at) => {
            let from = at + 1;
            let tail = text.get(from..).unwrap_or_default();
            let len = tail.find('#').unwrap_or(tail.len());
            let query = Span::new(span.start() + from, span.start() + from + len);
            (span.start() + at, Some(query))
        }
    };
    Target {
        form,
        effective: Span::new(start, span.end()),
        path: Span::new(start, path_end),
        query,
        authority: None,
    }
}

#[cold]
fn bad(target: &str, explain: &'static str) -> HeadError {
    HeadError::new(400, format!("Bad request target ({})", repr(target))).explained(explain)
}
