//! [`Basic`] and [`Bearer`]: what a client says in `Authorization`.

use crate::Request;
use crate::semantics::base64;
use std::fmt;

/// The value of the one `Authorization` behind this scheme, whose case does not count. Two fields are none: it is not
/// known which one of them a proxy has looked at.
fn credentials<'c>(request: &Request<'c>, scheme: &str) -> Option<&'c str> {
    let mut all = request.headers().get_all_bytes("Authorization");
    let (Some(one), None) = (all.next(), all.next()) else {
        return None;
    };
    let (name, rest) = std::str::from_utf8(one).ok()?.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme)
        .then(|| rest.trim_start_matches(' '))
}

/// A name and a password (RFC 7617).
///
/// ```
/// use doget::{Basic, Error, Request, Response, Result, Sent, same_secret};
///
/// fn page(request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
///     match Basic::of(request) {
///         Some(basic) if basic.name() == "ada" && same_secret(basic.password(), "engine") => {
///             response.reply("welcome")
///         }
///         _ => Err(Error::unauthorized("Basic realm=\"engine\"")),
///     }
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Basic {
    name: String,
    password: String,
}

impl Basic {
    /// Of a request. `None` if it has no `Authorization` of this scheme or more than one, or if what is there is not
    /// base64 of UTF-8 with a colon.
    pub fn of(request: &Request<'_>) -> Option<Self> {
        let decoded = base64::decode(credentials(request, "Basic")?)?;
        let text = String::from_utf8(decoded).ok()?;
        let (name, password) = text.split_once(':')?;
        // Controls are forbidden in both (section 2).
        if text.chars().any(char::is_control) {
            return None;
        }
        Some(Self {
            name: name.to_owned(),
            password: password.to_owned(),
        })
    }

    /// The name, up to the first colon.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The password. Compare it with [`same_secret`](crate::same_secret), or keep hashes in `Passwords`.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Basic {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basic")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A token (RFC 6750 section 2.1).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bearer<'c> {
    token: &'c str,
}

impl<'c> Bearer<'c> {
    /// Of a request. `None` if it has no `Authorization` of this scheme or more than one, or if what is there is no
    /// token of the grammar. Tokens in a body or a query are not looked at: they would stand in logs.
    pub fn of(request: &Request<'c>) -> Option<Self> {
        let token = credentials(request, "Bearer")?;
        let digits = token.trim_end_matches('=');
        let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        (!digits.is_empty() && digits.bytes().all(is_good)).then_some(Self { token })
    }

    /// The token. Compare it with [`same_secret`](crate::same_secret), or keep it in `Tokens`.
    #[must_use]
    pub fn token(&self) -> &'c str {
        self.token
    }
}

impl fmt::Debug for Bearer<'_> {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").finish_non_exhaustive()
    }
}
