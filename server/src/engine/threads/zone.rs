//! How much of the threads is in use, and so what a loop may run by itself.
//!
//! A loop that runs a handler which turns out to block needs a thread to take it over. Clients can fill every thread
//! that requests are handed to, so the threads for take-overs lie beyond those, in a reserve. Each take-over from a
//! handler that still blocks uses one of it up. So the less of it is left, the less is tried: what a loop may run is
//! decided by the zone, and in the last zone it runs no handler at all. That begins when one thread for each loop is
//! left, and each loop may have one handler in hand that was let in before: there is a thread for every one of these.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// What a pool's threads and queue amount to, for those that look without its lock: a request does, once a handler
/// was ever stuck. What it sees may be a moment old, and what is decided by it holds for what was a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Occupancy {
    zone: AtomicUsize,
    waiting: AtomicUsize,
    short: AtomicBool,
    overrun: AtomicBool,
    refusals: AtomicU64,
}

impl Occupancy {
    pub(crate) fn zone(&self) -> Zone {
        Zone::from_index(self.zone.load(Ordering::Relaxed))
    }

    /// Whether not even the queue takes a job.
    pub(crate) fn is_overrun(&self) -> bool {
        self.overrun.load(Ordering::Relaxed)
    }

    /// Whether somebody waits for a thread, or fewer threads than loops are on stand-by.
    pub(crate) fn needs_care(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0 || self.short.load(Ordering::SeqCst)
    }

    /// A request got 503 since there was no thread for it.
    pub(crate) fn count_refusal(&self) {
        self.refusals.fetch_add(1, Ordering::Relaxed);
    }

    /// How many did.
    pub(crate) fn refusals(&self) -> u64 {
        self.refusals.load(Ordering::Relaxed)
    }

    /// The pool has changed.
    pub(crate) fn tell(&self, counts: &Counts) {
        self.zone
            .store(Zone::of(counts) as usize, Ordering::Relaxed);
        self.overrun.store(counts.overrun, Ordering::Relaxed);
        // Sequentially consistent with the watchdog's going to sleep: either it sees this, or it is woken.
        self.waiting.store(counts.waiting, Ordering::SeqCst);
        self.short.store(counts.short, Ordering::SeqCst);
    }
}

/// How full the threads are: from `Room`, where a loop runs everything, to the last one, where it runs no handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Zone {
    /// A thread is there for whatever may block.
    Room,
    /// None is, but most of the reserve: all runs on loops that is not known to block.
    Full,
    /// Half of the reserve is in use: only what ran on a loop before, and was not stuck since.
    Scarce,
    /// Nothing runs on loops.
    Last,
}

/// What a zone is made of.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// A thread waits for jobs, or one may be started for them.
    pub(crate) has_room: bool,
    pub(crate) loops: usize,
    /// Threads for take-overs alone, those in use included.
    pub(crate) reserve: usize,
    /// How many of them there are to be had.
    pub(crate) left: usize,
    /// Jobs in the queue.
    pub(crate) waiting: usize,
    /// The queue takes no more.
    pub(crate) overrun: bool,
    /// Fewer threads than loops are on stand-by.
    pub(crate) short: bool,
}

impl Zone {
    pub(crate) fn of(counts: &Counts) -> Self {
        if counts.left < counts.loops {
            Self::Last
        } else if counts.has_room {
            Self::Room
        } else if counts.left * 2 > counts.reserve {
            Self::Full
        } else {
            Self::Scarce
        }
    }

    /// The zone that `as usize` made this number of.
    pub(crate) fn from_index(index: usize) -> Self {
        match index {
            0 => Self::Room,
            1 => Self::Full,
            2 => Self::Scarce,
            _ => Self::Last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(loops: usize, reserve: usize, has_room: bool) -> Vec<Zone> {
        let zone = |used| {
            Zone::of(&Counts {
                has_room,
                loops,
                reserve,
                left: reserve - used,
                ..Counts::default()
            })
        };
        (0..=reserve).map(zone).collect()
    }

    #[test]
    fn the_less_is_left_the_less_is_tried() {
        use Zone::{Full, Last, Room, Scarce};
        assert_eq!(zones(1, 4, false), [Full, Full, Scarce, Scarce, Last]);
        assert_eq!(
            zones(2, 8, false),
            [Full, Full, Full, Full, Scarce, Scarce, Scarce, Last, Last]
        );
        assert_eq!(zones(1, 4, true), [Room, Room, Room, Room, Last]);
        assert_eq!(zones(6, 6, false), [vec![Full], vec![Last; 6]].concat());
    }

    /// Before the last zone each loop may let in a handler, and all of them may be stuck: there is a thread for each.
    #[test]
    fn before_the_last_zone_there_is_a_thread_for_each_loop() {
        for loops in 1..8 {
            for reserve in loops..100 {
                for has_room in [false, true] {
                    let zones = zones(loops, reserve, has_room);
                    for (used, zone) in zones.iter().enumerate() {
                        assert_eq!(reserve - used < loops, *zone == Zone::Last);
                    }
                }
            }
        }
    }

    #[test]
    fn a_number_stands_for_the_zone_that_it_was_made_of() {
        for zone in [Zone::Room, Zone::Full, Zone::Scarce, Zone::Last] {
            assert_eq!(Zone::from_index(zone as usize), zone);
        }
    }
}
