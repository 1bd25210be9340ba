//! What the expansion of `#[query]`, `#[header]` and `#[cookie]` calls: one value for each parameter, and the faults of
//! all of them in one answer.

use crate::error::fault::Place;
use crate::extract::params::faults::ParamFaults;
use crate::extract::params::places::{self, of_cookies, of_query, raw_query};
use crate::extract::params::source::ParamSource;
use crate::{Answers, Request, Result};
use std::borrow::Cow;

/// What they are refused with.
pub const REFUSALS: &Answers = places::REFUSALS;

/// The faults of one call, none yet.
#[must_use]
pub fn faults() -> ParamFaults {
    ParamFaults::new(Place::Query)
}

/// The query as bytes.
#[must_use]
pub fn query_bytes<'c>(request: &Request<'c>) -> Cow<'c, [u8]> {
    raw_query(request)
}

/// The names and values of the query.
///
/// # Errors
///
/// 400 for too many.
pub fn query(bytes: &[u8]) -> Result<ParamSource<'_>> {
    of_query(bytes)
}

/// The header fields.
#[must_use]
pub fn header<'c>(request: &Request<'c>) -> ParamSource<'c> {
    ParamSource::headers(request.headers())
}

/// The cookies.
///
/// # Errors
///
/// 400 for too many.
pub fn cookie<'c>(request: &Request<'c>) -> Result<ParamSource<'c>> {
    of_cookies(request)
}

/// The faults that follow are of this place.
pub fn at(faults: &mut ParamFaults, source: &ParamSource<'_>) {
    faults.set_place(source.place());
}

/// The value, or all that is wrong with this one and the others.
///
/// # Errors
///
/// There is a fault.
pub fn taken<T>(value: Option<T>, faults: &mut ParamFaults) -> Result<T> {
    match value {
        Some(value) if faults.is_empty() => Ok(value),
        _ => Err(std::mem::replace(faults, self::faults()).into_error()),
    }
}
