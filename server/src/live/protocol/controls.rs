//! How many pings and pongs a client may send.

use crate::live::protocol::close::{Close, CloseCode};

/// They are counted anew after so many ticks of 16 ms: ten seconds.
const COUNTED: u32 = 625;

/// Those of a client, and when the count began.
#[derive(Debug, Default)]
pub(crate) struct Controls {
    count: u16,
    from: u32,
}

impl Controls {
    /// One more. The error: the Close for a client that sends more than `most` in ten seconds.
    pub(crate) fn count(&mut self, now: u32, most: u32) -> Result<(), Close> {
        if now.wrapping_sub(self.from) > COUNTED {
            (self.from, self.count) = (now, 0);
        }
        self.count = self.count.saturating_add(1);
        if u32::from(self.count) > most {
            return Err(Close::from(CloseCode::POLICY).reason("too many pings"));
        }
        Ok(())
    }
}
