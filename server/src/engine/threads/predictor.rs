//! Which requests block: learned where it costs nothing, asked on the fast path in one relaxed load.
//!
//! A handler that got stuck puts its key into the table of slow ones; the next request with that key goes to a thread
//! of its own before it can hold a loop. It stays there for a number of runs that grows with each relapse, and falls
//! again with time. The tables are small and keys may collide; a wrong guess costs one hand-over, never a wrong
//! answer. Slow and quick keys have tables of their own: many slow keys must not push out the quick ones.
//!
//! Nothing is locked, and all accesses are relaxed: an entry is one word and means nothing beside others. Two threads
//! may overwrite each other's entry, and a kind is then learned once more. A map behind a lock was rejected, since
//! every request asks; so was a map that grows, since clients make up the paths that are its keys.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

const SIZE: usize = 1024;

/// A handler that takes this long is worth a hand-over.
const SLOW: Duration = Duration::from_micros(300);

/// After a take-over, for this long, kinds of requests that are not known to be quick are taken for slow.
const WARY: u64 = 3_000;

/// A level falls after this long without a relapse, in milliseconds.
const FORGIVE: u64 = 60_000;

/// The highest level: 32,768 runs on another thread, fewer with each minute that passes. So many fit in the 24 bits
/// that an entry has for them.
const TOP: u32 = 12;

/// While no thread is free, so that nothing else can show that a kind is slow no more, it is tried on a loop after so
/// many milliseconds; twice as many after each relapse.
const TRY_AGAIN: u64 = 1_000;

pub(crate) struct Predictor {
    /// Tag (32 bits), level (8), runs left on another thread (24).
    slow: Box<[AtomicU64]>,
    /// Beside `slow`: when a kind was last stuck or tried, in milliseconds since the start.
    tried: Box<[AtomicU64]>,
    quick: Box<[AtomicU32]>,
    /// Kinds that ran on a loop and were not stuck since: one table for routes, and one for paths, which clients make
    /// up, so that theirs push out no route.
    fine: [Box<[AtomicU32]>; 2],
    /// When the levels were last let fall, in milliseconds since the start.
    forgiven: AtomicU64,
    wary: AtomicBool,
    wary_until: AtomicU64,
    any: AtomicBool,
}

/// Requests that are expected to take the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) key: u32,
    /// Whether it is a route of the handler's registry. Else it is a path, and clients can make up any number of these.
    pub(crate) is_route: bool,
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    Quick,
    Slow,
    /// Nothing is known, and something got stuck just now.
    Unsure,
}

impl Predictor {
    pub(crate) fn new() -> Self {
        Self {
            slow: (0..SIZE).map(|_| AtomicU64::new(0)).collect(),
            tried: (0..SIZE).map(|_| AtomicU64::new(0)).collect(),
            quick: keys(),
            fine: [keys(), keys()],
            forgiven: AtomicU64::new(0),
            wary: AtomicBool::new(false),
            wary_until: AtomicU64::new(0),
            any: AtomicBool::new(false),
        }
    }

    /// The key of a route of the handler's registry, for paths of one of two kinds.
    pub(crate) fn route_key(index: u32, directory: bool) -> u32 {
        // Never 0, which stands for an empty entry; spread by a multiplication, since indices are small and near.
        (index.wrapping_add(1) << 1 | u32::from(directory)).wrapping_mul(0x9E37_79B9) | 1
    }

    /// The key of the gates of a handler, which are one kind for all its requests.
    pub(crate) fn gate_key() -> u32 {
        Self::route_key(u32::MAX - 1, false)
    }

    /// The key of a request that the handler has no route for.
    pub(crate) fn path_key(command: &str, path: &str) -> u32 {
        // FNV-1a: short, and good enough where a collision costs a hand-over and never a wrong answer.
        let mut hash = 0x811C_9DC5u32;
        for byte in command.bytes().chain([b' ']).chain(path.bytes()) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
        hash | 1
    }

    /// Whether a guess has to be asked for at all.
    pub(crate) fn knows_any(&self) -> bool {
        self.any.load(Relaxed)
    }

    pub(crate) fn guess(&self, key: u32) -> Guess {
        let slow = self.slow_entry(key).load(Relaxed);
        if tag(slow) == key && left(slow) > 0 {
            return Guess::Slow;
        }
        if self.wary.load(Relaxed) && self.quick_entry(key).load(Relaxed) != key {
            return Guess::Unsure;
        }
        Guess::Quick
    }

    /// Whether a slow kind is due for a try on a loop. The caller runs it, or nobody does for a while: one try at a
    /// time.
    pub(crate) fn is_due_for_trial(&self, key: u32, now: u64) -> bool {
        let (slow, tried) = (
            self.slow_entry(key).load(Relaxed),
            entry_of(&self.tried, key),
        );
        let last = tried.load(Relaxed);
        let due = tag(slow) == key && now >= last.saturating_add(TRY_AGAIN << level(slow).min(TOP));
        due && tried.compare_exchange(last, now, Relaxed, Relaxed).is_ok()
    }

