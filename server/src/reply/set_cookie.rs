//! [`SetCookie`]: the field `Set-Cookie` (RFC 6265 section 4.1), checked as it is put together.

use crate::http1::is_valid_field;
use crate::semantics::date::HttpDate;
use crate::{Answers, Error, HeaderEncoder, HeaderValue, Reply, Response, Result, Sent};
use std::fmt;
use std::time::Duration;

/// Name and value together, as browsers take them at most (RFC 6265bis section 5.6).
const MAX_PAIR: usize = 4096;

/// The value of one attribute, as browsers take it at most.
const MAX_ATTRIBUTE: usize = 1024;

/// A cookie to be set: the value of a header field `Set-Cookie`. Feature `params`.
///
/// It is `HttpOnly`, `Secure` and `SameSite=Lax` unless told otherwise, and ends with the browser's session unless it
/// has an age. What a browser would not take is an error here: a name or a value with a character that cannot stand
/// there, one that is too long, and what the prefixes forbid. A name that begins with `__Host-` is for this host alone:
/// `Path=/` is then set, and there is no `Domain`.
///
/// ```
/// use doget::{Redirect, Reply, Result, SetCookie, handler, testing};
/// use std::time::Duration;
///
/// struct Site;
///
/// #[handler]
/// impl Site {
///     fn do_POST(&self) -> Result<impl Reply> {
///         let session = SetCookie::new("__Host-session", "31d4d96e407aad42")?;
///         let theme = SetCookie::new("theme", "dark")?.max_age(Duration::from_secs(86_400)).http_only(false);
///         Ok(([session, theme], Redirect::see_other("/")))
///     }
///
///     #[route("/leave")]
///     fn do_POST_leave(&self) -> Result<impl Reply> {
///         Ok((SetCookie::remove("__Host-session")?, "good bye"))
///     }
/// }
///
/// let answer = testing::post("/").send(&Site);
/// let cookies: Vec<&str> = answer.headers_named("Set-Cookie").collect();
/// assert_eq!(cookies, [
///     "__Host-session=31d4d96e407aad42; Path=/; Secure; HttpOnly; SameSite=Lax",
///     "theme=dark; Max-Age=86400; Secure; SameSite=Lax",
/// ]);
/// let answer = testing::post("/leave").send(&Site);
/// assert_eq!(answer.header("Set-Cookie"), Some("__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"));
/// ```
///
/// A value is not encoded. For any text, encode it first: with [`uri::segment`](crate::uri::segment), for example.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a cookie is set by an answer that has it"]
pub struct SetCookie {
    name: String,
    value: String,
    path: Option<String>,
    domain: Option<String>,
    max_age: Option<Duration>,
    expires: Option<HttpDate>,
    secure: bool,
    http_only: bool,
    same_site: SameSite,
    partitioned: bool,
}

/// Which requests from pages of other sites have the cookie (RFC 6265bis section 4.1.2.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SameSite {
    /// None.
    Strict,
    /// Those that follow a link here, by GET.
    #[default]
    Lax,
    /// All: forms of other sites too. Each method that changes something then has to know that the request was meant.
    None,
}

/// What no browser takes as a cookie, or a rule of its name forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CookieError {
    /// The name is empty or has a character that no name has.
    Name,
    /// The value has a blank, a quote, a comma, a semicolon, a backslash, or a character that is not ASCII.
    Value,
    /// Name and value have more than 4096 bytes together, or an attribute more than 1024.
    TooLong,
    /// The path does not begin with a slash, or has a character that no attribute has.
    Path,
    /// The domain is not the name of a host.
    Domain,
    /// `__Host-` in the name: the cookie is for this host alone, for all paths, and `Secure`.
    HostPrefix,
    /// `__Secure-` in the name: the cookie is `Secure`.
    SecurePrefix,
    /// `SameSite=None` and `Partitioned` need `Secure`.
    NotSecure,
}

