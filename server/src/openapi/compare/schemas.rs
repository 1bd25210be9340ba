//! Two schemas: what a client may send no more, or may be sent and does not know.

use crate::openapi::compare::change::Found;
use serde_json::{Map, Value};

/// Who writes the value: what may be wider on one side must not be on the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Response,
}

/// The two documents, in which references lead somewhere.
pub(super) struct Documents<'d> {
    pub(super) before: &'d Value,
    pub(super) after: &'d Value,
}

/// How deep schemas are compared: those that hold themselves have no end.
const DEPTH: usize = 12;

impl Documents<'_> {
    pub(super) fn schemas(
        &self,
        before: &Value,
        after: &Value,
        side: Side,
        what: &str,
        found: &mut Found,
    ) {
        self.compare(before, after, (side, DEPTH), what, found);
    }

    fn compare(
        &self,
        before: &Value,
        after: &Value,
        (side, depth): (Side, usize),
        what: &str,
        found: &mut Found,
    ) {
        let (old, new) = (resolve(self.before, before), resolve(self.after, after));
        if depth == 0 || (old == new && !refers(old)) {
            return;
        }
        let (old_kinds, new_kinds) = (kinds(old), kinds(new));
        if old_kinds.without_null != new_kinds.without_null {
            let words = |kinds: &Kinds| match kinds.without_null.join(" or ").as_str() {
                "" => "anything".to_owned(),
                words => words.to_owned(),
            };
            found.say(
                true,
                format!(
                    "{what} was {} and is {}",
                    words(&old_kinds),
                    words(&new_kinds)
                ),
            );
            return;
        }
        if old_kinds.null != new_kinds.null {
            let breaking = new_kinds.null == (side == Side::Response);
            let word = if new_kinds.null {
                "may be null now"
            } else {
                "is never null now"
            };
            found.say(breaking, format!("{what} {word}"));
        }
        choices(old, new, side, what, found);
        bounds(old, new, side, what, found);
        for key in ["format", "pattern", "const"] {
            if old.get(key) != new.get(key) {
                found.say(true, format!("{what} has another {key}"));
            }
        }
        if old.get("default") != new.get("default") {
            found.say(false, format!("{what} has another default"));
        }
        if old.get("description") != new.get("description") {
            found.say(false, format!("{what} is described in other words"));
        }
        self.properties(old, new, (side, depth), what, found);
        self.within(old, new, (side, depth), what, found);
    }

    /// The schemas within: of items, of values, of kinds.
    fn within(
        &self,
        old: &Value,
        new: &Value,
        (side, depth): (Side, usize),
        what: &str,
        found: &mut Found,
    ) {
        for (key, part) in [
            ("items", "an item of"),
            ("additionalProperties", "a value of"),
        ] {
            if let (Some(one), Some(two)) = (old.get(key), new.get(key)) {
                self.compare(
                    one,
                    two,
                    (side, depth - 1),
                    &format!("{part} {what}"),
                    found,
                );
            }
        }
        for key in ["oneOf", "anyOf", "allOf"] {
            let list = |schema: &Value| {
                schema
                    .get(key)
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default()
            };
            let (one, two) = (list(old), list(new));
            if one.len() != two.len() {
                found.say(
                    true,
                    format!("{what} has {} kinds and had {}", two.len(), one.len()),
                );
                continue;
            }
            for (one, two) in one.iter().zip(&two) {
                self.compare(
                    one,
                    two,
                    (side, depth - 1),
                    &format!("a kind of {what}"),
                    found,
                );
            }
        }
    }

    fn properties(
        &self,
        old: &Value,
        new: &Value,
        (side, depth): (Side, usize),
        what: &str,
        found: &mut Found,
    ) {
        let empty = Map::new();
        let all = |schema: &'_ Value| schema.get("properties").and_then(Value::as_object).cloned();
        let (one, two) = (
            all(old).unwrap_or_else(|| empty.clone()),
            all(new).unwrap_or(empty),
        );
        for (name, schema) in &one {
            let what = format!("`{name}` of {what}");
            match two.get(name) {
                None => found.say(true, format!("{what} is gone")),
                Some(now) => {
                    self.compare(schema, now, (side, depth - 1), &what, found);
                    let (was, is) = (requires(old, name), requires(new, name));
                    if was != is {
                        let breaking = is == (side == Side::Request);
                        let word = if is {
                            "always there now"
                        } else {
                            "optional now"
                        };
                        found.say(breaking, format!("{what} is {word}"));
                    }
                }
            }
        }
        for name in two.keys().filter(|name| !one.contains_key(*name)) {
            let breaking = side == Side::Request && requires(new, name);
            let word = if requires(new, name) {
                ", and required"
            } else {
                ""
            };
            found.say(breaking, format!("`{name}` of {what} is new{word}"));
        }
    }
}

fn requires(schema: &Value, name: &str) -> bool {
    let all = schema.get("required").and_then(Value::as_array);
    all.is_some_and(|all| all.iter().any(|one| one == name))
}

fn resolve<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    let name = schema["$ref"]
        .as_str()
        .and_then(|target| target.rsplit('/').next());
    name.map_or(schema, |name| &document["components"]["schemas"][name])
}

/// Whether a schema that is the same has another below it.
fn refers(schema: &Value) -> bool {
    let mut refers = false;
    crate::openapi::contracts::references(schema, &mut |_| refers = true);
    refers
}

struct Kinds {
    without_null: Vec<String>,
    null: bool,
}

fn kinds(schema: &Value) -> Kinds {
    let all: Vec<String> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind.clone()],
        Some(Value::Array(kinds)) => kinds
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    };
    let null = all.iter().any(|kind| kind == "null");
    let mut without_null: Vec<String> = all.into_iter().filter(|kind| kind != "null").collect();
    without_null.sort_unstable();
    Kinds { without_null, null }
}

fn choices(old: &Value, new: &Value, side: Side, what: &str, found: &mut Found) {
    let list = |schema: &Value| schema.get("enum").and_then(Value::as_array).cloned();
    match (list(old), list(new)) {
        (Some(one), Some(two)) => {
            for choice in one.iter().filter(|choice| !two.contains(choice)) {
                found.say(
                    side == Side::Request,
                    format!("{what} is never {choice} now"),
                );
            }
            for choice in two.iter().filter(|choice| !one.contains(choice)) {
                found.say(
                    side == Side::Response,
                    format!("{what} may be {choice} now"),
                );
            }
        }
        (None, Some(_)) => found.say(
            side == Side::Request,
            format!("{what} is one of a list now"),
        ),
        (Some(_), None) => found.say(
            side == Side::Response,
            format!("{what} is not one of a list now"),
        ),
        (None, None) => {}
    }
}

/// Bounds that are closer refuse what was sent before; those of answers are a promise.
fn bounds(old: &Value, new: &Value, side: Side, what: &str, found: &mut Found) {
    const LEAST: [&str; 4] = ["minimum", "exclusiveMinimum", "minLength", "minItems"];
    const LARGEST: [&str; 4] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems"];
    for (keys, is_least) in [(LEAST, true), (LARGEST, false)] {
        for key in keys {
            let number = |schema: &Value| schema.get(key).and_then(Value::as_f64);
            let closer = match (number(old), number(new)) {
                (before, after) if before == after => continue,
                (None, Some(_)) => true,
                (Some(before), Some(after)) => (after > before) == is_least,
                (_, None) => false,
            };
            let breaking = closer == (side == Side::Request);
            let now = new
                .get(key)
                .map_or_else(|| "none".to_owned(), Value::to_string);
            found.say(breaking, format!("the {key} of {what} is {now} now"));
        }
    }
}
