//! The rules of http.server's file handler, over a socket. A test is named after the rule it holds.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../site.rs"]
mod site;

mod conditions;
mod contents;
mod directories;
mod handlers;
mod headers;
mod methods;
mod origins;
mod paths;
mod programs;
mod ranges;
mod root;

use doget::Parsing;
use doget::{FileHandler, handler};
use doget_tests::answer::Answer;

/// Files, read by the lenient profile, and a route.
struct Lenient {
    files: FileHandler,
}

#[handler(base(self.files: FileHandler))]
impl Lenient {
    const PARSING: Parsing = Parsing::Lenient;

    #[route("/health")]
    fn do_GET_health(&self) -> &'static str {
        "well"
    }
}

/// Files, and a method of its own.
struct Upload {
    files: FileHandler,
}

#[handler(base(self.files: FileHandler))]
impl Upload {
    #[route("/upload")]
    fn do_POST_upload(&self) -> &'static str {
        "taken"
    }
}

/// All values of a field.
fn all<'a>(answer: &'a Answer, name: &'a str) -> Vec<&'a str> {
    answer.all(name).collect()
}
