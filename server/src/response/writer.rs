//! The outgoing half of a connection: heads, framing and what waits to be written.
//!
//! One writer serves the requests of a connection one after the other, so that the answers to pipelined requests leave
//! in one write. Until a byte of a response has left, it can be taken back and an error page put in its place.
//!
//! # When a body is held back
//!
//! A handler that writes a body does not say how long it will be. The first bytes, up to
//! [`Limits::response_buffer_size`](crate::Limits::response_buffer_size), wait in `body` with the head still open.
//! Three things can happen then:
//!
//! - The response ends: its length is known, and it gets a `Content-Length`. The client can show how much is to come, a
//!   connection of HTTP/1.0 can be kept, and an error up to here became an error page.
//! - More bytes come, or the handler flushes: the length cannot be known any more. The body is chunked on HTTP/1.1; on
//!   HTTP/1.0, which has no chunks, the end of the connection ends it.
//! - The handler gave a `Content-Length` itself: nothing is held back, and the body is held to that length.
//!
//! Rejected: to chunk every body that is written by hand. Each small answer would then pay for framing, and every error
//! behind its first byte would cost the connection. To hold back without a bound was rejected too, since a stream that
//! never ends would fill the memory.

use crate::connection::state::ExchangeState;
use crate::error::deadline_exceeded::DeadlineExceeded;
use crate::http1::{self, EncodeError, LAST_CHUNK};
#[cfg(feature = "live")]
use crate::live::stage::LiveStage;
#[cfg(feature = "compress")]
use crate::response::coding::Coding;
use crate::response::first_lines::FirstLines;
use crate::response::framing;
use crate::response::pending::PendingFields;
use crate::response::sent_size::SentSize;
use crate::{Error, Result, StatusCode};
use std::io;
use std::sync::atomic::Ordering;

pub(crate) use crate::response::framing::ResponseFraming;
pub(crate) use crate::response::request_facts::RequestFacts;
pub(crate) use crate::response::tail::Tail;

/// Bytes gathered before a streamed response is written: a handler that writes line by line costs one system call for
/// each 32 KiB and not one for each line. A handler that wants its bytes to leave at once flushes.
const WRITE_AT: usize = 32 << 10;

/// The same above another engine, which gathers pieces too.
const WRITE_AT_ABOVE: usize = 8 << 10;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum WriterState {
    #[default]
    Nothing,
    Head,
    Body,
    Finished,
}

/// The bytes that wait to be written, and all that is decided of the response in hand.
#[derive(Debug)]
pub(crate) struct ResponseWriter {
    /// Answers of earlier requests up to `mark`, then the response in hand.
    pub(crate) bytes: Vec<u8>,
    /// Body bytes that wait for their framing, or for a chunk to be full.
    pub(super) body: Vec<u8>,
    pub(crate) tail: Option<Tail>,
    pub(super) mark: usize,
    state: WriterState,
    pub(super) framing: ResponseFraming,
    pub(super) declared: Option<u64>,
    /// The handler wrote `Connection: close` itself.
    pub(super) says_close: bool,
    /// The handler wrote `Connection: keep-alive` itself.
    pub(super) says_keep: bool,
    /// A write failed: the peer is gone or does not take anything.
    pub(super) gone: Option<io::ErrorKind>,
    /// Body bytes that the handler gave, whether or not they may be sent.
    pub(super) given: u64,
    pub(crate) overrun: bool,
    pub(crate) fault: Option<Error>,
    pub(crate) status: StatusCode,
    pub(crate) sent: SentSize,
    pub(crate) first_lines: FirstLines,
    pub(crate) pending: PendingFields,
    pub(super) request: RequestFacts,
    ahead: usize,
    /// The head of the response in hand says what it has to of sessions.
    #[cfg(feature = "session")]
    pub(super) has_sessions: bool,
    /// How the body of the response in hand is compressed.
    #[cfg(feature = "compress")]
    pub(super) coding: Option<Coding>,
    /// What the connection becomes behind the response in hand. Then `pending` is not empty: so a
    /// plain response looks at that alone.
    #[cfg(feature = "live")]
    pub(super) live: Option<Box<LiveStage>>,
}

impl ResponseWriter {
    pub(crate) fn new(ahead: usize) -> Self {
        Self {
            bytes: Vec::new(),
            body: Vec::new(),
            tail: None,
            mark: 0,
            state: WriterState::Nothing,
            framing: ResponseFraming::Undecided,
            declared: None,
            says_close: false,
            says_keep: false,
            gone: None,
            given: 0,
            overrun: false,
            fault: None,
            status: StatusCode::OK,
            sent: SentSize::default(),
            first_lines: FirstLines::default(),
            pending: PendingFields::default(),
            request: RequestFacts::default(),
            ahead,
            #[cfg(feature = "session")]
            has_sessions: false,
            #[cfg(feature = "compress")]
            coding: None,
            #[cfg(feature = "live")]
            live: None,
        }
    }

