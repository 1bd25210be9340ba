//! From the operations to the document of OpenAPI 3.1.

use crate::StatusCode;
use crate::openapi::contracts::{Contracts, SCHEMAS};
use crate::openapi::operation::{
    Answer, ErrorBody, In, Parameter, Record, RequestBody, Scheme, SchemeKind,
};
use crate::openapi::page::Listed;
use crate::openapi::route::Template;
use crate::openapi::schema::Schema;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The methods that OpenAPI 3.1 has a key for.
const KEYS: &[&str] = &[
    "GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE",
];

/// Why an operation is not in the document, or `None` if it is.
pub(crate) fn omission(record: &Record) -> Option<&'static str> {
    if record.hidden {
        return Some("it is hidden");
    }
    if record.route.is_none() {
        return Some("it answers for every path");
    }
    if !KEYS.contains(&record.method) {
        return Some("OpenAPI 3.1 has no key for its method");
    }
    None
}

/// What stands around the operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Info {
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) description: String,
    pub(crate) servers: Vec<(String, String)>,
}

/// The document. `tags`: with the comments of their blocks.
pub(crate) fn document(
    info: &Info,
    records: &[Record],
    tags: &[(&str, &str)],
    contracts: &Contracts,
) -> Value {
    let listed = || records.iter().filter(|record| omission(record).is_none());
    let mut paths = Map::new();
    let problem_name = contracts.unused_name("Problem");
    // Two routes of one shape are one path, with the names of the first.
    let mut shapes: BTreeMap<String, Template<'_>> = BTreeMap::new();
    for record in listed() {
        let route = record.route.as_deref().unwrap_or_default();
        let template = Template::new(route);
        let first = shapes
            .entry(template.shape())
            .or_insert_with(|| template.clone());
        let name = |position: usize| {
            let known: Option<&(&str, bool)> = first.placeholders.get(position);
            known.map_or("", |(name, _)| name)
        };
        let item = paths.entry(template.path(name)).or_insert(json!({}));
        let names: BTreeMap<&str, &str> = template
            .placeholders
            .iter()
            .enumerate()
            .map(|(position, (mine, _))| (*mine, name(position)))
            .collect();
        if let Value::Object(item) = item {
            item.insert(
                record.method.to_lowercase(),
                operation(record, &names, &problem_name),
            );
        }
    }
    let mut document = json!({
        "openapi": "3.1.0",
        "info": object([
            ("title", info.title.as_str().into()),
            ("version", info.version.as_str().into()),
            ("description", text(&info.description)),
        ]),
        "paths": paths,
    });
    if !info.servers.is_empty() {
        document["servers"] = info
            .servers
            .iter()
            .map(|(url, about)| {
                object([("url", url.as_str().into()), ("description", text(about))])
            })
            .collect();
    }
    let tags: Vec<Value> = tags
        .iter()
        .filter(|(tag, _)| listed().any(|record| record.tag == *tag))
        .map(|(tag, docs)| {
            // The comment of the first block describes the whole.
            let docs = if *docs == info.description { "" } else { docs };
            object([("name", (*tag).into()), ("description", text(docs))])
        })
        .collect();
    if !tags.is_empty() {
        document["tags"] = tags.into();
    }
    let mut schemas = contracts.merge(&mut document);
    if listed().any(|record| record.errors == ErrorBody::Problem && !record.faults.is_empty()) {
        schemas.insert(problem_name, problem());
    }
    let schemes: Map<String, Value> = listed()
        .flat_map(|record| record.schemes.iter().chain(&record.optional_schemes))
        .map(|one| (one.name.clone(), scheme(one)))
        .collect();
    let components = object([
        ("schemas", unless_empty(schemas)),
        ("securitySchemes", unless_empty(schemes)),
    ]);
    if components != json!({}) {
        document["components"] = components;
    }
    document
}

/// The operations of a document in the order of the source.
pub(crate) fn listed<'d>(records: &'d [Record], document: &'d Value) -> Vec<Listed<'d>> {
    let paths = document["paths"].as_object();
    let all = paths.into_iter().flatten().flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.map(move |(method, operation)| Listed {
            method,
            path,
            operation,
        })
    });
    let position = |listed: &Listed<'_>| {
        let id = listed.operation["operationId"].as_str();
        records
            .iter()
            .position(|record| Some(record.id.as_str()) == id)
    };
    let mut all: Vec<Listed<'_>> = all.collect();
    all.sort_by_key(position);
    all
}

