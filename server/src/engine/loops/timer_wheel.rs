//! Deadlines: a timer wheel, O(1) for each entry, and no work for a connection whose deadline only moves away.
//!
//! An entry is a hint to look at a connection at that time. Its true deadline is its own and may be later by then:
//! it is filed anew. So a connection in steady traffic touches the wheel once in a while, not at each request.
//!
//! Entries are never searched for. A connection that is closed leaves its entry behind, and the generation in the token
//! shows at the tick that nobody is meant. A heap or an ordered map was rejected: each costs the logarithm of the
//! number of connections for an entry, and a deadline that moves would have to be found and moved, at every request. A
//! second, coarser wheel for far deadlines was rejected too: filing them again once a round is less work than spreading
//! its entries over this one.

use crate::engine::net::poller::Token;
use std::cmp::Ordering;
use std::time::Duration;

/// Time since the engine's start, in steps of 16 ms.
///
/// It has no end: it goes round after 796 days, and of two ticks the later one is the one that is reached from the
/// other in less than half of that. A connection has three of them, so that 64 bits would be dear. All that is
/// compared is near: a deadline is at most [`FURTHEST`] ahead, and is looked at every [`BUCKETS`] ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tick(pub(crate) u32);

impl PartialOrd for Tick {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tick {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self == Self::NEVER, *other == Self::NEVER) {
            (false, false) => (self.0.wrapping_sub(other.0) as i32).cmp(&0),
            (never, other) => never.cmp(&other),
        }
    }
}

/// Whether tick `a` is later than `b`.
fn is_later(a: u32, b: u32) -> bool {
    a.wrapping_sub(b) as i32 > 0
}

/// No deadline is further ahead: 198 days.
const FURTHEST: u64 = 1 << 30;

/// Milliseconds of a tick. Deadlines are seconds: a finer step would wake the loop more often for the same work. A
/// power of two, since each turn of a connection divides by it.
const STEP: u64 = 16;

impl Tick {
    pub(crate) const NEVER: Self = Self(u32::MAX);

    pub(crate) fn at(since_start: Duration) -> Self {
        Self::of(millis(since_start) / STEP)
    }

    /// Of so many ticks, whole rounds left out; never the one that stands for no tick at all.
    fn of(ticks: u64) -> Self {
        match ticks as u32 {
            u32::MAX => Self(0),
            tick => Self(tick),
        }
    }

    /// The first tick at which this much time has passed for sure.
    pub(crate) fn after(self, time: Duration) -> Self {
        // One more: the tick in hand has begun before now.
        let ticks = (millis(time).div_ceil(STEP) + 1).min(FURTHEST);
        Self::of(u64::from(self.0) + ticks)
    }

    /// The time from `now` until it comes.
    pub(crate) fn wait_from(self, now: Self) -> Duration {
        let ticks = if self > now {
            self.0.wrapping_sub(now.0)
        } else {
            0
        };
        Duration::from_millis(u64::from(ticks) * STEP)
    }
}

/// Whole milliseconds, in 64 bits: `as_millis` counts in 128, which shows in a call for every request.
fn millis(time: Duration) -> u64 {
    time.as_secs()
        .saturating_mul(1000)
        .saturating_add(u64::from(time.subsec_millis()))
}

/// Buckets: 131 s in all, since idle connections are closed in the order of their deadlines when others need their
/// places, and by default these are 75 s ahead. A later deadline is filed in the last bucket and again from there, and
/// has no order there. A power of two: ticks wrap at 32 bits, and only then the bucket of a tick stays the same across
/// the wrap.
const BUCKETS: usize = 8192;

/// No entry: the end of a chain.
const NONE: u32 = u32::MAX;

/// An entry of a bucket, or a free place.
#[derive(Debug)]
struct Entry {
    token: Token,
    /// The next one of the same bucket, or the next free place.
    next: u32,
}

#[derive(Debug)]
pub(crate) struct Wheel {
    /// The first entry of each bucket. A bucket is a chain and no vector: most are empty, and an empty vector has six
    /// times the size of an index.
    heads: Vec<u32>,
    entries: Vec<Entry>,
    /// The first free place in `entries`.
    free: u32,
    /// A bit for each bucket in use: the first one is found in 128 words and not in 8192 heads.
    used: [u64; BUCKETS / 64],
    /// Every bucket before this tick is empty.
    done: u32,
    len: usize,
    /// The tick of the first bucket in use; known at every time, since it is asked for before every wait.
    first: Option<u32>,
}

impl Wheel {
    pub(crate) fn new() -> Self {
        Self {
            heads: vec![NONE; BUCKETS],
            entries: Vec::new(),
            free: NONE,
            used: [0; BUCKETS / 64],
            done: 0,
            len: 0,
            first: None,
        }
    }