    /// Forgets everything, for another connection.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.tail = None;
        self.mark = 0;
        self.gone = None;
        if !self.pending.is_empty() {
            #[cfg(feature = "live")]
            self.drop_live();
            self.pending.clear();
        }
        self.reset();
    }

    pub(crate) fn is_larger_than(&self, limit: usize) -> bool {
        self.bytes.capacity() > limit || self.body.capacity() > limit
    }

    /// Lets go of memory beyond this.
    pub(crate) fn shrink(&mut self, limit: usize) {
        self.bytes.shrink_to(limit);
        self.body.shrink_to(limit);
    }

    /// Makes ready for the next request.
    pub(crate) fn open(&mut self, request: RequestFacts) {
        self.request = request;
        self.mark = self.bytes.len();
        self.reset();
    }

    /// As [`open`](Self::open), where both sides speak HTTP/1.1: fact by fact, since what is put together first is
    /// copied as a whole (see ARCHITECTURE.md).
    #[inline(always)]
    pub(crate) fn open_modern(&mut self, head: bool, framed_below: bool) {
        self.request.head = head;
        self.request.bare = false;
        self.request.chunked = !framed_below;
        self.request.framed_below = framed_below;
        self.request.interim = true;
        self.request.own = false;
        self.request.confirm = None;
        self.mark = self.bytes.len();
        self.reset();
    }

    #[inline(always)]
    fn reset(&mut self) {
        self.body.clear();
        self.state = WriterState::Nothing;
        self.framing = ResponseFraming::Undecided;
        self.declared = None;
        self.says_close = false;
        self.says_keep = false;
        self.given = 0;
        self.overrun = false;
        self.fault = None;
        self.status = StatusCode::OK;
        self.sent = SentSize::default();
        #[cfg(feature = "session")]
        {
            self.has_sessions = false;
        }
        if !self.pending.is_empty() {
            self.pending.begin();
            #[cfg(feature = "compress")]
            self.forget_coding();
            #[cfg(feature = "live")]
            self.drop_live();
        }
    }

    #[cfg(not(feature = "live"))]
    pub(crate) fn goes_live(&self) -> bool {
        false
    }

    #[cfg(not(feature = "live"))]
    pub(crate) fn is_logged_apart(&self, _: impl FnOnce(StatusCode) -> bool) -> bool {
        false
    }

    /// Lets go of what was promised for the request, which is answered.
    pub(crate) fn end_request(&mut self) {
        self.pending.clear();
    }

    pub(crate) fn request(&self) -> RequestFacts {
        self.request
    }

    /// From here on the handler writes the response itself, status line and headers included; its end is that of the
    /// connection.
    #[cfg(all(unix, feature = "cgi"))]
    pub(crate) fn bare(&mut self) {
        self.request.bare = true;
        self.request.own = true;
        self.request.chunked = false;
    }

    /// A field that is sent unless the head of the response in hand has one of that name in the end.
    pub(crate) fn promise(&mut self, name: &str, value: &str) {
        let written = self.pending.promise(name, value);
        self.record(written);
    }

    /// Adds the fields that were given beforehand to the open head, and those that were promised if it is the `last`
    /// chance.
    #[cold]
    pub(crate) fn put_pending(&mut self, last: bool) {
        if self.request.bare {
            self.pending.begin();
            #[cfg(feature = "live")]
            if self.goes_live() {
                self.pending.set_unusual();
            }
            return;
        }
        self.pending.put_forced(self.mark, &mut self.bytes);
        if last {
            let head = self.bytes.get(self.mark..).unwrap_or_default();
            let first_lines = self.first_lines.length_in(head);
            self.pending
                .put_promised(self.mark, first_lines, &mut self.bytes);
            #[cfg(feature = "compress")]
            self.judge_coding();
        }
    }

    pub(crate) fn is_finished(&self) -> bool {
        self.state == WriterState::Finished
    }

    /// Forgets the response in hand. Only while nothing of it has left.
    pub(crate) fn take_back(&mut self) {
        self.bytes.truncate(self.mark);
        self.tail = None;
        self.reset();
    }

    pub(crate) fn begin(&mut self, status: StatusCode) {
        self.status = status;
        self.state = WriterState::Head;
        if status.is_informational() && !self.goes_live() {
            self.refuse(format!(
                "{} is an interim status: send it with `send_interim`, and a final status after it",
                status.as_u16()
            ));
        }
    }

    pub(crate) fn declared(&self) -> Option<u64> {
        self.declared
    }

    /// See [`framing::is_bodiless`].
    pub(crate) fn bodiless(&self) -> bool {
        framing::is_bodiless(&self.request, self.status.as_u16())
    }

    /// Looks at a header that was just written from `mark` on: some decide more than their own line.
    #[inline]
    pub(crate) fn notice(&mut self, name: &str, mark: usize, exchange: &ExchangeState<'_>) {
        if matches!(name.len(), 10 | 14 | 17) {
            self.inspect_header(name, mark, exchange);
        }
    }

    /// Remembers the fault of a line, if it has one.
    pub(crate) fn record(&mut self, written: Result<(), EncodeError>) {
        if let Err(error) = written {
            self.refuse(error);
        }
    }

    /// Remembers the first fault of the head.
    #[cold]
    pub(crate) fn refuse(&mut self, words: impl Into<Box<dyn std::error::Error + Send + Sync>>) {
        self.fault.get_or_insert_with(|| Error::internal(words));
    }

    pub(crate) fn end_head(&mut self) -> Result<()> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        self.state = WriterState::Body;
        Ok(())
    }

    /// Body bytes from the handler, piece by piece.
    pub(crate) fn write(&mut self, data: &[u8], exchange: &ExchangeState<'_>) -> io::Result<()> {
        if self.request.framed_below {
            self.make_room(data.len(), exchange)?;
        }
        self.put(data, exchange)
    }

    /// Body bytes, whether or not they are all of it.
    pub(super) fn put(&mut self, data: &[u8], exchange: &ExchangeState<'_>) -> io::Result<()> {
        self.give_up_if_cut(exchange);
        if let Some(kind) = self.gone {
            return Err(kind.into());
        }
        if self.framing == ResponseFraming::Undecided
            && let Some(declared) = self.declared
        {
            self.close_head(ResponseFraming::Length(declared), exchange);
        }
        match self.framing {
            ResponseFraming::Undecided => {
                self.given += data.len() as u64;
                if self.given <= self.ahead as u64 {
                    if !self.bodiless() {
                        self.body.extend_from_slice(data);
                    }
                    return Ok(());
                }
                self.stream(exchange);
                self.send(data, exchange)
            }
            ResponseFraming::Length(length) => {
                let room = length.saturating_sub(self.given);
                let data = match usize::try_from(room) {
                    Ok(room) if room < data.len() => {
                        self.overrun = true;
                        data.get(..room).unwrap_or_default()
                    }
                    _ => data,
                };
                self.given += data.len() as u64;
                self.send(data, exchange)
            }
            ResponseFraming::Chunked | ResponseFraming::ToEnd => {
                self.given += data.len() as u64;
                self.send(data, exchange)
            }
        }
    }

    /// Gives up on knowing the length: from here on the body is streamed.
    pub(super) fn stream(&mut self, exchange: &ExchangeState<'_>) {
        #[cfg(feature = "compress")]
        self.begin_coding();
        self.close_head(ResponseFraming::of_unknown_length(&self.request), exchange);
    }

    fn send(&mut self, data: &[u8], exchange: &ExchangeState<'_>) -> io::Result<()> {
        if self.bodiless() {
            self.body.clear();
            return Ok(());
        }
        #[cfg(feature = "compress")]
        if let Some(coded) = self.coded(data)? {
            return self.send_on(&coded, exchange);
        }
        self.send_on(data, exchange)
    }

    /// The bytes as they are sent.
    fn send_on(&mut self, data: &[u8], exchange: &ExchangeState<'_>) -> io::Result<()> {
        if self.framing == ResponseFraming::Chunked {
            let size = self.body.len() + data.len();
            if size < WRITE_AT {
                self.body.extend_from_slice(data);
                return Ok(());
            }
            self.put_chunk(data, exchange)
        } else {
            let most = match self.request.framed_below {
                true => WRITE_AT_ABOVE,
                false => WRITE_AT,
            };
            self.sent.hand_on(self.body.len() as u64);
            if self.request.framed_below && self.body.len() > most {
                // What was held back leaves by itself: behind its head there would be as much memory once more.
                let held = std::mem::take(&mut self.body);
                self.leave(&held, exchange)?;
            }
            self.sent.hand_on(data.len() as u64);
            self.bytes.append(&mut self.body);
            if self.bytes.len() + data.len() <= most {
                self.bytes.extend_from_slice(data);
                return Ok(());
            }
            self.leave(data, exchange)
        }
    }

    fn put_chunk(&mut self, data: &[u8], exchange: &ExchangeState<'_>) -> io::Result<()> {
        let size = self.body.len() + data.len();
        if size == 0 {
            return self.leave(&[], exchange);
        }
        http1::chunk_head(size, &mut self.bytes);
        self.bytes.append(&mut self.body);
        self.sent.hand_on(size as u64);
        if data.is_empty() {
            self.bytes.extend_from_slice(b"\r\n");
            return self.leave(&[], exchange);
        }
        self.leave(data, exchange)?;
        self.bytes.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// Writes everything so far, and `data` behind it.
    fn leave(&mut self, data: &[u8], exchange: &ExchangeState<'_>) -> io::Result<()> {
        if exchange.is_late() {
            return self.too_late(exchange);
        }
        exchange.committed.store(true, Ordering::Relaxed);
        let written = self.pass_on(data, exchange);
        self.mark = 0;
        match written {
            Err(error) if error.kind() == io::ErrorKind::TimedOut && exchange.is_late() => {
                Err(DeadlineExceeded.into())
            }
            written => written,
        }
    }

    fn pass_on(&mut self, data: &[u8], exchange: &ExchangeState<'_>) -> io::Result<()> {
        let written = match self.gone {
            Some(kind) => Err(kind.into()),
            None => exchange.transport.write(&self.bytes, data),
        };
        if let Err(error) = &written {
            let unwritten = match self.gone {
                Some(_) => u64::MAX,
                None => exchange.transport.unwritten(),
            };
            self.sent.failed(unwritten);
            self.gone = Some(error.kind());
        }
        self.sent.settle();
        self.bytes.clear();
        if self.request.framed_below {
            self.shrink(WRITE_AT_ABOVE);
        }
        written
    }

    /// Why nothing can be written any more.
    pub(crate) fn gone(&self) -> Option<io::ErrorKind> {
        self.gone
    }

    pub(crate) fn flush(&mut self, exchange: &ExchangeState<'_>) -> io::Result<()> {
        if self.framing == ResponseFraming::Undecided {
            match self.declared {
                Some(declared) => self.close_head(ResponseFraming::Length(declared), exchange),
                None => self.stream(exchange),
            }
        }
        #[cfg(feature = "compress")]
        self.flush_coding()?;
        if self.framing == ResponseFraming::Chunked && !self.bodiless() {
            self.put_chunk(&[], exchange)
        } else {
            // What was held back while the framing was open.
            if !self.bodiless() {
                self.sent.hand_on(self.body.len() as u64);
                self.bytes.append(&mut self.body);
            }
            self.leave(&[], exchange)
        }
    }

    /// Writes the open head so far.
    pub(crate) fn flush_head(&mut self, exchange: &ExchangeState<'_>) -> io::Result<()> {
        self.leave(&[], exchange)
    }

    /// Writes what does not belong to the final response: answers of earlier requests and interim responses.
    #[cold]
    pub(crate) fn flush_earlier(&mut self, exchange: &ExchangeState<'_>) -> io::Result<()> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let written = self.pass_on(&[], exchange);
        self.mark = 0;
        written
    }

    pub(crate) fn finish(&mut self, exchange: &ExchangeState<'_>) -> Result<()> {
        #[cfg(feature = "compress")]
        self.end_coding()?;
        if self.framing == ResponseFraming::Undecided {
            exchange.close_if_unread();
            let framing = ResponseFraming::at_end(&self.request, self.declared, self.given);
            self.close_head(framing, exchange);
            if !self.bodiless() {
                self.sent.hand_on(self.body.len() as u64);
                self.bytes.append(&mut self.body);
            }
        }
        #[cfg(feature = "tracing")]
        self.tell_answered(exchange);
        match self.framing {
            ResponseFraming::Length(length) if self.given < length && !self.bodiless() => {
                return Err(Error::internal(format!(
                    "the body ended after {} bytes, but its Content-Length is {length}",
                    self.given
                )));
            }
            ResponseFraming::Chunked if !self.bodiless() => {
                if !self.body.is_empty() {
                    http1::chunk_head(self.body.len(), &mut self.bytes);
                    self.sent.hand_on(self.body.len() as u64);
                    self.bytes.append(&mut self.body);
                    self.bytes.extend_from_slice(b"\r\n");
                }
                self.bytes.extend_from_slice(LAST_CHUNK);
            }
            _ => {}
        }
        self.finished();
        Ok(())
    }

    pub(crate) fn finished(&mut self) {
        self.state = WriterState::Finished;
    }
}
