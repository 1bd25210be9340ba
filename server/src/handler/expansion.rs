//! What expansions of `#[handler]` name. Nothing in here is part of the public interface.

pub use crate::__doget_inherit as inherit;
pub use crate::handler::checks::assert_method;
pub use crate::semantics::method::method_token;
pub use core::option::Option::{self, None, Some};
pub use core::primitive::{bool, str, u8, u32, u64, usize};

use crate::extract::FromRequest;
use crate::handler::checks::equal;
use crate::http1::repr;
use crate::semantics::method::{self, MethodInfo, MethodSet};
use crate::{Error, Handler, IntoError, Reply, Request, Response, Result, Route, Sent};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::marker::PhantomData;

/// Every block implements it, and so do two blocks on one type, which the compiler then says first: the name is the rule.
/// What to do instead is in the chapter "Large programs" of [`handler`](macro@crate::handler).
pub trait OneHandlerBlockForEachType {}

// -- Parameters: what is left to give is in the type. ---------------------------------------------------------------

/// What a method has not taken yet; a slot is [`Gone`] when it was taken.
pub struct Unclaimed<Q, S>(pub Q, pub S);

/// An empty slot.
pub struct Gone;

/// `Unclaimed` from which a `T` can be taken, so that `Rest` is left.
///
/// The rest is a parameter and not an associated type: a fault is then reported once.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be taken from a request, or was already taken",
    label = "this parameter has no source",
    note = "a parameter is `&Request`, `&mut Request`, `Response` (each once), one that a `{{placeholder}}` of the route names, or a type that implements `doget::FromRequest`"
)]
pub trait Provides<T, Rest>: Sized {
    fn provide(self) -> Result<(T, Rest)>;
}

impl<'r, 'c, S> Provides<&'r mut Request<'c>, Unclaimed<Gone, S>>
    for Unclaimed<&'r mut Request<'c>, S>
{
    fn provide(self) -> Result<(&'r mut Request<'c>, Unclaimed<Gone, S>)> {
        Ok((self.0, Unclaimed(Gone, self.1)))
    }
}

impl<'r, 'c, S> Provides<&'r Request<'c>, Unclaimed<Gone, S>>
    for Unclaimed<&'r mut Request<'c>, S>
{
    fn provide(self) -> Result<(&'r Request<'c>, Unclaimed<Gone, S>)> {
        Ok((self.0, Unclaimed(Gone, self.1)))
    }
}

impl<'c, Q> Provides<Response<'c>, Unclaimed<Q, Gone>> for Unclaimed<Q, Response<'c>> {
    fn provide(self) -> Result<(Response<'c>, Unclaimed<Q, Gone>)> {
        Ok((self.1, Unclaimed(self.0, Gone)))
    }
}

impl<'c, S, T: FromRequest<'c>> Provides<T, Self> for Unclaimed<&mut Request<'c>, S> {
    fn provide(self) -> Result<(T, Self)> {
        let value = T::from_request(self.0)?;
        Ok((value, self))
    }
}

impl<'c, Q> Unclaimed<Q, Response<'c>> {
    /// The response was not taken: whatever came back is sent.
    #[inline]
    pub fn finish<R: Reply>(self, reply: R) -> Result<Sent> {
        reply.reply(self.1)
    }
}

impl<Q> Unclaimed<Q, Gone> {
    /// The response was taken: what came back has to show that it was answered.
    #[inline]
    pub fn finish<R: Answered>(self, answer: R) -> Result<Sent> {
        answer.answered()
    }
}

/// Proof of an answer.
#[diagnostic::on_unimplemented(
    message = "this method takes the `Response`, but returns `{Self}`: nothing shows that it answered",
    label = "must be `doget::Result<Sent>`",
    note = "return what `finish()`, `reply(..)` or `send_error(..)` gives; to return a value that is sent, do not take the `Response`"
)]
pub trait Answered {
    fn answered(self) -> Result<Sent>;
}

impl Answered for Sent {
    fn answered(self) -> Result<Sent> {
        Ok(self)
    }
}

impl<E: IntoError> Answered for Result<Sent, E> {
    fn answered(self) -> Result<Sent> {
        self.map_err(IntoError::into_error)
    }
}

/// Stands at the end of a body that has no value there; implemented for nothing.
#[diagnostic::on_unimplemented(
    message = "this method ends without an answer",
    label = "`{Self}` is still owed here",
    note = "end with what is to be sent, or with what `finish()`, `reply(..)` or `send_error(..)` gives, without a `;` after it"
)]
pub trait Unanswered: Sized {
    fn never() -> Self;
}

