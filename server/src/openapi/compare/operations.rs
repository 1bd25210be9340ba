//! Two documents, operation by operation.

use crate::openapi::compare::change::{Change, Found};
use crate::openapi::compare::schemas::{Documents, Side};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is another in the second document.
pub(super) fn changes(before: &Value, after: &Value) -> Vec<Change> {
    let mut found = Found::default();
    let documents = Documents { before, after };
    let (old, new) = (operations(before), operations(after));
    for (name, operation) in &old {
        found.place.clone_from(name);
        match new.get(name) {
            None => found.say(true, "the operation is gone"),
            Some(now) => documents.operation(operation, now, &mut found),
        }
    }
    for name in new.keys().filter(|name| !old.contains_key(*name)) {
        found.place.clone_from(name);
        found.say(false, "the operation is new");
    }
    for part in ["openapi", "info", "servers", "tags", "components", "paths"] {
        if before.get(part) != after.get(part) && found.list.is_empty() {
            part.clone_into(&mut found.place);
            found.say(false, "the text is another");
        }
    }
    found.list
}

/// `GET /notes`
fn operations(document: &Value) -> BTreeMap<String, &Value> {
    let paths = document["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, item)| {
        let operations = item.as_object().into_iter().flatten();
        operations.map(move |(method, operation)| {
            (format!("{} {path}", method.to_uppercase()), operation)
        })
    });
    all.collect()
}

