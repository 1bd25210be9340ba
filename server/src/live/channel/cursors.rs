//! [`Cursors`]: the topics that one connection follows.

use crate::live::channel::ring::Cursor;

/// Some cursors. The first lies here and not in a list: most connections follow one topic, and there may be very many
/// of them.
pub(crate) enum Cursors {
    One(Cursor),
    /// None, or a list.
    #[allow(
        clippy::box_collection,
        reason = "a list by itself would make this larger than the one cursor"
    )]
    Others(Option<Box<Vec<Cursor>>>),
}

impl Default for Cursors {
    fn default() -> Self {
        Self::Others(None)
    }
}

impl Cursors {
    pub(crate) fn as_slice(&self) -> &[Cursor] {
        match self {
            Self::One(cursor) => std::slice::from_ref(cursor),
            Self::Others(list) => list.as_deref().map_or(&[], Vec::as_slice),
        }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [Cursor] {
        match self {
            Self::One(cursor) => std::slice::from_mut(cursor),
            Self::Others(list) => list.as_deref_mut().map_or(&mut [], Vec::as_mut_slice),
        }
    }

    pub(crate) fn push(&mut self, cursor: Cursor) {
        *self = match std::mem::take(self) {
            Self::Others(None) => Self::One(cursor),
            Self::One(first) => Self::Others(Some(Box::new(vec![first, cursor]))),
            Self::Others(Some(mut list)) => {
                list.push(cursor);
                Self::Others(Some(list))
            }
        };
    }

    /// Takes out the cursor at this place; the others keep their order.
    pub(crate) fn remove(&mut self, at: usize) -> Option<Cursor> {
        match self {
            Self::Others(Some(list)) => (at < list.len()).then(|| list.remove(at)),
            Self::Others(None) => None,
            Self::One(_) if at > 0 => None,
            Self::One(_) => match std::mem::take(self) {
                Self::One(cursor) => Some(cursor),
                Self::Others(_) => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::channel::ring::{Lag, Ring};
    use std::sync::Arc;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn one_cursor_takes_no_more_room_than_a_list() {
        assert_eq!(size_of::<Cursors>(), size_of::<Vec<Cursor>>());
    }

    #[test]
    fn topics_come_and_go() {
        let rings: Vec<_> = (0..3)
            .map(|_| Arc::new(Ring::new(1, 0, Lag::Close)))
            .collect();
        let mut cursors = Cursors::default();
        assert!(cursors.remove(0).is_none());
        for (at, ring) in rings.iter().enumerate() {
            cursors.push(ring.subscribe());
            assert_eq!(cursors.as_slice().len(), at + 1);
            assert!(cursors.remove(at + 1).is_none());
        }
        let is_at = |cursors: &mut Cursors, at: usize, ring: usize| {
            cursors
                .as_mut_slice()
                .get(at)
                .is_some_and(|cursor| cursor.is_of(&rings[ring]))
        };
        assert!((0..3).all(|at| is_at(&mut cursors, at, at)));
        assert!(
            cursors
                .remove(1)
                .is_some_and(|cursor| cursor.is_of(&rings[1]))
        );
        assert!(is_at(&mut cursors, 0, 0) && is_at(&mut cursors, 1, 2));
        assert!(cursors.remove(0).is_some() && cursors.remove(0).is_some());
        assert!(cursors.as_slice().is_empty());
        let mut one = Cursors::default();
        one.push(rings[0].subscribe());
        assert!(one.remove(0).is_some_and(|cursor| cursor.is_of(&rings[0])));
        assert!(one.as_slice().is_empty());
    }
}
