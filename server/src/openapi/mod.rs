//! The description of a handler, by OpenAPI: [`OpenApi`], with the feature `openapi`.

mod api;
mod builtin;
mod compare;
mod contracts;
pub(crate) mod describe;
pub(crate) mod description;
mod document;
mod json_text;
mod known;
pub(crate) mod operation;
pub(crate) mod page;
#[doc(hidden)]
pub mod probe;
mod route;
pub(crate) mod schema;
mod serve;
mod v3_0;

#[doc(hidden)]
pub use api::About;
pub use api::Api;
pub use compare::Changes;
pub use compare::change::Change;
pub use describe::{Input, Output};
pub use description::{Docs, Document, OpenApi, Remark};
#[doc(hidden)]
pub use operation::ErrorBody;
pub use operation::{Answer, Operation, Parameter, Scheme};
pub use schema::Schema;
pub use schemars::{self, JsonSchema};