    /// Files a token, and says for which tick: the deadline, or the furthest there is.
    pub(crate) fn file(&mut self, deadline: Tick, token: Token) -> Tick {
        let furthest = self.done.wrapping_add(BUCKETS as u32 - 1);
        let tick = if deadline == Tick::NEVER || is_later(deadline.0, furthest) {
            furthest
        } else if is_later(self.done, deadline.0) {
            self.done
        } else {
            deadline.0
        };
        let bucket = tick as usize % BUCKETS;
        self.push(bucket, token);
        if let Some(word) = self.used.get_mut(bucket / 64) {
            *word |= 1 << (bucket % 64);
        }
        self.first = self
            .first
            .filter(|&first| !is_later(first, tick))
            .or(Some(tick));
        Tick(tick)
    }

    /// Takes an entry whose tick has come.
    pub(crate) fn due(&mut self, now: Tick) -> Option<(Tick, Token)> {
        while self.len > 0 {
            let tick = self.first?;
            if is_later(tick, now.0) {
                return None;
            }
            self.done = tick;
            if let Some(token) = self.pop(tick) {
                return Some((Tick(tick), token));
            }
        }
        // Without an entry the loop may have slept for longer than a round of the wheel: what is filed next has to be
        // filed from now on, and not from where the wheel stood.
        self.done = now.0;
        None
    }

    /// Whether what was filed under this tick has been taken.
    pub(crate) fn is_past(&self, filed: Tick) -> bool {
        filed != Tick::NEVER && !is_later(filed.0, self.done)
    }

    /// Takes the entry that is due first, however far off.
    pub(crate) fn earliest(&mut self) -> Option<Token> {
        let tick = self.first?;
        self.pop(tick)
    }

    fn push(&mut self, bucket: usize, token: Token) {
        let Some(head) = self.heads.get_mut(bucket) else {
            return;
        };
        let entry = Entry { token, next: *head };
        if let Some(place) = self.entries.get_mut(self.free as usize) {
            *head = self.free;
            self.free = std::mem::replace(place, entry).next;
        } else {
            *head = self.entries.len() as u32;
            self.entries.push(entry);
        }
        self.len += 1;
    }

    fn pop(&mut self, tick: u32) -> Option<Token> {
        let bucket = tick as usize % BUCKETS;
        let head = self.heads.get_mut(bucket)?;
        let taken = *head;
        let token = self.entries.get_mut(taken as usize).map(|entry| {
            *head = std::mem::replace(&mut entry.next, self.free);
            self.free = taken;
            self.len -= 1;
            entry.token
        });
        let is_empty = *head == NONE;
        if is_empty && let Some(word) = self.used.get_mut(bucket / 64) {
            *word &= !(1 << (bucket % 64));
        }
        if self.len == 0 {
            // A crowd that has left leaves no memory behind.
            (self.entries, self.free) = (Vec::new(), NONE);
        }
        if is_empty && self.first == Some(tick) {
            self.first = self.look();
        }
        token
    }

    /// The tick of the entry that is due first.
    pub(crate) fn first(&self) -> Option<u32> {
        self.first
    }

    /// Time until the next entry is due; `None`: there is none.
    pub(crate) fn wait(&self, since_start: Duration) -> Option<Duration> {
        let tick = self.first?;
        let since_start = millis(since_start);
        let ahead = tick.wrapping_sub((since_start / STEP) as u32) as i32;
        // Negative if it is past.
        let ahead = u64::try_from(ahead).unwrap_or(0) * STEP;
        Some(Duration::from_millis(
            ahead.saturating_sub(since_start % STEP),
        ))
    }

