//! [`SettingError`]: what a handler of files or scripts cannot be told.

use std::fmt;
use std::io;

/// What a [`FileHandler`](super::FileHandler), or a `CgiHandler`, was told and cannot do. Its text says what was
/// wrong and what to write instead.
///
/// It becomes an [`io::Error`] of the kind `InvalidInput` with `?`, so that a `main` with [`io::Result`] needs nothing
/// else.
///
/// ```
/// use doget::FileHandler;
///
/// let error = FileHandler::new(".")?.header("X-Place", "a\r\nb").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the header X-Place cannot have the value \"a\\r\\nb\": a value is one line, \
///      without control characters and without characters above U+00FF"
/// );
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingError(String);

impl SettingError {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingError {}

impl From<SettingError> for io::Error {
    fn from(error: SettingError) -> Self {
        Self::new(io::ErrorKind::InvalidInput, error)
    }
}
