//! What types say as data of the compiler, `ANSWERS`, `REFUSALS` and `PARAMS`, as a part of the document.

use crate::openapi::operation::{Answer, Operation, Parameter};
use crate::openapi::schema::Schema;
use crate::{
    AnswerInfo, Answers, Bound, Number, ParamFields, ParamGroup, ParamInfo, ParamKind, Place,
};
use serde_json::Value;

impl Operation<'_> {
    /// Adds answers that a type declares: [`Reply::ANSWERS`](crate::Reply::ANSWERS),
    /// [`Fault::ANSWERS`](crate::Fault::ANSWERS). Their bodies have no schema but that of text and of bytes.
    pub fn answers(&mut self, answers: &Answers) -> &mut Self {
        for info in answers.list() {
            if info.is_error {
                self.fault(info.status, info.description);
            } else {
                self.answer(answer(&info));
            }
        }
        if answers.is_open() {
            self.any_fault();
        }
        self
    }

    /// Adds what a parameter refuses: [`FromRequest::REFUSALS`](crate::FromRequest::REFUSALS).
    pub(crate) fn refusals(&mut self, answers: &Answers) -> &mut Self {
        for info in answers.list() {
            let about = match (info.description, info.status) {
                ("", 400) => "A value of the request is not as it has to be.",
                ("", 413) => "The body is too large.",
                ("", 415) => "The body is of another media type.",
                (text, _) => text,
            };
            self.fault(info.status, about);
        }
        if answers.is_open() {
            self.any_fault();
        }
        self
    }

    /// Adds parameters that a type declares: [`FromRequest::PARAMS`](crate::FromRequest::PARAMS).
    pub fn params(&mut self, group: &ParamGroup) -> &mut Self {
        let group = *group;
        let describe = |operation: &mut Operation<'_>| match group.place {
            Place::Body => operation.form(&group),
            place => operation.fields(place, &group.fields),
        };
        if group.optional {
            self.optional(describe)
        } else {
            describe(self);
            self
        }
    }

    fn fields(&mut self, place: Place, fields: &ParamFields) {
        for info in fields.iter() {
            let name = info.name_in(place);
            let parameter = match place {
                Place::Path => Parameter::path(name),
                Place::Header => Parameter::header(name),
                Place::Cookie => Parameter::cookie(name),
                _ => Parameter::query(name),
            };
            let parameter = parameter.description(info.doc).schema(schema(info));
            self.parameter(if info.required {
                parameter
            } else {
                parameter.optional()
            });
        }
    }

    /// A body of fields: a form, or the parts of one with files.
    fn form(&mut self, group: &ParamGroup) {
        let (mut properties, mut required) = (serde_json::Map::new(), Vec::new());
        let mut part_types = Vec::new();
        for info in group.fields.iter() {
            if !info.media_types.is_empty() {
                part_types.push((info.name, info.media_types.join(", ")));
            }
            let mut schema = schema(info);
            if !info.doc.trim().is_empty() {
                schema = schema.with("description", info.doc.trim());
            } else {
                self.remark(format!("the field `{}` has no comment", info.name));
            }
            properties.insert(info.name.to_owned(), schema.0);
            if info.required {
                required.push(Value::from(info.name));
            }
        }
        let mut schema = Schema::new("object").with("properties", properties);
        if !required.is_empty() {
            schema = schema.with("required", required);
        }
        if group.exact {
            schema = schema.with("additionalProperties", false);
        }
        let media_type = match group.multipart {
            Some(_) => "multipart/form-data",
            None => "application/x-www-form-urlencoded",
        };
        self.body(media_type, schema);
        for (name, types) in part_types {
            self.part_type(name, types);
        }
    }
}

fn answer(info: &AnswerInfo) -> Answer {
    let mut answer = Answer::new(info.status).description(info.description);
    if let Some(media_type) = info.media_type {
        let schema = match media_type {
            text if text.starts_with("text/") => Schema::string(),
            "application/json" => Schema(Value::Bool(true)),
            _ => Schema::binary(),
        };
        answer = answer.content(media_type, schema);
    }
    match info.header {
        Some(name) => answer.header(name, Schema::string()),
        None => answer,
    }
}

/// What all values of a parameter look like.
fn schema(info: &ParamInfo) -> Schema {
    let mut schema = one(info);
    if let Some(text) = info.example {
        schema = schema.with("examples", vec![value(info.kind, text)]);
    }
    if info.repeated {
        schema = Schema::list(schema);
        schema = length(schema, info, "minItems", "maxItems");
    }
    match info.default {
        Some(text) => schema.with("default", value(info.kind, text)),
        None => schema,
    }
}

/// What one value looks like.
fn one(info: &ParamInfo) -> Schema {
    let schema = match info.kind {
        ParamKind::Integer { minimum, maximum } => {
            let (least, largest) = (
                info.minimum
                    .unwrap_or(Bound::inclusive(Number::Integer(minimum))),
                info.maximum
                    .unwrap_or(Bound::inclusive(Number::Integer(maximum))),
            );
            return range(Schema::new("integer"), Some(least), Some(largest));
        }
        ParamKind::Number => return range(Schema::new("number"), info.minimum, info.maximum),
        ParamKind::Boolean => Schema::new("boolean"),
        ParamKind::Character => Schema::string().with("minLength", 1).with("maxLength", 1),
        ParamKind::File => {
            // Of bytes it is their number (OpenAPI 3.1.1, Working with Binary Data).
            return match info.limit {
                Some(limit) => Schema::binary().with("maxLength", limit),
                None => Schema::binary(),
            };
        }
        _ => Schema::string(),
    };
    if info.repeated {
        return schema;
    }
    length(schema, info, "minLength", "maxLength")
}

fn length(mut schema: Schema, info: &ParamInfo, least: &str, largest: &str) -> Schema {
    if let Some(length) = info.min_length {
        schema = schema.with(least, length);
    }
    if let Some(length) = info.max_length {
        schema = schema.with(largest, length);
    }
    schema
}

fn range(mut schema: Schema, least: Option<Bound>, largest: Option<Bound>) -> Schema {
    let ends = [
        (least, "minimum", "exclusiveMinimum"),
        (largest, "maximum", "exclusiveMaximum"),
    ];
    for (bound, inclusive, exclusive) in ends {
        let Some(bound) = bound else { continue };
        let keyword = if bound.inclusive {
            inclusive
        } else {
            exclusive
        };
        let number = match bound.number {
            Number::Integer(number) => i64::try_from(number)
                .map(Value::from)
                .or_else(|_| u64::try_from(number).map(Value::from)),
            Number::Float(number) => Ok(Value::from(number)),
        };
        // A bound beyond 64 bits says nothing to a client.
        if let Ok(number) = number {
            schema = schema.with(keyword, number);
        }
    }
    schema
}

fn value(kind: ParamKind, text: &str) -> Value {
    let parsed = match kind {
        ParamKind::Integer { .. } | ParamKind::Number | ParamKind::Boolean => {
            serde_json::from_str(text).ok()
        }
        _ => None,
    };
    parsed.unwrap_or_else(|| text.into())
}
