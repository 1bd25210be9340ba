//! The document as text: keys in order, whatever order the maps have, so that it can be checked in.

use serde_json::Value;

/// Two blanks for each level, keys sorted, a line end at the end.
pub(crate) fn pretty(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value, 0);
    text.push('\n');
    text
}

fn write(text: &mut String, value: &Value, level: usize) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            text.push('{');
            for (position, key) in keys.into_iter().enumerate() {
                next(text, position, level + 1);
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push_str(": ");
                if let Some(value) = map.get(key) {
                    write(text, value, level + 1);
                }
            }
            new_line(text, level);
            text.push('}');
        }
        Value::Array(list) if !list.is_empty() => {
            text.push('[');
            for (position, value) in list.iter().enumerate() {
                next(text, position, level + 1);
                write(text, value, level + 1);
            }
            new_line(text, level);
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn next(text: &mut String, position: usize, level: usize) {
    if position > 0 {
        text.push(',');
    }
    new_line(text, level);
}

fn new_line(text: &mut String, level: usize) {
    text.push('\n');
    text.extend(std::iter::repeat_n("  ", level));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_sorted_and_empty_things_stay_short() {
        let value = json!({"b": [1, "x\n"], "a": {}, "c": {"d": []}});
        assert_eq!(
            pretty(&value),
            "{\n  \"a\": {},\n  \"b\": [\n    1,\n    \"x\\n\"\n  ],\n  \"c\": {\n    \"d\": []\n  }\n}\n"
        );
    }
}
