//! [`Sessions`]: how the sessions of a site are kept.

use crate::connection::session_slots::{SessionRecord, SessionSlot};
use crate::extract::params::cookie;
use crate::semantics::base64;
use crate::session::error::SessionError;
use crate::session::record;
use crate::session::seal::Keys;
use crate::session::store::{SessionId, SessionStore};
use crate::{Error, Request, Result, SetCookie};
use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The last second that all clocks and databases can say: the end of the year 9999.
const LAST: u64 = 253_402_300_799;

/// What a store keeps of one session, at most.
const MOST_STORED: usize = 64 << 10;

/// The sessions of a site: a `T` for each browser that has one. Feature `session`.
///
/// [`signed`](Self::signed) sessions are kept by the browser, in a cookie that it can read and cannot change. Nothing
/// is kept by the server, so what a log-out ends is the browser's cookie: a copy of it is good until it expires.
/// [`stored`](Self::stored) sessions are kept by a [`SessionStore`]; the cookie names them by 256 random bits.
///
/// The cookie is `__Host-session`: for this host alone, `Secure`, `HttpOnly` and `SameSite=Lax`. It ends with the
/// browser's session, unless it is [`persistent`](Self::persistent). A session is over after
/// [`idle_timeout`](Self::idle_timeout) without a request, and after [`lifetime`](Self::lifetime) in any case; both
/// stand in what is signed. What is not valid, has expired or was changed by a single bit is an empty session:
/// `T::default()`. So is what does not read as a `T` any more, since the program has changed.
///
/// A method has its session as a parameter, [`Session<T>`](crate::Session), of a handler that
/// [`HasSessions<T>`](HasSessions).
///
/// ```
/// use doget::{HasSessions, Redirect, Result, Session, Sessions, handler, testing};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Cart {
///     items: Vec<u32>,
/// }
///
/// struct Shop {
///     sessions: Sessions<Cart>,
/// }
///
/// impl HasSessions<Cart> for Shop {
///     fn sessions(&self) -> &Sessions<Cart> {
///         &self.sessions
///     }
/// }
///
/// #[handler]
/// impl Shop {
///     fn do_GET(&self, session: Session<'_, Cart>) -> String {
///         format!("{} items", session.items.len())
///     }
///
///     #[route("/add/{item}")]
///     fn do_POST_add(&self, mut session: Session<'_, Cart>, item: u32) -> Result<Redirect> {
///         session.update(|cart| cart.items.push(item))?;
///         Ok(Redirect::see_other("/"))
///     }
/// }
///
/// // From the environment, in earnest: `openssl rand -hex 32` makes one.
/// let shop = Shop { sessions: Sessions::signed(["0123456789abcdef0123456789abcdef"])? };
/// let answer = testing::post("/add/7").send(&shop);
/// let cookie = answer.header("Set-Cookie").and_then(|cookie| cookie.split(';').next()).unwrap();
/// assert_eq!(testing::get("/").header("Cookie", cookie).send(&shop).text(), "1 items");
/// assert_eq!(testing::get("/").header("Cookie", cookie.replace('A', "B")).send(&shop).text(), "0 items");
/// # Ok::<(), doget::Error>(())
/// ```
pub struct Sessions<T> {
    /// Tells it apart from others of this program, whose cookie may have the same name.
    pub(super) number: u64,
    name: String,
    keeper: Keeper,
    is_secure: bool,
    is_persistent: bool,
    idle_timeout: Duration,
    lifetime: Duration,
    content: PhantomData<fn() -> T>,
}

enum Keeper {
    Browser(Keys),
    Store(Box<dyn SessionStore>),
}

/// A handler that has sessions with a `T`: the bound of [`Session<T>`](crate::Session) as a parameter.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which sessions with a `{T}` it has",
    label = "`Session<{T}>` needs it",
    note = "write `impl doget::HasSessions<{T}> for {Self}`"
)]
pub trait HasSessions<T> {
    /// The store may take its time, as a database does: methods with such a session never run on an event loop.
    const BLOCKS: bool = false;

    /// The sessions.
    fn sessions(&self) -> &Sessions<T>;
}

