//! Rules of this crate that the compiler does not know.

use std::path::{Path, PathBuf};

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).expect("text");
                let code = text
                    .split("#[cfg(test)]\nmod tests {")
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                found.push((path, code));
            }
        }
    }
    found.retain(|(path, _)| !path.components().any(|part| part.as_os_str() == "tests"));
    assert!(found.len() > 15);
    found
}

fn only_in(words: &str, allowed: &str) {
    for (path, code) in sources() {
        let lines = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let uses = lines.filter(|line| line.contains(words)).count();
        assert!(
            uses == 0 || path.ends_with(allowed),
            "`{words}` in {}",
            path.display()
        );
    }
}

#[test]
fn one_file_spells_paths_of_the_runtime() {
    only_in("::doget", "paths.rs");
    only_in("__private", "paths.rs");
}

#[test]
fn nothing_is_said_at_the_attribute() {
    only_in("call_site", "nowhere");
}

#[test]
fn expansion_cannot_fail() {
    for (path, code) in sources() {
        if path.components().any(|part| part.as_os_str() == "expand") {
            assert!(
                !code.contains("syn::Error") && !code.contains("Sink"),
                "{}",
                path.display()
            );
        }
    }
}
