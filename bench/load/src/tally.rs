//! What came of the requests of a group.

use std::time::Instant;

pub struct Tally {
    pub requests: u64,
    pub errors: u64,
    /// Connections that the server ended properly, and that were opened again.
    pub reconnects: u64,
    /// Answers on connections that resumed a TLS session; counted where each request has a connection of its own.
    pub resumed: u64,
    /// Nanoseconds.
    times: Vec<u64>,
    start: Instant,
    end: Instant,
}

impl Tally {
    pub fn new() -> Self {
        let now = Instant::now();
        Self {
            requests: 0,
            errors: 0,
            reconnects: 0,
            resumed: 0,
            times: Vec::new(),
            start: now,
            end: now,
        }
    }

    /// A good answer at `now` to what was sent, or should have been, at `since`.
    pub fn answered(&mut self, since: Instant, now: Instant) {
        let time = now.duration_since(since).as_nanos() as u64;
        self.requests += 1;
        self.times.push(time);
        self.end = now;
    }

    /// Adds what another thread had.
    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.reconnects += other.reconnects;
        self.resumed += other.resumed;
        self.times.extend(other.times);
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
    }

    /// JSON members; `name` goes before the name of each.
    pub fn figures(&mut self, name: &str) -> String {
        let seconds = self.end.duration_since(self.start).as_secs_f64();
        let [middle, tail, end] = [0.5, 0.99, 0.999].map(|share| self.percentile(share));
        format!(
            "\"{name}requests\":{},\"{name}seconds\":{seconds:.6},\"{name}errors\":{},\"{name}reconnects\":{},\
             \"{name}resumed\":{},\"{name}p50_us\":{middle:.1},\"{name}p99_us\":{tail:.1},\"{name}p999_us\":{end:.1}",
            self.requests, self.errors, self.reconnects, self.resumed
        )
    }

    /// Microseconds.
    fn percentile(&mut self, share: f64) -> f64 {
        if self.times.is_empty() {
            return 0.0;
        }
        let at = ((self.times.len() - 1) as f64 * share) as usize;
        *self.times.select_nth_unstable(at).1 as f64 / 1e3
    }
}