impl SetCookie {
    /// A cookie of this name and value.
    ///
    /// # Errors
    ///
    /// The name is no token, the value has a character that cannot stand there (RFC 6265 section 4.1.1), or both are
    /// too long.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Result<Self, CookieError> {
        let (name, value) = (name.into(), value.into());
        if !is_valid_field(&name, "") {
            return Err(CookieError::Name);
        }
        if !value.bytes().all(is_cookie_octet) {
            return Err(CookieError::Value);
        }
        if name.len() + value.len() > MAX_PAIR {
            return Err(CookieError::TooLong);
        }
        let path = has_prefix(&name, "__Host-").then(|| "/".to_owned());
        Ok(Self {
            name,
            value,
            path,
            domain: None,
            max_age: None,
            expires: None,
            secure: true,
            http_only: true,
            same_site: SameSite::Lax,
            partitioned: false,
        })
    }

    /// A cookie that takes the one of this name away. Path and domain have to be those with which it was set.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn remove(name: impl Into<String>) -> Result<Self, CookieError> {
        Ok(Self::new(name, "")?.max_age(Duration::ZERO))
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The paths that the cookie is for: this one, and those below it. Without it the browser takes the directory of
    /// the request.
    ///
    /// # Errors
    ///
    /// It does not begin with a slash, has a semicolon or a control character, is too long, or the name begins with
    /// `__Host-` and it is not `/`.
    pub fn path(mut self, path: impl Into<String>) -> Result<Self, CookieError> {
        let path = path.into();
        let sound = |byte: u8| matches!(byte, b' '..=b'~') && byte != b';';
        if !path.starts_with('/') || !path.bytes().all(sound) {
            return Err(CookieError::Path);
        }
        if path.len() > MAX_ATTRIBUTE {
            return Err(CookieError::TooLong);
        }
        self.path = Some(path);
        self.checked()
    }

    /// The host that the cookie is for, with all hosts below it. Without it the cookie is for the host of the request
    /// alone, which is what most cookies should be.
    ///
    /// # Errors
    ///
    /// It is no name of a host, is too long, or the name begins with `__Host-`.
    pub fn domain(mut self, domain: impl Into<String>) -> Result<Self, CookieError> {
        let domain = domain.into();
        let label = |label: &str| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if !domain.split('.').all(label) {
            return Err(CookieError::Domain);
        }
        if domain.len() > MAX_ATTRIBUTE {
            return Err(CookieError::TooLong);
        }
        self.domain = Some(domain);
        self.checked()
    }

    /// How long the browser keeps it, in whole seconds. Zero takes it away.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// The time at which the browser drops it, for clients that do not know [`max_age`](Self::max_age), which counts
    /// where both are there.
    pub fn expires(mut self, time: HttpDate) -> Self {
        self.expires = Some(time);
        self
    }

    /// Whether it is sent over TLS alone; it is, by default. Browsers make an exception for `localhost`, but not all of
    /// them.
    ///
    /// # Errors
    ///
    /// The name's prefix, `SameSite=None` or `Partitioned` demands it.
    pub fn secure(mut self, secure: bool) -> Result<Self, CookieError> {
        self.secure = secure;
        self.checked()
    }

    /// Whether it is hidden from the scripts of the page; it is, by default.
    pub fn http_only(mut self, http_only: bool) -> Self {
        self.http_only = http_only;
        self
    }

    /// Which requests of other sites have it; [`SameSite::Lax`] by default.
    ///
    /// # Errors
    ///
    /// [`SameSite::None`] of a cookie that is not `Secure`.
    pub fn same_site(mut self, same_site: SameSite) -> Result<Self, CookieError> {
        self.same_site = same_site;
        self.checked()
    }

    /// Keeps it apart for each site that a frame with this site stands in (`Partitioned`).
    ///
    /// # Errors
    ///
    /// The cookie is not `Secure`.
    pub fn partitioned(mut self) -> Result<Self, CookieError> {
        self.partitioned = true;
        self.checked()
    }

    /// The rules about several parts.
    fn checked(self) -> Result<Self, CookieError> {
        let for_host = self.secure && self.domain.is_none() && self.path.as_deref() == Some("/");
        if has_prefix(&self.name, "__Host-") && !for_host {
            return Err(CookieError::HostPrefix);
        }
        if has_prefix(&self.name, "__Secure-") && !self.secure {
            return Err(CookieError::SecurePrefix);
        }
        if (self.same_site == SameSite::None || self.partitioned) && !self.secure {
            return Err(CookieError::NotSecure);
        }
        Ok(self)
    }
}