/// What a parameter does with the body. The inherent consts hide those of [`NoSource`] where `T` is taken from the request, and is
/// silent where it is not: the hand-out reports that.
pub struct Probe<T>(PhantomData<T>);

impl<'c, T: FromRequest<'c>> Probe<T> {
    pub const COLLECT: u64 = T::COLLECT;
    pub const BODY: bool = T::BODY;
}

pub trait NoSource {
    const COLLECT: u64 = 0;
    const BODY: bool = false;
}

impl<T> NoSource for Probe<T> {}

#[inline]
#[must_use]
pub const fn largest(numbers: &[u64]) -> u64 {
    let mut largest = 0;
    let mut position = 0;
    while position < numbers.len() {
        if numbers[position] > largest {
            largest = numbers[position];
        }
        position += 1;
    }
    largest
}

// -- Routes ---------------------------------------------------------------------------------------------------------

/// The first segment of what is left of a path, and what follows its slash.
#[inline]
#[must_use]
pub fn segment(rest: &str) -> (&str, Option<&str>) {
    match rest.split_once('/') {
        Some((segment, rest)) => (segment, Some(rest)),
        None => (rest, None),
    }
}

/// Whether a segment is this text, escaped or not. The text has no percent sign: see [`decodes_to`].
#[inline]
#[must_use]
pub fn literal(segment: &str, text: &str) -> bool {
    // An escape takes two bytes more than what it stands for.
    segment == text || (segment.len() >= text.len() + 2 && decodes_to(segment, text))
}

/// Whether a segment decodes to this text. Text with a percent sign is never sent as it stands: `%25` is not the text `%25`.
#[cold]
#[must_use]
pub fn decodes_to(segment: &str, text: &str) -> bool {
    percent_decode_str(segment).eq(text.bytes())
}

/// A captured segment, decoded. What is not UTF-8 names no resource.
pub fn decode(segment: &str) -> Result<Cow<'_, str>> {
    percent_decode_str(segment)
        .decode_utf8()
        .map_err(|_| Error::new(404))
}

/// What a captured segment is read as. What cannot be read names no resource.
#[inline]
pub fn found<T>(value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::new(404))
}

