//! The document for tools that know OpenAPI 3.0 alone.
//!
//! Its schemas are an older draft of JSON Schema: no lists of types, no `const`, one example, bounds that are exclusive
//! by a flag, and nothing beside a `$ref`.

use serde_json::{Map, Value, json};

/// The same document as OpenAPI 3.0.3.
pub(crate) fn downgrade(document: &Value) -> Value {
    let mut document = document.clone();
    document["openapi"] = "3.0.3".into();
    walk(&mut document);
    document
}

/// Finds the schemas: they stand below `schema`, and by their names in the components.
fn walk(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match key.as_str() {
                    "schema" => schema(value),
                    "schemas" => {
                        let all = value.as_object_mut();
                        all.into_iter().flat_map(Map::values_mut).for_each(schema);
                    }
                    _ => walk(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(walk),
        _ => {}
    }
}

fn schema(value: &mut Value) {
    if let Value::Bool(any) = value {
        *value = if *any {
            json!({})
        } else {
            json!({ "not": {} })
        };
    }
    let Value::Object(map) = value else { return };
    inner(map);
    types(map);
    alternatives(map);
    for (flag, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if let Some(number) = map.remove(flag) {
            map.insert(bound.to_owned(), number);
            map.insert(flag.to_owned(), true.into());
        }
    }
    if let Some(value) = map.remove("const") {
        map.insert("enum".to_owned(), json!([value]));
    }
    if let Some(Value::Array(examples)) = map.remove("examples")
        && let Some(first) = examples.into_iter().next()
    {
        map.insert("example".to_owned(), first);
    }
    if let Some(kind) = map.remove("contentMediaType") {
        map.insert("x-content-media-type".to_owned(), kind);
    }
    for key in [
        "$schema",
        "$defs",
        "unevaluatedProperties",
        "propertyNames",
        "patternProperties",
    ] {
        map.remove(key);
    }
    // What stands beside a reference is not read there.
    if map.len() > 1
        && let Some(target) = map.remove("$ref")
    {
        let all = map.entry("allOf").or_insert_with(|| json!([]));
        if let Value::Array(all) = all {
            all.push(json!({ "$ref": target }));
        }
    }
}

/// The schemas within a schema.
fn inner(map: &mut Map<String, Value>) {
    for (key, value) in map.iter_mut() {
        match key.as_str() {
            "properties" => {
                let all = value.as_object_mut();
                all.into_iter().flat_map(Map::values_mut).for_each(schema);
            }
            "items" | "not" => schema(value),
            "additionalProperties" if value.is_object() => schema(value),
            "oneOf" | "anyOf" | "allOf" | "prefixItems" => {
                value.as_array_mut().into_iter().flatten().for_each(schema);
            }
            _ => {}
        }
    }
    if let Some(Value::Array(all)) = map.remove("prefixItems") {
        map.insert("items".to_owned(), json!({ "anyOf": all }));
    }
}

/// `["string", "null"]` is a text that is nullable.
fn types(map: &mut Map<String, Value>) {
    match map.get("type") {
        Some(Value::Array(kinds)) => {
            let kinds: Vec<Value> = kinds.clone();
            let (null, rest): (Vec<_>, Vec<_>) = kinds.into_iter().partition(|kind| kind == "null");
            match rest.as_slice() {
                [one] => {
                    map.insert("type".to_owned(), one.clone());
                }
                several => {
                    let any: Vec<Value> =
                        several.iter().map(|kind| json!({ "type": kind })).collect();
                    map.remove("type");
                    map.insert("anyOf".to_owned(), any.into());
                }
            }
            if !null.is_empty() {
                map.insert("nullable".to_owned(), true.into());
                nullable_choices(map);
            }
        }
        Some(Value::String(kind)) if kind == "null" => {
            map.remove("type");
            map.insert("nullable".to_owned(), true.into());
            map.insert("enum".to_owned(), json!([null]));
        }
        _ => {}
    }
}

/// A list of choices allows null only if null is one of them.
fn nullable_choices(map: &mut Map<String, Value>) {
    if let Some(Value::Array(choices)) = map.get_mut("enum")
        && !choices.contains(&Value::Null)
    {
        choices.push(Value::Null);
    }
}

/// `anyOf: [X, null]` is an X that is nullable.
fn alternatives(map: &mut Map<String, Value>) {
    for key in ["anyOf", "oneOf"] {
        let Some(Value::Array(all)) = map.get_mut(key) else {
            continue;
        };
        let before = all.len();
        all.retain(|one| one.get("enum") != Some(&json!([null])));
        let (without_null, left) = (all.len() < before, all.len());
        if without_null {
            map.insert("nullable".to_owned(), true.into());
            if left == 1
                && let Some(all) = map.remove(key)
            {
                map.insert("allOf".to_owned(), all);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old(new: Value) -> Value {
        let mut value = new;
        schema(&mut value);
        value
    }

    #[test]
    fn what_the_older_draft_has_no_word_for() {
        for (new, expected) in [
            (
                json!({"type": ["string", "null"]}),
                json!({"type": "string", "nullable": true}),
            ),
            (json!({"const": 1}), json!({"enum": [1]})),
            (
                json!({"exclusiveMinimum": 0}),
                json!({"minimum": 0, "exclusiveMinimum": true}),
            ),
            (json!({"examples": [1, 2]}), json!({"example": 1})),
            (
                json!({"anyOf": [{"$ref": "#/a"}, {"type": "null"}]}),
                json!({"allOf": [{"$ref": "#/a"}], "nullable": true}),
            ),
            (
                json!({"$ref": "#/a", "description": "b"}),
                json!({"allOf": [{"$ref": "#/a"}], "description": "b"}),
            ),
            (
                json!({"properties": {"a": {"items": true}}, "prefixItems": [{"const": 1}]}),
                json!({"properties": {"a": {"items": {}}}, "items": {"anyOf": [{"enum": [1]}]}}),
            ),
        ] {
            assert_eq!(old(new.clone()), expected, "{new}");
        }
    }

    #[test]
    fn a_property_may_have_the_name_of_a_keyword() {
        let document = json!({"openapi": "3.1.0", "components": {"schemas": {"A": {
            "properties": {"schema": {"type": "string"}, "const": {"type": ["integer", "null"]}},
        }}}});
        let old = downgrade(&document);
        assert_eq!(old["openapi"], "3.0.3");
        assert_eq!(
            old["components"]["schemas"]["A"]["properties"],
            json!({"schema": {"type": "string"}, "const": {"type": "integer", "nullable": true}})
        );
    }
}