    /// A try took this long.
    pub(crate) fn was_tried(&self, key: u32, time: Duration) {
        let entry = self.slow_entry(key);
        let old = entry.load(Relaxed);
        if time < SLOW && tag(old) == key {
            entry.store(pack(key, level(old), 0), Relaxed);
            self.quick_entry(key).store(key, Relaxed);
        }
    }

    /// A handler of this kind runs on a loop. It is remembered from the beginning: what gets stuck is forgotten again.
    pub(crate) fn runs_on_loop(&self, kind: Kind) {
        let entry = self.fine_entry(kind);
        if entry.load(Relaxed) != kind.key {
            entry.store(kind.key, Relaxed);
        }
    }

    /// Whether this kind ran before, and has not been stuck since.
    pub(crate) fn is_trusted(&self, kind: Kind) -> bool {
        self.fine_entry(kind).load(Relaxed) == kind.key
            || self.quick_entry(kind.key).load(Relaxed) == kind.key
    }

    /// A loop was taken over from a handler with this key.
    pub(crate) fn got_stuck(&self, key: u32, now: u64) {
        let entry = self.slow_entry(key);
        let old = entry.load(Relaxed);
        let level = if tag(old) == key {
            (level(old) + 1).min(TOP)
        } else {
            0
        };
        entry.store(pack(key, level, 8 << level), Relaxed);
        entry_of(&self.tried, key).store(now, Relaxed);
        let [routes, paths] = &self.fine;
        for table in [&self.quick, routes, paths] {
            let good = entry_of(table, key);
            if good.load(Relaxed) == key {
                good.store(0, Relaxed);
            }
        }
        self.wary_until.store(now.saturating_add(WARY), Relaxed);
        self.wary.store(true, Relaxed);
        self.any.store(true, Relaxed);
    }

    /// A handler with this key has run on a thread of its own, for this long.
    pub(crate) fn ran(&self, key: u32, time: Duration) {
        let entry = self.slow_entry(key);
        let old = entry.load(Relaxed);
        let known = tag(old) == key;
        if time >= SLOW {
            let level = if known { level(old) } else { 0 };
            entry.store(pack(key, level, 8 << level), Relaxed);
        } else if known && left(old) > 1 {
            entry.store(pack(key, level(old), left(old) - 1), Relaxed);
        } else {
            if known {
                entry.store(pack(key, level(old), 0), Relaxed);
            }
            self.quick_entry(key).store(key, Relaxed);
        }
    }

    /// Ends the wariness, and lets the levels fall once a minute; called where there is time. So a guess needs no
    /// clock.
    pub(crate) fn forgive(&self, now: u64) {
        if self.wary.load(Relaxed) && now >= self.wary_until.load(Relaxed) {
            self.wary.store(false, Relaxed);
        }
        let last = self.forgiven.load(Relaxed);
        if !self.knows_any() || now.saturating_sub(last) < FORGIVE {
            return;
        }
        self.forgiven.store(now, Relaxed);
        for entry in &self.slow {
            let old = entry.load(Relaxed);
            if level(old) > 0 {
                let level = level(old) - 1;
                entry.store(pack(tag(old), level, left(old).min(8 << level)), Relaxed);
            }
        }
    }

    fn slow_entry(&self, key: u32) -> &AtomicU64 {
        entry_of(&self.slow, key)
    }

    fn quick_entry(&self, key: u32) -> &AtomicU32 {
        entry_of(&self.quick, key)
    }

    fn fine_entry(&self, kind: Kind) -> &AtomicU32 {
        let [routes, paths] = &self.fine;
        entry_of(if kind.is_route { routes } else { paths }, kind.key)
    }
}

fn keys() -> Box<[AtomicU32]> {
    (0..SIZE).map(|_| AtomicU32::new(0)).collect()
}

fn entry_of<T>(table: &[T], key: u32) -> &T {
    // The multiplication leaves its best bits at the top.
    &table[(key.wrapping_mul(0x85EB_CA6B) >> 22) as usize % SIZE]
}

fn pack(tag: u32, level: u32, left: u32) -> u64 {
    u64::from(tag) << 32 | u64::from(level) << 24 | u64::from(left.min(0xFF_FFFF))
}

fn tag(entry: u64) -> u32 {
    (entry >> 32) as u32
}

fn level(entry: u64) -> u32 {
    (entry >> 24) as u32 & 0xFF
}

