//! [`BlockingSocket`]: a WebSocket as a loop of a method, which has a thread for itself.

use crate::connection::state::ExchangeState;
use crate::connection::transport::Awaited;
use crate::exchange::{ExchangeContext, log_end};
use crate::live::message::MessageBuf;
use crate::live::opening::Opening;
use crate::live::outgoing::Outgoing;
use crate::live::places::{LiveThread, busy};
use crate::live::protocol::close::{Close, CloseCode, Closed};
use crate::live::protocol::controls::Controls;
use crate::live::protocol::decoder::{Decoder, Item, Kind, Rules};
use crate::live::protocol::deflate::{Codec, PerMessageDeflate, write_message};
use crate::live::protocol::frame::{Opcode, write_close, write_frame};
use crate::live::record::Record;
use crate::live::stage::LiveStage;
use crate::live::websocket::WebSocket;
use crate::request::ConnectionInfo;
use crate::response::writer::ResponseWriter;
use crate::{Error, Request, Response, Result, Sent};
use std::fmt;
use std::io;
use std::num::NonZero;
use std::time::{Instant, SystemTime};

/// Bytes read at once.
const READ: usize = 16 << 10;

/// Milliseconds of a tick of the engine.
const TICK: u128 = 16;

/// A WebSocket that a method reads in a loop: [`WebSocket::accept`].
///
/// It has the thread of its method as long as it lives. [`next`](Self::next) sends the pings, answers those of the
/// client, and ends when either side closes or the server does.
#[must_use = "end it with `finish()` or `close(..)`: a socket that is dropped is closed with 1011"]
pub struct BlockingSocket<'c> {
    writer: &'c mut ResponseWriter,
    exchange: &'c ExchangeState<'c>,
    context: ExchangeContext<'c>,
    record: Record,
    began: Instant,
    decoder: Decoder,
    rules: Rules,
    deflate: Option<PerMessageDeflate>,
    codec: Codec,
    controls: Controls,
    /// What was read and not used yet stands behind `used`.
    input: Vec<u8>,
    used: usize,
    out: Vec<u8>,
    /// A Ping waits for any byte.
    pinged: bool,
    closed: Option<Closed>,
    _thread: LiveThread,
}

impl WebSocket {
    /// Accepts the socket for a loop on this thread, which the socket keeps until it ends: for tools, and for whatever
    /// has its state in a loop. The method is `#[blocking]`. [`each`](Self::each) is the same without a thread.
    ///
    /// ```
    /// use doget::live::WebSocket;
    /// use doget::{Request, Response, Result, Sent, handler};
    ///
    /// struct Echo;
    ///
    /// #[handler]
    /// impl Echo {
    ///     #[blocking]
    ///     fn do_GET(&self, socket: WebSocket, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
    ///         let mut socket = socket.accept(request, response)?;
    ///         while let Some(message) = socket.next()? {
    ///             socket.send(message)?;
    ///         }
    ///         socket.finish()
    ///     }
    /// }
    /// ```
    ///
    /// There are [`LiveLimits::max_threads`](crate::LiveLimits) of them at once, and never more than half of
    /// [`Limits::max_threads`](crate::Limits#structfield.max_threads), so that requests have threads: beyond it the
    /// client gets 503 with `Retry-After`. It follows no topic and has no `Handle`.
    ///
    /// A test in memory ([`testing`](crate::testing)) has no time in which such a socket could wait: it sees what came
    /// with the handshake, and then the end of the client.
    ///
    /// # Errors
    ///
    /// As those that [`WebSocket`] is refused with; there is no thread; it follows a topic; the client is gone.
    pub fn accept<'c>(
        self,
        request: &Request<'c>,
        response: Response<'c>,
    ) -> Result<BlockingSocket<'c>> {
        if !self.sources.is_empty() {
            return Err(Error::internal(
                "a socket that follows a topic or has a handle is served by `each` or `with`, not by a loop",
            ));
        }
        let limits = request.limits();
        let most = limits.live.max_threads.min(limits.max_threads / 2).max(1);
        let thread = request.server().live.take_thread(most);
        let rules = Rules {
            max_message: self.max_message,
            max_empty: limits.live.max_empty_fragments,
            deflates: self.deflate.is_some(),
        };
        let deflate = self.deflate;
        let accepted = match self.open(|entry, _| LiveStage::blocking(entry)) {
            Opening::Socket(accepted) => accepted,
            Opening::Refused(error) => return Err(error),
            _ => return Err(busy()),
        };
        let (hooks, exchange) = (response.hooks, response.exchange);
        let Some(thread) = thread.filter(|_| !exchange.is_ending()) else {
            return Err(busy());
        };
        // The end of the socket is that of its connection.
        exchange.force_close();
        let writer = accepted.begin(response).go_live_here()?;
        let status = writer.status;
        hooks.log_request(request, status, 0);
        let ConnectionInfo {
            peer,
            site,
            limits,
            is_tls,
        } = *request.connection;
        let input = request.body.behind().to_vec();
        let mut record = Record::of(request);
        record.received = input.len() as u64;
        if !hooks.is_logged(request, status) {
            record.forget_request();
        }
        Ok(BlockingSocket {
            writer,
            exchange,
            context: ExchangeContext {
                handler: hooks,
                settings: hooks.settings(),
                speaks_http11: true,
                gated: false,
                connection: ConnectionInfo {
                    peer,
                    site,
                    limits,
                    is_tls,
                },
                transport: exchange.transport,
                framed_below: false,
                collect: false,
                draining: false,
                now: SystemTime::now(),
            },
            record,
            began: Instant::now(),
            decoder: Decoder::default(),
            rules,
            deflate,
            codec: Codec::default(),
            controls: Controls::default(),
            input,
            used: 0,
            out: Vec::new(),
            pinged: false,
            closed: None,
            _thread: thread,
        })
    }
}

