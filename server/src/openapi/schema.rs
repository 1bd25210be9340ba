//! [`Schema`]: what a value looks like, in JSON Schema, and the schemas that have names.

use crate::openapi::contracts::{Contracts, REQUESTS, SCHEMAS};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator as Generator};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What a value looks like: a schema of JSON Schema 2020-12, as OpenAPI 3.1 has it.
///
/// Schemas of types come from [`Operation::request_schema`](crate::openapi::Operation::request_schema) and
/// [`answer_schema`](crate::openapi::Operation::answer_schema); this writes simple ones by hand.
///
/// ```
/// use doget::openapi::Schema;
///
/// let level = Schema::new("integer").with("minimum", 1).with("maximum", 100);
/// let stream = Schema::string().with("format", "binary");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Schema(pub(crate) Value);

impl Schema {
    /// A value of this type: `string`, `integer`, `number`, `boolean`, `array` or `object`.
    #[must_use]
    pub fn new(kind: &str) -> Self {
        let mut map = Map::new();
        map.insert("type".to_owned(), kind.into());
        Self(Value::Object(map))
    }

    /// Text.
    #[must_use]
    pub fn string() -> Self {
        Self::new("string")
    }

    /// Any number of bytes that are no text.
    #[must_use]
    pub fn binary() -> Self {
        Self::string().with("format", "binary")
    }

    /// A list of values.
    #[must_use]
    pub fn list(of: Schema) -> Self {
        Self::new("array").with("items", of.0)
    }

    /// The same schema with one more keyword.
    #[must_use]
    pub fn with(mut self, keyword: &str, value: impl Into<Value>) -> Self {
        match &mut self.0 {
            Value::Object(map) => {
                map.insert(keyword.to_owned(), value.into());
            }
            // `true` allows everything.
            other => {
                let mut map = Map::new();
                map.insert(keyword.to_owned(), value.into());
                *other = Value::Object(map);
            }
        }
        self
    }
}

/// The schemas that have names. A type may be read and written in different ways, so there are two generators.
#[derive(Debug)]
pub(crate) struct Components {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
    /// Names, and the types that have them: two types of one name are told apart by a number, which is a remark.
    known: BTreeMap<String, String>,
}

impl Components {
    pub(crate) fn new() -> Self {
        let settings = |path: &'static str| {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = path.into();
            settings.meta_schema = None;
            settings
        };
        Self {
            requests: settings(REQUESTS).for_deserialize().into_generator(),
            answers: settings(SCHEMAS).for_serialize().into_generator(),
            known: BTreeMap::new(),
        }
    }

    /// Both generators see each type in the same order, so that the numbers of equal names agree.
    fn both<T: JsonSchema + ?Sized>(&mut self) -> (schemars::Schema, schemars::Schema) {
        let name = T::schema_name().into_owned();
        self.known
            .entry(name)
            .or_insert_with(|| T::schema_id().into_owned());
        let of = |generator: &mut Generator| generator.subschema_for::<T>();
        (of(&mut self.requests), of(&mut self.answers))
    }

    /// Another type that has the name of this one already.
    pub(crate) fn namesake<T: JsonSchema + ?Sized>(&self) -> Option<&str> {
        let known = self.known.get(&*T::schema_name())?;
        (*known != T::schema_id()).then_some(known)
    }

    pub(crate) fn request<T: JsonSchema + ?Sized>(&mut self) -> Schema {
        Schema(self.both::<T>().0.to_value())
    }

    pub(crate) fn answer<T: JsonSchema + ?Sized>(&mut self) -> Schema {
        Schema(self.both::<T>().1.to_value())
    }

    /// All schemas with names.
    pub(crate) fn into_contracts(mut self) -> Contracts {
        Contracts {
            requests: self.requests.take_definitions(true),
            answers: self.answers.take_definitions(true),
        }
    }
}
