//! The check itself, on small trees: what is a circle is found, and what is none is not.

use std::collections::BTreeSet;

use crate::graph::Graph;
use crate::resolve::arrows;
use crate::tree::{Files, Tree};

fn graph(files: &[(&str, &str)]) -> Graph {
    let files: Files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    arrows(&Tree::read(&files, "src/lib.rs"), &files).expect("every import leads somewhere")
}

/// The one circle of the tree.
fn circle(files: &[(&str, &str)]) -> BTreeSet<String> {
    let graph = graph(files);
    let circles = graph.circles();
    assert_eq!(circles.len(), 1, "{graph:?}");
    circles[0].iter().map(|file| (*file).to_owned()).collect()
}

fn set<const N: usize>(files: [&str; N]) -> BTreeSet<String> {
    files.into_iter().map(str::to_owned).collect()
}

#[test]
fn a_circle_through_the_root_is_one_of_two_files() {
    let files = [
        ("src/lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("src/a.rs", "use crate::B; pub struct A(B);"),
        (
            "src/b.rs",
            "pub struct B; impl B { pub fn a() -> Option<crate::A> { None } }",
        ),
    ];
    assert_eq!(circle(&files), set(["src/a.rs", "src/b.rs"]));
    let graph = graph(&files);
    let words = graph.describe(&graph.circles()[0]);
    assert!(words.contains("src/a.rs:1: use crate::B;"), "{words}");
    assert!(words.contains("src/b.rs -> src/a.rs"), "{words}");
}

#[test]
fn without_the_arrow_back_there_is_none() {
    let graph = graph(&[
        ("src/lib.rs", "mod a; mod b; pub use a::A; pub use b::B;"),
        ("src/a.rs", "use crate::B; pub struct A(B);"),
        ("src/b.rs", "pub struct B;"),
    ]);
    assert!(graph.has("src/a.rs", "src/b.rs"));
    assert!(graph.circles().is_empty(), "{graph:?}");
}

#[test]
fn a_trait_and_its_default_functions() {
    let found = circle(&[
        ("src/lib.rs", "mod defaults; mod handler;"),
        (
            "src/handler.rs",
            "pub trait Handler: Sized { fn log(&self) { crate::defaults::log(self) } }",
        ),
        (
            "src/defaults.rs",
            "use crate::handler::Handler; pub fn log<H: Handler>(_: &H) {}",
        ),
    ]);
    assert_eq!(found, set(["src/defaults.rs", "src/handler.rs"]));
}

#[test]
fn a_glob_leads_to_the_names_that_are_used() {
    let found = circle(&[
        (
            "src/lib.rs",
            "mod a; mod all { pub use crate::b::*; pub use crate::c::*; } mod b; mod c;",
        ),
        ("src/a.rs", "use crate::all::*; pub struct A(B);"),
        ("src/b.rs", "pub struct B; fn a(_: super::a::A) {}"),
        ("src/c.rs", "pub struct C; fn a(_: super::a::A) {}"),
    ]);
    assert_eq!(found, set(["src/a.rs", "src/b.rs"]));
}

#[test]
fn a_new_name_leads_to_the_old_one() {
    let found = circle(&[
        (
            "src/lib.rs",
            "mod a; mod b; pub use b::{Old as New, other};",
        ),
        (
            "src/a.rs",
            "use crate::{New as Newest, other}; pub struct A(Newest);",
        ),
        (
            "src/b.rs",
            "pub struct Old; pub fn other() { crate::a::A::make(); }",
        ),
    ]);
    assert_eq!(found, set(["src/a.rs", "src/b.rs"]));
}

#[test]
fn groups_self_super_and_variants() {
    let found = circle(&[
        ("src/lib.rs", "mod a; mod x;"),
        (
            "src/x/mod.rs",
            "mod b; mod c; pub(crate) use self::{b::{Kind, make}, c::C};",
        ),
        (
            "src/x/b.rs",
            "pub enum Kind { One } pub fn make() { super::c::go(); }",
        ),
        ("src/x/c.rs", "pub struct C; pub fn go() { crate::a::go() }"),
        (
            "src/a.rs",
            "use crate::x::{self, Kind::{self, One}}; pub fn go() { x::make(); }",
        ),
    ]);
    assert_eq!(found, set(["src/a.rs", "src/x/b.rs", "src/x/c.rs"]));
}

#[test]
fn a_module_and_a_function_of_one_name() {
    let graph = graph(&[
        ("src/lib.rs", "mod a; mod parse;"),
        (
            "src/parse/mod.rs",
            "mod inner; mod parse; pub use parse::parse;",
        ),
        ("src/parse/parse.rs", "pub fn parse() {}"),
        ("src/parse/inner.rs", "pub fn inner() {}"),
        ("src/a.rs", "pub fn a() { crate::parse::parse(); }"),
    ]);
    assert!(graph.has("src/a.rs", "src/parse/parse.rs"), "{graph:?}");
    assert!(!graph.has("src/a.rs", "src/parse/mod.rs"), "{graph:?}");
}

#[test]
fn who_passes_a_name_on_does_not_use_it() {
    let files = |face: &'static str| {
        [
            ("src/lib.rs", "mod x;"),
            ("src/x/mod.rs", face),
            ("src/x/b.rs", "pub struct B; fn a(_: super::A) {}"),
        ]
    };
    assert!(
        graph(&files("mod b; pub use b::B; pub struct A;"))
            .circles()
            .is_empty()
    );
    let found = circle(&files("mod b; pub use b::B; pub struct A(Option<B>);"));
    assert_eq!(found, set(["src/x/b.rs", "src/x/mod.rs"]));
}

