//! The items that the expansions of `#[handler]` name. None of them is part of the public interface.

pub use crate::__describe as describe;
pub use crate::error::declared::FaultCause;
#[cfg(feature = "embed")]
pub use crate::files::embedded::{EmbeddedFile, embedded};
pub use crate::handler::allow::{dispatch_base, options, refuse, route_base};
pub use crate::handler::checks::{
    assert_method, check_answer, check_bodies, check_credentials, check_no_body, first_fault,
};
pub use crate::handler::enter::enter;
pub use crate::handler::literals::Literals;
pub use crate::handler::mounted::{
    allowed_mounted, dispatch_mounted, gate_mounted, promise_mounted, route_mounted,
};
pub use crate::handler::name_checks::{
    check_described, check_disjoint, check_fields, check_operation_ids, check_placeholder,
};
pub use crate::handler::registry::Registry;
pub use crate::handler::route_texts::RouteTexts;
pub use crate::handler::taker::{TakeAlone, Taker, guard, taker};
pub use crate::handler::unclaimed::{Answered, Gone, Provides, Unanswered, Unclaimed};
pub use crate::layers::member::{
    around, gate as layer_gate, is_blocking, is_logged, promise as layer_promise,
    sent as layer_sent,
};
#[cfg(feature = "openapi")]
pub use crate::openapi;
pub use crate::semantics::method::method_token;
pub use crate::semantics::path_segment::{decodes_to, literal, prefix_length, segment};
pub use core::assert;
pub use core::convert::From;
pub use core::convert::Into;
pub use core::ops::ControlFlow;
pub use core::option::Option::{self, None, Some};
pub use core::primitive::{bool, str, u8, u32, u64, usize};
pub use core::result::Result::Ok;
pub use std::format;

#[cfg(feature = "params")]
pub use crate::extract::params::field::{AnyType, Field, Reader, TypeOf, read_field};
#[cfg(feature = "params")]
pub mod single {
    pub use crate::extract::params::single::*;
}

use crate::extract::FromRequest;
use crate::extract::describe::ParamGroup;
use crate::handler::registry::MethodSet;
use crate::{AnswerInfo, Answers, Error, Fault, IntoError, Reply, Result};
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::marker::PhantomData;

/// Every block implements it, and so do two blocks on one type, which the compiler then says first: the name is the
/// rule. What to do instead is in the chapter "Large programs" of [`handler`](macro@crate::handler).
pub trait OneHandlerBlockForEachType {}

/// How a parameter of type `T` reads the body. The macro knows types by their text only, so it cannot tell whether `T`
/// implements `FromRequest`. It writes `Probe::<T>::BODY`: the inherent consts win where `T` does, and those of
/// [`NoSource`] stand in where it does not. There the hand-out of parameters reports the fault, once and in our words;
/// a bound here would report it a second time.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<T>);

impl<'c, T: FromRequest<'c>> Probe<T> {
    pub const COLLECT: u64 = T::COLLECT;
    pub const BODY: bool = T::BODY;
    pub const REFUSALS: &'static Answers = T::REFUSALS;
    pub const PARAMS: Option<ParamGroup> = T::PARAMS;
}

pub trait NoSource {
    const COLLECT: u64 = 0;
    const BODY: bool = false;
    const REFUSALS: &'static Answers = &Answers::NONE;
    const PARAMS: Option<ParamGroup> = None;
}

impl<T> NoSource for Probe<T> {}

/// What a return type says of its answers, in the manner of [`Probe`]: nothing is known of one that is no reply.
#[derive(Debug)]
pub struct ReplyProbe<T>(PhantomData<T>);

impl<T: Reply> ReplyProbe<T> {
    pub const ANSWERS: &'static Answers = T::ANSWERS;
    pub const FAULT: Option<&'static str> = T::FAULT;
}

/// The statuses of a `Result`, if those of its error are known. `Reply` of a `Result` cannot say them: every error type
/// with a status is taken there.
#[derive(Debug)]
pub struct FaultProbe<T>(PhantomData<T>);

impl<T: Reply, E: Fault + IntoError> FaultProbe<Result<T, E>> {
    pub const KNOWN: Option<&'static Answers> =
        Some(&Answers::NONE.within(&[T::ANSWERS, E::ANSWERS]));
}

pub trait NoReply {
    const ANSWERS: &'static Answers = &Answers::OPEN;
    const FAULT: Option<&'static str> = None;
    const KNOWN: Option<&'static Answers> = None;
}

impl<T> NoReply for ReplyProbe<T> {}
impl<T> NoReply for FaultProbe<T> {}

/// The answers of a method: what is known with its error type, else what is known without.
#[must_use]
pub const fn answers(
    with_error: Option<&'static Answers>,
    without: &'static Answers,
) -> &'static Answers {
    match with_error {
        Some(answers) => answers,
        None => without,
    }
}

/// The answer of a method to a part of the path that does not parse.
pub const NO_SUCH_PART: &Answers = &Answers::new(&[AnswerInfo::error(404)]);

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

// -- Descriptions ---------------------------------------------------------------------------------------------------

/// What an expansion says to the feature `openapi`; without the feature it is nothing, and no compiler reads it.
#[cfg(feature = "openapi")]
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($($description:tt)*) => { $($description)* };
}

/// What an expansion says to the feature `openapi`; without the feature it is nothing, and no compiler reads it.
#[cfg(not(feature = "openapi"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __describe {
    ($($description:tt)*) => {};
}

// The step `features` of CI compiles this: without the feature nothing is left of a description, whatever it says.
#[cfg(not(feature = "openapi"))]
const _: () = {
    crate::__describe! { this is (no) [Rust] { at + all } => 1 2 3; fn fn struct ::no::such::Type<'static> }
};

// -- Routes ---------------------------------------------------------------------------------------------------------

/// A captured part of a path, decoded. What is not UTF-8 names no resource, and neither does a dot segment: nobody
/// sends one in good faith, since clients resolve them, and a text with one leads out of the directory that it is
/// joined to. Other separators stay, since names such as `@scope/package` are sent with `%2F`.
#[inline]
pub fn decode(captured: &str) -> Result<Cow<'_, str>> {
    match captured.bytes().any(|byte| matches!(byte, b'%' | b'.')) {
        true => decode_unusual(captured),
        false => Ok(Cow::Borrowed(captured)),
    }
}

/// [`decode`], where there is something to decode or to refuse.
fn decode_unusual(captured: &str) -> Result<Cow<'_, str>> {
    let text = percent_decode_str(captured)
        .decode_utf8()
        .map_err(|_| Error::new(404))?;
    if text.contains('.') && text.split(['/', '\\']).any(is_dot_segment) {
        return Err(Error::new(404));
    }
    Ok(text)
}

/// `.` or `..` (RFC 3986 section 3.3).
fn is_dot_segment(segment: &str) -> bool {
    matches!(segment, "." | "..")
}

/// The value of a captured segment, or 404: text that cannot be read as the parameter's type names no resource.
#[inline]
pub fn found<T>(value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::new(404))
}

/// The matcher of a block: from method and path to the number of the entry and the captured segments.
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
