//! Chaos: clients that pipeline, split, stall, half-close, reset and leave, and handlers that block, panic and break
//! off, all at once; and every request, answer, call of a handler and line of the log is accounted for.
//!
//! All that is done follows from one seed, which is printed: only who comes first differs from run to run. Nothing
//! depends on time. To repeat a run: `DOGET_CHAOS_SEED=<seed>`, and for one of its connections alone
//! `DOGET_CHAOS_ONLY=<round>.<connection>`. To go on for longer: `DOGET_CHAOS_SECONDS=600`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod dice;
mod judge;
mod link;
mod model;
mod plan;
mod site;
mod task;
mod visit;

use dice::Dice;
use doget_tests::{is_below_wine, tls};
use judge::Fate;
use model::Cause;
use plan::Plan;
use rustls::ClientConfig;
use rustls::version::{TLS12, TLS13};
use site::{Servers, Setup};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Rounds of a run that is not to take longer.
const ROUNDS: u32 = 6;

/// Connections of a round, and how many of them there are at once.
const CONNECTIONS: u32 = 300;
const CLIENTS: usize = 12;

/// With this one servers are told to end that are to end while there are clients.
const LAST: u32 = CONNECTIONS - CONNECTIONS / 10;

/// Faults that are told; there may be more.
const TOLD: usize = 3;

/// What became of how many requests.
type Tally = BTreeMap<String, u32>;

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
}

/// `<round>.<connection>` of `DOGET_CHAOS_ONLY`.
fn only() -> Option<(u32, u32)> {
    let text: String = variable("DOGET_CHAOS_ONLY")?;
    let (round, connection) = text.split_once('.').expect("<round>.<connection>");
    Some((
        round.parse().expect("a round"),
        connection.parse().expect("a connection"),
    ))
}

#[test]
fn every_request_has_one_answer_or_a_cause_that_has_a_name() {
    quiet_panics();
    let only = only();
    let time = variable("DOGET_CHAOS_SECONDS").map(Duration::from_secs);
    // The bounded run is the same each time, so that what it finds is the change's; a longer one looks for more.
    let seed = variable("DOGET_CHAOS_SEED").unwrap_or_else(|| match time {
        None => 15,
        Some(_) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            now.expect("a time").as_nanos() as u64
        }
    });
    println!("DOGET_CHAOS_SEED={seed}");
    let begun = Instant::now();
    let mut tally = Tally::new();
    for round in 0.. {
        let ended = match time {
            Some(time) => begun.elapsed() >= time,
            // Below wine they take five times as long.
            None => round >= if is_below_wine() { ROUNDS / 2 } else { ROUNDS },
        };
        if ended {
            break;
        }
        if only.is_none_or(|(which, _)| which == round) {
            play(
                seed,
                round,
                only.map(|(_, connection)| connection),
                &mut tally,
            );
        }
    }
    println!("{tally:#?}");
    if only.is_none() {
        has_tried_everything(&tally);
    }
}

/// One round: fresh servers, a crowd of clients, and the account.
fn play(seed: u64, round: u32, only: Option<u32>, tally: &mut Tally) {
    let mut dice = Dice::of(seed, u64::from(round) << 32);
    let setup = Setup::new(&mut dice);
    let seed = dice.next();
    let servers = Servers::start(&setup);
    let next = AtomicU32::new(0);
    let (fates, faults) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    let configs = [&TLS13, &TLS12].map(|version| Arc::new(tls::client(&[version])));
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (servers, setup, next, config) = (&servers, &setup, &next, &configs[client % 2]);
            let (fates, faults) = (&fates, &faults);
            scope.spawn(move || {
                loop {
                    let connection = next.fetch_add(1, Ordering::Relaxed);
                    if connection >= CONNECTIONS || faults.lock().unwrap().len() >= TOLD {
                        return;
                    }
                    if setup.ends && connection == LAST {
                        servers.begin_to_end();
                    }
                    if only.is_none_or(|only| only == connection) {
                        match live(seed, connection, servers, setup, config) {
                            Ok(found) => fates.lock().unwrap().extend(found),
                            Err(fault) => faults.lock().unwrap().push((connection, fault)),
                        }
                    }
                }
            });
        }
    });
    let (runs, logged) = servers.end();
    let mut faults = faults.into_inner().unwrap();
    for (task, fate) in fates.into_inner().unwrap() {
        let runs = runs.get(&task.id).copied().unwrap_or(0);
        let lines = logged.get(&task.id).map_or(&[][..], Vec::as_slice);
        if let Err(fault) = fate.check(runs, lines) {
            faults.push((task.id.connection, format!("{}: {fault}", task.target())));
        }
        count(tally, task, &fate);
    }
    assert!(
        faults.is_empty(),
        "{}",
        account(round, seed, &setup, &faults)
    );
}

