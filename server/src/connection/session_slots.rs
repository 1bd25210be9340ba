//! [`SessionSlots`]: the sessions that were looked at while a request is answered.
//!
//! A session comes with the request and leaves with the response, and whoever has it has neither: so it lies between
//! the two, where the head of the response finds it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct SessionSlots {
    /// Whether there is any.
    used: AtomicBool,
    /// The head of the response in hand has them.
    written: AtomicBool,
    slots: Mutex<Vec<SessionSlot>>,
}

/// One session, as far as it is the same for all types.
#[derive(Clone, Debug)]
pub(crate) struct SessionSlot {
    /// The number of its `Sessions`. Not the name of the cookie: two of them may have given it the same one, and what
    /// one has found to be valid is nothing to the other.
    pub(crate) sessions: u64,
    /// What it is now: nothing, if it is empty.
    pub(crate) record: Option<SessionRecord>,
    /// The client has a cookie of this name, valid or not.
    pub(crate) is_known: bool,
    /// The value of `Set-Cookie`, once it was changed.
    pub(crate) set_cookie: Option<String>,
}

/// A session that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SessionRecord {
    /// The secret that names it, where a store keeps it.
    pub(crate) secret: Option<[u8; 32]>,
    /// When it began, in seconds since 1970, and when it is over unless it is used.
    pub(crate) begun: u64,
    pub(crate) expires: u64,
    /// What is in it, as JSON.
    pub(crate) content: Vec<u8>,
}

impl SessionSlots {
    fn lock(&self) -> MutexGuard<'_, Vec<SessionSlot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// The session of these `Sessions`, if it was looked at before.
    pub(crate) fn get(&self, sessions: u64) -> Option<SessionSlot> {
        self.lock()
            .iter()
            .find(|slot| slot.sessions == sessions)
            .cloned()
    }

    /// Puts a session there, in place of what it was.
    pub(crate) fn put(&self, slot: SessionSlot) {
        let mut slots = self.lock();
        let known = |known: &&mut SessionSlot| known.sessions == slot.sessions;
        match slots.iter_mut().find(known) {
            Some(known) => *known = slot,
            None => slots.push(slot),
        }
        self.used.store(true, Ordering::Relaxed);
    }

    /// Whether a change is too late for the response.
    pub(crate) fn is_written(&self) -> bool {
        self.written.load(Ordering::Relaxed)
    }

    /// What the head has to say: the cookies to be set.
    pub(crate) fn write(&self) -> Vec<String> {
        self.written.store(true, Ordering::Relaxed);
        self.lock()
            .iter()
            .filter_map(|slot| slot.set_cookie.clone())
            .collect()
    }

    /// Takes all of them, for another exchange with the same request.
    pub(crate) fn take(&self) -> Vec<SessionSlot> {
        std::mem::take(&mut *self.lock())
    }

    pub(crate) fn put_back(&self, slots: Vec<SessionSlot>) {
        slots.into_iter().for_each(|slot| self.put(slot));
    }
}
