//! How a parameter is taken: by itself, or with the handler's help.
//!
//! What a type is, the compiler decides, by method resolution: an inherent method is there for the types that need the
//! handler, and wins; the trait's method stands behind it for all others. A second trait with a blanket implementation
//! did the same, and lost the words of every error about a parameter.

use crate::auth::{Authorized, Scheme, Verify};
use crate::handler::unclaimed::{Provides, Unclaimed};
#[cfg(feature = "session")]
use crate::session::{HasSessions, Session};
use crate::{Request, Result};
#[cfg(feature = "session")]
use serde::{Serialize, de::DeserializeOwned};
use std::marker::PhantomData;

/// Takes a `T` for a handler.
#[derive(Debug)]
pub struct Taker<'h, T, H: ?Sized>(&'h H, PhantomData<fn() -> T>);

/// What takes a `T` for this handler.
#[inline]
pub fn taker<T, H: ?Sized>(handler: &H) -> Taker<'_, T, H> {
    Taker(handler, PhantomData)
}

impl<U, H: ?Sized> Taker<'_, Authorized<U>, H> {
    /// Takes it.
    ///
    /// # Errors
    ///
    /// 401, or what `verify` returned.
    pub fn take<'r, 'c, S>(
        self,
        unclaimed: Unclaimed<&'r mut Request<'c>, S>,
    ) -> Result<(Authorized<U>, Unclaimed<&'r mut Request<'c>, S>)>
    where
        H: Verify<U>,
    {
        let authorized = Authorized::take(self.0, unclaimed.0)?;
        Ok((authorized, unclaimed))
    }
}

impl<U, H: Verify<U> + ?Sized> Taker<'_, Authorized<U>, H> {
    /// The method never runs on a loop.
    pub const BLOCKS: bool = H::BLOCKS;

    /// What the 401 asks for.
    pub const SCHEME: Option<Scheme> = Some(H::SCHEME);

    /// Adds to the operation how a user is verified.
    #[cfg(feature = "openapi")]
    pub fn describe(operation: &mut crate::openapi::Operation<'_>) {
        crate::openapi::secured::<U, H>(operation);
    }
}

impl<U, H: ?Sized> Taker<'_, Option<Authorized<U>>, H> {
    /// Takes it, if there is one.
    ///
    /// # Errors
    ///
    /// As without the `Option`.
    #[allow(clippy::type_complexity, reason = "what `take` of every type returns")]
    pub fn take<'r, 'c, S>(
        self,
        unclaimed: Unclaimed<&'r mut Request<'c>, S>,
    ) -> Result<(Option<Authorized<U>>, Unclaimed<&'r mut Request<'c>, S>)>
    where
        H: Verify<U>,
    {
        let authorized = Authorized::take_optional(self.0, unclaimed.0)?;
        Ok((authorized, unclaimed))
    }
}

impl<U, H: Verify<U> + ?Sized> Taker<'_, Option<Authorized<U>>, H> {
    /// The method never runs on a loop.
    pub const BLOCKS: bool = H::BLOCKS;

    /// What the 401 asks for.
    pub const SCHEME: Option<Scheme> = Some(H::SCHEME);

    /// Adds to the operation how a user is verified, if there is one.
    #[cfg(feature = "openapi")]
    pub fn describe(operation: &mut crate::openapi::Operation<'_>) {
        operation.optional(crate::openapi::secured::<U, H>);
    }
}

#[cfg(feature = "session")]
impl<'h, 's, T, H: ?Sized> Taker<'h, Session<'s, T>, H>
where
    T: Default + Serialize + DeserializeOwned,
{
    /// Takes it.
    ///
    /// # Errors
    ///
    /// What its store fails with.
    #[allow(clippy::type_complexity, reason = "what `take` of every type returns")]
    pub fn take<'r, 'c, S>(
        self,
        unclaimed: Unclaimed<&'r mut Request<'c>, S>,
    ) -> Result<(Session<'s, T>, Unclaimed<&'r mut Request<'c>, S>)>
    where
        H: HasSessions<T>,
        'h: 's,
        'c: 's,
    {
        let session = self.0.sessions().open(unclaimed.0)?;
        Ok((session, unclaimed))
    }
}

#[cfg(feature = "session")]
impl<T, H: HasSessions<T> + ?Sized> Taker<'_, Session<'_, T>, H> {
    /// The method never runs on a loop.
    pub const BLOCKS: bool = H::BLOCKS;
}

/// For all types that need no handler.
pub trait TakeAlone<T>: Sized {
    /// Whether the method never runs on a loop.
    const BLOCKS: bool = false;

    /// What a 401 asks for.
    const SCHEME: Option<Scheme> = None;

    /// Adds to the operation what only the handler knows of the parameter.
    #[cfg(feature = "openapi")]
    fn describe(operation: &mut crate::openapi::Operation<'_>) {
        let _ = operation;
    }

    /// Takes it.
    ///
    /// # Errors
    ///
    /// What the type says.
    #[inline]
    fn take<P: Provides<T, Rest>, Rest>(self, unclaimed: P) -> Result<(T, Rest)> {
        unclaimed.provide()
    }
}

impl<T, H: ?Sized> TakeAlone<T> for Taker<'_, T, H> {}

/// Verifies who asks, and forgets it: `#[handler(guard(U))]`. At the gate, unless that takes long; then it is left to
/// the method's thread.
///
/// # Errors
///
/// 401, or what `verify` returned.
#[inline]
pub fn guard<U, H: Verify<U> + ?Sized>(
    handler: &H,
    request: &Request<'_>,
    at_gate: bool,
) -> Result<()> {
    if at_gate == H::BLOCKS {
        return Ok(());
    }
    Authorized::<U>::take(handler, request).map(|_| ())
}
