//! [`Session`]: the session of the request in hand.

use crate::connection::session_slots::{SessionRecord, SessionSlot, SessionSlots};
use crate::session::error::SessionError;
use crate::session::sessions::Sessions;
use crate::{Error, Request, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::ops::Deref;

/// The session of a request: a parameter of a method whose handler [`HasSessions<T>`](crate::HasSessions). It reads as
/// the `T` that is in it, which is `T::default()` where the browser has no session.
///
/// Each change is kept at once: the answer sets the cookie, whatever it is, an error page and a redirect too, and a
/// store has been written to. It has to be made before the head of the response is ended. Nothing is kept of a session
/// that was only looked at, so a visitor gets no cookie.
///
/// An answer for which a session was looked at has `Vary: Cookie`, and `Cache-Control: no-store` unless it says
/// `private` itself and sets no cookie.
///
/// Of two requests of one browser that change a session at the same time, the later answer decides; so does one that
/// only prolongs it, as it found it.
pub struct Session<'c, T> {
    sessions: &'c Sessions<T>,
    slots: &'c SessionSlots,
    value: T,
    messages: Vec<String>,
    slot: SessionSlot,
}

impl<'c, T: Default + Serialize + DeserializeOwned> Session<'c, T> {
    pub(super) fn new(
        sessions: &'c Sessions<T>,
        slots: &'c SessionSlots,
        mut slot: SessionSlot,
    ) -> Result<Self> {
        let read = slot
            .record
            .as_ref()
            .and_then(|record| decode(&record.content));
        if read.is_none() {
            slot.record = None;
        }
        let (value, messages) = read.unwrap_or_default();
        let mut session = Self {
            sessions,
            slots,
            value,
            messages,
            slot,
        };
        let is_worn = session
            .slot
            .record
            .as_ref()
            .is_some_and(|record| sessions.is_worn(record));
        if is_worn && !slots.is_written() {
            // A session that has ended meanwhile needs no more time.
            let _ = session.save();
        }
        Ok(session)
    }

    /// Changes what is in it.
    ///
    /// ```
    /// # use doget::{Result, Session};
    /// fn count(session: &mut Session<'_, u32>) -> Result<u32> {
    ///     session.update(|count| {
    ///         *count += 1;
    ///         *count
    ///     })
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// It is too large now, the head of the response is written, or the store cannot be asked: see [`SessionError`].
    /// The session is then what it was.
    pub fn update<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> Result<R> {
        let changed = change(&mut self.value);
        self.save_or_restore()?;
        Ok(changed)
    }

    /// Puts this in its place.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub fn set(&mut self, value: T) -> Result<()> {
        self.update(|old| *old = value)
    }

    /// Gives the session another name in its store, and begins its lifetime anew. Call it when who asks becomes
    /// somebody else, at log-in above all: whoever knew the name before it, or has foisted it on the browser, is left
    /// behind (session fixation). Call it before the session says who that is: should the store fail in between, the
    /// old name must not have it.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub fn renew(&mut self) -> Result<()> {
        let old = self.slot.record.take();
        if let Err(error) = self.save() {
            self.slot.record = old;
            return Err(error);
        }
        self.sessions.end(old.as_ref())
    }

    /// Adds a message for the next page that asks for it.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update).
    pub fn flash(&mut self, message: impl Into<String>) -> Result<()> {
        self.messages.push(message.into());
        self.save_or_restore()
    }

    /// Takes the messages, in the order in which they were added. They are gone then, so each is shown once.
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update), if there are any.
    pub fn take_flash(&mut self) -> Result<Vec<String>> {
        if self.messages.is_empty() {
            return Ok(Vec::new());
        }
        let messages = std::mem::take(&mut self.messages);
        self.save_or_restore()?;
        Ok(messages)
    }

    fn save_or_restore(&mut self) -> Result<()> {
        let saved = self.save();
        if saved.is_err() {
            let old = self.slot.record.as_ref();
            (self.value, self.messages) =
                old.and_then(|old| decode(&old.content)).unwrap_or_default();
        }
        saved
    }

    fn save(&mut self) -> Result<()> {
        self.check_head()?;
        let content =
            serde_json::to_vec(&(&self.value, &self.messages)).map_err(Error::internal)?;
        let mut record = self.sessions.record(self.slot.record.as_ref(), content);
        let cookie = self.sessions.keep(&mut record)?;
        self.put(Some(record), Some(cookie));
        Ok(())
    }
}

impl<T> Session<'_, T> {
    /// Whether the browser has none yet, or none that is valid.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.slot.record.is_none()
    }

    /// Ends the session: the browser is told to forget the cookie, and a store forgets what it has.
    ///
    /// # Errors
    ///
    /// The head of the response is written, or the store cannot be asked.
    pub fn destroy(mut self) -> Result<()> {
        self.check_head()?;
        self.sessions.end(self.slot.record.as_ref())?;
        let cookie = match self.slot.is_known || self.slot.set_cookie.is_some() {
            true => Some(
                self.sessions
                    .set_cookie("", Some(std::time::Duration::ZERO))?
                    .to_string(),
            ),
            false => None,
        };
        self.put(None, cookie);
        Ok(())
    }

    fn check_head(&self) -> Result<()> {
        match self.slots.is_written() {
            true => Err(SessionError::HeadWritten.into()),
            false => Ok(()),
        }
    }

    fn put(&mut self, record: Option<SessionRecord>, set_cookie: Option<String>) {
        self.slot.record = record;
        self.slot.set_cookie = set_cookie;
        self.slots.put(self.slot.clone());
    }
}

impl<T: Default + Serialize + DeserializeOwned> Sessions<T> {
    /// The session of this request, where it is no parameter: in a layer, in a guard's `verify`.
    ///
    /// ```
    /// use doget::{Error, Request, Result, Scheme, Sessions, Verify};
    ///
    /// struct User(String);
    ///
    /// struct Site {
    ///     /// Who has logged in.
    ///     sessions: Sessions<Option<String>>,
    /// }
    ///
    /// impl Verify<User> for Site {
    ///     const SCHEME: Scheme = Scheme::Other("Form");
    ///
    ///     fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
    ///         match self.sessions.open(request)?.as_ref() {
    ///             Some(name) => Ok(Some(User(name.clone()))),
    ///             None => Err(Error::new(303).header("Location", "/log-in")),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The store cannot be asked.
    pub fn open<'r>(&'r self, request: &Request<'r>) -> Result<Session<'r, T>> {
        let slots = request.exchange.sessions();
        let slot = match slots.get(self.number) {
            Some(slot) => slot,
            None => {
                let slot = self.find(request)?;
                slots.put(slot.clone());
                slot
            }
        };
        Session::new(self, slots, slot)
    }
}

/// What is in a session: the value, and messages.
fn decode<T: DeserializeOwned>(content: &[u8]) -> Option<(T, Vec<String>)> {
    serde_json::from_slice(content).ok()
}

impl<T> Deref for Session<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Session<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}
