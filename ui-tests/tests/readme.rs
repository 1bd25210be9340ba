//! The refusals that the README shows are those of the case `readme`, in the compiler's own words.

use std::fs;
use std::path::Path;

#[test]
fn the_readme_tells_the_truth() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let readme = read("../README.md");
    let code = block(&readme, "```rust,compile_fail\n");
    assert_eq!(
        read("fail/types/readme.rs"),
        format!("{code}\nfn main() {{}}\n")
    );

    let words = read("fail/types/readme.stderr").replace("fail/types/readme.rs", "src/main.rs");
    let mut words = words.lines();
    for shown in block(&readme, "```text\n").lines() {
        // Both mark left-out lines: the compiler some of its source, the README some of the compiler's lines. Of a
        // line that is too wide for a page the README leaves out the end.
        if !matches!(shown, "" | "...") {
            let is_shown = |line: &str| match shown.strip_suffix(" ...") {
                Some(start) => line.starts_with(start),
                None => line == shown,
            };
            assert!(
                words.any(is_shown),
                "not what the compiler says, or not in this order: {shown}"
            );
        }
    }
}

/// The first block of this kind.
fn block<'t>(text: &'t str, fence: &str) -> &'t str {
    let (_, rest) = text.split_once(fence).unwrap();
    rest.split_once("```").unwrap().0
}
