//! A request from its head to that of its response.

use crate::Peer;
use crate::exchange::{Exchanges, Next};
use crate::tower::answered::Answered;
use crate::tower::body::ResponseBody;
use crate::tower::bridge::{Bridge, Found};
use crate::tower::gathered::Gathered;
use crate::tower::inline::Immediate;
use crate::tower::request_head;
use crate::tower::running::Running;
use crate::tower::scratch;
use crate::tower::shared::{Decide, Input, Placement, Shared};
use crate::tower::source::{Progress, Source, length_of_nothing};
use crate::tower::work::Work;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

/// The answer to a request, to come. Dropped, it tells the handler that the client has left.
pub struct ResponseFuture(State);

enum State {
    Arriving(Arriving),
    Running(Box<Running>),
    Over,
}

/// A request whose handler does not run yet.
struct Arriving {
    shared: Arc<Shared>,
    exchanges: Exchanges,
    /// Bytes of the head, and of the body as it comes.
    input: Vec<u8>,
    at: usize,
    /// Of the body, what has come and is not where it belongs yet.
    came: Gathered,
    /// In memory of its own: most requests have none.
    source: Option<Box<Source>>,
    /// There is no more of the body.
    ended: bool,
    peer: Peer,
    multiplexed: bool,
    /// Bytes that count as collected.
    counted: usize,
}

/// What an attempt to answer came to.
enum Attempt {
    Unfinished,
    Offload,
    Answered(Answered),
}

type Response = http::Response<ResponseBody>;

impl ResponseFuture {
    pub(super) fn new(shared: Arc<Shared>, parts: &Parts, source: Option<Box<Source>>) -> Self {
        let length = match &source {
            Some(source) => source.length(),
            None => length_of_nothing(parts),
        };
        let inline = shared.placement != Placement::Pool;
        let mut input = scratch::take_input();
        request_head::write(&mut input, parts, length, inline);
        Self(State::Arriving(Arriving {
            peer: (shared.peer)(parts),
            exchanges: Exchanges::default(),
            input,
            at: 0,
            ended: source.is_none(),
            source,
            came: Gathered::default(),
            multiplexed: parts.version >= http::Version::HTTP_2,
            counted: 0,
            shared,
        }))
    }
}

impl Future for ResponseFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.0 {
                State::Arriving(arriving) => match arriving.poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Attempt::Answered(answered)) => {
                        let response = whole(answered, &arriving.shared, arriving.peer);
                        self.0 = State::Over;
                        return Poll::Ready(Ok(response));
                    }
                    Poll::Ready(_) => match arriving.hand_over() {
                        Ok(running) => self.0 = State::Running(running),
                        Err(answered) => {
                            let response = whole(*answered, &arriving.shared, arriving.peer);
                            self.0 = State::Over;
                            return Poll::Ready(Ok(response));
                        }
                    },
                },
                State::Running(running) => match running.poll(cx) {
                    Found::Answered(answered) => {
                        let response = whole(answered, running.shared(), running.peer());
                        self.0 = State::Over;
                        return Poll::Ready(Ok(response));
                    }
                    Found::Head(head) => {
                        let State::Running(running) = std::mem::replace(&mut self.0, State::Over)
                        else {
                            return Poll::Pending;
                        };
                        let length = head.headers().get(CONTENT_LENGTH);
                        let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
                        let body = ResponseBody::streamed(running, length);
                        return Poll::Ready(Ok(head.map(|()| body)));
                    }
                    Found::Nothing | Found::Bytes(_) | Found::BodyIsWanted => return Poll::Pending,
                },
                State::Over => return Poll::Pending,
            }
        }
    }
}

fn whole(mut answered: Answered, shared: &Arc<Shared>, peer: Peer) -> Response {
    let head = answered.head.take().unwrap_or_default();
    head.map(|()| ResponseBody::of(answered, shared, peer))
}

impl Arriving {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Attempt> {
        let decide = match self.shared.placement {
            // Nothing is to be awaited, so the thread reads the head.
            Placement::Pool if self.source.is_none() => return Poll::Ready(Attempt::Offload),
            Placement::Pool => Decide::Offload,
            Placement::Inline => Decide::Run,
            Placement::ByMark => Decide::ByMark,
        };
        loop {
            match self.attempt(decide) {
                Attempt::Unfinished => {}
                attempt => return Poll::Ready(attempt),
            }
            let received = self.receive(cx);
            self.count();
            if received.is_pending() {
                return Poll::Pending;
            }
        }
    }