/// What the matcher of a block found: the entry, and the captured segments.
pub type Find<const N: usize> = for<'p> fn(&str, &'p str) -> Option<(usize, [&'p str; N])>;

/// Collects the methods of `names` that have a match for `path`. `routed` tells of each entry whether it has a pattern.
pub fn allowed<const N: usize>(
    set: &mut MethodSet,
    path: &str,
    names: &[&'static str],
    routed: &[bool],
    find: Find<N>,
) {
    for name in names {
        if let Some((entry, _)) = find(name, path) {
            set.insert(name);
            if routed.get(entry).copied().unwrap_or_default() {
                set.set_routed();
            }
        }
    }
}

// -- What no method takes -------------------------------------------------------------------------------------------

/// 405 if the path allows other methods, 404 if it allows none, 501 for a method that the handler does not have at all.
///
/// On a path that a route matches, or that belongs to files, a registered method is one that the server knows (RFC 9110 section 15.5.6), so
/// it gets 405 even if no other path has it.
pub fn refuse<H: Handler>(handler: &H, request: &Request<'_>) -> Result<Sent> {
    let command = request.method();
    let mut set = MethodSet::new();
    handler.allowed(request.path(), &mut set);
    let known = H::METHODS.iter().any(|info| info.method == command);
    if (known && !set.is_empty()) || (set.is_routed() && method::registered(command)) {
        return Err(Error::new(405).header("Allow", set.to_string()));
    }
    if known {
        return Err(Error::new(404));
    }
    Err(Error::new(501).message(format!("Unsupported method ({})", repr(command))))
}

/// The derived `OPTIONS`: 200 with `Allow` and `Content-Length: 0`, which a 204 could not carry. `*` asks for the whole handler
/// (RFC 9110 section 9.3.7).
pub fn options<H: Handler>(
    handler: &H,
    request: &Request<'_>,
    response: Response<'_>,
) -> Result<Sent> {
    let mut set = MethodSet::new();
    if request.path() == "*" {
        for info in H::METHODS {
            set.insert(info.method);
        }
    } else {
        handler.allowed(request.path(), &mut set);
    }
    if set.is_empty() {
        return Err(Error::new(404));
    }
    response
        .send_response(200)
        .send_header("Allow", set)
        .finish()
}

/// What a block does not handle goes to its base, if that does.
///
/// The derived `OPTIONS` stays here, since only the block knows both. One that the base wrote is called, except for the block's own
/// routes, of which it knows nothing.
pub fn dispatch_base<H: Handler, B: Handler>(
    handler: &H,
    base: &B,
    request: &mut Request<'_>,
    response: Response<'_>,
) -> Result<Sent> {
    let (command, path) = (request.method(), request.path());
    let info = B::METHODS.get(base.route(command, path).index as usize);
    let handled = match info {
        Some(_) => true,
        // A handler that is written by hand need not tell its routes.
        None => {
            let mut set = MethodSet::new();
            base.allowed(path, &mut set);
            set.contains(command)
        }
    };
    if command == "OPTIONS"
        && match info {
            Some(info) if !info.derived => has_own_route(handler, base, path),
            _ => derives_options(H::METHODS),
        }
    {
        return options(handler, request, response);
    }
    if handled {
        base.dispatch(request, response)
    } else {
        refuse(handler, request)
    }
}

/// Whether a route of the block itself allows something that the base does not.
fn has_own_route<H: Handler, B: Handler>(handler: &H, base: &B, path: &str) -> bool {
    let (mut all, mut below) = (MethodSet::new(), MethodSet::new());
    handler.allowed(path, &mut all);
    base.allowed(path, &mut below);
    let everywhere = |method| {
        let mut infos = H::METHODS.iter();
        infos.any(|info| info.route.is_none() && info.method == method)
    };
    all.iter()
        .any(|method| !below.contains(method) && !everywhere(method))
}

fn derives_options(methods: &[MethodInfo]) -> bool {
    methods
        .iter()
        .any(|info| info.method == "OPTIONS" && info.derived)
}

/// As [`dispatch_base`], but only says what would run.
pub fn route_base<B: Handler>(registry: &Registry, base: &B, command: &str, path: &str) -> Route {
    let route = base.route(command, path);
    match registry.moved.get(route.index as usize) {
        Some(&index) if (route.index as usize) < B::METHODS.len() => Route { index, ..route },
        _ => route,
    }
}

// -- The registry of a block and its base ---------------------------------------------------------------------------

/// How many entries a handler with a base can have, its base's included.
const CAPACITY: usize = 256;

/// Two tables in one. The capacity is fixed, since the length of an array cannot depend on a type parameter.
pub struct Registry {
    entries: [MethodInfo; CAPACITY],
    len: usize,
    /// Where the entries of the base went.
    moved: [u32; CAPACITY],
}

impl Registry {
    /// `own`, then what `base` has beside it. `options`: a derived `OPTIONS` is added if there is none.
    #[must_use]
    pub const fn union(own: &[MethodInfo], base: &[MethodInfo], options: bool) -> Self {
        const EMPTY: MethodInfo = MethodInfo::new("", None, "", "", false);
        let mut registry = Self {
            entries: [EMPTY; CAPACITY],
            len: 0,
            moved: [u32::MAX; CAPACITY],
        };
        let mut position = 0;
        while position < own.len() {
            registry.push(own[position]);
            position += 1;
        }
        position = 0;
        while position < base.len() {
            registry.moved[position] = registry.add(base[position]);
            position += 1;
        }
        if options {
            registry.add(MethodInfo::new("OPTIONS", None, "", "", true));
        }
        registry
    }

    const fn push(&mut self, info: MethodInfo) {
        assert!(
            self.len < CAPACITY,
            "more than 256 methods and routes in a handler with a base"
        );
        self.entries[self.len] = info;
        self.len += 1;
    }

    /// The position of the entry, which is added if the same method and route are not there.
    const fn add(&mut self, info: MethodInfo) -> u32 {
        let mut position = 0;
        while position < self.len {
            let known = self.entries[position];
            let same_route = match (known.route, info.route) {
                (Some(one), Some(two)) => equal(one, two),
                (None, None) => true,
                _ => false,
            };
            if same_route && equal(known.method, info.method) {
                return narrow(position);
            }
            position += 1;
        }
        self.push(info);
        narrow(position)
    }

    #[must_use]
    pub const fn methods(&self) -> &[MethodInfo] {
        self.entries.split_at(self.len).0
    }
}

/// A position, which is below [`CAPACITY`].
#[allow(clippy::cast_possible_truncation)]
const fn narrow(position: usize) -> u32 {
    position as u32
}

// -- Checks at compile time -----------------------------------------------------------------------------------------

/// Which of a row of parameters read the body: not both the first and the last. One between them is told by its own pair.
#[track_caller]
pub const fn check_bodies(reading: &[bool]) {
    let [first, between @ .., last] = reading else {
        return;
    };
    let mut position = 0;
    while position < between.len() {
        if between[position] {
            return;
        }
        position += 1;
    }
    assert!(
        !(*first && *last),
        "both parameters read the body, and the second finds nothing left: keep one, and make the other from it"
    );
}

#[must_use]
pub const fn check_protocol_version(version: &'static str) -> &'static str {
    assert!(
        equal(version, "HTTP/1.1") || equal(version, "HTTP/1.0"),
        "PROTOCOL_VERSION is the version of responses: write \"HTTP/1.1\" or \"HTTP/1.0\""
    );
    version
}

/// The template of error pages: `{code}`, `{message}` and `{explain}`, with `{{` and `}}` for braces.
#[must_use]
pub const fn check_error_format(format: &'static str) -> &'static str {
    let bytes = format.as_bytes();
    let mut position = 0;
    while position < bytes.len() {
        let next = if position + 1 < bytes.len() {
            bytes[position + 1]
        } else {
            0
        };
        match bytes[position] {
            b'{' if next == b'{' => position += 2,
            b'}' if next == b'}' => position += 2,
            b'}' => panic!(
                "ERROR_MESSAGE_FORMAT has a `}}` that closes nothing: a brace as text is written `}}}}`"
            ),
            b'{' => {
                position = if at(bytes, position, "{code}") {
                    position + 6
                } else if at(bytes, position, "{message}") || at(bytes, position, "{explain}") {
                    position + 9
                } else {
                    panic!(
                        "ERROR_MESSAGE_FORMAT has a `{{` that begins no placeholder: write `{{code}}`, `{{message}}` or `{{explain}}`; a brace as text is written `{{{{`"
                    )
                };
            }
            _ => position += 1,
        }
    }
    format
}

const fn at(bytes: &[u8], position: usize, text: &str) -> bool {
    let text = text.as_bytes();
    if bytes.len() - position < text.len() {
        return false;
    }
    let mut offset = 0;
    while offset < text.len() {
        if bytes[position + offset] != text[offset] {
            return false;
        }
        offset += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_match_escaped_text() {
        assert!(literal("users", "users"));
        assert!(literal("%75sers", "users"));
        assert!(literal("caf%C3%A9", "café"));
        assert!(!literal("users", "user"));
        assert!(!literal("%75ser", "users"));
        assert!(!literal("", "users"));
        assert!(decodes_to("%2525", "%25"));
        assert!(!decodes_to("%25", "%25"));
    }

    #[test]
    fn segments_keep_empty_ones() {
        assert_eq!(segment("a/b/c"), ("a", Some("b/c")));
        assert_eq!(segment("a/"), ("a", Some("")));
        assert_eq!(segment("a"), ("a", None));
        assert_eq!(segment(""), ("", None));
    }

    #[test]
    fn a_union_has_each_entry_once() {
        const OWN: &[MethodInfo] = &[
            MethodInfo::new("GET", Some("/a"), "do_GET_a", "", false),
            MethodInfo::new("PUT", None, "do_PUT", "", false),
        ];
        const BASE: &[MethodInfo] = &[
            MethodInfo::new("PUT", None, "do_PUT", "", false),
            MethodInfo::new("GET", None, "do_GET", "", false),
            MethodInfo::new("OPTIONS", None, "", "", true),
        ];
        const BOTH: &Registry = &Registry::union(OWN, BASE, true);
        let names: Vec<_> = BOTH
            .methods()
            .iter()
            .map(|info| (info.method, info.route))
            .collect();
        assert_eq!(
            names,
            [
                ("GET", Some("/a")),
                ("PUT", None),
                ("GET", None),
                ("OPTIONS", None)
            ]
        );
        assert_eq!(BOTH.moved[..3], [1, 2, 3]);
        assert_eq!(Registry::union(OWN, &BASE[..2], false).methods().len(), 3);
    }

    #[test]
    fn templates_of_error_pages() {
        let _ = check_error_format(crate::handler::hooks::ERROR_MESSAGE_FORMAT);
        let _ = check_error_format("");
        let _ = check_error_format("{{x}} {code}{message}{explain}");
        for bad in ["{", "}", "{cod}", "{code", "{code}}", "{}"] {
            assert!(
                std::panic::catch_unwind(|| check_error_format(bad)).is_err(),
                "{bad}"
            );
        }
    }
}
