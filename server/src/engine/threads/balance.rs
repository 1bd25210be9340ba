//! Which loop a connection is served by.
//!
//! A connection begins where it was accepted. As long as requests hardly wait for each other, connections come
//! together on the first loop: one that is awake serves one more for less than one that has to be woken, and no
//! later. Where requests do wait, some connections go to a loop where they wait less. They go when they have had
//! their turn, so that those that are used go, and nobody looks for them.
//!
//! The measure is the time that a request waits on average if requests come at random, by the Pollaczek-Khinchine
//! formula of queueing theory. With it quick handlers keep together until their loop is busy most of the time, and
//! handlers that take long part early.
//!
//! Where all that another loop could have is taken from the clients, it does not pay: see
//! [`consolidation`](crate::engine::threads::consolidation).

use crate::engine::threads::consolidation::{Consolidation, Done, idle_time};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Requests may wait for so long, in microseconds on average, before connections go elsewhere. It is more than [`ROOM`]
/// by a good part: with one bound for both, connections would come back as soon as they had left.
const ENOUGH: u32 = 50;

/// Where requests wait no longer than this, there is room for more connections.
const ROOM: u32 = 20;

/// The least time that is looked at, in nanoseconds.
const WINDOW: u64 = 50 * MILLISECOND;

/// Nanoseconds.
const MILLISECOND: u64 = 1_000_000;

/// What a loop has said counts for so many milliseconds: one that says nothing has nothing to do, unless it is busy
/// for as long without a rest. Then a handler holds it up, perhaps for good, and it is as full as a loop can be.
const STALE: u64 = 200;

/// A loop is not busy.
const ASLEEP: u64 = u64::MAX;

/// What the owners of loops say of them, each of its own.
pub(crate) struct Loads {
    each: Box<[Load]>,
    /// All connections are to be on the first loop: see [`Consolidation`].
    together: AtomicBool,
}

impl Loads {
    pub(crate) fn new(loops: usize) -> Self {
        Self {
            each: (0..loops).map(|_| Load::default()).collect(),
            together: AtomicBool::new(false),
        }
    }

    /// Which connections are to leave loop `at`, which has just said what its window has shown. `now` is in
    /// milliseconds.
    fn leaving(&self, at: usize, window: Window, now: u64) -> Option<Leaving> {
        if self.together.load(Ordering::Relaxed) {
            // Not to where they would hang.
            let held_up = self.each.first().is_none_or(|first| first.is_held_up(now));
            (at > 0 && !held_up).then_some(Leaving::ALL)
        } else {
            weigh(&self.each, at, window, now)
        }
    }

    fn done(&self) -> Done {
        let mut done = Done::default();
        for (at, load) in self.each.iter().enumerate() {
            let turns = load.turns.load(Ordering::Relaxed);
            done.turns += turns;
            done.elsewhere += if at > 0 { turns } else { 0 };
            done.busy += load.busy.load(Ordering::Relaxed);
        }
        done
    }
}

/// How long requests wait for a loop, and what it has done since it was made, as its owner last said.
///
/// Written in every round: two in one cache line would make each owner wait for the other's.
#[repr(align(128))]
struct Load {
    /// Microseconds.
    wait: AtomicU32,
    /// When that was, in milliseconds since the engine's start.
    said: AtomicU64,
    /// Since when it is busy without a rest, in the same milliseconds; or [`ASLEEP`].
    awake: AtomicU64,
    turns: AtomicU64,
    /// Nanoseconds.
    busy: AtomicU64,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            wait: AtomicU32::new(0),
            said: AtomicU64::new(0),
            awake: AtomicU64::new(ASLEEP),
            turns: AtomicU64::new(0),
            busy: AtomicU64::new(0),
        }
    }
}

impl Load {
    /// How long requests wait, as it is seen from other loops.
    fn wait(&self, now: u64) -> u32 {
        if self.is_held_up(now) {
            u32::MAX
        } else {
            self.said_wait(now)
        }
    }

    fn is_held_up(&self, now: u64) -> bool {
        let since = self.awake.load(Ordering::Relaxed);
        since != ASLEEP && now.saturating_sub(since) >= STALE
    }

    fn said_wait(&self, now: u64) -> u32 {
        let age = now.saturating_sub(self.said.load(Ordering::Relaxed));
        if age < STALE {
            self.wait.load(Ordering::Relaxed)
        } else {
            0
        }
    }