    /// Goes on with what has come.
    fn attempt(&mut self, decide: Decide) -> Attempt {
        let shared = Arc::clone(&self.shared);
        let most = match decide {
            Decide::Run | Decide::ByMark => shared.max_inline_response,
            Decide::Offload | Decide::Refuse => usize::MAX,
        };
        let immediate = Immediate::new(most, self.ended);
        scratch::with(shared.limits.response_buffer_size, |scratch| {
            loop {
                let input = Input {
                    bytes: self.input.get(self.at..).unwrap_or_default(),
                    ended: self.ended,
                    peer: &self.peer,
                };
                let advance =
                    shared.advance(&mut self.exchanges, input, scratch, &immediate, decide);
                self.at += advance.consumed;
                if self.at == self.input.len() {
                    self.input.clear();
                    self.at = 0;
                }
                let is_answered = self.exchanges.served > 0;
                match advance.next {
                    Next::Offload => return Attempt::Offload,
                    Next::Read if !is_answered => return Attempt::Unfinished,
                    Next::Again if !is_answered => scratch.writer.bytes.clear(),
                    next => {
                        let unsent = immediate.into_unsent();
                        let (writer, known) = (&mut scratch.writer, &mut scratch.known);
                        let (answered, had_interim) =
                            Answered::of(unsent, writer, next, self.multiplexed, known);
                        if had_interim {
                            shared.say_interim();
                        }
                        return Attempt::Answered(answered);
                    }
                }
            }
        })
    }

    /// More of the body: all that is to be collected, where it has no frames.
    fn receive(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(source) = &mut self.source else {
            self.ended = true;
            return Poll::Ready(());
        };
        let came = &mut self.came;
        let mut sink = self.exchanges.sink();
        let most = sink.as_ref().map_or(0, |(_, left)| *left);
        loop {
            match source.poll(cx, came) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Progress::Bytes) if came.len() < most => continue,
                Poll::Ready(Progress::Bytes) => {}
                Poll::Ready(Progress::End | Progress::Broken) => {
                    self.ended = true;
                    if source.had_trailers {
                        self.shared.say_trailers();
                    }
                    self.source = None;
                }
            }
            break;
        }
        match &mut sink {
            Some((body, _)) => {
                let size = came.move_to(body);
                self.exchanges.filled(size);
            }
            None => {
                came.move_to(&mut self.input);
            }
        }
        Poll::Ready(())
    }

    /// Counts what is held.
    fn count(&mut self) {
        let held = self.exchanges.held() + self.input.capacity() + self.came.held();
        let collected = &self.shared.collected;
        if held > self.counted {
            collected.fetch_add(held - self.counted, Ordering::Relaxed);
        } else {
            collected.fetch_sub(self.counted - held, Ordering::Relaxed);
        }
        self.counted = held;
    }

    /// Gives the request to a thread.
    fn hand_over(&mut self) -> Result<Box<Running>, Box<Answered>> {
        let mut input = std::mem::take(&mut self.input);
        input.drain(..std::mem::take(&mut self.at));
        let bridge = Arc::new(Bridge::new(self.ended, self.multiplexed));
        let work = Box::new(Work {
            shared: Arc::clone(&self.shared),
            bridge: Arc::clone(&bridge),
            exchanges: std::mem::take(&mut self.exchanges),
            input,
            ended: self.ended,
            peer: self.peer,
            multiplexed: self.multiplexed,
        });
        let source = self.source.take();
        match self.shared.workers.submit(work) {
            Ok(()) => Ok(Box::new(Running::new(
                Arc::clone(&self.shared),
                bridge,
                source,
                self.peer,
            ))),
            // Answered at once, by the same way: the bridge has the answer then.
            Err(work) => {
                work.refuse();
                let answered = bridge.take_answered();
                Err(Box::new(answered.unwrap_or_else(Answered::internal_error)))
            }
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.shared
            .collected
            .fetch_sub(self.counted, Ordering::Relaxed);
        scratch::keep_input(std::mem::take(&mut self.input));
    }
}

impl fmt::Debug for ResponseFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
