//! Who asks: what a client says of itself in `Authorization`, and how a handler verifies it.

pub(crate) mod credentials;
#[cfg(feature = "auth")]
pub(crate) mod passwords;
pub(crate) mod secret;
#[cfg(feature = "auth")]
pub(crate) mod tokens;

use crate::connection::verified_user::VerifiedUser;
use crate::{Error, Peer, Request, Result};
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// How a handler verifies who asks: the bound of [`Authorized<U>`](Authorized) as a parameter, and of
/// `#[handler(guard(U))]`.
///
/// ```
/// use doget::{Authorized, Bearer, Request, Result, Scheme, Verify, handler, same_secret, testing};
///
/// struct User(&'static str);
///
/// struct Shop {
///     token: String,
/// }
///
/// impl Verify<User> for Shop {
///     const SCHEME: Scheme = Scheme::Bearer("shop");
///
///     fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
///         let known = Bearer::of(request).is_some_and(|bearer| same_secret(bearer.token(), &self.token));
///         Ok(known.then_some(User("Ada")))
///     }
/// }
///
/// #[handler]
/// impl Shop {
///     fn do_GET(&self, user: Authorized<User>) -> String {
///         format!("hello {}", user.0)
///     }
/// }
///
/// let shop = Shop { token: "6f1c".to_owned() };
/// let answer = testing::get("/").send(&shop);
/// assert_eq!(answer.status(), 401);
/// assert_eq!(answer.header("WWW-Authenticate"), Some("Bearer realm=\"shop\""));
/// let answer = testing::get("/").header("Authorization", "Bearer 6f1c").send(&shop);
/// assert_eq!(answer.text(), "hello Ada");
/// ```
///
/// Without the `impl` the parameter does not compile:
///
/// ```compile_fail
/// # use doget::{Authorized, handler};
/// # struct User;
/// # struct Shop;
/// #[handler]
/// impl Shop {
///     fn do_GET(&self, user: Authorized<User>) -> &'static str {
///         "hello"
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say how a `{U}` is verified",
    label = "`Authorized<{U}>` needs it",
    note = "write `impl doget::Verify<{U}> for {Self}`"
)]
pub trait Verify<U> {
    /// What the 401 asks for.
    const SCHEME: Scheme;

    /// Verifying may take long, as that of a password does: the methods that need it never run on an event loop, and a
    /// guard is not asked by the gate.
    const BLOCKS: bool = false;

    /// Who asks, by the head of the request. `None`: nobody that is known, which is 401 with
    /// [`SCHEME`](Self::SCHEME).
    ///
    /// Compare secrets with [`same_secret`](crate::same_secret).
    ///
    /// # Errors
    ///
    /// The error that is the answer: 403 for somebody who is known and may not do this.
    fn verify(&self, request: &Request<'_>) -> Result<Option<U>>;

    /// Whether a name and a password ([`Scheme::Basic`]) may cross a network in clear. The default is no: over plain
    /// HTTP everybody is answered with 403, without a challenge that would bring the password, and
    /// [`verify`](Self::verify) is not asked. Clients of the same machine are asked as ever, by a Unix socket too, and
    /// so are those whose trusted proxy says that they use HTTPS ([`HttpServer::trust`](crate::HttpServer::trust)). A
    /// client that nobody named ([`Peer::UNKNOWN`](crate::Peer::UNKNOWN)) counts as one of another machine. Below
    /// another engine `tower::Service::peer` names clients, and `https(true)` says that connections are encrypted.
    fn allows_plain_http(&self) -> bool {
        false
    }

    /// The name of a verified user, for the log ([`Request::user`](crate::Request::user)) and for scripts
    /// (`REMOTE_USER`). The default tells none. A name with control characters is not taken.
    fn user_name<'u>(&self, user: &'u U) -> Option<Cow<'u, str>> {
        let _ = user;
        None
    }
}

