//! Whether one loop serves the connections of all.
//!
//! Requests that wait go to another loop ([`balance`](super::balance)), and that pays as long as it has a processor
//! to run on. Where other programs use what the first loop leaves, clients on the same machine above all, it takes
//! its time from them: they come to their requests later, and both loops sleep and wake more often than one would.
//! With handlers that are quick, that can cost more than it brings. From inside, nothing tells such a machine from
//! one on which it pays, so it is tried: all connections go to the first loop, and stay there for a while if they
//! have as many turns as before. What is counted is turns, not requests: with pipelining a turn has several.
//!
//! It is tried only where it can be no great loss: quick handlers, loops that together do little more than one can, and
//! processors that are hardly ever idle.

use std::time::{Duration, Instant};

/// The least time that is looked at: shorter looks would differ by chance more than by what is tried.
const LOOK: Duration = Duration::from_millis(200);

/// Turns that are longer than this on average are worth a wake.
const QUICK: Duration = Duration::from_micros(25);

/// Loops that are busy for no more than so many parts of the time, taken together, have no more to do than one can
/// see to: some of that time they wait for a processor.
const FITS: f64 = 1.5;

/// As long as so much of a processor is idle, another loop takes from nobody.
const IDLE: f64 = 0.5;

/// Where so much of a processor is idle beside one loop, there is something for another.
const ROOM: f64 = 0.7;

/// Less of the turns than this on other loops than the first: they are together.
const FEW: f64 = 0.02;

/// One loop does as much as before if it has so many parts of the turns: two looks at the same thing differ too.
const AS_MUCH: f64 = 0.97;

/// So many looks are compared with as many.
const LOOKS: u32 = 2;

/// How long the outcome of a try holds: longer each time, until something else is going on.
const SHORTEST: Duration = Duration::from_secs(4);
const LONGEST: Duration = Duration::from_secs(64);

/// What loops have done since they were made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Turns of connections, on all loops.
    pub(crate) turns: u64,
    /// Of these, turns that were not on the first loop.
    pub(crate) elsewhere: u64,
    /// The time for them, in nanoseconds.
    pub(crate) busy: u64,
}

/// What the owner of the first loop sees to for all of them.
pub(crate) struct Consolidation {
    state: Phase,
    hold: Duration,
    /// What loops do as things are.
    now: Mean,
    last: Option<(Instant, Done)>,
    /// When the idle time was last looked at, and what it was.
    idle: Option<(Instant, Duration)>,
}

/// What is known of one loop in place of more.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// Nothing: connections are where requests wait least.
    Unknown,
    /// It is being tried. So many turns in a second were had without.
    Tried(f64),
    /// It is better, until this moment.
    Better(Instant),
    /// It is worse, until this moment, or until more loops do less than it did: so many turns in a second.
    Worse(Instant, f64),
}

/// Turns in a second, on average of the looks since a change.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    changed: bool,
    looks: u32,
    rate: f64,
}

impl Mean {
    /// Counts one more look, but for the first: connections were still going to their places.
    fn add(&mut self, rate: f64) {
        if self.changed {
            self.looks += 1;
            self.rate += (rate - self.rate) / f64::from(self.looks);
        }
        self.changed = true;
    }
}

/// What was seen between two looks.
#[derive(Clone, Copy, Debug)]
struct Observation {
    /// Turns in a second.
    rate: f64,
    /// Parts of the turns that were not on the first loop.
    elsewhere: f64,
    /// For how many parts of the time loops were busy, taken together.
    busy: f64,
    /// The time of a turn.
    turn: Duration,
    /// Parts of the time for which processors were idle, taken together, if that is known.
    idle: Option<f64>,
}

impl Consolidation {
    pub(crate) fn new() -> Self {
        Self {
            state: Phase::Unknown,
            hold: SHORTEST,
            now: Mean::default(),
            last: None,
            idle: None,
        }
    }

