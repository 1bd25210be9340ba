//! [`InputFault`]: one value of a request that is not as it has to be.

use std::borrow::Cow;
use std::fmt;

/// Where in a request a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// A part of the path, named by its placeholder.
    Path,
    /// The query, named by the key.
    Query,
    /// A header field.
    Header,
    /// A cookie.
    Cookie,
    /// The body: a field of a form by its name, a value in JSON by its pointer (RFC 6901), which is empty or begins
    /// with a slash.
    Body,
}

impl Place {
    /// The word of OpenAPI for it: `path`, `query`, `header`, `cookie`; and `body`.
    ///
    /// ```
    /// assert_eq!(doget::Place::Query.as_str(), "query");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }
}

/// One value of a request that is not as it has to be; see [`Error::fault`](crate::Error::fault).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputFault {
    /// Where the value stands.
    pub place: Place,
    /// Its name there.
    pub name: Cow<'static, str>,
    /// What the value has to be, for the client to read.
    pub detail: Cow<'static, str>,
}

impl InputFault {
    /// A value that stands in this place under this name, and what it has to be.
    ///
    /// ```
    /// use doget::{InputFault, Place};
    ///
    /// let fault = InputFault::new(Place::Body, "/title", "from 1 to 80 characters");
    /// assert_eq!(fault.to_string(), "body /title: from 1 to 80 characters");
    /// ```
    pub fn new(
        place: Place,
        name: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            place,
            name: name.into(),
            detail: detail.into(),
        }
    }

    /// Whether the name is a JSON pointer (RFC 6901) into the body, and not the name of a field.
    ///
    /// ```
    /// use doget::{Error, Place};
    ///
    /// let error = Error::bad_request().fault(Place::Body, "/items/3/price", "a number");
    /// assert!(error.faults()[0].is_pointer());
    /// ```
    #[must_use]
    pub fn is_pointer(&self) -> bool {
        self.place == Place::Body && (self.name.is_empty() || self.name.starts_with('/'))
    }
}

/// `query limit: a number from 1 to 100`
impl fmt::Display for InputFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.place.as_str())?;
        if !self.name.is_empty() {
            write!(f, " {}", self.name)?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// Faults in one line, with `; ` between them.
pub(crate) struct FaultList<'f>(pub(crate) &'f [InputFault]);

impl fmt::Display for FaultList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}