/// An object of what is not null.
fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let members = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(
        members
            .map(|(key, value)| (key.to_owned(), value))
            .collect(),
    )
}

fn text(text: &str) -> Value {
    match text.trim() {
        "" => Value::Null,
        text => text.into(),
    }
}

fn unless_empty(map: Map<String, Value>) -> Value {
    match map.is_empty() {
        true => Value::Null,
        false => Value::Object(map),
    }
}

/// `names`: the names of the placeholders in this record, and in the document.
fn operation(record: &Record, names: &BTreeMap<&str, &str>, problem_name: &str) -> Value {
    let (summary, description) = split(&record.docs);
    let parameters: Vec<Value> = record
        .parameters
        .iter()
        .map(|one| parameter(one, names))
        .collect();
    let security = security(record);
    object([
        ("operationId", record.id.as_str().into()),
        ("summary", text(&summary)),
        ("description", text(&description)),
        (
            "tags",
            if record.tag.is_empty() {
                Value::Null
            } else {
                json!([record.tag])
            },
        ),
        (
            "deprecated",
            if record.deprecated {
                true.into()
            } else {
                Value::Null
            },
        ),
        (
            "parameters",
            if parameters.is_empty() {
                Value::Null
            } else {
                parameters.into()
            },
        ),
        (
            "requestBody",
            record.body.as_ref().map_or(Value::Null, body),
        ),
        ("responses", responses(record, problem_name)),
        (
            "security",
            if security.is_empty() {
                Value::Null
            } else {
                security.into()
            },
        ),
    ])
}

/// The ways to be let in (OpenAPI 3.1.1, Operation Object): with what is demanded alone, with each credential that may
/// be left out beside it, and with all of those.
fn security(record: &Record) -> Vec<Value> {
    let with = |more: &[Scheme]| {
        let schemes = record.schemes.iter().chain(more);
        let schemes = schemes.map(|scheme| (scheme.name.clone(), json!([])));
        Value::Object(schemes.collect())
    };
    let optional = &record.optional_schemes;
    if record.schemes.is_empty() && optional.is_empty() {
        return Vec::new();
    }
    let mut ways = vec![with(&[])];
    ways.extend(optional.iter().map(std::slice::from_ref).map(with));
    if optional.len() > 1 {
        ways.push(with(optional));
    }
    ways
}

/// The first paragraph in one line, and what follows it.
pub(crate) fn split(docs: &str) -> (String, String) {
    let docs = docs.trim();
    let (first, rest) = docs.split_once("\n\n").unwrap_or((docs, ""));
    (
        first.split_whitespace().collect::<Vec<_>>().join(" "),
        rest.trim().to_owned(),
    )
}

fn parameter(parameter: &Parameter, names: &BTreeMap<&str, &str>) -> Value {
    let name = match parameter.place {
        In::Path => names
            .get(parameter.name.as_str())
            .copied()
            .unwrap_or(&parameter.name),
        _ => &parameter.name,
    };
    object([
        ("name", name.into()),
        ("in", parameter.place.name().into()),
        ("description", text(&parameter.description)),
        (
            "required",
            if parameter.required {
                true.into()
            } else {
                Value::Null
            },
        ),
        (
            "deprecated",
            if parameter.deprecated {
                true.into()
            } else {
                Value::Null
            },
        ),
        ("schema", parameter.schema.0.clone()),
        (
            "x-rest",
            if parameter.rest {
                true.into()
            } else {
                Value::Null
            },
        ),
    ])
}

fn body(body: &RequestBody) -> Value {
    object([
        ("description", text(&body.description)),
        (
            "required",
            if body.required {
                true.into()
            } else {
                Value::Null
            },
        ),
        ("content", with_part_types(content(&body.content), body)),
    ])
}

/// The types of parts stand beside the schema (OpenAPI 3.1.1 section 4.8.15, Encoding Object).
fn with_part_types(mut content: Value, body: &RequestBody) -> Value {
    let media = content.get_mut("multipart/form-data");
    if let (Some(Value::Object(media)), false) = (media, body.part_types.is_empty()) {
        let types = body.part_types.iter();
        let types =
            types.map(|(name, types)| ((*name).to_owned(), json!({ "contentType": types })));
        media.insert("encoding".to_owned(), Value::Object(types.collect()));
    }
    content
}

