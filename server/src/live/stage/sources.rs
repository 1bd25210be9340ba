//! Where a live connection's news comes from.

use crate::live::channel::cursors::Cursors;
use crate::live::channel::handle::{Handle, Remote};
use crate::live::channel::home::Registration;
use crate::live::channel::ring::{Cursor, Ring};
use std::sync::{Arc, OnceLock};

/// The topics that a connection follows, and the queue of its handle.
#[derive(Default)]
pub(crate) struct Sources {
    pub(super) cursors: Cursors,
    /// Once somebody has asked for a handle.
    pub(super) remote: OnceLock<Arc<Remote>>,
    registration: Option<Registration>,
}

impl Sources {
    pub(crate) fn is_empty(&self) -> bool {
        self.cursors.as_slice().is_empty() && self.remote.get().is_none()
    }

    pub(crate) fn of(cursor: Cursor) -> Self {
        let mut sources = Self::default();
        sources.cursors.push(cursor);
        sources
    }

    /// From here on the loop is told of news; what is there already is to be looked for.
    pub(super) fn register(&mut self, registration: Registration) {
        for cursor in self.cursors.as_mut_slice() {
            cursor.register(&registration.0);
        }
        if let Some(remote) = self.remote.get() {
            remote.register(&registration.0);
        }
        self.registration = Some(registration);
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.registration.is_some()
    }

    pub(crate) fn follow(&mut self, ring: &Arc<Ring>) {
        if self.place_of(ring).is_some() {
            return;
        }
        let mut cursor = ring.subscribe();
        if let Some(registration) = &self.registration {
            cursor.register(&registration.0);
        }
        self.cursors.push(cursor);
    }

    fn place_of(&self, ring: &Arc<Ring>) -> Option<usize> {
        let mut cursors = self.cursors.as_slice().iter();
        cursors.position(|cursor| cursor.is_of(ring))
    }

    pub(crate) fn leave(&mut self, ring: &Arc<Ring>) {
        let place = self.place_of(ring);
        let left = place.and_then(|at| self.cursors.remove(at));
        if let (Some(mut cursor), Some(registration)) = (left, &self.registration) {
            cursor.unregister(&registration.0);
        }
    }

    pub(crate) fn handle(&self, queue_size: usize) -> Handle {
        let remote = self.remote.get_or_init(|| {
            let Handle(remote) = Handle::new(queue_size);
            if let Some(registration) = &self.registration {
                remote.register(&registration.0);
            }
            remote
        });
        Handle(Arc::clone(remote))
    }

    pub(super) fn has_news(&self) -> bool {
        self.cursors.as_slice().iter().any(Cursor::has_news)
            || self.remote.get().is_some_and(|remote| remote.has_news())
    }

    pub(super) fn end(&mut self) {
        for cursor in std::mem::take(&mut self.cursors).as_mut_slice() {
            if let Some(registration) = &self.registration {
                cursor.unregister(&registration.0);
            }
        }
        if let Some(remote) = self.remote.take() {
            remote.end();
        }
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        self.end();
    }
}