/// What a 401 asks for, as `WWW-Authenticate` says it (RFC 9110 section 11.6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scheme {
    /// A name and a password, for this realm (RFC 7617).
    Basic(&'static str),
    /// A token, for this realm (RFC 6750).
    Bearer(&'static str),
    /// Another challenge, as it is sent.
    Other(&'static str),
}

impl Scheme {
    /// As `Authorization` names it.
    fn name(self) -> &'static str {
        match self {
            Self::Basic(_) => "Basic",
            Self::Bearer(_) => "Bearer",
            Self::Other(challenge) => challenge.split(' ').next().unwrap_or_default(),
        }
    }

    /// The challenge. `was_refused`: credentials were there, and are not valid.
    fn challenge(self, was_refused: bool) -> String {
        match self {
            Self::Basic(realm) => format!("Basic realm={}, charset=\"UTF-8\"", Quoted(realm)),
            Self::Bearer(realm) if was_refused => {
                format!("Bearer realm={}, error=\"invalid_token\"", Quoted(realm))
            }
            Self::Bearer(realm) => format!("Bearer realm={}", Quoted(realm)),
            Self::Other(challenge) => challenge.to_owned(),
        }
    }
}

/// A quoted string (RFC 9110 section 5.6.4).
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escaped = self.0.replace('\\', "\\\\").replace('"', "\\\"");
        write!(f, "\"{escaped}\"")
    }
}

/// Who asks, verified: a parameter of a method whose handler is [`Verify<U>`](Verify). Nobody else can make one.
///
/// As an `Option` it is `None` for whoever says nothing of himself; credentials that are not valid are 401 there too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authorized<U> {
    user: U,
}

impl<U> Authorized<U> {
    /// Who asks.
    pub fn into_inner(self) -> U {
        self.user
    }

    /// Who was verified first is the user of the request.
    fn known<H: Verify<U> + ?Sized>(handler: &H, request: &Request<'_>, user: U) -> Self {
        let is_name = |name: &Cow<'_, str>| !name.is_empty() && !name.chars().any(char::is_control);
        if let Some(name) = handler.user_name(&user).filter(is_name) {
            request.exchange.set_user(VerifiedUser {
                scheme: H::SCHEME.name(),
                name: name.into(),
            });
        }
        Self { user }
    }

    pub(crate) fn take<H: Verify<U> + ?Sized>(handler: &H, request: &Request<'_>) -> Result<Self> {
        if is_in_clear(handler, request) {
            return Err(needs_https());
        }
        match handler.verify(request)? {
            Some(user) => Ok(Self::known(handler, request, user)),
            None => Err(unauthorized(H::SCHEME, request)),
        }
    }

    pub(crate) fn take_optional<H: Verify<U> + ?Sized>(
        handler: &H,
        request: &Request<'_>,
    ) -> Result<Option<Self>> {
        let says_who = request.headers().contains("Authorization");
        if is_in_clear(handler, request) {
            return if says_who {
                Err(needs_https())
            } else {
                Ok(None)
            };
        }
        match handler.verify(request)? {
            Some(user) => Ok(Some(Self::known(handler, request, user))),
            None if says_who => Err(unauthorized(H::SCHEME, request)),
            None => Ok(None),
        }
    }
}

impl<U> Deref for Authorized<U> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.user
    }
}

/// Whether a password that this request brings has crossed a network, or will, for all who listen there.
fn is_in_clear<U, H: Verify<U> + ?Sized>(handler: &H, request: &Request<'_>) -> bool {
    matches!(H::SCHEME, Scheme::Basic(_))
        && request.scheme() != "https"
        && !is_of_this_machine(request)
        && !handler.allows_plain_http()
}

/// A client that nobody named may be anywhere.
fn is_of_this_machine(request: &Request<'_>) -> bool {
    match request.client() {
        Some(client) => client.is_loopback(),
        None => *request.client_address() == Peer::UNIX,
    }
}

fn needs_https() -> Error {
    Error::forbidden().explain(
        "Names and passwords are taken over HTTPS alone. (A proxy that has HTTPS must be trusted, and say so in \
         X-Forwarded-Proto or Forwarded.)",
    )
}

/// The 401. Nothing of it may be kept by a cache (RFC 9111 section 3 lets it be kept if an answer says how long).
fn unauthorized(scheme: Scheme, request: &Request<'_>) -> Error {
    let was_refused = request.headers().contains("Authorization");
    Error::unauthorized(scheme.challenge(was_refused)).header("Cache-Control", "no-store")
}