impl<T> Sessions<T> {
    /// Sessions that browsers keep, signed by HMAC-SHA256. The first key signs, and all of them verify: to change the
    /// key, put a new one in front, and take the old one away when the sessions that it has signed are over.
    ///
    /// A key is 32 random bytes or more, and a secret of the server: who knows it can be anybody.
    ///
    /// # Errors
    ///
    /// There is no key, or one has fewer than 32 bytes.
    pub fn signed<K: AsRef<[u8]>>(keys: impl IntoIterator<Item = K>) -> Result<Self> {
        let keys = Keys::new(keys).ok_or(SessionError::Key)?;
        Ok(Self::new(Keeper::Browser(keys)))
    }

    /// Sessions that the server keeps.
    pub fn stored(store: impl SessionStore + 'static) -> Self {
        Self::new(Keeper::Store(Box::new(store)))
    }

    fn new(keeper: Keeper) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        Self {
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
            name: "__Host-session".to_owned(),
            keeper,
            is_secure: true,
            is_persistent: false,
            idle_timeout: Duration::from_secs(3600),
            lifetime: Duration::from_secs(12 * 3600),
            content: PhantomData,
        }
    }

    /// How long a session lasts without a request: an hour by default. Behind a quarter of it, the next request that
    /// looks at the session prolongs it.
    #[must_use]
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.idle_timeout = time;
        self
    }

    /// How long a session lasts in any case, from its beginning or its last [`renew`](crate::Session::renew): twelve
    /// hours by default.
    #[must_use]
    pub fn lifetime(mut self, time: Duration) -> Self {
        self.lifetime = time;
        self
    }

    /// The browser keeps the cookie when it is closed, for as long as the session lasts.
    #[must_use]
    pub fn persistent(mut self) -> Self {
        self.is_persistent = true;
        self
    }

    /// The name of the cookie, where one site has several kinds of sessions.
    ///
    /// # Errors
    ///
    /// What no cookie can be called, or a name of more than 64 bytes.
    pub fn cookie(mut self, name: impl Into<String>) -> Result<Self> {
        self.name = name.into();
        if self.name.len() > 64 {
            return Err(crate::CookieError::TooLong.into());
        }
        let _ = self.set_cookie("", None)?;
        Ok(self)
    }

    /// The cookie is sent without TLS too, as `session`: for a machine in development, whose browser does not make an
    /// exception for `localhost`. On a network everybody can then take over every session.
    #[must_use]
    pub fn over_plain_http(mut self) -> Self {
        self.is_secure = false;
        if let Some(plain) = without_prefix(&self.name) {
            self.name = plain.to_owned();
        }
        self
    }

    pub(super) fn set_cookie(&self, value: &str, age: Option<Duration>) -> Result<SetCookie> {
        let mut cookie = SetCookie::new(self.name.as_str(), value)?.path("/")?;
        if !self.is_secure {
            cookie = cookie.secure(false)?;
        }
        Ok(match age {
            Some(age) => cookie.max_age(age),
            None => cookie,
        })
    }

    /// What the client's cookie stands for.
    pub(super) fn find(&self, request: &Request<'_>) -> Result<SessionSlot> {
        let value = cookie::only(&request.headers(), &self.name);
        let record = match value {
            Some(Some(value)) => self.read(value)?,
            _ => None,
        };
        Ok(SessionSlot {
            sessions: self.number,
            record: record.filter(|record| self.is_current(record)),
            is_known: value.is_some(),
            set_cookie: None,
        })
    }

    fn read(&self, value: &[u8]) -> Result<Option<SessionRecord>> {
        let bytes = std::str::from_utf8(value).ok().and_then(base64::decode);
        let Some(bytes) = bytes else { return Ok(None) };
        match &self.keeper {
            Keeper::Browser(keys) => {
                let opened = keys.open(&self.name, &bytes);
                Ok(opened.and_then(|bytes| record::decode(bytes, None, now())))
            }
            Keeper::Store(store) => {
                let Ok(secret) = <[u8; 32]>::try_from(bytes) else {
                    return Ok(None);
                };
                let kept = store.load(&SessionId::of(&self.name, &secret))?;
                Ok(kept.and_then(|kept| record::decode(&kept, Some(secret), now())))
            }
        }
    }

    /// Whether it lasts until now by the times that are set today, which may be shorter than when it was kept. One that
    /// begins more than a lifetime from now was kept while the clock was wrong, and would outlast all others.
    fn is_current(&self, record: &SessionRecord) -> bool {
        let (now, lifetime) = (now(), self.lifetime.as_secs());
        now < record.begun.saturating_add(lifetime) && record.begun <= now.saturating_add(lifetime)
    }

    /// A record with this content: the one there is, used now, or a new one.
    pub(super) fn record(&self, old: Option<&SessionRecord>, content: Vec<u8>) -> SessionRecord {
        let now = now();
        let begun = old.map_or(now, |old| old.begun);
        let end = begun.saturating_add(self.lifetime.as_secs());
        SessionRecord {
            secret: old.and_then(|old| old.secret),
            begun,
            expires: now
                .saturating_add(self.idle_timeout.as_secs())
                .min(end)
                .min(LAST),
            content,
        }
    }

    /// Whether so much of its time has passed that it is to be prolonged, and can be.
    pub(super) fn is_worn(&self, record: &SessionRecord) -> bool {
        let fresh = self.record(Some(record), Vec::new());
        fresh.expires.saturating_sub(record.expires) > self.idle_timeout.as_secs() / 4
    }

    /// Keeps a record, and says what the cookie is then.
    pub(super) fn keep(&self, record: &mut SessionRecord) -> Result<String> {
        let bytes = record::encode(record);
        let value = match &self.keeper {
            Keeper::Browser(keys) => base64::encode(&keys.seal(&self.name, bytes)),
            Keeper::Store(store) => {
                if record.content.len() > MOST_STORED {
                    return Err(SessionError::TooLarge.into());
                }
                let id = |secret: &[u8; 32]| SessionId::of(&self.name, secret);
                let expires = SystemTime::UNIX_EPOCH + Duration::from_secs(record.expires);
                let secret = match record.secret {
                    Some(secret) if store.replace(&id(&secret), &bytes, expires)? => secret,
                    Some(_) => return Err(SessionError::Ended.into()),
                    None => {
                        let mut secret = [0; 32];
                        getrandom::fill(&mut secret)
                            .map_err(|error| Error::internal(error.to_string()))?;
                        store.insert(&id(&secret), &bytes, expires)?;
                        secret
                    }
                };
                record.secret = Some(secret);
                base64::encode(&secret)
            }
        };
        let left = record.expires.saturating_sub(now());
        let age = self.is_persistent.then_some(Duration::from_secs(left));
        match self.set_cookie(&value, age) {
            Ok(cookie) => Ok(cookie.to_string()),
            // Its name was tried when it was given, and base64 can stand there: what is left is the length.
            Err(_) => Err(SessionError::TooLarge.into()),
        }
    }

    /// Ends what a store keeps of it.
    pub(super) fn end(&self, record: Option<&SessionRecord>) -> Result<()> {
        let secret = record.and_then(|record| record.secret);
        match (&self.keeper, secret) {
            (Keeper::Store(store), Some(secret)) => {
                store.remove(&SessionId::of(&self.name, &secret))
            }
            _ => Ok(()),
        }
    }
}

impl<T> fmt::Debug for Sessions<T> {
    /// Without keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("cookie", &self.name)
            .field("idle_timeout", &self.idle_timeout)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// What is behind the prefix of a name, which only a cookie that is `Secure` may have.
fn without_prefix(name: &str) -> Option<&str> {
    ["__Host-", "__Secure-"].into_iter().find_map(|prefix| {
        let (begin, rest) = name.split_at_checked(prefix.len())?;
        begin.eq_ignore_ascii_case(prefix).then_some(rest)
    })
}

/// Seconds since 1970.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server whose clock was years ahead for a minute must not have made sessions that last for years.
    #[test]
    fn a_session_from_a_wrong_clock_is_none() -> Result<()> {
        let sessions = Sessions::<u32>::signed(["0123456789abcdef0123456789abcdef"])?;
        let lifetime = sessions.lifetime.as_secs();
        for (ahead, is_current) in [(0, true), (60, true), (lifetime + 60, false)] {
            let begun = now() + ahead;
            let record = SessionRecord {
                secret: None,
                begun,
                expires: begun + 60,
                content: b"[7,[]]".to_vec(),
            };
            assert_eq!(sessions.is_current(&record), is_current, "{ahead}");
        }
        Ok(())
    }
}
