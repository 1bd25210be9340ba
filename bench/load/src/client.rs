//! Connections in groups, all in one loop over epoll.

use crate::tally::Tally;
use crate::transport::{Stream, Tls};
use crate::wire::{Response, Responses};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the connections of a group do.
#[derive(Clone)]
pub struct Plan {
    /// As many requests as are sent at once.
    pub batch: Arc<[u8]>,
    pub depth: u32,
    pub connections: usize,
    /// Each request has a connection of its own.
    pub close: bool,
    /// How long the body of a good response is, if that matters.
    pub length: Option<u64>,
    /// Requests a second, whether answers come or not; without it, a connection sends when it has its answer.
    pub rate: Option<f64>,
}

/// When a run ends.
#[derive(Clone, Copy)]
pub struct End {
    pub time: Duration,
    /// How many requests each group sends.
    pub requests: Option<u64>,
}

struct Group {
    plan: Plan,
    tally: Tally,
    /// Requests that may still be sent.
    left: u64,
    /// When the next request is due, if there is a rate.
    due: Instant,
    /// Connections that wait for a request to be due.
    free: VecDeque<usize>,
}

impl Group {
    /// May another request be sent? With a rate, all that were due before the end are sent, however late.
    fn goes_on(&self, now: Instant, stop: Instant) -> bool {
        let at = if self.plan.rate.is_some() {
            self.due
        } else {
            now
        };
        self.plan.connections > 0 && self.left > 0 && at < stop
    }
}

struct Connection {
    group: usize,
    /// None: closed, and opened again for the next request.
    stream: Option<Stream>,
    responses: Responses,
    /// How much of the batch has been sent.
    sent: usize,
    /// Requests that are not answered.
    open: u32,
    since: Instant,
}

pub struct Client {
    address: SocketAddr,
    tls: Option<Tls>,
    /// Waits for what is due without sleeping.
    spin: bool,
    groups: Vec<Group>,
    connections: Vec<Connection>,
    epoll: OwnedFd,
    buffer: Vec<u8>,
    stop: Instant,
}

/// More than this in one run, and something is wrong that figures would only hide.
const MOST_ERRORS: u64 = 1000;

const PATIENCE: Duration = Duration::from_secs(5);
const TURN: Duration = Duration::from_millis(50);

impl Client {
    pub fn new(
        address: SocketAddr,
        tls: Option<Tls>,
        plans: Vec<Plan>,
        spin: bool,
    ) -> io::Result<Self> {
        let now = Instant::now();
        let mut connections = Vec::new();
        for (group, plan) in plans.iter().enumerate() {
            connections.extend((0..plan.connections).map(|_| Connection {
                group,
                stream: None,
                responses: Responses::default(),
                sent: 0,
                open: 0,
                since: now,
            }));
        }
        let groups = plans.into_iter().map(|plan| Group {
            plan,
            tally: Tally::new(),
            left: 0,
            due: now,
            free: VecDeque::new(),
        });
        Ok(Self {
            address,
            tls,
            spin,
            groups: groups.collect(),
            connections,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            buffer: vec![0; 256 << 10],
            stop: now,
        })
    }

