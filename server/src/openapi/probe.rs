//! What the macro asks of types that it knows by their text alone: whether they describe themselves.
//!
//! The call has as many references in front of its receiver as there are levels, and a method that is found with more
//! of them wins, so the answer to "does this type
//! implement the trait" is which of the methods below is called. In a generic block a type parameter is known by its
//! declared bounds only.

use crate::openapi::api::Api;
use crate::openapi::describe::{Input, Output};
use crate::openapi::operation::Operation;
use crate::openapi::schema::Schema;
use crate::{FromRequest, Layer, Reply};
use schemars::JsonSchema;
use std::marker::PhantomData;

/// A type that is asked. The names of the methods are such that no trait of a user's has them.
#[derive(Debug)]
pub struct Probe<T>(PhantomData<fn() -> T>);

impl<T> Probe<T> {
    pub const NEW: Self = Self(PhantomData);

    /// The type of an answer that has no name, `impl Reply`. The function is never called.
    pub fn returned(_: impl FnOnce() -> T) -> Self {
        Self::NEW
    }
}

pub trait ViaSchema {
    fn __doget_schema(&self, operation: &mut Operation<'_>) -> Schema;
}

impl<T: JsonSchema> ViaSchema for &Probe<T> {
    fn __doget_schema(&self, operation: &mut Operation<'_>) -> Schema {
        operation.request_schema::<T>()
    }
}

/// What can be read from text is text.
pub trait NoSchema {
    fn __doget_schema(&self, operation: &mut Operation<'_>) -> Schema;
}

impl<T> NoSchema for Probe<T> {
    fn __doget_schema(&self, _: &mut Operation<'_>) -> Schema {
        Schema::string()
    }
}

pub trait ViaInput {
    fn __doget_input(&self, operation: &mut Operation<'_>, text: &'static str);
}

impl<T: Input> ViaInput for &&Probe<T> {
    fn __doget_input(&self, operation: &mut Operation<'_>, _: &'static str) {
        T::input(operation);
    }
}

/// A type that says as data what it takes, or that it takes nothing that a document has a word for.
pub trait ViaRequest {
    fn __doget_input(&self, operation: &mut Operation<'_>, text: &'static str);
}

impl<'c, T: FromRequest<'c>> ViaRequest for &Probe<T> {
    fn __doget_input(&self, operation: &mut Operation<'_>, text: &'static str) {
        if let Some(group) = T::PARAMS {
            operation.params(&group);
        } else if T::BODY || T::REFUSALS.is_open() {
            operation.remark(format!("the parameter `{text}` is not described"));
        }
        operation.refusals(T::REFUSALS);
    }
}

pub trait NoInput {
    fn __doget_input(&self, operation: &mut Operation<'_>, text: &'static str);
}

impl<T> NoInput for Probe<T> {
    fn __doget_input(&self, operation: &mut Operation<'_>, text: &'static str) {
        operation.remark(format!("the parameter `{text}` is not described"));
    }
}

pub trait ViaOutput {
    fn __doget_output(&self, operation: &mut Operation<'_>, text: &'static str);
}

impl<T: Output> ViaOutput for &&&Probe<T> {
    fn __doget_output(&self, operation: &mut Operation<'_>, _: &'static str) {
        T::output(operation);
    }
}

/// The answer is known, its errors are not.
pub trait ViaResult {
    fn __doget_output(&self, operation: &mut Operation<'_>, text: &'static str);
}

impl<T: Output, E> ViaResult for &&Probe<Result<T, E>> {
    fn __doget_output(&self, operation: &mut Operation<'_>, text: &'static str) {
        T::output(operation);
        operation
            .any_fault()
            .remark(format!("the errors of `{text}` are not described"));
    }
}

/// The statuses are known as data, the schemas are not.
pub trait ViaReply {
    fn __doget_output(&self, operation: &mut Operation<'_>, text: &'static str);
}

impl<T: Reply> ViaReply for &Probe<T> {
    fn __doget_output(&self, operation: &mut Operation<'_>, text: &'static str) {
        operation.answers(T::ANSWERS);
        if T::ANSWERS.is_open() {
            operation.remark(format!("the answer `{text}` is not described"));
        }
    }
}

pub trait NoOutput {
    fn __doget_output(&self, operation: &mut Operation<'_>, text: &'static str);
}

impl<T> NoOutput for Probe<T> {
    fn __doget_output(&self, operation: &mut Operation<'_>, text: &'static str) {
        operation
            .any_fault()
            .remark(format!("the answer `{text}` is not described"));
    }
}

/// What a type without a name sends, where a description is demanded.
pub fn output_of<T: Output>(_: impl FnOnce() -> T, operation: &mut Operation<'_>) {
    T::output(operation);
}

/// What a layer says, which is known by the method that lends it. The function is never called.
pub fn layer_of<'l, L: Layer + 'l>(_: impl FnOnce() -> &'l L) -> fn(&mut Api) {
    L::describe
}