fn content(content: &[(String, Schema)]) -> Value {
    let media = content
        .iter()
        .map(|(media_type, schema)| (media_type.clone(), json!({ "schema": schema.0 })));
    unless_empty(media.collect())
}

fn responses(record: &Record, problem_name: &str) -> Value {
    let mut answers: Vec<(Option<u16>, Answer)> = record
        .answers
        .iter()
        .map(|answer| (Some(answer.status), answer.clone()))
        .collect();
    for (status, about) in &record.faults {
        let known = answers.iter_mut().find(|(known, _)| known == status);
        let answer = match known {
            Some((_, answer)) => answer,
            None => {
                answers.push((
                    *status,
                    Answer::new(status.unwrap_or(500)).description(about),
                ));
                let Some((_, answer)) = answers.last_mut() else {
                    continue;
                };
                answer
            }
        };
        let (media_type, schema) = match record.errors {
            ErrorBody::Page => ("text/html; charset=utf-8", Schema::string().0),
            ErrorBody::Problem => (
                "application/problem+json",
                json!({ "$ref": format!("{SCHEMAS}{problem_name}") }),
            ),
            ErrorBody::Unknown => continue,
        };
        answer.content.push((media_type.to_owned(), Schema(schema)));
    }
    if answers.is_empty() {
        return json!({ "default": { "description": "It is not known what is sent." } });
    }
    let mut responses = Map::new();
    for (status, answer) in answers {
        let key = status.map_or_else(|| "default".to_owned(), |status| status.to_string());
        responses.insert(key, response(status, &answer));
    }
    responses.into()
}

fn response(status: Option<u16>, answer: &Answer) -> Value {
    let described = match (answer.description.trim(), status) {
        ("", Some(status)) => {
            let status = StatusCode::from_u16(status);
            match (status.description(), status.phrase()) {
                ("" | "???", "" | "???") => "An answer".to_owned(),
                ("" | "???", phrase) => phrase.to_owned(),
                (description, _) => description.to_owned(),
            }
        }
        (text, _) => text.to_owned(),
    };
    let headers = answer
        .headers
        .iter()
        .map(|(name, schema)| (name.clone(), json!({ "schema": schema.0 })));
    object([
        ("description", described.into()),
        ("headers", unless_empty(headers.collect())),
        ("content", content(&answer.content)),
    ])
}

fn scheme(scheme: &Scheme) -> Value {
    let description = text(&scheme.description);
    match &scheme.kind {
        SchemeKind::Http(kind, format) => object([
            ("type", "http".into()),
            ("scheme", (*kind).into()),
            ("bearerFormat", text(format)),
            ("description", description),
        ]),
        SchemeKind::Key(place, name) => object([
            ("type", "apiKey".into()),
            ("in", place.name().into()),
            ("name", name.as_str().into()),
            ("description", description),
        ]),
    }
}

/// A problem of RFC 9457, as `#[handler(problem)]` sends it.
fn problem() -> Value {
    let string = |about: &str| json!({ "type": "string", "description": about });
    json!({
        "type": "object",
        "description": "An error (RFC 9457).",
        "properties": {
            "type": { "type": "string", "format": "uri-reference", "description": "What kind of problem it is." },
            "title": string("The kind of problem in a few words."),
            "status": { "type": "integer", "format": "int32", "description": "The status of the response." },
            "detail": string("What is wrong with this request."),
            "errors": {
                "type": "array",
                "description": "The values that are not as they have to be.",
                "items": {
                    "type": "object",
                    "properties": {
                        "in": string("Where the value stands: `path`, `query`, `header`, `cookie` or `body`."),
                        "name": string("Its name there."),
                        "pointer": string("Where it stands in a body of JSON (RFC 6901)."),
                        "detail": string("What it has to be."),
                    },
                },
            },
        },
    })
}

/// What is missing in a record: comments, and what its types do not say.
pub(crate) fn remarks(record: &Record) -> Vec<String> {
    let mut remarks = record.remarks.clone();
    if record.docs.trim().is_empty() {
        remarks.push(format!("`{}` has no comment", record.id));
    }
    for parameter in record
        .parameters
        .iter()
        .filter(|one| one.description.trim().is_empty())
    {
        let (place, name) = (parameter.place.name(), &parameter.name);
        remarks.push(format!("the {place} parameter `{name}` has no comment"));
    }
    remarks
}