    /// Looks at what loops have done up to now, if there is enough of it since the last look. `idle_time` tells for
    /// how long processors were idle since the system's start.
    pub(crate) fn look(
        &mut self,
        now: Instant,
        done: Done,
        idle_time: impl FnOnce() -> Option<Duration>,
    ) {
        let (looked, before) = *self.last.get_or_insert((now, done));
        let passed = now.duration_since(looked);
        if passed < LOOK {
            return;
        }
        self.last = Some((now, done));
        let turns = done.turns.saturating_sub(before.turns);
        let elsewhere = done.elsewhere.saturating_sub(before.elsewhere);
        let busy = done.busy.saturating_sub(before.busy);
        let mut seen = Observation {
            rate: turns as f64 / passed.as_secs_f64(),
            elsewhere: elsewhere as f64 / turns.max(1) as f64,
            busy: Duration::from_nanos(busy).as_secs_f64() / passed.as_secs_f64(),
            turn: Duration::from_nanos(busy / turns.max(1)),
            idle: None,
        };
        // A file is read for it, so it is asked only where the answer would decide something.
        let asked = seen.is_doubtful() || self.is_together();
        let idle = asked.then(idle_time).flatten().map(|idle| (now, idle));
        if let (Some((looked, before)), Some((_, idle))) = (self.idle, idle) {
            let idle = idle.saturating_sub(before).as_secs_f64();
            seen.idle = Some(idle / now.duration_since(looked).as_secs_f64());
        }
        self.idle = idle;
        self.decide(now, &seen);
    }

    /// Whether all connections are to be on the first loop.
    pub(crate) fn is_together(&self) -> bool {
        matches!(self.state, Phase::Tried(_) | Phase::Better(_))
    }

    fn decide(&mut self, now: Instant, seen: &Observation) {
        match self.state {
            // The load has changed: longer turns, or a processor that nobody uses. The verdict was on another load.
            Phase::Tried(_) | Phase::Better(_)
                if seen.turn > QUICK || seen.idle.is_some_and(|idle| idle >= ROOM) =>
            {
                self.enter(Phase::Unknown);
            }
            Phase::Unknown if !seen.is_doubtful() => {
                self.now = Mean::default();
                self.hold = SHORTEST;
            }
            Phase::Unknown if seen.idle.is_some_and(|idle| idle >= IDLE) => {
                self.now = Mean::default();
            }
            Phase::Unknown => {
                self.now.add(seen.rate);
                if self.now.looks >= LOOKS && seen.idle.is_some() {
                    self.enter(Phase::Tried(self.now.rate));
                }
            }
            Phase::Tried(before) => {
                self.now.add(seen.rate);
                if self.now.looks >= LOOKS {
                    let until = now + self.hold;
                    self.hold = (self.hold * 2).min(LONGEST);
                    let rate = self.now.rate;
                    self.enter(if rate >= before * AS_MUCH {
                        Phase::Better(until)
                    } else {
                        Phase::Worse(until, rate)
                    });
                }
            }
            Phase::Better(until) | Phase::Worse(until, _) if now >= until => {
                self.enter(Phase::Unknown);
            }
            Phase::Better(_) => {}
            Phase::Worse(_, rate) => {
                self.now.add(seen.rate);
                if self.now.looks >= 2 * LOOKS {
                    let apart = self.now.rate;
                    self.now = Mean::default();
                    if seen.is_doubtful() && apart < rate {
                        self.enter(Phase::Tried(apart));
                    }
                }
            }
        }
    }

    fn enter(&mut self, state: Phase) {
        self.state = state;
        self.now = Mean::default();
    }
}

impl Observation {
    /// Whether more than one loop is used, and it may be that one does as much.
    fn is_doubtful(&self) -> bool {
        self.elsewhere > FEW && self.turn <= QUICK && self.busy <= FITS
    }
}

