//! [`OwnLine`]: what many threads write lies apart from what they only read.

use std::ops::Deref;

/// A value that shares no cache line with another. A write to a line makes every other processor fetch it anew, with
/// all that lies beside; 128 bytes, since many processors fetch lines in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct OwnLine<T>(pub(crate) T);

impl<T> Deref for OwnLine<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        &self.0
    }
}
