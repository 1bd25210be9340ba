//! HOLES.md and the tests agree: what went wrong elsewhere has a test here that says that it does not.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Where tests stand, from the root of the repository.
const PLACES: [&str; 4] = ["tests/tests", "server/src", "server-macros/src", "adapters"];

/// Functions with `#[test]` before them, and cases of what must not compile, by the names of their files.
fn tests() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a workspace");
    let mut names = BTreeSet::new();
    for place in PLACES {
        read(&root.join(place), &mut |_, source| {
            let mut is_test = false;
            for line in source.lines().map(str::trim) {
                match line
                    .strip_prefix("fn ")
                    .and_then(|line| line.split('(').next())
                {
                    Some(name) if is_test => {
                        names.insert(name.to_owned());
                        is_test = false;
                    }
                    _ => is_test = line == "#[test]" || (is_test && line.starts_with("#[")),
                }
            }
        });
    }
    read(&root.join("ui-tests/fail"), &mut |path, _| {
        let name = path.file_stem().expect("a name");
        names.insert(name.to_string_lossy().into_owned());
    });
    names
}

fn read(directory: &Path, found: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" {
            read(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found(&path, &fs::read_to_string(&path).expect("a source"));
        }
    }
}

#[test]
fn every_hole_has_tests_and_they_are_there() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("HOLES.md");
    let page = fs::read_to_string(page).expect("the page");
    let tests = tests();
    let mut holes = 0;
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let held = cells[2];
        if held == "held by" || held.starts_with("---") {
            continue;
        }
        assert_eq!(cells.len(), 3, "{line}");
        holes += 1;
        let named: Vec<&str> = held.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test: {line}");
        for name in named {
            assert!(tests.contains(name), "{name} is no test: {line}");
        }
    }
    assert!(holes > 40, "{holes}");
}

/// The README's program with authentication, CORS and metrics is no longer than it says.
#[test]
fn the_readme_shows_all_of_it_in_fifteen_lines() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(readme).expect("the README");
    let blocks: Vec<&str> = readme.split("```").skip(1).step_by(2).collect();
    let block = blocks.iter().find(|block| {
        ["Verify<", "Cors::", "Metrics::"]
            .iter()
            .all(|word| block.contains(word))
    });
    assert_eq!(
        block.expect("the program").trim().lines().skip(1).count(),
        15
    );
}
