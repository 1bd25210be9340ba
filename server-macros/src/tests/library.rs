//! What this crate and the library both know, since neither can ask the other: it is the same.

use std::path::Path;

use crate::registry;

fn library(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../server/src")
        .join(file);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The texts in quotes between `from` and the next `to`.
fn quoted<'t>(text: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    let (_, rest) = text.split_once(from).expect(from);
    let (block, _) = rest.split_once(to).expect(to);
    block.split('"').skip(1).step_by(2).collect()
}

#[test]
fn registered_methods() {
    let text = library("semantics/method_registry.rs");
    let theirs = quoted(&text, "\niana_registry! {", "\n}");
    assert_eq!(theirs, registry::METHODS);
}

#[cfg(feature = "embed")]
#[test]
fn codings_of_siblings() {
    let text = library("files/representation.rs");
    let theirs = quoted(&text, "const CODINGS", ";\n");
    let ours = crate::embed::CODINGS;
    assert_eq!(
        theirs,
        ours.map(|(coding, suffix)| [coding, suffix]).concat()
    );
}

#[test]
fn characters_of_tokens() {
    let text = library("http1/request_line.rs");
    let signs = quoted(&text, "const SIGNS: &[u8] = ", ";\n");
    let signs = signs.first().expect("one literal");
    for byte in 0..128_u8 {
        let character = char::from(byte);
        let theirs = byte.is_ascii_alphanumeric() || signs.contains(character);
        assert_eq!(
            registry::is_token(&character.to_string()),
            theirs,
            "{character:?}"
        );
    }
    assert!(!registry::is_token("\u{e9}"));
}

/// The names after `keyword` between `from` and the next line with nothing but a brace.
fn declared(text: &str, from: &str, keyword: &str) -> Vec<String> {
    let (_, rest) = text.split_once(from).expect(from);
    let (body, _) = rest.split_once("\n}").expect("its end");
    let lines = body.lines().filter_map(|line| line.strip_prefix(keyword));
    let mut names: Vec<String> = lines
        .map(|line| {
            line.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect();
    names.sort_unstable();
    names
}

fn sorted(mut names: Vec<&str>) -> Vec<&str> {
    names.sort_unstable();
    names
}

/// The hooks of the trait are those that a block can override; what the macro writes is no hook of the user's.
#[test]
fn hooks() {
    let text = library("handler/mod.rs");
    let hooks = registry::HOOKS.iter().map(|(hook, _)| *hook);
    // The last four are those of layers, which stand around a block.
    let written = [
        "settings",
        "dispatch",
        "route",
        "allowed",
        "gate",
        "is_gated",
        "promise",
        "is_logged",
    ];
    assert_eq!(
        declared(&text, "\npub trait Handler", "    fn "),
        sorted(hooks.chain(written).collect())
    );
}

/// The consts of a block are the settings of a handler, beside those that the macro fills in.
#[test]
fn consts() {
    let text = library("handler/settings.rs");
    let consts: Vec<String> = registry::CONSTS
        .iter()
        .map(|name| name.to_lowercase())
        .collect();
    let consts = consts.iter().map(|name| &**name);
    let written = ["methods", "standard_head", "standard_log"];
    assert_eq!(
        declared(&text, "\npub struct Settings", "    pub "),
        sorted(consts.chain(written).collect())
    );
}
