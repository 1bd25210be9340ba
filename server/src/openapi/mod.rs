//! The description of a handler, by OpenAPI: [`OpenApi`], with the feature `openapi`.

mod api;
mod builtin;
mod contracts;
pub(crate) mod describe;
mod document;
mod json_text;
mod known;
pub(crate) mod operation;
#[doc(hidden)]
pub mod probe;
mod route;
pub(crate) mod schema;

#[doc(hidden)]
pub use api::About;
pub use api::Api;
pub use describe::{Input, Output};
#[doc(hidden)]
pub use operation::ErrorBody;
pub use operation::{Answer, Operation, Parameter, Scheme};
pub use schema::Schema;
pub use schemars::{self, JsonSchema};

use crate::Declared;
use crate::openapi::contracts::Contracts;
use crate::openapi::document::{Info, document, omission, remarks};
use crate::openapi::operation::Record;
use serde_json::Value;
use std::fmt;

/// The description of a handler: its operations, their parameters, answers and errors, as `#[handler]` finds them in
/// types and comments.
///
/// No instance is needed, so a test or a build step can have it as well as a method that serves it.
#[derive(Debug)]
pub struct OpenApi {
    info: Info,
    records: Vec<Record>,
    tags: Vec<(&'static str, &'static str)>,
    contracts: Contracts,
}

impl OpenApi {
    /// The description of `H`, the title of the API and its version.
    pub fn of<H: Declared + ?Sized>(title: impl Into<String>, version: impl Into<String>) -> Self {
        let mut api = Api::new();
        H::describe(&mut api);
        let Api {
            mut records,
            components,
            tags,
            ..
        } = api;
        distinguish(&mut records);
        let description = tags.first().map_or("", |(_, docs)| docs).to_owned();
        Self {
            info: Info {
                title: title.into(),
                version: version.into(),
                description,
                servers: Vec::new(),
            },
            records,
            tags,
            contracts: components.into_contracts(),
        }
    }

    /// What the API is for, in CommonMark. It is the comment on the `impl` block until told otherwise.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.info.description = text.into();
        self
    }

    /// An address at which the API is served. None is guessed.
    #[must_use]
    pub fn server(mut self, url: impl Into<String>, description: impl Into<String>) -> Self {
        self.info.servers.push((url.into(), description.into()));
        self
    }

    /// The document as text: OpenAPI 3.1, keys sorted.
    #[must_use]
    pub fn to_json(&self) -> String {
        json_text::pretty(&self.document())
    }

    fn document(&self) -> Value {
        document(&self.info, &self.records, &self.tags, &self.contracts)
    }

    /// What the document does not say, since a type does not say it or a comment is missing.
    pub fn undescribed(&self) -> impl Iterator<Item = Remark> {
        let listed = self
            .records
            .iter()
            .filter(|record| omission(record).is_none());
        listed.flat_map(|record| {
            remarks(record).into_iter().map(|text| Remark {
                operation: name(record),
                text,
            })
        })
    }

    /// The methods that are not in the document, and why.
    pub fn omitted(&self) -> impl Iterator<Item = Remark> {
        self.records.iter().filter_map(|record| {
            Some(Remark {
                operation: name(record),
                text: omission(record)?.to_owned(),
            })
        })
    }
}

/// `GET /users/{id}`
fn name(record: &Record) -> String {
    format!("{} {}", record.method, record.route.unwrap_or("*"))
}

/// Gives each operation a name of its own: a base may have one that the block has too.
fn distinguish(records: &mut [Record]) {
    let mut seen: Vec<String> = Vec::new();
    for record in records
        .iter_mut()
        .filter(|record| omission(record).is_none())
    {
        let (plain, mut number) = (record.id.clone(), 1);
        while seen.contains(&record.id) {
            number += 1;
            record.id = format!("{plain}_{number}");
        }
        seen.push(record.id.clone());
    }
}

/// Something about an operation that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remark {
    /// Its method and route.
    pub operation: String,
    /// What there is to say.
    pub text: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.text)
    }
}
