//! What a method that wants a verified user says in a document.

use crate::StatusCode;
use crate::auth::{Scheme as Challenge, Verify};
use crate::openapi::operation::{Operation, Scheme};

/// The method is called only by a `U` that the handler has verified: the scheme, and 401.
pub fn secured<U, H: Verify<U> + ?Sized>(operation: &mut Operation<'_>) {
    operation.fault(StatusCode::UNAUTHORIZED, "");
    match H::SCHEME {
        Challenge::Basic(_) => operation.security(Scheme::basic()),
        Challenge::Bearer(_) => operation.security(Scheme::bearer("")),
        // What stands in it is not known here.
        Challenge::Other(_) => operation,
    };
}
