//! Parameters of methods: what of a request is left to give is in the type.

use crate::extract::FromRequest;
use crate::{IntoError, Reply, Request, Response, Result, Sent};

/// The request and the response, as far as the parameters of a method have not taken them; a slot is [`Gone`] when it
/// was taken. What is left is in the type, so that taking the response twice does not compile.
#[derive(Debug)]
pub struct Unclaimed<Q, S>(pub Q, pub S);

/// An empty slot.
#[derive(Debug)]
pub struct Gone;

/// `Unclaimed` from which a `T` can be taken, so that `Rest` is left.
///
/// The rest is a parameter and not an associated type: with an associated type rustc reports the same fault again for
/// each parameter that follows.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be taken from a request, or was already taken",
    label = "this parameter has no source",
    note = "a parameter is `&Request`, `&mut Request`, `Response` (each once), one that a `{{placeholder}}` of the \
            route names, or a type that implements `doget::FromRequest`"
)]
pub trait Provides<T, Rest>: Sized {
    /// Gives it, and what is left.
    ///
    /// # Errors
    ///
    /// What the type says.
    fn provide(self) -> Result<(T, Rest)>;
}

impl<'r, 'c, S> Provides<&'r mut Request<'c>, Unclaimed<Gone, S>>
    for Unclaimed<&'r mut Request<'c>, S>
{
    fn provide(self) -> Result<(&'r mut Request<'c>, Unclaimed<Gone, S>)> {
        Ok((self.0, Unclaimed(Gone, self.1)))
    }
}

impl<'r, 'c, S> Provides<&'r Request<'c>, Unclaimed<Gone, S>>
    for Unclaimed<&'r mut Request<'c>, S>
{
    fn provide(self) -> Result<(&'r Request<'c>, Unclaimed<Gone, S>)> {
        Ok((self.0, Unclaimed(Gone, self.1)))
    }
}

impl<'c, Q> Provides<Response<'c>, Unclaimed<Q, Gone>> for Unclaimed<Q, Response<'c>> {
    fn provide(self) -> Result<(Response<'c>, Unclaimed<Q, Gone>)> {
        Ok((self.1, Unclaimed(self.0, Gone)))
    }
}

impl<'c, S, T: FromRequest<'c>> Provides<T, Self> for Unclaimed<&mut Request<'c>, S> {
    fn provide(self) -> Result<(T, Self)> {
        let value = T::from_request(self.0)?;
        Ok((value, self))
    }
}

impl<'c, Q> Unclaimed<Q, Response<'c>> {
    /// The response was not taken: whatever came back is sent.
    #[inline]
    pub fn finish<R: Reply>(self, reply: R) -> Result<Sent> {
        reply.reply(self.1)
    }
}

impl<Q> Unclaimed<Q, Gone> {
    /// The response was taken: what came back has to show that it was answered.
    #[inline]
    pub fn finish<R: Answered>(self, answer: R) -> Result<Sent> {
        answer.answered()
    }
}

/// Proof of an answer.
#[diagnostic::on_unimplemented(
    message = "this method takes the `Response`, but returns `{Self}`: nothing shows that it answered",
    label = "must be `doget::Result<Sent>`",
    note = "return what `finish()`, `reply(..)` or `send_error(..)` gives; to return a value that is sent, do not \
            take the `Response`"
)]
pub trait Answered {
    /// What was returned.
    ///
    /// # Errors
    ///
    /// The error in place of the answer.
    fn answered(self) -> Result<Sent>;
}

impl Answered for Sent {
    fn answered(self) -> Result<Sent> {
        Ok(self)
    }
}

impl<E: IntoError> Answered for Result<Sent, E> {
    fn answered(self) -> Result<Sent> {
        self.map_err(IntoError::into_error)
    }
}

/// Stands at the end of a body that has no value there; implemented for nothing.
#[diagnostic::on_unimplemented(
    message = "this method ends without an answer",
    label = "`{Self}` is still owed here",
    note = "end with what is to be sent, or with what `finish()`, `reply(..)` or `send_error(..)` gives, without a \
            `;` after it"
)]
pub trait Unanswered: Sized {
    /// Is never called.
    fn never() -> Self;
}
