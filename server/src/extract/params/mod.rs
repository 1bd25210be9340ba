//! [`Params`]: the values of a query, of header fields, of cookies or of a form as the fields of a struct.

pub(crate) mod cookie;
pub(crate) mod faults;
pub(crate) mod field;
pub(crate) mod places;
pub(crate) mod single;
pub(crate) mod source;

use crate::error::fault::Place;
use crate::extract::describe::{ParamFields, ParamGroup};
#[cfg(feature = "multipart")]
use crate::extract::multipart::limits::MultipartLimits;
use crate::extract::params::faults::ParamFaults;
use crate::extract::params::source::ParamSource;
use crate::{Error, Result};

#[doc = include_str!("params.md")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no set of parameters",
    label = "it has no `#[derive(Params)]`",
    note = "write `#[derive(doget::Params)]` on the struct; each of its fields is then one parameter"
)]
pub trait Params: Sized {
    /// What the parameters are.
    const FIELDS: ParamFields;

    /// Whether names that are none of these are refused: `#[params(exact)]`.
    const EXACT: bool = false;

    /// The bounds of a body of `multipart/form-data`: `#[params(limits = ..)]`.
    #[cfg(feature = "multipart")]
    const LIMITS: MultipartLimits = MultipartLimits::new();

    /// Reads the fields. `None` if one is not as it has to be: the faults then say which.
    fn read(source: &mut ParamSource<'_>, faults: &mut ParamFaults) -> Option<Self>;
}

/// Reads all of a type from one place, or says all that is wrong with it.
pub(crate) fn read<T: Params>(source: ParamSource<'_>) -> Result<T> {
    // The macro asks too, at the user's own type; this is for calls by hand, and for types of generic blocks.
    const { ParamGroup::new(Place::Query, T::FIELDS).refuse_fault() };
    let faults = ParamFaults::new(source.place());
    read_with(source, faults)
}

/// The same where something may be wrong already.
pub(crate) fn read_with<T: Params>(
    mut source: ParamSource<'_>,
    mut faults: ParamFaults,
) -> Result<T> {
    let value = T::read(&mut source, &mut faults);
    find_unknown::<T>(&source, &mut faults);
    match value {
        Some(value) if faults.is_empty() => Ok(value),
        _ => Err(refused(faults)),
    }
}

/// Names that are none of the type's, where those are refused.
fn find_unknown<T: Params>(source: &ParamSource<'_>, faults: &mut ParamFaults) {
    if T::EXACT {
        let place = source.place();
        for name in source.unknown(|name| T::FIELDS.find(place, name).is_some()) {
            faults.unknown(&name);
        }
    }
}

#[cold]
fn refused(faults: ParamFaults) -> Error {
    faults.into_error()
}

/// The same where all of it can be absent: `None` if no name of the type is there.
pub(crate) fn read_optional<T: Params>(source: ParamSource<'_>) -> Result<Option<T>> {
    if T::FIELDS.iter().any(|info| source.has(info)) {
        return read(source).map(Some);
    }
    let mut faults = ParamFaults::new(source.place());
    find_unknown::<T>(&source, &mut faults);
    if faults.is_empty() {
        Ok(None)
    } else {
        Err(refused(faults))
    }
}
