//! What types say of themselves: parameters, answers and errors of `do_*` methods.

use crate::openapi::operation::Operation;

/// A parameter of a `do_*` method that says what it takes from a request: fields of the query, a body, a credential.
///
/// The parameters of this crate implement it; [`Json<T>`](crate::Json) does if `T` is
/// [`JsonSchema`](crate::openapi::JsonSchema). A type of your own says what its `from_request` reads, and which errors
/// that has:
///
/// ```
/// use doget::openapi::{Input, OpenApi, Operation, Scheme};
/// use doget::{Error, FromRequest, Request, Result, handler};
///
/// struct User(String);
///
/// impl<'c> FromRequest<'c> for User {
///     fn from_request(request: &mut Request<'c>) -> Result<Self> {
///         let token = request.headers().get("Authorization");
///         let user = token.and_then(|token| token.strip_prefix("Bearer "));
///         user.map(|user| User(user.to_owned())).ok_or_else(|| Error::new(401))
///     }
/// }
///
/// impl Input for User {
///     fn input(operation: &mut Operation<'_>) {
///         operation.security(Scheme::bearer("JWT"));
///         operation.fault(401, "Nobody is signed in.");
///     }
/// }
///
/// struct Site;
///
/// #[handler]
/// impl Site {
///     #[route("/me")]
///     fn do_GET_me(&self, user: User) -> String {
///         user.0
///     }
/// }
///
/// let api = OpenApi::of::<Site>("Site", "1.0");
/// assert!(api.to_json().contains("\"bearerFormat\": \"JWT\""));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it takes from a request",
    label = "this parameter is not described",
    note = "implement `doget::openapi::Input` for it; `Json<T>` is described if `T` is `JsonSchema`"
)]
pub trait Input {
    /// Adds to the operation what this parameter takes, and the errors of taking it.
    fn input(operation: &mut Operation<'_>);
}

/// An answer that says what is sent: statuses, media types, schemas, header fields.
///
/// The replies of this crate implement it, as far as their status is in the type; [`Json<T>`](crate::Json) does if
/// `T` is [`JsonSchema`](crate::openapi::JsonSchema).
///
/// ```
/// use doget::openapi::{Answer, Operation, Output, Schema};
/// use doget::{Reply, Response, Result, Sent};
///
/// struct Csv(String);
///
/// impl Reply for Csv {
///     fn reply(self, response: Response<'_>) -> Result<Sent> {
///         response.send_response(200).send_header("Content-Type", "text/csv").finish_with(self.0.into_bytes())
///     }
/// }
///
/// impl Output for Csv {
///     fn output(operation: &mut Operation<'_>) {
///         operation.answer(Answer::new(200).content("text/csv", Schema::string()));
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it sends",
    label = "this answer is not described",
    note = "implement `doget::openapi::Output` for it; `Json<T>` is described if `T` is `JsonSchema`",
    note = "an answer whose status is chosen at run time, and one that is sent by hand, cannot be described: return \
            a type that has the status, or say with `#[answers(..)]` what is sent"
)]
pub trait Output {
    /// Adds to the operation the answers that this type sends.
    fn output(operation: &mut Operation<'_>);
}
