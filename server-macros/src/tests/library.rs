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
    let text = library("semantics/method.rs");
    let theirs = quoted(&text, "\niana_registry! {", "\n}");
    assert_eq!(theirs, registry::METHODS);
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

/// The hooks and consts of the trait are those that a block can override.
#[test]
fn hooks_and_consts() {
    let text = library("handler/mod.rs");
    let (_, rest) = text.split_once("\npub trait Handler").expect("the trait");
    let (body, _) = rest.split_once("\n}").expect("its end");
    let declared = |keyword: &str| -> Vec<String> {
        let lines = body.lines().filter_map(|line| line.strip_prefix(keyword));
        lines
            .map(|line| {
                line.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect()
            })
            .collect()
    };
    let ours = |own: &[&str], written: &[&str]| -> Vec<String> {
        let mut names: Vec<String> = own
            .iter()
            .chain(written)
            .map(|name| (*name).to_owned())
            .collect();
        names.sort_unstable();
        names
    };
    let sorted = |mut names: Vec<String>| {
        names.sort_unstable();
        names
    };
    let hooks: Vec<&str> = registry::HOOKS.iter().map(|(hook, _)| *hook).collect();
    // What the macro writes is no hook of the user's.
    assert_eq!(
        sorted(declared("    fn ")),
        ours(&hooks, &["dispatch", "route", "allowed"])
    );
    assert_eq!(
        sorted(declared("    const ")),
        ours(
            registry::CONSTS,
            &["METHODS", "STANDARD_HEAD", "STANDARD_LOG"]
        )
    );
}
