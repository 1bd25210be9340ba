#![deny(warnings, missing_docs)]
//! Documentation of all kinds.

use doget::{Declared, handler};

/// A handler.
pub struct S;

/// Its methods.
#[handler]
impl S {
    #![allow(clippy::unused_self)]

    /// The version.
    pub const SERVER_VERSION: &str = "S/1";

    /**
     * A block.
     *
     * And more.
     */
    pub fn do_GET(&self) -> &'static str {
        "hello"
    }

    #[doc = concat!("one", "two")]
    #[must_use]
    #[inline]
    pub fn do_PUT(&self) -> &'static str {
        "hello"
    }

    ///
    /// `code` in it, and "quotes".
    pub fn do_POST(&self) -> &'static str {
        "hello"
    }

    /// A hook.
    pub fn version_string(&self) -> std::borrow::Cow<'_, str> {
        "S".into()
    }
}

fn main() {
    let docs: Vec<_> = S::METHODS.iter().filter(|info| !info.derived).map(|info| info.doc).collect();
    assert_eq!(docs, ["A block.", "", "`code` in it, and \"quotes\"."]);
}
