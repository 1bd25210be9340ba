//! Names that the parameters of a method take from a request, checked while it is compiled: no two of one name in one
//! place, none that a placeholder has, no header field that a description cannot have, and no file where none can be.
//! And names of operations.

use crate::error::fault::Place;
use crate::extract::describe::{ParamFields, ParamGroup};
use crate::handler::registry::{MethodInfo, equal, same_place};

/// One parameter by itself: nothing that its place cannot have, no name twice, and no header field that belongs to
/// something else (OpenAPI 3.1, Parameter Object).
#[track_caller]
pub const fn check_fields(group: Option<ParamGroup>) {
    let Some(group) = group else { return };
    if let Some(fault) = group.fault() {
        complain(&[fault]);
    }
    if let Some(name) = repeated(&group.fields, group.place) {
        complain(&[
            "this parameter takes `",
            name,
            "` from the ",
            group.place.as_str(),
            " twice: give one of its fields another name",
        ]);
    }
    let Place::Header = group.place else { return };
    let mut position = 0;
    while position < IGNORED.len() {
        let (name, instead) = IGNORED[position];
        if has(&group.fields, group.place, name) {
            complain(&[
                "`",
                name,
                "` is no header parameter for OpenAPI, which ignores it: ",
                instead,
            ]);
        }
        position += 1;
    }
}

/// Header fields that OpenAPI ignores as parameters, and what to do.
const IGNORED: [(&str, &str); 3] = [
    (
        "Accept",
        "ask `Request::accepts`, which understands all of it",
    ),
    (
        "Content-Type",
        "take the body as a type that checks it, such as `Json`, `Form` or one of your own",
    ),
    (
        "Authorization",
        "take it as a type of your own that implements `FromRequest`, and says there who it is",
    ),
];

/// Two parameters of one method: no name of one place in both.
#[track_caller]
pub const fn check_disjoint(one: Option<ParamGroup>, two: Option<ParamGroup>) {
    let (Some(one), Some(two)) = (one, two) else {
        return;
    };
    if one.place as u8 != two.place as u8 {
        return;
    }
    if let Place::Query = one.place
        && (one.exact || two.exact)
        && let Some(name) = first(if one.exact { &two.fields } else { &one.fields })
    {
        complain(&[
            "one parameter refuses every name of the query but its own, by `exact`, and the other takes `",
            name,
            "`: put both into one struct, with `#[param(flatten)]`",
        ]);
    }
    if let Some(name) = shared(&one.fields, &two.fields, one.place) {
        complain(&[
            "both parameters take `",
            name,
            "` from the ",
            one.place.as_str(),
            ": name one of them otherwise",
        ]);
    }
}

/// A parameter of a block that is `described`: each of its fields says what it is.
#[track_caller]
pub const fn check_described(group: Option<ParamGroup>) {
    let Some(group) = group else { return };
    if let Some(name) = undescribed(&group.fields) {
        complain(&[
            "the field `",
            name,
            "` of this parameter has no comment, and the block is `described`: write `/// ..` above it, what it is",
        ]);
    }
}

/// A parameter and a placeholder of the route: who reads the description, or a generated client, has one name for two
/// values.
#[track_caller]
pub const fn check_placeholder(group: Option<ParamGroup>, placeholder: &str, route: &str) {
    let Some(group) = group else { return };
    if let Place::Query = group.place
        && has(&group.fields, group.place, placeholder)
    {
        complain(&[
            "this parameter takes `",
            placeholder,
            "` from the query, and the route `",
            route,
            "` has it too: name one of them otherwise",
        ]);
    }
}

/// The operations of a block and those of its base: a document has each name once, and clients are made by names.
#[track_caller]
pub const fn check_operation_ids(own: &[MethodInfo], base: &[MethodInfo]) {
    let mut position = 0;
    while position < own.len() {
        let info = &own[position];
        let mut other = 0;
        while other < base.len() {
            if let (Some(name), Some(its)) = (info.operation_id, base[other].operation_id)
                && !info.derived
                && !base[other].derived
                && equal(name, its)
                && !is_shadowed(&base[other], own)
            {
                complain(&[
                    "the operation `",
                    name,
                    "` is in this base too, for `",
                    match base[other].route {
                        Some(route) => route,
                        None => "",
                    },
                    "`: give one of them another name with `#[operation_id(\"..\")]`",
                ]);
            }
            other += 1;
        }
        position += 1;
    }
}

/// Whether the block answers in place of this entry of its base.
const fn is_shadowed(entry: &MethodInfo, own: &[MethodInfo]) -> bool {
    let mut position = 0;
    while position < own.len() {
        if same_place(entry, &own[position]) {
            return true;
        }
        position += 1;
    }
    false
}

