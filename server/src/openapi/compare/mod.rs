//! [`OpenApi::compare`]: a document that is checked in, against the one of the program.

pub(crate) mod change;
mod operations;
mod schemas;

use crate::openapi::compare::change::Change;
use crate::openapi::description::OpenApi;
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// The variable that has the file written instead of compared: `write`.
const VARIABLE: &str = "DOGET_OPENAPI";

impl OpenApi {
    /// Compares the document with the file, which is checked in, so that a change of the API is seen where changes are
    /// reviewed. With `DOGET_OPENAPI=write` in the environment the file is written instead.
    ///
    /// ```no_run
    /// # use doget::{handler, openapi::OpenApi};
    /// # struct Shop;
    /// # #[handler]
    /// # impl Shop {
    /// #     fn do_GET(&self) -> &'static str {
    /// #         "open"
    /// #     }
    /// # }
    /// #[test]
    /// fn the_document_is_the_one_that_is_checked_in() -> Result<(), doget::openapi::Changes> {
    ///     OpenApi::of::<Shop>("Shop", "1.0").compare("openapi.json")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What has changed, and whether it can break a client; or why the file cannot be read or written.
    pub fn compare(&self, path: impl AsRef<Path>) -> Result<(), Changes> {
        let path = path.as_ref();
        let failed = |reason: String| Changes {
            path: path.to_owned(),
            reason: Some(reason),
            list: Vec::new(),
        };
        let text = self.to_json();
        if std::env::var_os(VARIABLE).is_some_and(|word| word == "write") {
            return std::fs::write(path, text).map_err(|error| failed(error.to_string()));
        }
        let known = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        // Line ends are the affair of whoever keeps the file.
        if known.lines().eq(text.lines()) {
            return Ok(());
        }
        let known: Value =
            serde_json::from_str(&known).map_err(|error| failed(error.to_string()))?;
        let list = self.changes_since(&known);
        match list.is_empty() {
            true => Ok(()),
            false => Err(Changes {
                path: path.to_owned(),
                reason: None,
                list,
            }),
        }
    }

    /// What is another than in an earlier document of OpenAPI 3.1.
    pub(crate) fn changes_since(&self, known: &Value) -> Vec<Change> {
        operations::changes(known, self.value())
    }
}

/// How the document differs from the one that is checked in: the error of [`OpenApi::compare`].
#[derive(Clone)]
pub struct Changes {
    path: PathBuf,
    /// Why there is nothing to compare with.
    reason: Option<String>,
    list: Vec<Change>,
}

impl Changes {
    /// The changes, in the order of the paths; none if the file could not be read.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.list.iter()
    }

    /// Whether one of them can break a client.
    #[must_use]
    pub fn is_breaking(&self) -> bool {
        self.list.iter().any(|change| change.is_breaking)
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.reason {
            Some(reason) => writeln!(f, "{path} cannot be compared with the document: {reason}")?,
            None => writeln!(
                f,
                "{path} is not the document of the program any more; breaking changes: {} of {}",
                self.list.iter().filter(|change| change.is_breaking).count(),
                self.list.len()
            )?,
        }
        for change in &self.list {
            writeln!(f, "  {change}")?;
        }
        write!(f, "to write the file anew, run this with {VARIABLE}=write")
    }
}

/// What `cargo test` prints of an error that a test returns.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Changes {}