/// Browsers look for prefixes without regard to letter case.
fn has_prefix(name: &str, prefix: &str) -> bool {
    let start = name.as_bytes().get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
}

/// RFC 6265 section 4.1.1.
fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, b'!' | b'#'..=b'+' | b'-'..=b':' | b'<'..=b'[' | b']'..=b'~')
}

/// The value of the header field.
impl fmt::Display for SetCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)?;
        if let Some(path) = &self.path {
            write!(f, "; Path={path}")?;
        }
        if let Some(domain) = &self.domain {
            write!(f, "; Domain={domain}")?;
        }
        if let Some(age) = self.max_age {
            write!(f, "; Max-Age={}", age.as_secs())?;
        }
        if let Some(time) = &self.expires {
            write!(f, "; Expires={}", time.as_str())?;
        }
        for (word, is_set) in [
            ("Secure", self.secure),
            ("HttpOnly", self.http_only),
            ("Partitioned", self.partitioned),
        ] {
            if is_set {
                f.write_str("; ")?;
                f.write_str(word)?;
            }
        }
        f.write_str(match self.same_site {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        })
    }
}

impl HeaderValue for SetCookie {
    fn encode(&self, field: HeaderEncoder<'_>) {
        field.display(format_args!("{self}"));
    }
}

impl fmt::Display for CookieError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the name of a cookie is a token: letters, digits and !#$%&'*+-.^_`|~",
            Self::Value => {
                "the value of a cookie is visible ASCII without quotes, commas, semicolons and backslashes: encode it, \
                 for example with `uri::segment`"
            }
            Self::TooLong => "name and value of a cookie have 4096 bytes at most, and an attribute 1024",
            Self::Path => "the path of a cookie begins with a slash, and is ASCII without semicolons",
            Self::Domain => "the domain of a cookie is the name of a host, such as example.org",
            Self::HostPrefix => {
                "a cookie of the prefix `__Host-` is `Secure`, has the path `/`, and no domain: leave these as \
                 they are, \
                 or take another name"
            }
            Self::SecurePrefix => "a cookie of the prefix `__Secure-` is `Secure`: leave that, or take another name",
            Self::NotSecure => "browsers take `SameSite=None` and `Partitioned` with `Secure` alone",
        })
    }
}

impl std::error::Error for CookieError {}

/// A 500: the program chose what cannot be set.
impl From<CookieError> for Error {
    fn from(error: CookieError) -> Self {
        Self::internal(error)
    }
}

/// The answer, and a cookie with it.
impl<T: Reply> Reply for (SetCookie, T) {
    const ANSWERS: &'static Answers = T::ANSWERS;
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        ([self.0], self.1).reply(response)
    }
}

/// The answer, and several cookies with it.
impl<T: Reply, const N: usize> Reply for ([SetCookie; N], T) {
    const ANSWERS: &'static Answers = T::ANSWERS;
    const BODY: bool = T::BODY;
    const FAULT: Option<&'static str> = T::FAULT;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let (cookies, reply) = self;
        let response = cookies.iter().fold(response, |response, cookie| {
            response.with_header("Set-Cookie", cookie)
        });
        reply.reply(response)
    }
}
