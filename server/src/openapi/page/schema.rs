//! Schemas in words: the type of a value, its bounds, and the properties of an object.

use crate::escape_html;
use crate::openapi::page::markdown;
use crate::openapi::page::sample::kind;
use serde_json::Value;

/// The type in a few words, with a link where it has a name.
pub(super) fn words(schema: &Value) -> String {
    if let Some(name) = reference(schema) {
        let name = escape_html(name);
        return format!("<a href=\"#schema-{name}\">{name}</a>");
    }
    for (key, between) in [("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")] {
        if let Some(all) = schema.get(key).and_then(Value::as_array) {
            let all: Vec<String> = all.iter().map(words).collect();
            return all.join(between);
        }
    }
    if let Some(value) = schema.get("const") {
        return format!("<code>{}</code>", escape_html(&value.to_string()));
    }
    let nullable = matches!(schema.get("type"), Some(Value::Array(kinds)) if kinds.iter().any(|kind| kind == "null"));
    let format = schema.get("format").and_then(Value::as_str);
    let words = match (kind(schema), format) {
        ("array", _) => match schema.get("items") {
            Some(items) => format!("list of {}", words(items)),
            None => "list".to_owned(),
        },
        ("object", _) => match schema.get("additionalProperties") {
            Some(Value::Object(values)) => {
                format!("map to {}", words(&Value::Object(values.clone())))
            }
            _ => "object".to_owned(),
        },
        ("string", Some("binary")) => "bytes".to_owned(),
        ("", _) => "anything".to_owned(),
        (kind, Some(format)) => format!(
            "{} <small>{}</small>",
            escape_html(kind),
            escape_html(format)
        ),
        (kind, None) => escape_html(kind).into_owned(),
    };
    match nullable {
        true => format!("{words} or null"),
        false => words,
    }
}

fn reference(schema: &Value) -> Option<&str> {
    let target = schema.get("$ref")?.as_str()?;
    target.strip_prefix("#/components/schemas/")
}

/// The bounds of a value: ranges, lengths, choices, the default.
pub(super) fn bounds(schema: &Value) -> String {
    let mut chips: Vec<String> = Vec::new();
    let number = |key: &str| {
        let bound = schema.get(key).filter(|bound| !is_of_wide_type(bound));
        bound.map(Value::to_string)
    };
    match (number("minimum"), number("maximum")) {
        (Some(from), Some(to)) => chips.push(format!("{from} to {to}")),
        // Of an unsigned type this is no news.
        (Some(from), None) if from == "0" => {}
        (Some(from), None) => chips.push(format!("from {from}")),
        (None, Some(to)) => chips.push(format!("up to {to}")),
        (None, None) => {}
    }
    for (key, words) in [
        ("exclusiveMinimum", "more than"),
        ("exclusiveMaximum", "less than"),
    ] {
        chips.extend(number(key).map(|number| format!("{words} {number}")));
    }
    let is_binary = schema
        .get("format")
        .is_some_and(|format| format == "binary");
    let of_text = if is_binary { "bytes" } else { "characters" };
    for (least, largest, unit) in [
        ("minLength", "maxLength", of_text),
        ("minItems", "maxItems", "values"),
    ] {
        match (number(least), number(largest)) {
            (Some(from), Some(to)) if from == to => chips.push(format!("{from} {unit}")),
            (Some(from), Some(to)) => chips.push(format!("{from} to {to} {unit}")),
            (Some(from), None) => chips.push(format!("at least {from} {unit}")),
            (None, Some(to)) => chips.push(format!("at most {to} {unit}")),
            (None, None) => {}
        }
    }
    if let Some(pattern) = schema.get("pattern").and_then(Value::as_str) {
        chips.push(format!("like {pattern}"));
    }
    let mut html: String = chips
        .iter()
        .map(|chip| format!("<span class=\"chip\">{}</span>", escape_html(chip)))
        .collect();
    if let Some(choices) = schema.get("enum").and_then(Value::as_array) {
        for choice in choices {
            html.push_str(&format!("<code>{}</code> ", escape_html(&plain(choice))));
        }
    }
    if let Some(default) = schema.get("default").filter(|value| !value.is_null()) {
        let default = escape_html(&plain(default)).into_owned();
        html.push_str(&format!(
            "<span class=\"chip\">default <code>{default}</code></span>"
        ));
    }
    html
}

/// Whether a bound is that of a number of 32 or 64 bits, which says nothing to people.
fn is_of_wide_type(bound: &Value) -> bool {
    let bounds = [
        i32::MIN.into(),
        i32::MAX.into(),
        u32::MAX.into(),
        i64::MIN,
        i64::MAX,
    ];
    bound.as_i64().is_some_and(|bound| bounds.contains(&bound)) || bound.as_u64() == Some(u64::MAX)
}

/// A text without its quotes, another value as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A row of a table of fields: its name, its type, and what it is.
pub(super) fn row(name: &str, note: &str, required: bool, schema: &Value, about: &str) -> String {
    let required = match required {
        true => "<em class=\"req\">required</em>",
        false => "",
    };
    let note = match note {
        "" => String::new(),
        note => format!("<small>{}</small>", escape_html(note)),
    };
    format!(
        "<tr><th scope=\"row\"><code>{}</code>{note}{required}</th><td><span class=\"type\">{}</span> {}{}</td></tr>\n",
        escape_html(name),
        words(schema),
        bounds(schema),
        markdown::html(about)
    )
}

/// The properties of an object as a table; of anything else nothing.
pub(super) fn properties(schema: &Value) -> String {
    parts(schema, &Value::Null)
}

/// The same of a body whose parts have media types: those of its `encoding`.
pub(super) fn parts(schema: &Value, encoding: &Value) -> String {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return String::new();
    };
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let is_required = |name: &String| required.contains(&name.as_str());
    let (first, then): (Vec<_>, Vec<_>) =
        properties.iter().partition(|(name, _)| is_required(name));
    let rows: String = first
        .into_iter()
        .chain(then)
        .map(|(name, schema)| {
            let about = schema
                .get("description")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let types = encoding[name.as_str()]["contentType"].as_str();
            row(
                name,
                types.unwrap_or_default(),
                is_required(name),
                schema,
                about,
            )
        })
        .collect();
    format!("<table class=\"fields\">\n{rows}</table>\n")
}

/// The ways that a value can be, of an enum with data: each with what it has.
pub(super) fn variants(schema: &Value) -> String {
    let all = ["oneOf", "anyOf"]
        .iter()
        .find_map(|key| schema.get(key)?.as_array());
    let mut html = String::new();
    for one in all.into_iter().flatten() {
        let about = one
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        html.push_str(&format!(
            "<div class=\"variant\"><p class=\"type\">{}</p>{}{}</div>\n",
            words(one),
            markdown::html(about),
            properties(one)
        ));
    }
    html
}
