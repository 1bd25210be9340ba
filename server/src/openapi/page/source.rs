//! What the page is made from: the document, and its operations in order.

use serde_json::Value;

/// An operation in the order of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed<'d> {
    pub(crate) method: &'d str,
    pub(crate) path: &'d str,
    pub(crate) operation: &'d Value,
}

impl Listed<'_> {
    pub(super) fn id(&self) -> &str {
        self.operation["operationId"].as_str().unwrap_or_default()
    }

    pub(super) fn tag(&self) -> &str {
        self.operation["tags"]
            .get(0)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

#[derive(Debug)]
pub(super) struct Page<'d> {
    pub(super) document: &'d Value,
}

/// What a reference leads to.
pub(super) fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let name = schema["$ref"]
        .as_str()
        .and_then(|target| target.rsplit('/').next());
    match name {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    }
}
