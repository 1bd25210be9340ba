//! BEHAVIOUR.md and the tests agree.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// How many rules each section of `http.server`'s behaviour has.
const RULES: [(&str, usize); 23] = [
    ("REQ", 22),
    ("HDR", 16),
    ("CON", 11),
    ("EXP", 4),
    ("DSP", 9),
    ("TMO", 3),
    ("ERR", 12),
    ("RSP", 10),
    ("H09", 4),
    ("STS", 5),
    ("LOG", 11),
    ("VER", 3),
    ("DAT", 1),
    ("OVR", 6),
    ("SRV", 13),
    ("TLS", 5),
    ("FIL", 16),
    ("DIR", 10),
    ("CND", 3),
    ("MIM", 5),
    ("XHD", 1),
    ("CGI", 25),
    ("CLI", 16),
];

/// The rows of the page by rule or case: all cells behind the first.
fn rows() -> Vec<(String, Vec<String>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("BEHAVIOUR.md");
    let page = fs::read_to_string(path).expect("the page");
    let rows = page.lines().filter_map(|line| {
        let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let mut cells = line.split(" | ").map(|cell| cell.trim().to_owned());
        let key = cells.next()?;
        let is_key = key.len() >= 3 && key.chars().any(|c| c.is_ascii_digit());
        is_key.then(|| (key, cells.collect()))
    });
    rows.collect()
}

/// The tests in `tests/tests`: functions with `#[test]` before them.
fn tests() -> BTreeSet<String> {
    fn read(directory: &Path, names: &mut BTreeSet<String>) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                read(&path, names);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).expect("a source");
                let mut is_test = false;
                for line in source.lines().map(str::trim) {
                    let name = line
                        .strip_prefix("fn ")
                        .and_then(|line| line.split('(').next());
                    match name {
                        Some(name) if is_test => {
                            names.insert(name.to_owned());
                            is_test = false;
                        }
                        _ => is_test = line == "#[test]" || (is_test && line.starts_with("#[")),
                    }
                }
            }
        }
    }
    let mut names = BTreeSet::new();
    read(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"),
        &mut names,
    );
    names
}

/// `REQ-01` of `req_01_a_line_of_65536_bytes_is_read`, `A01` of `a01_length_and_coding_together`.
fn key_of(test: &str) -> Option<String> {
    let mut words = test.split('_');
    let (first, second) = (words.next()?, words.next()?);
    let number = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    if first.starts_with('a') && number(first.get(1..)?) {
        return Some(first.to_ascii_uppercase());
    }
    let rule = first.to_ascii_uppercase();
    let known = RULES.iter().any(|(prefix, _)| *prefix == rule);
    (known && number(second)).then(|| format!("{rule}-{second}"))
}

/// The ids of rules and abuse cases that a line cites: `RSP-03`, `A17`.
fn cited(line: &str) -> Vec<&str> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let number = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
    let is_id = |word: &&str| match word.split_once('-') {
        Some((prefix, rest)) => RULES.iter().any(|(rule, _)| *rule == prefix) && number(rest),
        None => word.strip_prefix('A').is_some_and(number),
    };
    words.filter(is_id).collect()
}

/// Every source of the library and the command, with the path by which a failure names it.
fn library() -> Vec<(String, String)> {
    fn read(directory: &Path, sources: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                read(&path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = fs::read_to_string(&path).expect("a source");
                sources.push((path.display().to_string(), source));
            }
        }
    }
    let mut sources = Vec::new();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = tests.parent().expect("the workspace");
    read(&workspace.join("server/src"), &mut sources);
    for (path, _) in &mut sources {
        if let Ok(inner) = Path::new(path.as_str()).strip_prefix(workspace) {
            *path = inner.display().to_string();
        }
    }
    sources
}

/// What stands between backticks in a cell and looks like the name of such a test.
fn named(cell: &str) -> Vec<&str> {
    let words = cell.split('`').skip(1).step_by(2);
    words.filter(|word| key_of(word).is_some()).collect()
}

#[test]
fn every_rule_stands_on_the_page_once() {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for (key, _) in rows() {
        *found.entry(key).or_default() += 1;
    }
    let mut expected = BTreeMap::new();
    for (prefix, count) in RULES {
        expected.extend((1..=count).map(|number| (format!("{prefix}-{number:02}"), 1)));
    }
    found.retain(|key, _| key.contains('-'));
    assert_eq!(found, expected);
}

#[test]
fn every_test_on_the_page_exists_and_stands_at_its_rule() {
    let tests = tests();
    let mut checked = 0;
    for (key, cells) in rows() {
        for name in cells.iter().flat_map(|cell| named(cell)) {
            assert!(tests.contains(name), "{key}: there is no test {name}");
            assert_eq!(key_of(name).as_ref(), Some(&key), "{name}");
            checked += 1;
        }
    }
    assert!(checked > 100, "{checked} tests on the page");
}

#[test]
fn every_test_that_is_named_after_a_rule_stands_on_the_page() {
    let rows = rows();
    let on_page: BTreeSet<&str> = rows
        .iter()
        .flat_map(|(_, cells)| cells)
        .flat_map(|cell| named(cell))
        .collect();
    for test in tests() {
        if key_of(&test).is_some() {
            assert!(on_page.contains(test.as_str()), "{test} is not on the page");
        }
    }
}

#[test]
fn a_rule_without_a_test_says_why() {
    for (key, cells) in rows() {
        let held = cells.iter().any(|cell| !named(cell).is_empty());
        let says = cells.get(1).is_some_and(|cell| !cell.is_empty());
        assert!(held || says, "{key}");
    }
}

#[test]
fn every_rule_that_the_library_cites_stands_on_the_page() {
    assert_eq!(
        cited("// as RSP-03 and (A17), not UTF-16, DATE-01 or AB1"),
        ["RSP-03", "A17"]
    );
    let rows: BTreeSet<String> = rows().into_iter().map(|(key, _)| key).collect();
    let mut seen = 0;
    for (path, source) in library() {
        for (number, line) in source.lines().enumerate() {
            for id in cited(line) {
                assert!(rows.contains(id), "{path}:{}: {id} has no row", number + 1);
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "{seen} rules are cited");
}

/// On docs.rs the page is not at hand: documentation has the rule in words, with the section of the RFC.
#[test]
fn documentation_says_rules_in_words() {
    for (path, source) in library() {
        let is_test = path.contains("/tests/") || path.ends_with("/tests.rs");
        for (number, line) in source.lines().enumerate() {
            let text = line.trim_start();
            let is_documentation = text.starts_with("///") || text.starts_with("//!");
            if is_documentation && !is_test {
                let ids = cited(line);
                assert!(ids.is_empty(), "{path}:{}: {ids:?}", number + 1);
            }
        }
    }
}
