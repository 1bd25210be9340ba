//! What a connection waits for, and until when.

use crate::Limits;
use crate::engine::conn::ending::has_to_end;
use crate::engine::conn::pace::Pace;
use crate::engine::conn::preamble::Awaits;
use crate::engine::conn::{Conn, Turn, TurnOutcome, Wait, Work};
use crate::engine::loops::thread_buffers::ThreadBuffers;
use crate::engine::loops::timer_wheel::Tick;
#[cfg(feature = "tls")]
use crate::engine::net::socket::Socket;
use crate::exchange::{Close, Waiting};

impl Conn {
    /// The first deadline: that of the first request's head, or of what comes before it, a proxy's header and a
    /// handshake.
    pub(crate) fn opened(&mut self, limits: &Limits, now: Tick) {
        let time = if self.socket.is_tls() || self.is_announced() {
            limits.handshake_timeout
        } else {
            limits.head_timeout
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
            self.deadline = _now.after(_limits.head_timeout);
        }
    }

    /// The server ends, and a request [may be on its way](Self::may_bring_request): from the accept, the end of the
    /// handshake or its first byte on it has less time than otherwise.
    pub(crate) fn hurry(&mut self, limits: &Limits) {
        let wait = self.work.as_ref().and_then(|work| work.wait.as_ref());
        let began = wait
            .filter(|wait| wait.what == Waiting::Head)
            .map_or(self.born, |wait| wait.began);
        self.deadline = self.deadline.min(began.after(limits.shutdown_head_timeout));
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
            if work.wait.as_ref().is_some_and(|wait| wait.began == began) {
                work.wait = None;
            }
            if let Some(wait) = &mut work.wait
                && wait.last == began
            {
                wait.last = now;
            }
        }
        self.idle_after = 0;
        self.rest(limits, now);
    }

    /// A deadline has passed: cuts the connection, or says goodbye as far as there is something to say.
    ///
    /// But first it looks at the socket. That nothing was reported does not mean that nothing has moved: Linux
    /// reports room only when a third of what waited has gone, and what came while all threads were busy was reported
    /// to nobody.
    pub(crate) fn timed_out(
        &mut self,
        turn: &mut Turn<'_>,
        buffers: &mut ThreadBuffers,
    ) -> TurnOutcome {
        let settle = self.turn(turn, buffers, false);
        let is_hurried = has_to_end(turn) && self.may_bring_request(turn.server.shared);
        if is_hurried {
            self.hurry(&turn.server.shared.limits);
        }
        let has_time = self.deadline > turn.server.now && self.deadline != Tick::NEVER;
        // A turn that ended only for others to have theirs has not ended the wait: a peer that sends as fast as it is
        // read has no more time than any.
        let waits = matches!(settle, TurnOutcome::Keep | TurnOutcome::Again);
        if !waits || has_time {
            return settle;
        }
        if self.is_announced() {
            return TurnOutcome::Close;
        }
        if self.writes() {
            return self.give_up(turn, buffers);
        }
        #[cfg(feature = "live")]
        if self.is_live() {
            let settle = self.live_timed_out(turn, buffers, settle);
            buffers.writer.clear();
            return settle;
        }
        let settle = self.say(turn, buffers, |exchanges, context, writer| {
            match exchanges.timed_out(context, writer) {
                // Who did not bring the rest in time does not hold up the server's end.
                Close::Linger if is_hurried => Close::Answered,
                close => close,
            }
        });
        buffers.writer.clear();
        if settle != TurnOutcome::Close {
            self.rest(&turn.server.shared.limits, turn.server.now);
        }
        settle
    }

    pub(super) fn count(&mut self, size: usize, now: Tick) {
        if let Some(wait) = self.work.as_mut().and_then(|work| work.wait.as_mut()) {
            wait.moved += size as u64;
            wait.last = now;
        }
    }

    /// Sets the deadline for what the connection waits for now, and lets go of memory that it does not need for it.
    #[inline]
    pub(super) fn rest(&mut self, limits: &Limits, now: Tick) {
        if self.is_idle() {
            self.idle(limits, now);
        } else {
            self.rest_at_work(limits, now);
        }
    }

    #[inline(never)]
    fn rest_at_work(&mut self, limits: &Limits, now: Tick) {
        let (waiting, served) = (self.exchanges.waiting(), self.exchanges.served);
        let time = self.exchanges.time();
        let Some(work) = &mut self.work else {
            #[cfg(feature = "live")]
            if waiting == Waiting::Live {
                return self.rest_live(limits, now);
            }
            self.work = Some(Box::new(Work {
                wait: Some(Wait::new(waiting, served, now)),
                ..Work::default()
            }));
            return self.rest_at_work(limits, now);
        };
        if let Some(output) = &work.output {
            self.deadline =
                Pace::of_response(limits).deadline(output.began, output.taken, output.sent);
            return;
        }
        if work.lingers {
            let wait = work
                .wait
                .get_or_insert_with(|| Wait::new(waiting, served, now));
            self.deadline = wait.lingers(limits);
            return;
        }
        // The first head's time runs from the accept, any other's from its first byte.
        let is_first = waiting == Waiting::Head && served == 0;
        let begins = if is_first { self.born } else { now };
        let wait = match &mut work.wait {
            Some(wait) if (wait.what, wait.served) == (waiting, served) => wait,
            wait => wait.insert(Wait::new(waiting, served, begins)),
        };
        match waiting {
            Waiting::Idle => {
                if work.is_done() {
                    self.work = None;
                }
                self.idle(limits, now);
            }
            Waiting::Head => self.deadline = wait.began.after(limits.head_timeout),
            Waiting::Body => {
                self.deadline = Pace::of_body(limits).deadline(wait.began, wait.last, wait.moved);
                if let Some(time) = time {
                    self.deadline = self.deadline.min(wait.began.after(time));
                }
            }
            Waiting::Drain => self.deadline = wait.lingers(limits),
            #[cfg(feature = "live")]
            Waiting::Live => {
                if work.is_done() {
                    self.work = None;
                }
                self.rest_live(limits, now);
            }
        }
    }

    /// Its time without a request begins with the end of one, and not with each wake that brings none.
    pub(super) fn idle(&mut self, limits: &Limits, now: Tick) {
        let served = self.exchanges.served;
        if served != self.idle_after {
            self.idle_after = served;
            self.deadline = now.after(limits.idle_timeout);
        }
    }
}

impl Work {
    /// Nothing is left of it, and the connection may be without.
    fn is_done(&self) -> bool {
        self.input.is_empty() && !self.unread && self.awaits == Awaits::Nothing
    }
}

impl Wait {
    fn new(what: Waiting, served: u32, began: Tick) -> Self {
        Self {
            what,
            served,
            began,
            moved: 0,
            last: began,
        }
    }
    /// What comes is thrown away: as long as something comes, and not for ever.
    fn lingers(&self, limits: &Limits) -> Tick {
        let silent = self.last.after(limits.linger_timeout);
        silent.min(self.began.after(limits.max_linger_time))
    }
}