    /// Looks for the first bucket in use.
    fn look(&self) -> Option<u32> {
        if self.len == 0 {
            return None;
        }
        let start = self.done as usize % BUCKETS;
        let words = BUCKETS / 64;
        for step in 0..=words {
            let index = (start / 64 + step) % words;
            let mut word = self.used.get(index).copied().unwrap_or(0);
            // The word of the start is looked at twice: first its buckets from the start on, at last those before.
            if step == 0 {
                word &= !0 << (start % 64);
            } else if step == words {
                word &= !(!0 << (start % 64));
            }
            if word != 0 {
                let bucket = index * 64 + word.trailing_zeros() as usize;
                let ahead = (bucket + BUCKETS - start) % BUCKETS;
                return Some(self.done.wrapping_add(ahead as u32));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    /// The order in which idle connections make room for others.
    #[test]
    fn the_deadline_of_an_idle_connection_has_its_own_bucket() {
        let mut wheel = Wheel::new();
        let limit = Limits::default().idle_timeout;
        let (one, other) = (Tick(0).after(limit), Tick(2).after(limit));
        assert_eq!(wheel.file(other, token(2)), other);
        assert_eq!(wheel.file(one, token(1)), one);
        assert_eq!(wheel.earliest(), Some(token(1)));
        assert_eq!(wheel.earliest(), Some(token(2)));
        assert!(wheel.earliest().is_none() && wheel.entries.is_empty());
    }

    fn token(slot: u32) -> Token {
        Token::connection(slot, 0)
    }

    #[test]
    fn entries_come_in_order_and_not_before_their_time() {
        let mut wheel = Wheel::new();
        for slot in [5, 3, 900, 64, 63] {
            assert_eq!(wheel.file(Tick(slot), token(slot)), Tick(slot));
        }
        assert_eq!(wheel.due(Tick(2)), None);
        assert_eq!(wheel.due(Tick(3)), Some((Tick(3), token(3))));
        assert_eq!(wheel.due(Tick(4)), None);
        let rest: Vec<_> = std::iter::from_fn(|| wheel.due(Tick(1000)))
            .map(|(tick, _)| tick.0)
            .collect();
        assert_eq!(rest, [5, 63, 64, 900]);
        assert_eq!(wheel.wait(Duration::ZERO), None);
    }

    #[test]
    fn what_is_too_far_off_is_filed_at_the_end_of_the_wheel() {
        let mut wheel = Wheel::new();
        let last = BUCKETS as u32 - 1;
        assert_eq!(wheel.file(Tick(50_000), token(1)), Tick(last));
        assert_eq!(wheel.due(Tick(last - 1)), None);
        assert_eq!(wheel.due(Tick(last)), Some((Tick(last), token(1))));
        assert_eq!(wheel.file(Tick(50_000), token(1)), Tick(2 * last));
    }

    #[test]
    fn a_deadline_that_has_passed_is_due_at_once() {
        let mut wheel = Wheel::new();
        assert_eq!(wheel.due(Tick(500)), None);
        assert_eq!(wheel.file(Tick(20), token(1)), Tick(500));
        assert_eq!(wheel.due(Tick(500)), Some((Tick(500), token(1))));
    }

    #[test]
    fn it_goes_round() {
        let mut wheel = Wheel::new();
        let mut now = 0;
        for round in 0..5000u32 {
            now += 7 + round % 900;
            assert_eq!(wheel.due(Tick(now)), None);
            let tick = wheel.file(Tick(now + 1 + round % 1000), token(round));
            assert_eq!(wheel.due(Tick(tick.0 - 1)), None, "round {round}");
            assert_eq!(wheel.due(tick), Some((tick, token(round))), "round {round}");
            now = tick.0;
        }
    }

    /// Up for 796 days, and so with the start moved back so far, every deadline had passed, and every connection was
    /// reset.
    #[test]
    fn time_has_no_end() {
        let round = Duration::from_millis((1 << 32) * STEP);
        for days in [49, 50, 398, 399, 796, 797, 1592, 100_000] {
            let start = Duration::from_secs(days * 86_400);
            deadlines_hold_from(start);
        }
        for seconds in 0..40 {
            deadlines_hold_from(round - Duration::from_secs(seconds));
            deadlines_hold_from(round / 2 - Duration::from_secs(seconds));
        }
    }

    fn deadlines_hold_from(start: Duration) {
        let mut wheel = Wheel::new();
        let now = Tick::at(start);
        assert_eq!(wheel.due(now), None);
        for seconds in [1, 30, 75, 300] {
            let after = now.after(Duration::from_secs(seconds));
            assert!(now < after && after < Tick::NEVER, "{start:?}");
            let wait = after.wait_from(now);
            let more = wait.saturating_sub(Duration::from_secs(seconds));
            assert!(
                more <= Duration::from_millis(4 * STEP),
                "{start:?}: {wait:?}"
            );
            let filed = wheel.file(after, token(1));
            let before = wheel.wait(start).unwrap();
            let most = Duration::from_secs(seconds.min(132)) + more;
            assert!(before <= most, "{start:?}: {before:?}");
            assert!(!wheel.is_past(filed));
            assert_eq!(wheel.due(now), None);
            // Some ticks before, and then.
            let early = Tick::at(start + before - Duration::from_millis(3 * STEP));
            assert_eq!(wheel.due(early), None, "{start:?}");
            let due = Tick::at(start + before + Duration::from_millis(STEP));
            assert_eq!(wheel.due(due).map(|(_, token)| token), Some(token(1)));
            wheel = Wheel::new();
            assert_eq!(wheel.due(now), None);
        }
        // For ever, as far as anybody can tell.
        let furthest = now.after(Duration::MAX);
        assert!(now < furthest && furthest.wait_from(now) > Duration::from_secs(100 * 86_400));
    }

    #[test]
    fn the_wait_is_until_the_first_entry() {
        let mut wheel = Wheel::new();
        wheel.file(Tick(10), token(1));
        assert_eq!(
            wheel.wait(Duration::from_millis(100)),
            Some(Duration::from_millis(60))
        );
        assert_eq!(
            wheel.wait(Duration::from_millis(1000)),
            Some(Duration::ZERO)
        );
    }
}