/// For how long processors were idle since the system's start, taken together; `None` where the system does not say.
#[cfg(target_os = "linux")]
pub(crate) fn idle_time() -> Option<Duration> {
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let seconds: f64 = uptime.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn idle_time() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine, from the first loop's side.
    struct Machine {
        consolidation: Consolidation,
        now: Instant,
        done: Done,
        idle: Duration,
    }

    /// What it does for a look: turns in thousands a second, the part of them that is not on the first loop, the
    /// loops' time and what is idle, in processors.
    #[derive(Clone, Copy)]
    struct Does {
        rate: u64,
        elsewhere: f64,
        busy: f64,
        idle: f64,
    }

    const APART: Does = Does {
        rate: 150,
        elsewhere: 0.5,
        busy: 1.3,
        idle: 0.2,
    };
    const TOGETHER: Does = Does {
        rate: 170,
        elsewhere: 0.0,
        busy: 1.0,
        idle: 0.1,
    };

    impl Machine {
        fn new() -> Self {
            let mut machine = Self {
                consolidation: Consolidation::new(),
                now: Instant::now(),
                done: Done::default(),
                idle: Duration::from_secs(1000),
            };
            machine.looks();
            machine
        }

        fn looks(&mut self) {
            let idle = self.idle;
            self.consolidation.look(self.now, self.done, || Some(idle));
        }

        fn does(&mut self, does: Does) -> bool {
            let turns = does.rate * 1000 * LOOK.as_millis() as u64 / 1000;
            self.now += LOOK;
            self.done.turns += turns;
            self.done.elsewhere += (turns as f64 * does.elsewhere) as u64;
            self.done.busy += LOOK.mul_f64(does.busy).as_nanos() as u64;
            self.idle += LOOK.mul_f64(does.idle);
            self.looks();
            self.consolidation.is_together()
        }

        /// How many looks long it is as it is now.
        fn lasts(&mut self, does: Does) -> u32 {
            let together = self.consolidation.is_together();
            let mut looks = 1;
            while self.does(does) == together {
                looks += 1;
                assert!(looks < 1000);
            }
            looks
        }
    }

    #[test]
    fn what_one_loop_does_as_well_it_does_alone() {
        let mut machine = Machine::new();
        // At each change a look is left out.
        assert_eq!(machine.lasts(APART), 3);
        // The try, and four seconds; then it may be otherwise, and is not.
        assert_eq!(machine.lasts(TOGETHER), 23);
        assert_eq!(machine.lasts(APART), 3);
        assert_eq!(machine.lasts(TOGETHER), 43);
    }

    #[test]
    fn where_one_loop_does_less_it_is_left_at_that_for_longer_each_time() {
        let mut machine = Machine::new();
        let less = Does {
            rate: 140,
            ..TOGETHER
        };
        assert_eq!(machine.lasts(APART), 3);
        for looks in [23, 43, 83, 163, 323, 323] {
            assert_eq!(machine.lasts(less), 3);
            assert_eq!(machine.lasts(APART), looks);
        }
        // When they have come together by themselves it begins anew.
        assert_eq!(machine.lasts(less), 3);
        for _ in 0..324 {
            assert!(!machine.does(TOGETHER));
        }
        assert_eq!(machine.lasts(APART), 3);
        assert_eq!(machine.lasts(less), 3);
        assert_eq!(machine.lasts(APART), 23);
    }

    #[test]
    fn it_is_tried_again_when_more_loops_do_less_than_it_did() {
        let mut machine = Machine::new();
        let rate = |rate, does| Does { rate, ..does };
        machine.lasts(APART);
        assert_eq!(machine.lasts(rate(140, TOGETHER)), 3);
        for _ in 0..10 {
            assert!(!machine.does(rate(145, APART)));
        }
        assert!(machine.lasts(rate(130, APART)) < 10);
        assert_eq!(machine.lasts(rate(140, TOGETHER)), 43);
    }

    #[test]
    fn what_was_while_processors_were_idle_is_not_compared_with() {
        let mut machine = Machine::new();
        let slack = Does {
            rate: 80,
            idle: 0.6,
            ..APART
        };
        for _ in 0..100 {
            assert!(!machine.does(slack));
        }
        machine.lasts(APART);
        let less = Does {
            rate: 100,
            ..TOGETHER
        };
        assert_eq!(machine.lasts(less), 3);
    }

    #[test]
    fn it_is_not_tried_where_it_could_be_a_loss() {
        for does in [
            Does {
                elsewhere: 0.01,
                ..APART
            },
            // Turns of 100 us.
            Does { rate: 13, ..APART },
            Does { busy: 1.9, ..APART },
            Does { idle: 0.8, ..APART },
        ] {
            let mut machine = Machine::new();
            for _ in 0..100 {
                assert!(!machine.does(does));
            }
        }
    }

    #[test]
    fn it_ends_when_something_else_goes_on() {
        let idle = Does {
            idle: 0.9,
            ..TOGETHER
        };
        let slow = Does {
            rate: 10,
            ..TOGETHER
        };
        for does in [idle, slow] {
            for looks in [1, 10] {
                let mut machine = Machine::new();
                machine.lasts(APART);
                for _ in 0..looks {
                    assert!(machine.does(TOGETHER));
                }
                assert!(!machine.does(does));
            }
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn idle_time_is_known() {
        assert!(idle_time().is_some_and(|idle| idle > Duration::ZERO));
    }
}
