//! What a connection waits for, and until when.

use crate::Limits;
use crate::engine::conn::blocking::at_rate;
use crate::engine::conn::{Conn, Work};
use crate::engine::loops::timer_wheel::Tick;
#[cfg(feature = "tls")]
use crate::engine::net::socket::Socket;
use crate::exchange::Waiting;

impl Conn {
    /// The first deadline: that of the first request's head, or of the handshake before it.
    pub(crate) fn opened(&mut self, limits: &Limits, now: Tick) {
        let time = if self.socket.is_tls() {
            limits.handshake
        } else {
            limits.head_time
        };
        self.deadline = now.after(time);
    }

    /// Once a handshake is done, the time of the first request's head begins.
    #[cold]
    pub(super) fn begin_head_time(&mut self, _limits: &Limits, _now: Tick) {
        #[cfg(feature = "tls")]
        if let Socket::Tls(tls) = &self.socket
            && tls.has_opened()
        {
            self.born = _now;
            self.deadline = _now.after(_limits.head_time);
        }
    }

    /// The turn that began at `began` took long, since its handler did: what it left waiting waits from now on.
    pub(crate) fn rest_anew(&mut self, limits: &Limits, began: Tick, now: Tick) {
        if let Some(work) = &mut self.work {
            if let Some(output) = &mut work.output
                && output.taken == began
            {
                if output.began == began {
                    output.began = now;
                }
                output.taken = now;
            }
            if work.since.is_some_and(|(.., since)| since == began) {
                work.since = None;
            }
        }
        self.idle_after = 0;
        self.rest(limits, now);
    }

    pub(super) fn count(&mut self, size: usize) {
        if let Some(work) = &mut self.work {
            work.moved += size as u64;
        }
    }

    /// Sets the deadline for what the connection waits for now, and lets go of memory that it does not need for it.
    pub(super) fn rest(&mut self, limits: &Limits, now: Tick) {
        let (waiting, served) = (self.exchanges.waiting(), self.exchanges.served);
        let Some(work) = &mut self.work else {
            if waiting == Waiting::Idle {
                self.idle(limits, now);
                return;
            }
            self.work = Some(Box::new(Work {
                since: Some((waiting, served, now)),
                ..Work::default()
            }));
            return self.rest(limits, now);
        };
        if let Some(output) = &work.output {
            let rate = output
                .began
                .after(limits.write_grace + at_rate(output.sent, limits.write_rate));
            self.deadline = output.taken.after(limits.write_progress).min(rate);
            return;
        }
        if work.linger.is_some() {
            if work.since.is_none() {
                work.since = Some((waiting, served, now));
                self.deadline = now.after(limits.linger);
            }
            return;
        }
        if work
            .since
            .is_none_or(|(what, before, _)| (what, before) != (waiting, served))
        {
            // The first head's time runs from the accept, any other's from its first byte.
            let first = waiting == Waiting::Head && served == 0;
            work.since = Some((waiting, served, if first { self.born } else { now }));
            work.moved = 0;
        }
        let since = work.since.map_or(now, |(.., since)| since);
        match waiting {
            Waiting::Idle => {
                if work.input.is_empty() && !work.unread {
                    self.work = None;
                }
                self.idle(limits, now);
            }
            Waiting::Head => self.deadline = since.after(limits.head_time),
            Waiting::Body => {
                let rate = since.after(limits.body_grace + at_rate(work.moved, limits.body_rate));
                self.deadline = now.after(limits.body_progress).min(rate);
            }
            Waiting::Drain => self.deadline = since.after(limits.linger),
        }
    }

    /// Its time without a request begins with the end of one, and not with each wake that brings none.
    pub(super) fn idle(&mut self, limits: &Limits, now: Tick) {
        let served = self.exchanges.served;
        if served != self.idle_after {
            self.idle_after = served;
            self.deadline = now.after(limits.idle);
        }
    }
}
