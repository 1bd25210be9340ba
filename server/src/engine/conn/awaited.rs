//! What a connection that rests waits for at its socket.

use crate::engine::conn::Conn;
use crate::engine::net::poller::Awaited;

impl Conn {
    /// For a poller that reports a readiness once, and reports it at once where it is asked for what is there already:
    /// it has to be asked for that which the next turn uses up, or else the loop never rests.
    pub(crate) fn awaited(&self) -> Awaited {
        if self.has_output() {
            return Awaited::Room;
        }
        #[cfg(feature = "live")]
        if let Some(stage) = self.exchanges.live() {
            // Nothing is read meanwhile.
            if stage.times.blocked.is_some() {
                return Awaited::Room;
            }
            // The requests behind a parked one stay where they are. That the peer has left is not seen behind them.
            if stage.is_parked() && matches!(self.socket.peek(&mut [0; 1]), Ok(1..)) {
                return Awaited::Nothing;
            }
        }
        Awaited::Input
    }
}