/// One connection.
fn live(
    seed: u64,
    connection: u32,
    servers: &Servers,
    setup: &Setup,
    config: &Arc<ClientConfig>,
) -> Result<Vec<(task::Task, Fate)>, String> {
    let plan = Plan::new(seed, connection);
    let evidence = visit::visit(servers, &plan, config, setup.ends)?;
    let fates = judge::judge(&plan, &evidence, setup)?;
    let tasks = plan.asks.iter().map(|ask| ask.task);
    Ok(tasks.zip(fates).collect())
}

fn account(round: u32, seed: u64, setup: &Setup, faults: &[(u32, String)]) -> String {
    let mut text = format!("round {round}, {setup}");
    for (connection, fault) in faults.iter().take(TOLD) {
        let plan = Plan::new(seed, *connection);
        text += &format!(
            "\n\nDOGET_CHAOS_ONLY={round}.{connection}, {:?}: {fault}",
            plan.way
        );
        for ask in plan.asks.iter().take(20) {
            text += &format!(
                "\n{:?}: {} {} of {} bytes, {:?}, reads {}, {:?}, answers {}",
                ask.bytes,
                ask.method(),
                ask.task.target(),
                ask.task.upload().len(),
                (ask.old, ask.connection, ask.expects, ask.waits),
                ask.task.reads(),
                ask.framing,
                ask.task.body().len(),
            );
        }
        let end = plan.acts.len().saturating_sub(30);
        text += &format!("\nat last {:?}", &plan.acts[end..]);
    }
    text
}

fn count(tally: &mut Tally, task: task::Task, fate: &Fate) {
    let what = match fate {
        Fate::NotAsked => "not asked".to_owned(),
        Fate::Answered { line, .. } => format!("{:?} {}", task.deed, line.status),
        Fate::Lost(lost) => format!("lost {:?}", lost.cause),
    };
    *tally.entry(what).or_default() += 1;
}

/// Each deed has been answered or cut, and each cause has been met: what is not tried shows nothing.
fn has_tried_everything(tally: &Tally) {
    for deed in task::Deed::ALL {
        if !deed.breaks_off() {
            let name = format!("{deed:?} ");
            assert!(
                tally.keys().any(|what| what.starts_with(&name)),
                "no {name}"
            );
        }
    }
    // Whom the server's end meets depends on who comes first.
    let causes = Cause::ALL.into_iter();
    for cause in causes.filter(|cause| !matches!(cause, Cause::ServerEnded)) {
        let name = format!("lost {cause:?}");
        assert!(tally.contains_key(&name), "nothing was {name}");
    }
    let answered = |what: &str| !what.starts_with("lost") && what != "not asked";
    let total: u32 = tally.values().sum();
    let whole: u32 = tally
        .iter()
        .filter(|(what, _)| answered(what))
        .map(|(_, count)| count)
        .sum();
    assert!(whole * 3 > total, "{whole} of {total} were answered");
}

/// The causes that the model knows are named in BEHAVIOUR.md.
#[test]
fn the_causes_of_the_model_stand_in_behaviour_md() {
    let page = include_str!("../../BEHAVIOUR.md");
    for cause in Cause::ALL {
        assert!(!cause.rules().is_empty(), "{cause:?}");
        for rule in cause.rules() {
            assert!(page.contains(&format!("| {rule} | ")), "{cause:?}: {rule}");
        }
    }
}

/// Panics that are asked for are not worth a line in the output.
fn quiet_panics() {
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if panic.payload().downcast_ref() != Some(&site::PANIC) {
            loud(panic);
        }
    }));
}