    /// A round is over.
    fn did(&self, turns: u32, busy: u64) {
        // Its owner alone writes it.
        let add = |to: &AtomicU64, more| {
            let sum = to.load(Ordering::Relaxed).wrapping_add(more);
            to.store(sum, Ordering::Relaxed);
        };
        add(&self.turns, u64::from(turns));
        add(&self.busy, busy);
    }

    /// A long wait is forgotten slowly: what takes long once a second leaves no room either.
    fn say(&self, wait: u32, now: u64) {
        let before = self.said_wait(now);
        let wait = wait.max(before - before.div_ceil(8));
        self.wait.store(wait, Ordering::Relaxed);
        self.said.store(now, Ordering::Relaxed);
    }
}

/// What the owner of a loop sees to, so that its connections are served where they are served soonest.
pub(crate) struct Balance {
    /// The loop's number.
    at: usize,
    meter: Meter,
    leaving: Option<Leaving>,
    /// The owner of the first loop sees to it.
    consolidation: Option<Consolidation>,
}

impl Balance {
    /// For loop `at` of them: with one alone there is nothing to see to.
    /// `start` is the engine's.
    pub(crate) fn of(at: usize, loads: &Loads, start: Instant) -> Option<Self> {
        if at == 0 {
            loads.together.store(false, Ordering::Relaxed);
        }
        (loads.each.len() > 1).then(|| Self {
            at,
            meter: Meter::new(nanos(start.elapsed())),
            leaving: None,
            consolidation: (at == 0).then(Consolidation::new),
        })
    }

    /// The loop has something to do, so long after the engine's start.
    pub(crate) fn wakes(&mut self, now: Duration, loads: &Loads) {
        let now = nanos(now);
        self.meter.woke = now;
        if let Some(own) = loads.each.get(self.at) {
            own.awake.store(now / MILLISECOND, Ordering::Relaxed);
        }
    }

    /// A connection had its turn, and may go to another loop if `idle`: that loop, if it is to go.
    pub(crate) fn turn(&mut self, idle: bool) -> Option<usize> {
        self.meter.turns = self.meter.turns.saturating_add(1);
        let leaving = self.leaving.as_mut().filter(|_| idle)?;
        leaving.left = leaving.left.checked_sub(1)?;
        Some(leaving.to)
    }

    /// The loop has nothing more to do for now. `start` is the engine's.
    pub(crate) fn rests(&mut self, start: Instant, loads: &Loads) {
        let now = Instant::now();
        let Some(own) = loads.each.get(self.at) else {
            return;
        };
        own.awake.store(ASLEEP, Ordering::Relaxed);
        // The one difference of a round's two times that the system's clock is asked for: each takes some 50
        // instructions.
        let passed = nanos(now.duration_since(start));
        let Some(window) = self.meter.rests(passed, own) else {
            return;
        };
        let millis = passed / MILLISECOND;
        own.say(window.wait, millis);
        if let Some(consolidation) = &mut self.consolidation {
            consolidation.look(now, loads.done(), idle_time);
            let together = consolidation.is_together();
            loads.together.store(together, Ordering::Relaxed);
        }
        self.leaving = loads.leaving(self.at, window, millis);
    }
}

/// Connections that are to leave a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leaving {
    /// The loop for them.
    to: usize,
    /// How many.
    left: u32,
}

impl Leaving {
    /// Everyone, to the first loop.
    const ALL: Self = Self {
        to: 0,
        left: u32::MAX,
    };
}

/// What a while of a loop has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    /// How long a request waits, in microseconds on average.
    wait: u32,
    /// Connections that were served in one round, at most.
    connections: u32,
}

/// [`Loads::leaving`] by how long requests wait.
fn weigh(loads: &[Load], at: usize, window: Window, now: u64) -> Option<Leaving> {
    let own = loads.get(at)?;
    let mut loads = loads.iter();
    // A part of them, and then another look: what is seen is always a window old.
    let left = window.connections.div_ceil(4);
    if own.wait(now) <= ENOUGH {
        let to = loads.position(|load| load.wait(now) <= ROOM)?;
        return (to < at).then_some(Leaving { to, left });
    }
    // One that is alone would take the load with it.
    if window.wait <= ENOUGH || window.connections < 2 {
        return None;
    }
    let waits = loads.map(|load| load.wait(now));
    let to = waits.clone().position(|wait| wait <= ROOM).or_else(|| {
        let (least, to) = waits.zip(0..).min()?;
        // Clearly less, and not just less: between two loops that are full alike, connections would go to and fro.
        (least < window.wait / 5 * 3).then_some(to)
    })?;
    Some(Leaving { to, left })
}

