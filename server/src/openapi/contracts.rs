//! Requests and answers see one type in two ways; the document has one schema of it where they agree.
//!
//! A type with an `Option` field may be sent without the field, and is answered with it. If that was two schemas,
//! nearly every type had two. So the ways agree if they differ in nothing but what is required, what is the default
//! and whether other properties are refused: the document then requires what both do. Types that differ in more, or
//! refer to one that does, are two schemas, `User` and `UserInput`.

use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Where schemas of requests wait for their last names: they are compared with those of answers first.
pub(crate) const REQUESTS: &str = "#/components/requests/";
/// Where schemas of answers are, and in the end all of them.
pub(crate) const SCHEMAS: &str = "#/components/schemas/";

type Schemas = Map<String, Value>;

/// The schemas of requests and of answers, as the two generators gave them.
#[derive(Debug, Default)]
pub(crate) struct Contracts {
    pub(crate) requests: Schemas,
    pub(crate) answers: Schemas,
}

impl Contracts {
    /// The schemas that the document refers to, by their last names, to which its references are changed.
    pub(crate) fn merge(&self, document: &mut Value) -> Schemas {
        let used = self.reachable(document);
        let split = self.split();
        let mut schemas = Schemas::new();
        let mut renamed = BTreeMap::new();
        for name in &used.answers {
            if let Some(schema) = self.answers.get(name) {
                schemas.insert(name.clone(), schema.clone());
            }
        }
        for name in &used.requests {
            let Some(schema) = self.requests.get(name) else {
                continue;
            };
            match schemas.get_mut(name) {
                None => {
                    schemas.insert(name.clone(), schema.clone());
                }
                Some(known) if !split.contains(name) => {
                    *known = agreed(schema, known);
                }
                Some(_) => {
                    let mut last = format!("{name}Input");
                    while self.answers.contains_key(&last) || schemas.contains_key(&last) {
                        last.push('_');
                    }
                    schemas.insert(last.clone(), schema.clone());
                    renamed.insert(name.clone(), last);
                }
            }
        }
        schemas
            .values_mut()
            .for_each(|schema| rename(schema, &renamed));
        rename(document, &renamed);
        schemas
    }

    /// This name, with as many `_` behind it as it takes to be none of the program's types.
    pub(crate) fn unused_name(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.answers.contains_key(&name) || self.requests.contains_key(&name) {
            name.push('_');
        }
        name
    }

    /// The names whose two schemas cannot be one.
    fn split(&self) -> BTreeSet<String> {
        let both = |name: &String| Some((self.requests.get(name)?, self.answers.get(name)?));
        let mut split: BTreeSet<String> = self
            .requests
            .keys()
            .filter(|name| both(name).is_some_and(|(one, two)| plain(one) != plain(two)))
            .cloned()
            .collect();
        loop {
            let more: Vec<String> = self
                .requests
                .iter()
                .filter(|(name, _)| !split.contains(*name))
                .filter(|(_, schema)| {
                    let mut refers = false;
                    references(schema, &mut |reference| {
                        let name = reference.strip_prefix(REQUESTS);
                        refers |= name.is_some_and(|name| split.contains(name));
                    });
                    refers
                })
                .map(|(name, _)| name.clone())
                .collect();
            if more.is_empty() {
                return split;
            }
            split.extend(more);
        }
    }

    fn reachable(&self, document: &Value) -> Used {
        let mut used = Used::default();
        let mut waiting: Vec<&Value> = vec![document];
        while let Some(value) = waiting.pop() {
            references(value, &mut |reference| {
                if let Some(name) = reference.strip_prefix(REQUESTS)
                    && used.requests.insert(name.to_owned())
                {
                    waiting.extend(self.requests.get(name));
                }
                if let Some(name) = reference.strip_prefix(SCHEMAS)
                    && used.answers.insert(name.to_owned())
                {
                    waiting.extend(self.answers.get(name));
                }
            });
        }
        used
    }
}

#[derive(Default)]
struct Used {
    requests: BTreeSet<String>,
    answers: BTreeSet<String>,
}

/// Calls `found` with each `$ref`.
pub(crate) fn references(value: &Value, found: &mut dyn FnMut(&str)) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => found(text),
                    other => references(other, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

/// Gives the references to schemas of requests their last names.
fn rename(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => {
                        if let Some(name) = text.strip_prefix(REQUESTS) {
                            let last = names.get(name).map_or(name, String::as_str);
                            *text = format!("{SCHEMAS}{last}");
                        }
                    }
                    other => rename(other, names),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| rename(value, names)),
        _ => {}
    }
}

/// A schema without what the two ways may differ in.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let keep = |(key, value): &(&String, &Value)| match key.as_str() {
                "required" => !value.is_array(),
                "additionalProperties" => **value != Value::Bool(false),
                "default" => map.contains_key("properties") && value.get("type").is_some(),
                _ => true,
            };
            let kept = map.iter().filter(keep);
            kept.map(|(key, value)| match value {
                Value::String(text) if key == "$ref" => {
                    (key.clone(), text.replace(REQUESTS, SCHEMAS).into())
                }
                other => (key.clone(), plain(other)),
            })
            .collect()
        }
        Value::Array(list) => list.iter().map(plain).collect(),
        other => other.clone(),
    }
}

/// The schema that holds for both ways.
fn agreed(request: &Value, answer: &Value) -> Value {
    match (request, answer) {
        (Value::Object(request), Value::Object(answer)) => {
            let mut all = request.clone();
            for (key, theirs) in answer {
                let both = match request.get(key) {
                    Some(ours) if key == "required" => common(ours, theirs),
                    Some(ours) => agreed(ours, theirs),
                    // Only answers have it for sure.
                    None if key == "required" && theirs.is_array() => continue,
                    None => theirs.clone(),
                };
                all.insert(key.clone(), both);
            }
            all.into()
        }
        (Value::Array(request), Value::Array(answer)) if request.len() == answer.len() => request
            .iter()
            .zip(answer)
            .map(|(one, two)| agreed(one, two))
            .collect(),
        _ => request.clone(),
    }
}

fn common(one: &Value, two: &Value) -> Value {
    match (one, two) {
        (Value::Array(one), Value::Array(two)) => one
            .iter()
            .filter(|name| two.contains(name))
            .cloned()
            .collect(),
        _ => agreed(one, two),
    }
}
