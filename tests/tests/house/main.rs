//! What ARCHITECTURE.md and CONTRIBUTING.md promise of the source itself: arrows between files run one way, and nothing
//! is wider, longer or vaguer than agreed.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

mod exceptions;
mod graph;
mod proof;
mod resolve;
mod sizes;
mod tracked;
mod tree;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use exceptions::{Arrow, CIRCLES, WIDE, Wide};
use graph::Graph;
use sizes::{Found, Outline};
use tree::{Files, Tree};

/// The crates whose files are drawn: the folder, and the file that is the root.
const CRATES: [(&str, &str); 3] = [
    ("server/src/", "server/src/lib.rs"),
    ("server/src/bin/doget/", "server/src/bin/doget/main.rs"),
    ("server-macros/src/", "server-macros/src/lib.rs"),
];

/// A crate's files; those below `bin` are crates of their own.
fn of_crate(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.ends_with(".rs") && !rest.starts_with("bin/"))
}

/// All arrows of all crates; no crate names a file of another.
fn drawn() -> Graph {
    let mut all = Graph::default();
    for (folder, root) in CRATES {
        let files = tracked::files(|path| of_crate(path, folder));
        let tree = Tree::read(&files, root);
        let strays: Vec<&String> = files
            .keys()
            .filter(|path| !tree.reached.contains(*path))
            .collect();
        assert!(strays.is_empty(), "files that no `mod` names: {strays:?}");
        match resolve::arrows(&tree, &files) {
            Ok(graph) => all.join(graph),
            Err(lost) => panic!("imports that lead nowhere:\n{}", lost.join("\n")),
        }
    }
    all
}

/// The exceptions that are not needed: without them the graph has no more circles.
fn idle(graph: &Graph, exceptions: &[Arrow]) -> Vec<String> {
    let mut idle = Vec::new();
    for arrow in exceptions {
        let others = exceptions.iter().filter(|one| *one != arrow);
        let with = graph.without(others.map(|arrow| (arrow.from, arrow.to)));
        if !with.has(arrow.from, arrow.to) || !with.reached(arrow.to).contains(arrow.from) {
            idle.push(format!(
                "no longer closes a circle: {} -> {}",
                arrow.from, arrow.to
            ));
        }
    }
    idle
}

#[test]
fn arrows_between_files_run_one_way() {
    let graph = drawn();
    let exceptions = CIRCLES.iter().map(|arrow| (arrow.from, arrow.to));
    let rest = graph.without(exceptions);
    let first =
        |circle: &BTreeSet<&str>| circle.first().map_or(String::new(), |file| (*file).into());
    let circles = rest.circles();
    let found: Vec<Found> = circles
        .iter()
        .map(|circle| (first(circle), rest.describe(circle)))
        .collect();
    judge("circle", &found);
    let idle = idle(&graph, CIRCLES);
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

#[test]
fn an_exception_is_an_arrow_that_closes_a_circle() {
    let mut graph = Graph::default();
    graph.add("a", "b", "a:1");
    graph.add("b", "a", "b:1");
    let arrow = |from, to| Arrow {
        from,
        to,
        reason: "because",
    };
    assert_eq!(idle(&graph, &[arrow("a", "b")]), [""; 0]);
    assert_eq!(idle(&graph, &[arrow("b", "c")]).len(), 1);
    assert_eq!(idle(&graph, &[arrow("a", "b"), arrow("b", "a")]).len(), 2);
    graph.add("c", "a", "c:1");
    assert_eq!(idle(&graph, &[arrow("a", "b"), arrow("c", "a")]).len(), 1);
    assert_eq!(graph.circles().len(), 1);
    assert!(graph.without([("a", "b")]).circles().is_empty());
}

/// Fails on what is found.
fn judge(rule: &str, found: &[Found]) {
    let places: Vec<&str> = found.iter().map(|(_, place)| place.as_str()).collect();
    assert!(places.is_empty(), "{rule}:\n{}", places.join("\n"));
}

/// The Rust that compiles: `ui-tests/fail` holds mistakes on purpose.
fn sources() -> Files {
    tracked::files(|path| path.ends_with(".rs") && !path.starts_with("ui-tests/fail/"))
}

fn outline() -> &'static Outline {
    static OUTLINE: LazyLock<Outline> = LazyLock::new(|| Outline::read(&sources()));
    &OUTLINE
}

#[test]
fn lines_are_narrow() {
    let mut found = sizes::wide_lines(&tracked::files(sizes::has_lines));
    for Wide { place, reason } in WIDE {
        let all = found.len();
        found.retain(|(path, _)| !path.starts_with(place));
        assert!(
            found.len() < all,
            "{place} is narrow now, so it needs no exception: {reason}"
        );
    }
    judge("width", &found);
}

#[test]
fn files_are_short() {
    judge("file", &sizes::long_files(&sources()));
}

#[test]
fn functions_are_short() {
    judge("function", &outline().long_functions());
}

#[test]
fn modules_have_names_that_say_something() {
    judge("name", &outline().vague_names());
}

#[test]
fn a_module_with_children_lies_in_its_folder() {
    judge("folder", &sizes::files_beside_folders(&sources()));
}
