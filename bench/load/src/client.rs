//! Connections in groups, all in one loop over epoll.

use crate::wire::Responses;
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::net::{AddressFamily, SocketFlags, SocketType, sockopt};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// What the connections of a group do.
pub struct Plan {
    /// One request.
    pub request: Vec<u8>,
    /// How many requests are sent at once.
    pub depth: u32,
    pub connections: usize,
    /// Each request has a connection of its own.
    pub close: bool,
    /// How long the body of a good response is, if that matters.
    pub length: Option<u64>,
}

/// What came of it.
pub struct Tally {
    pub requests: u64,
    pub errors: u64,
    /// Connections that the server ended properly, and that were opened again.
    pub reconnects: u64,
    /// Nanoseconds.
    times: Vec<u32>,
    start: Instant,
    end: Instant,
}

impl Tally {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            requests: 0,
            errors: 0,
            reconnects: 0,
            times: Vec::new(),
            start: now,
            end: now,
        }
    }

    /// From the first request to the last response.
    pub fn seconds(&self) -> f64 {
        self.end.duration_since(self.start).as_secs_f64()
    }

    /// Microseconds.
    pub fn percentile(&mut self, share: f64) -> f64 {
        if self.times.is_empty() {
            return 0.0;
        }
        let at = ((self.times.len() - 1) as f64 * share) as usize;
        f64::from(*self.times.select_nth_unstable(at).1) / 1e3
    }
}

struct Group {
    plan: Plan,
    /// As many requests as are sent at once.
    batch: Vec<u8>,
    tally: Tally,
}

struct Connection {
    group: usize,
    /// None: closed, and opened again for the next request.
    stream: Option<TcpStream>,
    responses: Responses,
    /// How much of the batch has been sent.
    sent: usize,
    /// Requests that are not answered.
    open: u32,
    since: Instant,
}

pub struct Client {
    address: SocketAddr,
    groups: Vec<Group>,
    connections: Vec<Connection>,
    epoll: OwnedFd,
    buffer: Vec<u8>,
}

/// More than this in one run, and something is wrong that figures would only hide.
const MOST_ERRORS: u64 = 1000;

impl Client {
    pub fn new(address: SocketAddr, plans: Vec<Plan>) -> io::Result<Self> {
        let mut connections = Vec::new();
        for (group, plan) in plans.iter().enumerate() {
            connections.extend((0..plan.connections).map(|_| Connection {
                group,
                stream: None,
                responses: Responses::default(),
                sent: 0,
                open: 0,
                since: Instant::now(),
            }));
        }
        let groups = plans.into_iter().map(|plan| Group {
            batch: plan.request.repeat(plan.depth as usize),
            plan,
            tally: Tally::new(),
        });
        Ok(Self {
            address,
            groups: groups.collect(),
            connections,
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            buffer: vec![0; 256 << 10],
        })
    }

    /// Sends requests for this time, then waits for what is unanswered; a tally for each group.
    ///
    /// # Errors
    ///
    /// There is no server, or too much goes wrong.
    pub fn run(&mut self, time: Duration) -> Result<Vec<Tally>, String> {
        for group in &mut self.groups {
            group.tally = Tally::new();
        }
        let start = Instant::now();
        let (stop, last) = (start + time, start + time + Duration::from_secs(5));
        for index in 0..self.connections.len() {
            self.send(index)?;
        }
        let mut events = Vec::with_capacity(512);
        let wait = Timespec {
            tv_sec: 0,
            tv_nsec: 50_000_000,
        };
        loop {
            events.clear();
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
                self.read(index, now < stop, flags.intersects(ended))?;
            }
            let waiting = now < stop || self.connections.iter().any(|c| c.open > 0);
            if !waiting {
                break;
            }
            if now > last {
                for connection in &mut self.connections {
                    self.groups[connection.group].tally.errors += u64::from(connection.open);
                    close(connection);
                }
                break;
            }
        }
        let tallies = self.groups.iter_mut();
        Ok(tallies
            .map(|group| std::mem::replace(&mut group.tally, Tally::new()))
            .collect())
    }

    /// Begins a batch.
    fn send(&mut self, index: usize) -> Result<(), String> {
        let connection = &mut self.connections[index];
        connection.since = Instant::now();
        if connection.stream.is_none() {
            let stream = connect(self.address).map_err(|e| format!("connect: {e}"))?;
            let data = epoll::EventData::new_u64(index as u64);
            let flags = epoll::EventFlags::IN
                | epoll::EventFlags::OUT
                | epoll::EventFlags::RDHUP
                | epoll::EventFlags::ET;
            epoll::add(&self.epoll, &stream, data, flags).map_err(|e| e.to_string())?;
            connection.stream = Some(stream);
        }
        connection.sent = 0;
        connection.open = self.groups[connection.group].plan.depth;
        self.write(index)
    }

    /// Sends what the connection takes of its batch.
    fn write(&mut self, index: usize) -> Result<(), String> {
        let connection = &mut self.connections[index];
        let batch = &self.groups[connection.group].batch;
        let Some(mut stream) = connection.stream.as_ref() else {
            return Ok(());
        };
        while connection.open > 0 && connection.sent < batch.len() {
            match stream.write(&batch[connection.sent..]) {
                Ok(count) => connection.sent += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What the server said before it closed is still to be read.
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Takes what has come. `more`: the next requests may be sent; `ended`: the server has closed its side.
    fn read(&mut self, index: usize, more: bool, ended: bool) -> Result<(), String> {
        loop {
            let connection = &mut self.connections[index];
            let Some(mut stream) = connection.stream.as_ref() else {
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
            let mut closes = false;
            let mut answered = |response: crate::wire::Response| {
                connection.open = connection.open.saturating_sub(1);
                closes |= response.close || group.plan.close;
                if response.good {
                    let time = now.duration_since(connection.since).as_nanos();
                    tally.requests += 1;
                    tally.times.push(u32::try_from(time).unwrap_or(u32::MAX));
                    tally.end = now;
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
            if got == 0 || closes {
                // Requests behind a last response are not answered, and not lost either: they are sent again.
                tally.reconnects += 1;
                close(connection);
                if more {
                    self.send(index)?;
                }
                return Ok(());
            }
            if connection.open == 0 && more {
                self.send(index)?;
            }
            if got < self.buffer.len() && !ended {
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

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    sockopt::set_tcp_nodelay(&socket, true)?;
    match rustix::net::connect(&socket, &address) {
        Ok(()) | Err(rustix::io::Errno::INPROGRESS) => Ok(TcpStream::from(socket)),
        Err(error) => Err(error.into()),
    }
}