/// What the owner of a loop measures. A round is what it does between two waits for events. Times are nanoseconds since
/// the engine's start.
struct Meter {
    began: u64,
    /// When the round in hand began, and how many connections had their turns in it.
    woke: u64,
    turns: u32,
    /// The most of them in one round.
    most: u32,
    rounds: u32,
    /// Of all rounds: their time in nanoseconds, and the sum of the squares of all turns' times.
    busy: u64,
    squares: u64,
}

impl Meter {
    fn new(now: u64) -> Self {
        Self {
            began: now,
            woke: now,
            turns: 0,
            most: 0,
            rounds: 0,
            busy: 0,
            squares: 0,
        }
    }

    /// A round of the loop with this load ends. `None`: the window goes on.
    fn rests(&mut self, now: u64, load: &Load) -> Option<Window> {
        let round = now.saturating_sub(self.woke).min(1 << 31);
        load.did(self.turns, round);
        // As if all turns of a round had taken the same time: a clock for each would cost more than it tells.
        let squares = round * round / u64::from(self.turns.max(1));
        self.squares = self.squares.saturating_add(squares);
        self.busy = self.busy.saturating_add(round);
        self.rounds += 1;
        self.most = self.most.max(self.turns);
        self.turns = 0;
        let window = now.saturating_sub(self.began);
        if window < WINDOW {
            return None;
        }
        let free = window.saturating_sub(self.busy);
        // Pollaczek-Khinchine: the rate times the mean square of the service time, divided by twice the free part of
        // the time; the window's length cancels out. Without free time that is infinite: a twelfth stands in for it.
        let mut wait = self.squares / 2 / free.max(window / 12);
        if free < window / 20 {
            // Somebody waits at all times, and the formula knows no bound. What tells such loops apart is for how
            // many others.
            wait = wait.saturating_add(self.busy / u64::from(self.rounds));
        }
        let found = Window {
            wait: u32::try_from(wait / 1000).unwrap_or(u32::MAX),
            connections: self.most,
        };
        *self = Self::new(now);
        Some(found)
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds of so many turns, each turn and each pause between rounds of so many microseconds, until a window has
    /// passed.
    fn measured(turns: u32, turn: u64, pause: u64) -> Window {
        let mut now = 0;
        let mut meter = Meter::new(now);
        loop {
            now += pause * 1000;
            meter.woke = now;
            meter.turns = turns;
            now += u64::from(turns) * turn * 1000;
            if let Some(window) = meter.rests(now, &Load::default()) {
                return window;
            }
        }
    }

    fn loads(waits: &[u32]) -> Vec<Load> {
        let load = |&wait| Load {
            wait: AtomicU32::new(wait),
            said: AtomicU64::new(1000),
            ..Load::default()
        };
        waits.iter().map(load).collect()
    }

    fn weighed(loads: &[Load], at: usize, wait: u32, connections: u32) -> Option<(usize, u32)> {
        let window = Window { wait, connections };
        loads[at].say(wait, 1010);
        weigh(loads, at, window, 1010).map(|leaving| (leaving.to, leaving.left))
    }

    #[test]
    fn quick_turns_wait_little_until_the_loop_is_busy_and_long_ones_early() {
        // Half busy: half a turn's time.
        let window = measured(10, 5, 50);
        assert_eq!((window.wait, window.connections), (2, 10));
        // Nine parts of ten: four and a half turns' time.
        let window = measured(16, 5, 9);
        assert!((20..25).contains(&window.wait), "{window:?}");
        // Busy for a tenth of the time, but for 10 ms at a time.
        let window = measured(1, 10_000, 90_000);
        assert!((500..600).contains(&window.wait), "{window:?}");
        // Busy at all times: more connections wait for longer.
        let few = measured(3, 10_000, 0);
        let many = measured(5, 10_000, 0);
        assert!(few.wait > 50_000 && many.wait > few.wait + 15_000);
    }

    #[test]
    fn connections_come_together_on_the_first_loop_with_room() {
        assert_eq!(weighed(&loads(&[0, 0, 0]), 2, 5, 8), Some((0, 2)));
        assert_eq!(weighed(&loads(&[ROOM + 1, 0, 0]), 2, 5, 8), Some((1, 2)));
        assert_eq!(weighed(&loads(&[ROOM + 1, 0, 0]), 1, 5, 8), None);
        assert_eq!(weighed(&loads(&[0, 0, 0]), 0, 5, 8), None);
        // What was long a moment ago may be long again.
        assert_eq!(weighed(&loads(&[0, 0, 400]), 2, 5, 8), None);
    }

    #[test]
    fn connections_that_wait_go_where_they_wait_less() {
        assert_eq!(weighed(&loads(&[0, 0, 0]), 0, 90, 10), Some((1, 3)));
        assert_eq!(weighed(&loads(&[0, 90, 10]), 0, 90, 10), Some((2, 3)));
        assert_eq!(weighed(&loads(&[0, 900, 500]), 0, 900, 10), Some((2, 3)));
        assert_eq!(weighed(&loads(&[0, 900, 600]), 0, 900, 10), None);
        // Alone, it would only take the load with it.
        assert_eq!(weighed(&loads(&[0, 0, 0]), 0, 900, 1), None);
    }

    #[test]
    fn when_they_are_to_be_together_all_go_to_the_first_loop_and_none_leaves_it() {
        let loads = Loads::new(3);
        loads.together.store(true, Ordering::Relaxed);
        let window = Window {
            wait: 900,
            connections: 10,
        };
        assert_eq!(loads.leaving(0, window, 1010), None);
        let mut balance = Balance::of(2, &loads, Instant::now()).unwrap();
        balance.leaving = loads.leaving(2, window, 1010);
        assert!((0..100).all(|_| balance.turn(true) == Some(0)));
        assert_eq!(balance.turn(false), None);
        // Who owns the first loop anew knows of nothing.
        assert!(Balance::of(0, &loads, Instant::now()).is_some());
        let some = Leaving { to: 0, left: 3 };
        assert_eq!(loads.leaving(2, window, 1010), Some(some));
    }

    #[test]
    fn what_loops_have_done_is_counted() {
        let loads = Loads::new(2);
        loads.each[0].did(3, 40);
        loads.each[1].did(2, 10);
        loads.each[1].did(1, 5);
        let done = Done {
            turns: 6,
            elsewhere: 3,
            busy: 55,
        };
        assert_eq!(loads.done(), done);
    }

    #[test]
    fn a_loop_that_is_held_up_is_full_and_gets_no_connections() {
        let loads = Loads::new(3);
        let window = Window {
            wait: 900,
            connections: 10,
        };
        let leaving = |now| loads.leaving(1, window, now).map(|leaving| leaving.to);
        loads.each[1].say(900, 1000);
        assert_eq!(leaving(1000), Some(0));
        // Its owner works since then, and says nothing.
        loads.each[0].awake.store(1000, Ordering::Relaxed);
        loads.each[1].say(900, 1000 + STALE);
        assert_eq!(leaving(1000 + STALE - 1), Some(0));
        assert_eq!(leaving(1000 + STALE), Some(2));
        // Nor do all go there.
        loads.together.store(true, Ordering::Relaxed);
        assert_eq!(leaving(1000 + STALE), None);
        // It rests: it has room, and what it was is forgotten.
        loads.each[0].awake.store(ASLEEP, Ordering::Relaxed);
        assert_eq!(leaving(1000 + STALE), Some(0));
        loads.together.store(false, Ordering::Relaxed);
        assert_eq!(leaving(1000 + STALE), Some(0));
        loads.each[0].awake.store(1000, Ordering::Relaxed);
        loads.each[0].say(5, 1000 + STALE);
        loads.each[0].awake.store(ASLEEP, Ordering::Relaxed);
        assert_eq!(loads.each[0].wait(1000 + STALE), 5);
    }

    #[test]
    fn a_loop_that_says_nothing_has_nothing_to_do_and_a_long_wait_fades() {
        let load = &loads(&[800])[0];
        assert_eq!(load.wait(1000 + STALE - 1), 800);
        assert_eq!(load.wait(1000 + STALE), 0);
        let mut windows = 0;
        while load.wait(1000) > ROOM {
            load.say(0, 1000);
            windows += 1;
        }
        assert!((20..40).contains(&windows), "{windows}");
    }
}
