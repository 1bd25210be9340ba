//! How many bytes of a body were sent: the size in the log.
//!
//! The log's size is what was handed on ([`hand_on`](SentSize::hand_on)), less what is known not to have left: of a
//! failed write what the transport could not write ([`failed`](SentSize::failed)), of a response that is over what
//! still waits behind it, head and tail together ([`logged`](SentSize::logged)).

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SentSize {
    /// Bytes of the body that were handed on to be written.
    handed_on: u64,
    /// How many of them have left for sure.
    left: u64,
}

impl SentSize {
    /// These bytes of the body go to where they are written from.
    #[inline(always)]
    pub(crate) fn hand_on(&mut self, bytes: u64) {
        self.handed_on += bytes;
    }

    /// A write failed, and so many of its bytes were not written. Of these the framing is the smaller part: it counts
    /// as body here.
    pub(crate) fn failed(&mut self, unwritten: u64) {
        self.handed_on -= unwritten.min(self.handed_on - self.left);
    }

    /// What was handed on has left.
    pub(crate) fn settle(&mut self) {
        self.left = self.handed_on;
    }

    /// What was handed on and has not left is dropped.
    pub(crate) fn forget_waiting(&mut self) {
        self.handed_on = self.left;
    }

    /// The size in the log, where `waiting` bytes of the response do not leave any more.
    pub(crate) fn logged(self, waiting: u64) -> u64 {
        self.handed_on.saturating_sub(waiting)
    }
}