fn left(entry: u64) -> u32 {
    entry as u32 & 0xFF_FFFF
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_micros(10);
    const LONG: Duration = Duration::from_millis(100);

    #[test]
    fn what_got_stuck_once_is_sent_away_and_stays_away_while_it_blocks() {
        let predictor = Predictor::new();
        let key = Predictor::route_key(3, false);
        assert!(!predictor.knows_any());
        predictor.got_stuck(key, 0);
        assert!(predictor.knows_any());
        for _ in 0..100 {
            assert_eq!(predictor.guess(key), Guess::Slow);
            predictor.ran(key, LONG);
        }
    }

    #[test]
    fn what_turned_quick_comes_back_and_a_relapse_keeps_it_away_for_longer() {
        let predictor = Predictor::new();
        let key = Predictor::route_key(3, false);
        let mut away = Vec::new();
        for _ in 0..4 {
            predictor.got_stuck(key, 0);
            let runs = (0..).take_while(|_| {
                let slow = predictor.guess(key) == Guess::Slow;
                predictor.ran(key, QUICK);
                slow
            });
            away.push(runs.count());
        }
        assert_eq!(away, [8, 16, 32, 64]);
    }

    #[test]
    fn unknown_kinds_are_unsure_for_a_while_after_a_block_and_known_quick_ones_are_not() {
        let predictor = Predictor::new();
        let (stuck, quick) = (
            Predictor::path_key("GET", "/sleep/1"),
            Predictor::path_key("GET", "/plaintext"),
        );
        assert_eq!(predictor.guess(quick), Guess::Quick);
        predictor.got_stuck(stuck, 0);
        assert_eq!(predictor.guess(quick), Guess::Unsure);
        predictor.ran(quick, QUICK);
        assert_eq!(predictor.guess(quick), Guess::Quick);
        assert_eq!(
            predictor.guess(Predictor::path_key("GET", "/sleep/2")),
            Guess::Unsure
        );
        predictor.forgive(WARY - 1);
        assert_eq!(
            predictor.guess(Predictor::path_key("GET", "/sleep/2")),
            Guess::Unsure
        );
        predictor.forgive(WARY);
        assert_eq!(
            predictor.guess(Predictor::path_key("GET", "/sleep/2")),
            Guess::Quick
        );
    }

    #[test]
    fn a_slow_kind_is_tried_now_and_then_and_less_often_after_each_relapse() {
        let predictor = Predictor::new();
        let key = Predictor::route_key(3, false);
        assert!(!predictor.is_due_for_trial(key, 10_000));
        predictor.got_stuck(key, 10_000);
        assert!(!predictor.is_due_for_trial(key, 10_999));
        assert!(predictor.is_due_for_trial(key, 11_000));
        // By one at a time.
        assert!(!predictor.is_due_for_trial(key, 11_001));
        predictor.was_tried(key, LONG);
        assert_eq!(predictor.guess(key), Guess::Slow);
        predictor.got_stuck(key, 12_000);
        assert!(!predictor.is_due_for_trial(key, 13_999));
        assert!(predictor.is_due_for_trial(key, 14_000));
        predictor.was_tried(key, QUICK);
        assert_eq!(predictor.guess(key), Guess::Quick);
    }

    #[test]
    fn a_kind_is_trusted_from_its_run_on_a_loop_until_it_is_stuck() {
        let predictor = Predictor::new();
        let key = Predictor::route_key(3, false);
        let [route, path] = [true, false].map(|is_route| Kind { key, is_route });
        assert!(!predictor.is_trusted(route));
        predictor.runs_on_loop(route);
        assert!(predictor.is_trusted(route) && !predictor.is_trusted(path));
        // Paths, of which clients have any number, push out paths alone.
        for n in 0..10_000 {
            predictor.runs_on_loop(Kind {
                key: Predictor::path_key("GET", &format!("/{n}")),
                is_route: false,
            });
        }
        assert!(predictor.is_trusted(route));
        predictor.got_stuck(key, 0);
        assert!(!predictor.is_trusted(route));
        // A quick run on another thread is as good.
        predictor.ran(key, QUICK);
        for _ in 0..7 {
            predictor.ran(key, QUICK);
        }
        assert!(predictor.is_trusted(route));
    }

    #[test]
    fn many_slow_keys_do_not_push_out_a_quick_one() {
        let predictor = Predictor::new();
        let quick = Predictor::path_key("GET", "/plaintext");
        predictor.ran(quick, QUICK);
        for n in 0..10_000 {
            predictor.got_stuck(Predictor::path_key("GET", &format!("/sleep/{n}")), 0);
        }
        assert_eq!(predictor.guess(quick), Guess::Quick);
    }

    #[test]
    fn levels_fall_with_time() {
        levels_fall_from(0);
        // After 50 days, which milliseconds in 32 bits do not count.
        levels_fall_from(50 * 86_400_000);
    }

    fn levels_fall_from(start: u64) {
        let predictor = Predictor::new();
        predictor.forgive(start);
        predictor.forgiven.store(start, Relaxed);
        let key = Predictor::route_key(0, false);
        for _ in 0..5 {
            predictor.got_stuck(key, start);
        }
        let runs = |predictor: &Predictor| left(predictor.slow_entry(key).load(Relaxed));
        assert_eq!(runs(&predictor), 128);
        predictor.forgive(start + 59_999);
        assert_eq!(runs(&predictor), 128);
        predictor.forgive(start + 60_000);
        assert_eq!(runs(&predictor), 64);
        for minute in 2..10 {
            predictor.forgive(start + minute * 60_000);
        }
        assert_eq!(runs(&predictor), 8);
    }
}
