//! A load generator. In its closed loop each connection sends its next request when the last one is answered; with
//! `--rate` requests are due at fixed intervals, wait for one of the connections if need be, and take their time from
//! when they were due.
//!
//!     bench-load PORT PATH [--connections N] [--seconds S | --requests N] [--warmup S] [--threads N]
//!                [--pipeline DEPTH] [--rate PER-SECOND [--spin]] [--browser | --json | --body BYTES | --upload BYTES]
//!                [--length BYTES] [--close] [--tls [--resume]] [--idle N] [--sleepers N] [--readers N --blockers N]
//!
//! It warms the server up, opens the idle crowd, lays the siege of slow readers and blocked requests, prints `ready`
//! and a line of JSON, waits for a line on its standard input, measures, and prints another line of JSON. Whoever
//! drives it can so read the server's clocks just before and just after. A response counts if its status is 200, it is
//! whole, and its body has the length that was asked for: that of the body sent, or `--length`.

mod client;
mod crowd;
mod options;
mod request;
mod siege;
mod tally;
mod transport;
mod wire;

use client::{Client, End, Plan};
use crowd::Crowd;
use options::Options;
use siege::Siege;
use std::io::{self, BufRead};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;
use tally::Tally;

fn plans(options: &Options) -> Vec<Plan> {
    let request = request::request(options, &options.path);
    let depth = options.pipeline.max(1);
    let active = Plan {
        batch: request.repeat(depth as usize).into(),
        depth,
        connections: options.connections,
        close: options.close,
        length: request::answer_length(options),
        rate: options.rate,
    };
    let sleepers = Plan {
        batch: request::plain(options, "/sleep").into(),
        depth: 1,
        connections: options.sleepers,
        close: options.close,
        length: None,
        rate: None,
    };
    vec![active, sleepers]
}

/// The part of a plan that one of several threads has.
fn share(plan: &Plan, thread: usize, threads: usize) -> Plan {
    let mut plan = plan.clone();
    plan.connections =
        plan.connections / threads + usize::from(thread < plan.connections % threads);
    plan.rate = plan.rate.map(|rate| rate / threads as f64);
    plan
}

/// All clients at once, each on a thread of its own.
fn run(clients: &mut [Client], end: End) -> Result<Vec<Tally>, String> {
    if let [client] = clients {
        return client.run(end);
    }
    let threads = clients.len() as u64;
    let end = End {
        requests: end.requests.map(|count| count.div_ceil(threads)),
        ..end
    };
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = clients
            .iter_mut()
            .map(|client| scope.spawn(move || client.run(end)))
            .collect();
        let panicked = |_| Err("a thread panicked".to_owned());
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(panicked))
            .collect()
    });
    let mut sums: Vec<Tally> = Vec::new();
    for tallies in results {
        for (at, tally) in tallies?.into_iter().enumerate() {
            match sums.get_mut(at) {
                Some(sum) => sum.add(tally),
                None => sums.push(tally),
            }
        }
    }
    Ok(sums)
}

fn measure() -> Result<(), String> {
    let options = Options::read()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let tls = options
        .tls
        .then(|| transport::config(options.resume))
        .transpose();
    let tls = tls.map_err(|error| error.to_string())?;
    let plans = plans(&options);
    let threads = options.threads.clamp(1, options.connections.max(1));
    let client = |thread| {
        let plans = plans
            .iter()
            .map(|plan| share(plan, thread, threads))
            .collect();
        Client::new(address, tls.clone(), plans, options.spin).map_err(|e| e.to_string())
    };
    let mut clients: Vec<Client> = (0..threads).map(client).collect::<Result<_, _>>()?;
    run(
        &mut clients,
        End {
            time: Duration::from_secs_f64(options.warmup),
            requests: None,
        },
    )?;
    let greeting = request::plain(&options, &options.path);
    let crowd = Crowd::open(
        options.idle,
        &greeting,
        address,
        tls.as_ref(),
        Duration::from_secs(60),
    );
    let siege = (options.readers + options.blockers > 0).then(|| {
        let (stream, block) = (
            request::plain(&options, "/stream"),
            request::plain(&options, "/block"),
        );
        Siege::lay(address, stream, options.readers, block, options.blockers)
    });
    println!(
        "ready {{\"held\":{},\"open_seconds\":{:.3}}}",
        crowd.held(),
        crowd.seconds
    );
    io::stdin()
        .lock()
        .read_line(&mut String::new())
        .map_err(|e| e.to_string())?;

    let end = End {
        time: Duration::from_secs_f64(options.seconds),
        requests: options.requests,
    };
    let mut tallies = run(&mut clients, end)?;
    let mut parts = Vec::new();
    for (name, tally) in ["", "sleeper_"].iter().zip(&mut tallies) {
        parts.push(tally.figures(name));
    }
    if let Some(siege) = siege {
        parts.push(siege.lift()?.figures());
    }
    println!("{{{},\"idle_closed\":{}}}", parts.join(","), crowd.closed());
    Ok(())
}

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-load: {error}");
            ExitCode::FAILURE
        }
    }
}