impl Documents<'_> {
    fn operation(&self, before: &Value, after: &Value, found: &mut Found) {
        if before == after && self.before["components"] == self.after["components"] {
            return;
        }
        self.parameters(before, after, found);
        self.body(&before["requestBody"], &after["requestBody"], found);
        self.responses(&before["responses"], &after["responses"], found);
        if before["operationId"] != after["operationId"] {
            let (old, new) = (&before["operationId"], &after["operationId"]);
            found.say(
                true,
                format!("its name was {old} and is {new}, which generated clients see"),
            );
        }
        if before["security"] != after["security"] {
            // Without a list, or with an empty entry in it, nobody has to say who it is.
            let is_open = |operation: &Value| {
                let all = operation["security"].as_array();
                all.is_none_or(|all| {
                    all.iter()
                        .any(|one| one.as_object().is_some_and(|one| one.is_empty()))
                })
            };
            found.say(!is_open(after), "other credentials are asked for");
        }
        for (part, text) in [
            ("summary", "the summary is another"),
            ("description", "the description is another"),
            ("tags", "the tags are others"),
            ("deprecated", "it is deprecated now, or no more"),
        ] {
            if before[part] != after[part] {
                found.say(false, text);
            }
        }
    }

    fn parameters(&self, before: &Value, after: &Value, found: &mut Found) {
        let named = |operation: &Value| -> BTreeMap<(String, String), Value> {
            let all = operation["parameters"].as_array().into_iter().flatten();
            let key = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
            all.map(|one| ((key(one, "in"), key(one, "name")), one.clone()))
                .collect()
        };
        let (old, new) = (named(before), named(after));
        for ((place, name), one) in &old {
            let what = format!("the {place} parameter `{name}`");
            match new.get(&(place.clone(), name.clone())) {
                None => found.say(true, format!("{what} is gone")),
                Some(now) => {
                    let (was, is) = (one.get("required").is_some(), now.get("required").is_some());
                    if was != is {
                        found.say(
                            is,
                            format!(
                                "{what} is {}",
                                if is { "required now" } else { "optional now" }
                            ),
                        );
                    }
                    self.schemas(&one["schema"], &now["schema"], Side::Request, &what, found);
                    if one["description"] != now["description"] {
                        found.say(false, format!("{what} is described in other words"));
                    }
                }
            }
        }
        for ((place, name), one) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
            let required = one.get("required").is_some();
            let kind = if required { "required" } else { "optional" };
            found.say(
                required,
                format!("the {place} parameter `{name}` is new, and {kind}"),
            );
        }
    }

    fn body(&self, before: &Value, after: &Value, found: &mut Found) {
        match (before.is_null(), after.is_null()) {
            (true, true) => return,
            (true, false) => {
                let required = after.get("required").is_some();
                found.say(required, "it takes a body now");
                return;
            }
            (false, true) => {
                found.say(true, "it takes no body any more");
                return;
            }
            (false, false) => {}
        }
        let (was, is) = (
            before.get("required").is_some(),
            after.get("required").is_some(),
        );
        if was != is {
            found.say(
                is,
                format!(
                    "the body is {}",
                    if is { "required now" } else { "optional now" }
                ),
            );
        }
        self.content(before, after, Side::Request, "the body", found);
        if before["description"] != after["description"] {
            found.say(false, "the body is described in other words");
        }
    }

    fn content(&self, before: &Value, after: &Value, side: Side, what: &str, found: &mut Found) {
        let all = |holder: &Value| holder["content"].as_object().cloned().unwrap_or_default();
        let (old, new) = (all(before), all(after));
        for (media_type, media) in &old {
            match new.get(media_type) {
                None => found.say(true, format!("{what} is no {media_type} any more")),
                Some(now) => {
                    self.schemas(&media["schema"], &now["schema"], side, what, found);
                    part_types(&media["encoding"], &now["encoding"], what, found);
                }
            }
        }
        for media_type in new.keys().filter(|name| !old.contains_key(*name)) {
            // Of an answer a client has to understand every type, of a body the server has.
            let breaking = side == Side::Response && !old.is_empty();
            found.say(breaking, format!("{what} may be {media_type}"));
        }
    }

    fn responses(&self, before: &Value, after: &Value, found: &mut Found) {
        let empty = serde_json::Map::new();
        let (old, new) = (
            before.as_object().unwrap_or(&empty),
            after.as_object().unwrap_or(&empty),
        );
        let is_success = |status: &str| status.starts_with(['2', '3']);
        for (status, one) in old {
            let what = format!("the answer {status}");
            match new.get(status) {
                None => found.say(is_success(status), format!("{what} is gone")),
                Some(now) => {
                    self.content(one, now, Side::Response, &what, found);
                    let names = |answer: &Value| -> Vec<String> {
                        let headers = answer["headers"].as_object().into_iter().flatten();
                        headers.map(|(name, _)| name.clone()).collect()
                    };
                    for name in names(one).iter().filter(|name| !names(now).contains(*name)) {
                        found.say(true, format!("{what} has no `{name}` any more"));
                    }
                    if one["description"] != now["description"] {
                        found.say(false, format!("{what} is described in other words"));
                    }
                }
            }
        }
        for status in new.keys().filter(|status| !old.contains_key(*status)) {
            found.say(is_success(status), format!("the answer {status} is new"));
        }
    }
}

/// What the parts of a body may be: fewer types break a client, more do not.
fn part_types(before: &Value, after: &Value, what: &str, found: &mut Found) {
    let names = |encoding: &Value| {
        let all = encoding.as_object().into_iter().flatten();
        all.map(|(name, _)| name.clone()).collect::<BTreeSet<_>>()
    };
    for name in names(before).union(&names(after)) {
        let types = |encoding: &Value| encoding[name]["contentType"].as_str().map(str::to_owned);
        let (old, new) = (types(before), types(after));
        if old == new {
            continue;
        }
        let list = |types: &Option<String>| -> Option<BTreeSet<String>> {
            let all = types.as_ref()?.split(',').map(|one| one.trim().to_owned());
            Some(all.collect())
        };
        let breaking = match (list(&old), list(&new)) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(old), Some(new)) => !old.is_subset(&new),
        };
        let new = new.unwrap_or("of any type".to_owned());
        found.say(breaking, format!("`{name}` of {what} may be {new} now"));
    }
}
