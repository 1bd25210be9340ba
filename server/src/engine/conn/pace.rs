//! How slow a peer may be.

use crate::Limits;
use crate::engine::loops::timer_wheel::Tick;
use std::time::Duration;

/// A peer that keeps its rate on average may be silent for so many times as long as another: `curl --limit-rate 20k`
/// takes 3 MB at once, and then nothing for two and a half minutes.
const BURSTS: u32 = 10;

/// How slow a peer may be in one direction.
///
/// It may be silent for `progress`, or for as long as the average rate still holds, at most [`BURSTS`] times
/// `progress`; and behind the time of grace the rate has to hold in any case.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    progress: Duration,
    grace: Duration,
    /// Bytes a second.
    rate: u32,
}

impl Pace {
    pub(crate) fn of_response(limits: &Limits) -> Self {
        Self {
            progress: limits.send_timeout,
            grace: limits.send_rate_grace,
            rate: limits.min_send_rate,
        }
    }

    pub(crate) fn of_body(limits: &Limits) -> Self {
        Self {
            progress: limits.body_timeout,
            grace: limits.body_rate_grace,
            rate: limits.min_body_rate,
        }
    }

    /// How long it may go on, after so much time in all, so much of it without a byte since the last, and so many
    /// bytes.
    pub(crate) fn left(self, total: Duration, silent: Duration, moved: u64) -> Duration {
        let earned = at_rate(moved, self.rate);
        let most = self.progress.saturating_mul(BURSTS);
        let credit = earned
            .saturating_sub(total)
            .min(most.saturating_sub(silent));
        let silence = self.progress.saturating_sub(silent).max(credit);
        (self.grace.saturating_add(earned))
            .saturating_sub(total)
            .min(silence)
    }

    /// The same as a deadline: it began then, and moved last then.
    pub(crate) fn deadline(self, began: Tick, last: Tick, moved: u64) -> Tick {
        let earned = at_rate(moved, self.rate);
        let most = last.after(self.progress.saturating_mul(BURSTS));
        let silence = last.after(self.progress).max(began.after(earned).min(most));
        silence.min(began.after(self.grace.saturating_add(earned)))
    }
}

/// The time that so many bytes may take.
fn at_rate(bytes: u64, rate: u32) -> Duration {
    match rate {
        0 => Duration::from_secs(u32::MAX.into()),
        rate => Duration::from_millis(bytes.saturating_mul(1000) / u64::from(rate)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace {
        progress: Duration::from_secs(30),
        grace: Duration::from_secs(60),
        rate: 500,
    };

    /// Seconds left, by both ways of asking, which must agree but for the step of a tick.
    fn left(total: u64, silent: u64, moved: u64) -> u64 {
        let seconds = Duration::from_secs;
        let left = PACE.left(seconds(total), seconds(silent), moved);
        let now = Tick::at(seconds(10_000));
        let deadline = PACE.deadline(
            Tick::at(seconds(10_000 - total)),
            Tick::at(seconds(10_000 - silent)),
            moved,
        );
        let wait = if deadline > now {
            deadline.wait_from(now)
        } else {
            Duration::ZERO
        };
        assert!(
            wait.abs_diff(left) < Duration::from_millis(100),
            "{wait:?} {left:?}"
        );
        left.as_secs()
    }

    #[test]
    fn a_peer_that_has_moved_nothing_has_the_time_of_progress() {
        assert_eq!(left(0, 0, 0), 30);
        assert_eq!(left(29, 29, 0), 1);
        assert_eq!(left(30, 30, 0), 0);
    }

    #[test]
    fn a_peer_that_moves_in_bursts_has_what_it_has_earned() {
        // 3 MB at once: 6,000 s at the rate, of which it may be silent for 300.
        assert_eq!(left(0, 0, 3_000_000), 300);
        assert_eq!(left(150, 150, 3_000_000), 150);
        assert_eq!(left(300, 300, 3_000_000), 0);
        // 50 KB: 100 s.
        assert_eq!(left(40, 40, 50_000), 60);
        assert_eq!(left(100, 100, 50_000), 0);
    }

    #[test]
    fn a_peer_below_the_rate_has_the_time_of_grace() {
        assert_eq!(left(50, 0, 1), 10);
        assert_eq!(left(60, 0, 1), 0);
        assert_eq!(left(61, 1, 1_000), 1);
    }
}
