//! Samples: what a value of a schema could be, and how it is shown.

use crate::escape_html;
use crate::openapi::page::source::resolve;
use serde_json::{Map, Value};

/// How deep a sample goes: types that hold themselves would have no end.
const DEPTH: usize = 5;

/// A value that fits the schema, as far as that can be seen.
pub(super) fn of(document: &Value, schema: &Value) -> Value {
    sample(document, schema, DEPTH)
}

fn sample(document: &Value, schema: &Value, depth: usize) -> Value {
    let schema = resolve(document, schema);
    // What somebody chose to show goes before a default, which is often empty.
    for (key, is_list) in [
        ("example", false),
        ("examples", true),
        ("const", false),
        ("enum", true),
        ("default", false),
    ] {
        let found = schema.get(key).and_then(|value| match is_list {
            true => value.as_array()?.first(),
            false => Some(value),
        });
        if let Some(value) = found {
            return value.clone();
        }
    }
    if depth == 0 {
        return Value::Null;
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(all) = schema.get(key).and_then(Value::as_array) {
            let not_null = all
                .iter()
                .find(|one| one.get("type").and_then(Value::as_str) != Some("null"));
            return not_null.map_or(Value::Null, |one| sample(document, one, depth - 1));
        }
    }
    if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
        let mut whole = Map::new();
        for one in all {
            if let Value::Object(part) = sample(document, one, depth - 1) {
                whole.extend(part);
            }
        }
        return whole.into();
    }
    match kind(schema) {
        "object" => object(document, schema, depth),
        "array" => match schema.get("items") {
            // A list of itself would go on for ever: it is empty further down.
            Some(_) if depth < DEPTH - 1 => Value::Array(Vec::new()),
            Some(items) => Value::Array(vec![sample(document, items, depth - 1)]),
            None => Value::Array(Vec::new()),
        },
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| 1.into()),
        "boolean" => true.into(),
        "string" => text(schema).into(),
        _ => Value::Null,
    }
}

fn object(document: &Value, schema: &Value, depth: usize) -> Value {
    let properties = schema.get("properties").and_then(Value::as_object);
    let members = properties.into_iter().flatten().map(|(name, schema)| {
        let value = sample(document, schema, depth - 1);
        (name.clone(), value)
    });
    Value::Object(members.collect())
}

/// The type of a schema; that of a value that may be null is what it is else.
pub(super) fn kind(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .unwrap_or("null"),
        _ if schema.get("properties").is_some() => "object",
        _ => "",
    }
}

fn text(schema: &Value) -> &'static str {
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") => "2026-01-31T12:00:00Z",
        Some("date") => "2026-01-31",
        Some("uuid") => "123e4567-e89b-42d3-a456-426614174000",
        Some("email") => "ada@example.org",
        Some("uri") => "https://example.org/",
        Some("uri-reference") => "/somewhere",
        Some("ipv4" | "ip") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        _ => "text",
    }
}

/// JSON in colours: keys, texts and other values are told apart.
pub(super) fn html(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value, 0);
    out
}

fn write(out: &mut String, value: &Value, level: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('{');
            for (position, (key, value)) in map.iter().enumerate() {
                next(out, position, level + 1);
                let key = Value::from(key.as_str()).to_string();
                out.push_str(&format!("<b>{}</b>: ", escape_html(&key)));
                write(out, value, level + 1);
            }
            line(out, level);
            out.push('}');
        }
        Value::Array(list) if !list.is_empty() => {
            out.push('[');
            for (position, value) in list.iter().enumerate() {
                next(out, position, level + 1);
                write(out, value, level + 1);
            }
            line(out, level);
            out.push(']');
        }
        Value::String(text) => {
            let text = Value::from(text.as_str()).to_string();
            out.push_str(&format!("<i>{}</i>", escape_html(&text)));
        }
        other => out.push_str(&format!("<u>{}</u>", escape_html(&other.to_string()))),
    }
}

fn next(out: &mut String, position: usize, level: usize) {
    if position > 0 {
        out.push(',');
    }
    line(out, level);
}

fn line(out: &mut String, level: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}
