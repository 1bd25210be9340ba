//! What must compile and what must not, and what the compiler then says.
#![allow(clippy::expect_used)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The compiler whose words are stored. Others say the same in other words.
const RUSTC: &str = "1.95";

#[test]
fn ui() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("rustc runs")
        .stdout;
    let version = String::from_utf8_lossy(&version);
    if !version.starts_with(&format!("rustc {RUSTC}.")) {
        println!(
            "skipped: the stored words are those of rustc {RUSTC}, this is {}",
            version.trim()
        );
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*.rs");
    cases.compile_fail("fail/embed/*.rs");
    cases.compile_fail("fail/live/*.rs");
    cases.compile_fail("fail/params/*.rs");
    cases.compile_fail("fail/types/*.rs");
}

/// Every sentence of the macro has a case of its name, and every case its sentence.
#[test]
fn every_message_has_a_case() {
    compare("messages.rs", "fail", &[]);
    // Here the feature is there.
    compare("params/messages.rs", "fail/params", &["feature_missing"]);
    // The others need directories that no repository should have: the macro's own tests make these.
    compare(
        "embed/messages.rs",
        "fail/embed",
        &["no_files", "not_text", "too_deep"],
    );
}

/// `unseen`: sentences without a case.
fn compare(catalogue: &str, folder: &str, unseen: &[&str]) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalogue = root.join("../server-macros/src").join(catalogue);
    let text = std::fs::read_to_string(catalogue).expect("the catalogue");
    let messages: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub(crate) fn ")?.split('(').next())
        // The second place of a sentence stands in the case of the first.
        .filter(|name| !name.ends_with("_place") && !unseen.contains(name))
        .map(str::to_owned)
        .collect();
    let cases: BTreeSet<String> = std::fs::read_dir(root.join(folder))
        .expect("the cases")
        .filter_map(|entry| {
            let name = entry
                .expect("readable")
                .file_name()
                .into_string()
                .expect("text");
            name.strip_suffix(".rs").map(str::to_owned)
        })
        .collect();
    assert_eq!(messages, cases);
}