#[test]
fn macros_are_seen_where_they_are_defined() {
    let found = circle(&[
        ("src/lib.rs", "mod a; mod b;"),
        (
            "src/a.rs",
            "#[macro_export] macro_rules! make { () => { $crate::b::made() } } pub struct A;",
        ),
        ("src/b.rs", "pub fn made() {} fn b() { crate::make!(); }"),
    ]);
    assert_eq!(found, set(["src/a.rs", "src/b.rs"]));
}

#[test]
fn a_call_of_a_macro_defines_the_names_that_are_given_to_it() {
    let found = circle(&[
        ("src/lib.rs", "mod a; mod b;"),
        (
            "src/a.rs",
            "macro_rules! all { ($n:ident) => { pub struct $n; } } all!(Made); fn a(_: crate::b::B) {}",
        ),
        ("src/b.rs", "use crate::a::Made; pub struct B(Made);"),
    ]);
    assert_eq!(found, set(["src/a.rs", "src/b.rs"]));
}

#[test]
fn what_stands_within_a_macro_or_a_function_counts() {
    let found = circle(&[
        ("src/lib.rs", "mod a; mod b;"),
        (
            "src/a.rs",
            "pub fn a() { assert!(matches!(1, crate::b::ONE)); }",
        ),
        (
            "src/b.rs",
            "pub const ONE: u8 = 1; fn b() { use crate::a::a; a(); }",
        ),
    ]);
    assert_eq!(found, set(["src/a.rs", "src/b.rs"]));
}

#[test]
fn tests_and_fields_and_other_crates_do_not_count() {
    let graph = graph(&[
        (
            "src/lib.rs",
            "mod a; mod b; #[cfg(test)] mod tests; pub use b::make;",
        ),
        ("src/tests.rs", "use crate::a::A;"),
        ("src/a.rs", "use crate::b::B; pub struct A(B);"),
        (
            "src/b.rs",
            "pub struct B { pub make: u8 } pub fn make() {}
             #[cfg(all(test, unix))] mod tests { use crate::a::A; }
             impl B { #[cfg(test)] fn t(_: crate::a::A) {} fn u(&self) -> u8 { self.make } }
             fn v() -> ::a::A { std::a::A }",
        ),
    ]);
    assert!(graph.has("src/a.rs", "src/b.rs"));
    assert!(graph.circles().is_empty(), "{graph:?}");
}

#[test]
fn a_path_attribute_names_the_file() {
    let found = circle(&[
        ("src/lib.rs", "mod x; mod y;"),
        (
            "src/x.rs",
            "#[cfg(unix)] #[path = \"x/unix.rs\"] mod system;
             #[cfg(not(unix))] #[path = \"x/other.rs\"] mod system;
             pub use system::open;",
        ),
        ("src/x/unix.rs", "pub fn open() {}"),
        ("src/x/other.rs", "pub fn open() { crate::y::y() }"),
        ("src/y.rs", "pub fn y() { crate::x::open(); }"),
    ]);
    assert_eq!(found, set(["src/x/other.rs", "src/y.rs"]));
}

#[test]
fn an_import_that_leads_nowhere_is_said() {
    let files: Files = [
        ("src/lib.rs", "mod a;"),
        ("src/a.rs", "use crate::made_by_a_macro;"),
    ]
    .map(|(path, text)| (path.to_owned(), text.to_owned()))
    .into();
    let lost = arrows(&Tree::read(&files, "src/lib.rs"), &files).expect_err("nothing there");
    assert_eq!(lost, ["src/a.rs:1: use crate::made_by_a_macro;"]);
}
