#![deny(warnings, rust_2018_idioms, missing_docs, unreachable_pub)]
#![allow(dead_code)]
//! The smallest handler warns of nothing.

use doget::handler;

struct Hello;

#[handler]
impl Hello {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