    /// Sends requests until the end, then waits for what is unanswered; a tally for each group.
    ///
    /// # Errors
    ///
    /// There is no server, or too much goes wrong.
    pub fn run(&mut self, end: End) -> Result<Vec<Tally>, String> {
        let start = Instant::now();
        self.stop = start + end.time;
        let last = self.stop + PATIENCE;
        for group in &mut self.groups {
            group.tally = Tally::new();
            group.left = end.requests.unwrap_or(u64::MAX);
            group.due = start;
            group.free.clear();
        }
        for index in 0..self.connections.len() {
            let group = &self.groups[self.connections[index].group];
            // Without a rate each connection has its first request even if the time is 0: it is then open.
            if group.plan.rate.is_some() || group.left == 0 {
                self.groups[self.connections[index].group]
                    .free
                    .push_back(index);
            } else {
                self.send(index, start)?;
            }
        }
        let mut events = Vec::with_capacity(512);
        loop {
            self.send_due()?;
            events.clear();
            let wait = self.wait();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&wait)) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.to_string()),
            }
            let now = Instant::now();
            for event in &events {
                let index = event.data.u64() as usize;
                self.write(index)?;
                let ended =
                    epoll::EventFlags::RDHUP | epoll::EventFlags::HUP | epoll::EventFlags::ERR;
                // A field of a packed struct.
                let flags = event.flags;
                self.read(index, now, flags.intersects(ended))?;
                self.send_due()?;
            }
            let open = self.connections.iter().any(|c| c.open > 0);
            let more = self
                .groups
                .iter()
                .any(|group| group.goes_on(now, self.stop));
            if !open && !more {
                break;
            }
            if now > last {
                self.give_up();
                break;
            }
        }
        let tallies = self.groups.iter_mut();
        Ok(tallies
            .map(|group| std::mem::replace(&mut group.tally, Tally::new()))
            .collect())
    }

    /// What is not answered now, or was due and not even sent, is an error.
    fn give_up(&mut self) {
        for connection in &mut self.connections {
            self.groups[connection.group].tally.errors += u64::from(connection.open);
            close(connection);
        }
        for group in &mut self.groups {
            if let Some(rate) = group.plan.rate {
                let unsent = self.stop.saturating_duration_since(group.due);
                group.tally.errors += (unsent.as_secs_f64() * rate) as u64;
            }
        }
    }

    /// Sends what is due, as far as connections are free. The time of a request counts from when it was due.
    fn send_due(&mut self) -> Result<(), String> {
        for index in 0..self.groups.len() {
            let Some(rate) = self.groups[index].plan.rate else {
                continue;
            };
            let now = Instant::now();
            loop {
                let group = &mut self.groups[index];
                if group.due > now || !group.goes_on(now, self.stop) {
                    break;
                }
                let Some(connection) = group.free.pop_front() else {
                    break;
                };
                let due = group.due;
                group.due += Duration::from_secs_f64(1.0 / rate);
                self.send(connection, due)?;
            }
        }
        Ok(())
    }

    /// How long there is nothing to do unless something comes.
    fn wait(&self) -> Timespec {
        let now = Instant::now();
        let due = |group: &Group| {
            let waits = group.plan.rate.is_some()
                && !group.free.is_empty()
                && group.goes_on(now, self.stop);
            waits.then(|| group.due.saturating_duration_since(now))
        };
        let wait = match self.groups.iter().filter_map(due).min() {
            Some(_) if self.spin => Duration::ZERO,
            Some(time) => time.min(TURN),
            None => TURN,
        };
        Timespec {
            tv_sec: 0,
            tv_nsec: i64::from(wait.subsec_nanos()),
        }
    }

    /// Begins a batch, which was due at `since`.
    fn send(&mut self, index: usize, since: Instant) -> Result<(), String> {
        let connection = &mut self.connections[index];
        let group = &mut self.groups[connection.group];
        connection.since = since;
        if connection.stream.is_none() {
            let stream = Stream::connect(self.address, self.tls.as_ref())
                .map_err(|e| format!("connect: {e}"))?;
            let data = epoll::EventData::new_u64(index as u64);
            let flags = epoll::EventFlags::IN
                | epoll::EventFlags::OUT
                | epoll::EventFlags::RDHUP
                | epoll::EventFlags::ET;
            epoll::add(&self.epoll, &stream, data, flags).map_err(|e| e.to_string())?;
            connection.stream = Some(stream);
        }
        connection.sent = 0;
        connection.open = group.plan.depth;
        group.left = group.left.saturating_sub(u64::from(group.plan.depth));
        self.write(index)
    }

    /// Sends what the connection takes of its batch.
    fn write(&mut self, index: usize) -> Result<(), String> {
        let connection = &mut self.connections[index];
        let batch = &self.groups[connection.group].plan.batch;
        let Some(stream) = connection.stream.as_mut() else {
            return Ok(());
        };
        // What is wrong shows when the connection is read: the server may have said something before it closed.
        let _ = stream.flush();
        while connection.open > 0 && connection.sent < batch.len() {
            match stream.write(&batch[connection.sent..]) {
                // TLS keeps no more than it has room for.
                Ok(0) => break,
                Ok(count) => connection.sent += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// The connection has all its answers: its next request, or none.
    fn next(&mut self, index: usize, now: Instant) -> Result<(), String> {
        let group = &mut self.groups[self.connections[index].group];
        if group.plan.rate.is_some() {
            group.free.push_back(index);
            return Ok(());
        }
        if group.goes_on(now, self.stop) {
            return self.send(index, Instant::now());
        }
        Ok(())
    }

    /// Takes what has come. `ended`: the server has closed its side.
    fn read(&mut self, index: usize, started: Instant, ended: bool) -> Result<(), String> {
        loop {
            let connection = &mut self.connections[index];
            let Some(stream) = connection.stream.as_mut() else {
                return Ok(());
            };
            let group = &mut self.groups[connection.group];
            let tally = &mut group.tally;
            let got = match stream.read(&mut self.buffer) {
                Ok(got) => got,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => 0,
            };
            let now = Instant::now();
            let before = connection.open;
            let mut closes = false;
            let mut answered = |response: Response| {
                connection.open = connection.open.saturating_sub(1);
                closes |= response.close || group.plan.close;
                if response.good {
                    tally.answered(connection.since, now);
                    tally.resumed += u64::from(group.plan.close && stream.is_resumed());
                } else {
                    tally.errors += 1;
                }
            };
            if got > 0 {
                let bytes = &self.buffer[..got];
                connection
                    .responses
                    .take(bytes, group.plan.length, answered)?;
            } else if let Some(response) = connection.responses.ended() {
                answered(response);
            }
            if got == 0 && !closes && (connection.open > 0 || !connection.responses.is_between()) {
                tally.errors += 1;
                if tally.errors > MOST_ERRORS {
                    return Err(format!(
                        "{} errors, {} answers",
                        tally.errors, tally.requests
                    ));
                }
            }
            let all = stream.is_tls() || got == self.buffer.len() || ended;
            if got == 0 || closes {
                // Requests behind a last response are not answered, and not lost either: they are sent again.
                tally.reconnects += 1;
                close(connection);
                // A connection that was idle waits for its turn already.
                if before > 0 {
                    self.next(index, started)?;
                }
                return Ok(());
            }
            if before > 0 && connection.open == 0 {
                self.next(index, started)?;
            }
            if !all {
                // There is no more; the next byte, or the end, is an event of its own.
                return Ok(());
            }
        }
    }
}

fn close(connection: &mut Connection) {
    connection.stream = None;
    connection.responses = Responses::default();
    connection.open = 0;
}
