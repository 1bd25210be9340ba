//! What can only be checked while a handler is compiled, in functions that a const calls.

use crate::auth::Scheme;
use crate::handler::registry::{MethodInfo, equal};
use crate::response::template::stray_brace;

/// For `assert_methods!`.
#[track_caller]
pub const fn assert_method(
    methods: &[MethodInfo],
    name: &str,
    expected: bool,
    complaint: &'static str,
) {
    let mut position = 0;
    let mut found = false;
    while position < methods.len() {
        if equal(methods[position].method, name) {
            found = true;
        }
        position += 1;
    }
    if found != expected {
        panic!("{}", complaint);
    }
}

/// Which of a row of parameters read the body: not both the first and the last. One between them is told by its own
/// pair.
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

/// A parameter of a method whose requests have no body does not read it.
///
/// Of a type that names a parameter of the block it is known where the handler is used:
///
/// ```compile_fail,E0080
/// # use doget::{FromRequest, Request, Result, handler, testing};
/// # use std::marker::PhantomData;
/// struct Lines<T>(PhantomData<T>);
///
/// impl<'c, T> FromRequest<'c> for Lines<T> {
///     const BODY: bool = true;
///
///     fn from_request(_: &mut Request<'c>) -> Result<Self> {
///         Ok(Lines(PhantomData))
///     }
/// }
///
/// struct Site<T>(T);
///
/// #[handler]
/// impl<T> Site<T> {
///     fn do_GET(&self, _: Lines<T>) -> &'static str {
///         "GET has no body"
///     }
/// }
///
/// testing::get("/").send(&Site(1));
/// ```
#[track_caller]
pub const fn check_no_body(reads: bool, complaint: &'static str) {
    if reads {
        panic!("{}", complaint);
    }
}

/// What the users that a method wants are verified by: a request has one `Authorization`.
#[track_caller]
pub const fn check_credentials(schemes: &[Option<Scheme>]) {
    let (mut position, mut basic, mut bearer) = (0, false, false);
    while position < schemes.len() {
        match schemes[position] {
            Some(Scheme::Basic(_)) => basic = true,
            Some(Scheme::Bearer(_)) => bearer = true,
            // What stands in it is not known here.
            Some(Scheme::Other(_)) | None => {}
        }
        position += 1;
    }
    assert!(
        !(basic && bearer),
        "this method wants `Authorization` both as Basic and as Bearer, with those of the guard, and a request has \
         that field once: write one `Verify` that takes either"
    );
}

/// What is wrong with a type as an answer: [`Reply::FAULT`](crate::Reply::FAULT).
#[track_caller]
pub const fn check_answer(fault: Option<&'static str>) {
    if let Some(fault) = fault {
        panic!("{}", fault);
    }
}

/// The first that is wrong with one of several types.
#[must_use]
pub const fn first_fault(faults: &[Option<&'static str>]) -> Option<&'static str> {
    let mut position = 0;
    while position < faults.len() {
        if faults[position].is_some() {
            return faults[position];
        }
        position += 1;
    }
    None
}

/// `HTTP/1.1` or `HTTP/1.0`.
#[must_use]
#[track_caller]
pub(crate) const fn check_protocol_version(version: &'static str) -> &'static str {
    assert!(
        equal(version, "HTTP/1.1") || equal(version, "HTTP/1.0"),
        "PROTOCOL_VERSION is the version of responses: write \"HTTP/1.1\" or \"HTTP/1.0\""
    );
    version
}

/// The template of error pages: `{code}`, `{message}` and `{explain}`, with `{{` and `}}` for braces.
#[must_use]
#[track_caller]
pub(crate) const fn check_error_format(format: &'static str) -> &'static str {
    match stray_brace(format.as_bytes()) {
        None => format,
        Some(b'}') => panic!(
            "ERROR_MESSAGE_FORMAT has a `}}` that closes nothing: a brace as text is written `}}}}`"
        ),
        Some(_) => panic!(
            "ERROR_MESSAGE_FORMAT has a `{{` that begins no placeholder: write `{{code}}`, `{{message}}` or \
             `{{explain}}`; a brace as text is written `{{{{`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
