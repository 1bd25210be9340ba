//! What changed from one document to the next.

use std::fmt;

/// A change of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Where: the method and path, or a part of the document.
    pub place: String,
    /// What is another now.
    pub text: String,
    /// A client that was right before may fail now.
    pub is_breaking: bool,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_breaking { "breaking" } else { "" };
        write!(f, "{word:9} {}: {}", self.place, self.text)
    }
}

/// What is found, on the way through two documents.
#[derive(Default)]
pub(super) struct Found {
    pub(super) place: String,
    pub(super) list: Vec<Change>,
}

impl Found {
    pub(super) fn say(&mut self, is_breaking: bool, text: impl Into<String>) {
        let change = Change {
            place: self.place.clone(),
            text: text.into(),
            is_breaking,
        };
        if !self.list.contains(&change) {
            self.list.push(change);
        }
    }
}