impl BlockingSocket<'_> {
    /// Waits for the next message. `None`: the socket is closed, by either side; [`closed`](Self::closed) says how.
    /// When the server ends, it is closed with 1001.
    ///
    /// While it waits, a client that is silent is pinged and given up as
    /// [`LiveLimits::ping_interval`](crate::LiveLimits) says. A message under way is timed as a request's body is.
    ///
    /// # Errors
    ///
    /// The connection is lost: its client left without a Close, was silent for too long, or sent a message too slowly.
    #[allow(
        clippy::should_implement_trait,
        reason = "an iterator has no place for the error behind which nothing comes"
    )]
    pub fn next(&mut self) -> Result<Option<MessageBuf>> {
        while self.closed.is_none() {
            match self.step() {
                Ok(Some(message)) => {
                    self.flush()?;
                    return Ok(Some(message));
                }
                Ok(None) => {
                    self.flush()?;
                    if self.closed.is_none() {
                        self.read()?;
                    }
                }
                Err(close) => {
                    self.say_close(&close);
                    self.flush()?;
                }
            }
        }
        Ok(None)
    }

    /// What has come already; `None` if that is no whole message.
    fn step(&mut self) -> std::result::Result<Option<MessageBuf>, Close> {
        loop {
            let rest = self.input.get_mut(self.used..).unwrap_or_default();
            let step = self.decoder.next(rest, &self.rules, &mut || true)?;
            self.used += step.consumed;
            let message = match step.item {
                Item::More | Item::Held => {
                    self.input.clear();
                    self.used = 0;
                    return Ok(None);
                }
                Item::Message(kind, bytes) => MessageBuf::of(kind, bytes.to_vec()),
                Item::Gathered(kind, bytes) => MessageBuf::of(kind, bytes),
                Item::Compressed(kind, bytes) => {
                    let bytes = self.codec.inflate(&bytes, self.rules.max_message)?;
                    MessageBuf::of(kind, bytes)
                }
                Item::Control(Opcode::Close, payload) => {
                    let closed = Closed::of_peer(&payload)?;
                    write_close(&mut self.out, closed.code(), closed.reason());
                    self.closed = Some(closed);
                    return Ok(None);
                }
                Item::Control(opcode, payload) => {
                    let now = self.ticks();
                    let limit = self.context.connection.limits.live.max_control_frames;
                    self.controls.count(now, limit)?;
                    if opcode == Opcode::Ping {
                        write_frame(&mut self.out, Opcode::Pong, false, &payload);
                    }
                    continue;
                }
            };
            return message.map(Some).ok_or(CloseCode::INVALID_DATA.into());
        }
    }

    /// Waits for bytes, and reads them.
    fn read(&mut self) -> Result<()> {
        while !self.decoder.is_amid() {
            let limits = &self.context.connection.limits.live;
            let patience = match self.pinged {
                true => limits.pong_timeout,
                false => limits.ping_interval,
            };
            match self.exchange.transport.wait_input(patience) {
                Ok(Awaited::Input) => break,
                Ok(Awaited::ServersEnd) => {
                    self.say_close(&CloseCode::GOING_AWAY.into());
                    return self.flush();
                }
                Ok(Awaited::Nothing) if self.pinged => {
                    return self.lost(io::ErrorKind::TimedOut.into());
                }
                Ok(Awaited::Nothing) => {
                    write_frame(&mut self.out, Opcode::Ping, false, b"");
                    self.flush()?;
                    self.pinged = true;
                }
                Err(error) => return self.lost(error),
            }
        }
        self.input.resize(READ, 0);
        match self.exchange.transport.read(&mut self.input) {
            Ok(0) => self.lost(io::ErrorKind::UnexpectedEof.into()),
            Ok(size) => {
                self.input.truncate(size);
                self.record.received += size as u64;
                self.pinged = false;
                Ok(())
            }
            Err(error) => self.lost(error),
        }
    }

    /// Sends a message, and waits until the system has taken it.
    ///
    /// # Errors
    ///
    /// The socket has ended; the client takes nothing
    /// ([`Limits::send_timeout`](crate::Limits#structfield.send_timeout)).
    pub fn send<'m>(&mut self, message: impl Into<Outgoing<'m>>) -> Result<()> {
        if self.closed.is_some() {
            return Err(io::Error::from(io::ErrorKind::BrokenPipe).into());
        }
        let Outgoing { kind, bytes } = message.into();
        let opcode = match kind {
            Kind::Text => Opcode::Text,
            Kind::Binary => Opcode::Binary,
        };
        write_message(&mut self.out, opcode, &bytes, self.deflate, &mut self.codec);
        self.flush()
    }

    /// How it ended, once it has.
    #[must_use]
    pub fn closed(&self) -> Option<&Closed> {
        self.closed.as_ref()
    }

    /// Ends it with 1000, unless it has ended.
    ///
    /// # Errors
    ///
    /// The client is gone.
    pub fn finish(self) -> Result<Sent> {
        self.close(CloseCode::NORMAL)
    }

    /// Ends it with this Close, unless it has ended. What its client sends from then on is thrown away.
    ///
    /// # Errors
    ///
    /// The client is gone.
    pub fn close(mut self, close: impl Into<Close>) -> Result<Sent> {
        if self.closed.is_none() {
            self.say_close(&close.into());
            self.flush()?;
        }
        Ok(Sent::of_live())
    }

    fn say_close(&mut self, close: &Close) {
        write_close(&mut self.out, close.code.as_u16(), &close.reason);
        self.closed = Some(Closed::of_server(close));
    }

    fn flush(&mut self) -> Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let written = self.exchange.transport.write(&self.out, &[]);
        self.record.sent += self.out.len() as u64;
        self.out.clear();
        match written {
            Ok(()) => Ok(()),
            Err(error) => {
                self.record.sent -= self.exchange.transport.unwritten().min(self.record.sent);
                self.lost(error)
            }
        }
    }

    /// The connection is of no use any more.
    fn lost(&mut self, error: io::Error) -> Result<()> {
        self.writer.lose(error.kind());
        self.closed = Some(Closed::lost());
        Err(error.into())
    }

    fn ticks(&self) -> u32 {
        (self.began.elapsed().as_millis() / TICK) as u32
    }
}

/// Whatever became of its method, a panic included: its client hears of the end, and so does the log.
impl Drop for BlockingSocket<'_> {
    fn drop(&mut self) {
        if self.closed.is_none() {
            self.say_close(&CloseCode::INTERNAL.into());
            let _ = self.flush();
        }
        let code = self.closed.as_ref().map_or(0, Closed::code);
        self.record.code = NonZero::new(code);
        let now = self.ticks();
        log_end(&self.context, &self.record, now, false);
    }
}

impl fmt::Debug for BlockingSocket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockingSocket")
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
