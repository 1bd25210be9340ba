//! What the parameters, answers and errors of this crate say of themselves.

#[cfg(feature = "params")]
use crate::FromRequest;
use crate::http1::HeaderFields;
use crate::openapi::describe::{Input, Output};
use crate::openapi::operation::{Answer, Operation};
use crate::openapi::schema::Schema;
use crate::reply::cached::CONDITIONAL;
use crate::{
    Answers, Cached, Created, Fault, Form, Html, Json, NoContent, Pairs, Redirect, Reply, Request,
    Response, Status, WithHeader,
};
use schemars::JsonSchema;
use std::borrow::Cow;

const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
const TOO_LARGE: &str = "The body is too large.";

/// By hand: the method alone knows what it reads.
impl Input for &Request<'_> {
    fn input(_: &mut Operation<'_>) {}
}

impl Input for &mut Request<'_> {
    fn input(_: &mut Operation<'_>) {}
}

impl Input for Response<'_> {
    fn input(_: &mut Operation<'_>) {}
}

/// Fields without a list are nobody's contract.
impl Input for HeaderFields<'_> {
    fn input(_: &mut Operation<'_>) {}
}

impl Input for Pairs<'_> {
    fn input(operation: &mut Operation<'_>) {
        operation.remark("the fields of the query are not named: take them as a struct");
    }
}

impl<T: Input> Input for Option<T> {
    fn input(operation: &mut Operation<'_>) {
        operation.optional(T::input);
    }
}

impl<T: Input> Input for crate::Result<T> {
    fn input(operation: &mut Operation<'_>) {
        T::input(operation);
    }
}

/// The handler says how a user is verified: the macro asks it.
impl<U> Input for crate::Authorized<U> {
    fn input(operation: &mut Operation<'_>) {
        operation.fault(401, "");
    }
}

impl Input for Vec<u8> {
    fn input(operation: &mut Operation<'_>) {
        operation
            .body(BYTES, Schema::binary())
            .fault(413, TOO_LARGE);
    }
}

impl Input for String {
    fn input(operation: &mut Operation<'_>) {
        operation
            .body("text/plain", Schema::string())
            .fault(400, "The body is not UTF-8.")
            .fault(413, TOO_LARGE);
    }
}

impl Input for Form {
    fn input(operation: &mut Operation<'_>) {
        operation
            .body("application/x-www-form-urlencoded", Schema::new("object"))
            .fault(400, "The body is not UTF-8.")
            .fault(413, TOO_LARGE)
            .fault(415, "The body is not a form.")
            .remark("the fields of the form are not named: take them as a struct");
    }
}

impl<T: JsonSchema> Input for Json<T> {
    fn input(operation: &mut Operation<'_>) {
        let schema = operation.request_schema::<T>();
        operation
            .body(JSON, schema)
            .fault(400, "The body is not what the operation takes.")
            .fault(413, TOO_LARGE)
            .fault(415, "The body is not JSON.");
    }
}

impl<T: JsonSchema> Output for Json<T> {
    fn output(operation: &mut Operation<'_>) {
        let schema = operation.answer_schema::<T>();
        operation.answer(Answer::new(200).content(JSON, schema));
    }
}

fn text(operation: &mut Operation<'_>) {
    operation.answer(Answer::new(200).content(TEXT, Schema::string()));
}

fn bytes(operation: &mut Operation<'_>) {
    operation.answer(Answer::new(200).content(BYTES, Schema::binary()));
}

macro_rules! outputs {
    ($($describe:path, ($($generics:tt)*), $type:ty;)*) => {$(
        impl<$($generics)*> Output for $type {
            fn output(operation: &mut Operation<'_>) {
                $describe(operation);
            }
        }
    )*};
}

outputs! {
    text, (), &str;
    text, (), String;
    text, (), Cow<'_, str>;
    bytes, (), &[u8];
    bytes, (const N: usize), [u8; N];
    bytes, (const N: usize), &[u8; N];
    bytes, (), Vec<u8>;
    bytes, (), Cow<'_, [u8]>;
    // Headers are values, so their names are not known.
    T::output, (T: Output, V, const N: usize), ([(&str, V); N], T);
    T::output, (T: Output, V), WithHeader<T, V>;
}

impl<T> Output for Html<T> {
    fn output(operation: &mut Operation<'_>) {
        operation.answer(Answer::new(200).content("text/html; charset=utf-8", Schema::string()));
    }
}

/// Errors of the system have no status of their own.
impl<T: Output> Output for std::io::Result<T> {
    fn output(operation: &mut Operation<'_>) {
        T::output(operation);
        operation.any_fault();
    }
}

/// All of them are 500.
impl<T: Output> Output for crate::AnyResult<T> {
    fn output(operation: &mut Operation<'_>) {
        T::output(operation);
        operation.fault(500, "");
    }
}

/// 303, 307 and 308: which one is a value.
impl Output for Redirect {
    fn output(operation: &mut Operation<'_>) {
        for status in [303, 307, 308] {
            let location = Schema::string().with("format", "uri-reference");
            operation.answer(Answer::new(status).header("Location", location));
        }
    }
}

impl<T: Output> Output for Option<T> {
    fn output(operation: &mut Operation<'_>) {
        T::output(operation);
        operation.fault(404, "");
    }
}

impl<T: Output, E: Fault> Output for Result<T, E> {
    fn output(operation: &mut Operation<'_>) {
        T::output(operation);
        operation.answers(E::ANSWERS);
    }
}

impl<const N: u16, T: Output> Output for Status<N, T> {
    fn output(operation: &mut Operation<'_>) {
        operation.with_status(N, T::output);
    }
}

impl<T: Output> Output for Created<T> {
    fn output(operation: &mut Operation<'_>) {
        let location = Schema::string().with("format", "uri-reference");
        operation.with_status(201, |operation| {
            operation.with_header("Location", location, T::output);
        });
    }
}

/// A client that asks with the tag of its version may get 304.
impl<T: Output> Output for Cached<T> {
    fn output(operation: &mut Operation<'_>) {
        T::output(operation);
        operation.answers(&Answers::new(CONDITIONAL));
    }
}

impl Output for NoContent {
    fn output(operation: &mut Operation<'_>) {
        operation.answers(Self::ANSWERS);
    }
}

/// Parameters that are fields of a struct are data of their type.
#[cfg(feature = "params")]
fn declared<'c, T: FromRequest<'c>>(operation: &mut Operation<'_>) {
    if let Some(group) = T::PARAMS {
        operation.params(&group);
    }
    operation.refusals(T::REFUSALS);
}

#[cfg(feature = "params")]
macro_rules! structs {
    ($($type:ident),*) => {$(
        impl<T: crate::Params> Input for crate::$type<T> {
            fn input(operation: &mut Operation<'_>) {
                declared::<Self>(operation);
            }
        }
    )*};
}

#[cfg(feature = "params")]
structs! { Query, Headers, Cookies, Form }

#[cfg(feature = "multipart")]
structs! { Multipart }

/// What is in a cookie is a value, so it is not known.
#[cfg(feature = "params")]
impl<T: Output> Output for (crate::SetCookie, T) {
    fn output(operation: &mut Operation<'_>) {
        operation.with_header("Set-Cookie", Schema::string(), T::output);
    }
}

/// As with one cookie.
#[cfg(feature = "params")]
impl<T: Output, const N: usize> Output for ([crate::SetCookie; N], T) {
    fn output(operation: &mut Operation<'_>) {
        operation.with_header("Set-Cookie", Schema::string(), T::output);
    }
}