/// The name of the first.
const fn first(fields: &ParamFields) -> Option<&'static str> {
    if let [info, ..] = fields.own {
        return Some(info.name);
    }
    let mut position = 0;
    while position < fields.flat.len() {
        if let Some(name) = first(fields.flat[position]) {
            return Some(name);
        }
        position += 1;
    }
    None
}

/// The name of one without a comment.
const fn undescribed(fields: &ParamFields) -> Option<&'static str> {
    let mut position = 0;
    while position < fields.own.len() {
        if fields.own[position].doc.is_empty() {
            return Some(fields.own[position].name);
        }
        position += 1;
    }
    position = 0;
    while position < fields.flat.len() {
        if let Some(name) = undescribed(fields.flat[position]) {
            return Some(name);
        }
        position += 1;
    }
    None
}

/// A name that stands in both.
const fn shared(one: &ParamFields, two: &ParamFields, place: Place) -> Option<&'static str> {
    let mut position = 0;
    while position < one.own.len() {
        let name = one.own[position].name_in(place);
        if has(two, place, name) {
            return Some(name);
        }
        position += 1;
    }
    position = 0;
    while position < one.flat.len() {
        if let Some(name) = shared(one.flat[position], two, place) {
            return Some(name);
        }
        position += 1;
    }
    None
}

/// A name that stands twice among the fields.
const fn repeated(fields: &ParamFields, place: Place) -> Option<&'static str> {
    let mut position = 0;
    while position < fields.flat.len() {
        let flat = fields.flat[position];
        if let Some(name) = repeated(flat, place) {
            return Some(name);
        }
        let before = ParamFields {
            own: fields.own,
            flat: fields.flat.split_at(position).0,
        };
        if let Some(name) = shared(flat, &before, place) {
            return Some(name);
        }
        position += 1;
    }
    position = 0;
    while position < fields.own.len() {
        let name = fields.own[position].name_in(place);
        let before = ParamFields {
            own: fields.own.split_at(position).0,
            flat: &[],
        };
        if has(&before, place, name) {
            return Some(name);
        }
        position += 1;
    }
    None
}

const fn has(fields: &ParamFields, place: Place, name: &str) -> bool {
    let mut position = 0;
    while position < fields.own.len() {
        let known = fields.own[position].name_in(place);
        let same = match place {
            Place::Header => equal_in_any_case(known, name),
            _ => equal(known, name),
        };
        if same {
            return true;
        }
        position += 1;
    }
    position = 0;
    while position < fields.flat.len() {
        if has(fields.flat[position], place, name) {
            return true;
        }
        position += 1;
    }
    false
}

/// Names of header fields are the same in any case (RFC 9110 section 5.1).
const fn equal_in_any_case(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut position = 0;
    while position < a.len() {
        if !a[position].eq_ignore_ascii_case(&b[position]) {
            return false;
        }
        position += 1;
    }
    true
}

/// Panics with these texts as one: `format_args!` cannot be evaluated in a const.
#[track_caller]
const fn complain(texts: &[&str]) {
    let mut words = [0; 512];
    let (mut length, mut text) = (0, 0);
    while text < texts.len() {
        let bytes = texts[text].as_bytes();
        let mut position = 0;
        while position < bytes.len() && length < words.len() {
            words[length] = bytes[position];
            length += 1;
            position += 1;
        }
        text += 1;
    }
    match std::str::from_utf8(words.split_at(length).0) {
        Ok(words) => panic!("{}", words),
        // A name was cut within a character.
        Err(_) => {
            panic!("two parameters of this method have the same name: name one of them otherwise")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::describe::{ParamInfo, ParamKind};

    const fn info(name: &'static str) -> ParamInfo {
        ParamInfo::new(name, name, ParamKind::Text)
    }

    const A: ParamFields = ParamFields {
        own: &[info("a")],
        flat: &[],
    };
    const DEEP: ParamFields = ParamFields {
        own: &[info("b"), info("c")],
        flat: &[&A],
    };

    const TWICE: [ParamFields; 3] = [
        ParamFields {
            own: &[info("a")],
            flat: &[&DEEP],
        },
        ParamFields {
            own: &[info("a"), info("a")],
            flat: &[],
        },
        ParamFields {
            own: &[],
            flat: &[&A, &DEEP],
        },
    ];

    #[test]
    fn names_are_found_at_any_depth() {
        assert!(has(&DEEP, Place::Query, "a"));
        assert!(!has(&DEEP, Place::Query, "A"));
        assert!(has(&DEEP, Place::Header, "A"));
        assert_eq!(shared(&DEEP, &A, Place::Query), Some("a"));
        assert_eq!(shared(&A, &DEEP, Place::Query), Some("a"));
        assert_eq!(repeated(&DEEP, Place::Query), None);
        for twice in TWICE {
            assert_eq!(repeated(&twice, Place::Query), Some("a"));
        }
    }
}
