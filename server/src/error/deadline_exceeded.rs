//! [`DeadlineExceeded`]: the time of a request is over.

use crate::{Error, StatusCode};
use std::fmt;
use std::io;

/// The time that [`Deadline`](crate::Deadline) gave a request is over: the cause of the error that a read of the body
/// or a write of the answer fails with from then on.
///
/// ```
/// use doget::DeadlineExceeded;
///
/// /// Whether it is worth while to try again.
/// fn was_late(error: &doget::Error) -> bool {
///     std::error::Error::source(error).is_some_and(|cause| cause.is::<DeadlineExceeded>())
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeadlineExceeded;

impl DeadlineExceeded {
    /// The request has not come whole: 408.
    pub(crate) fn of_request() -> Error {
        Error::new(StatusCode::REQUEST_TIMEOUT)
            .explain("the request was not whole at its deadline")
            .caused_by(Self)
            .close()
    }

    /// Nothing of the answer has left: 503.
    pub(crate) fn of_answer() -> Error {
        Error::service_unavailable()
            .explain("the answer was not ready at its deadline")
            .caused_by(Self)
    }
}

impl fmt::Display for DeadlineExceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the deadline of the request has passed")
    }
}

impl std::error::Error for DeadlineExceeded {}

/// As the error of a write: of the kind [`TimedOut`](io::ErrorKind::TimedOut), and a 503 where it becomes an
/// [`Error`].
impl From<DeadlineExceeded> for io::Error {
    fn from(_: DeadlineExceeded) -> Self {
        Self::new(io::ErrorKind::TimedOut, DeadlineExceeded::of_answer())
    }
}

/// 503.
impl From<DeadlineExceeded> for Error {
    fn from(_: DeadlineExceeded) -> Self {
        DeadlineExceeded::of_answer()
    }
}
