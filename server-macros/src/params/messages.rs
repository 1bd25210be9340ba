//! Every sentence that `#[derive(Params)]`, `#[query]`, `#[header]` and `#[cookie]` refuse something with.
//!
//! As in `crate::messages`: one function, one sentence, and a case of the same name in `ui-tests/fail/params/`.

pub(crate) fn not_a_struct(what: &str) -> String {
    format!(
        "`#[derive(Params)]` goes on a struct with named fields, this is {what}: each field is one parameter"
    )
}

pub(crate) fn unknown_option(name: &str, nearest: Option<&str>, all: &[&str]) -> String {
    match nearest {
        Some(nearest) => format!("`{name}` is no option here: did you mean `{nearest}`?"),
        None => {
            let all: Vec<String> = all.iter().map(|known| format!("`{known}`")).collect();
            format!("`{name}` is no option here: there are {}", all.join(", "))
        }
    }
}

pub(crate) fn repeated_option(name: &str) -> String {
    format!("`{name}` is there twice: keep one")
}

pub(crate) fn malformed_option(form: &str) -> String {
    format!("this is written `{form}`")
}

pub(crate) fn flatten_alone(other: &str) -> String {
    format!("a flattened field has no name and no value of its own: remove `flatten` or `{other}`")
}

pub(crate) fn range_of_text() -> String {
    "only numbers have a range: for a text, and for how many values there are, write `length = 1..=64`".into()
}

pub(crate) fn same_name(name: &str) -> String {
    format!(
        "two fields have the name `{name}`: give one of them another with `#[param(name = \"..\")]`"
    )
}
pub(crate) fn two_places(first: &str, second: &str) -> String {
    format!("`#[{first}]` and `#[{second}]` are two places: a parameter comes from one")
}

pub(crate) fn place_of_placeholder(name: &str, place: &str) -> String {
    format!(
        "`{{{name}}}` of the route is this parameter already: remove `#[{place}]`, or rename one of the two"
    )
}

pub(crate) fn name_from_pattern(place: &str) -> String {
    format!("a pattern has no name to look for: write `#[{place}(name = \"..\")]`")
}

pub(crate) fn place_of_reference(place: &str) -> String {
    format!("`#[{place}]` gives a value that it made, and no reference: take `String`")
}

pub(crate) fn feature_missing(place: &str) -> String {
    format!("`#[{place}]` needs the feature `params` of `doget`: cargo add doget --features params")
}
