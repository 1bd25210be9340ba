//! A WebSocket in memory.

use crate::exchange::{Advance, log_end};
use crate::live::Outgoing;
use crate::live::answered::Answered;
use crate::live::protocol::decoder::Kind;
use crate::live::protocol::deflate::Codec;
use crate::live::protocol::handshake::accept;
use crate::live::stage::{LiveContext, LiveNext, LiveStage, Served};
use crate::testing::connection::Connection;
use crate::testing::exchange::{Client, End, Here, Session, context};
use crate::testing::request::TestRequest;
use std::fmt;

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

impl Session<'_> {
    /// As `feed`, on a connection that is live: the callbacks run, and what topics have is sent.
    pub(super) fn feed_live(&mut self, client: &Client<'_>, ends: bool) {
        if self.exchanges.live().is_some_and(LiveStage::is_parked) {
            return self.answer_parked(client);
        }
        let mut piece = vec![0; 64 << 10];
        loop {
            use crate::connection::transport::Transport as _;
            let got = client.read(&mut piece).unwrap_or(0);
            let bytes = piece.get(..got).unwrap_or_default();
            self.held.extend_from_slice(bytes);
            let next = self.live_turn();
            if let Some(stage) = self.exchanges.live_mut() {
                stage.record().received += got as u64;
                stage.record().sent += self.writer.bytes.len() as u64;
            }
            let sent = client.write(&self.writer.bytes, &[]);
            self.writer.bytes.clear();
            if next == LiveNext::End || sent.is_err() || got == 0 && ends {
                if let Some(stage) = self.exchanges.take_live() {
                    let (record, unanswered) = stage.lost(&|words| self.site.error_log.line(words));
                    let context = context(self.handler, &self.settings, &self.site, client);
                    log_end(&context, &record, 0, unanswered);
                }
                self.end = Some(End {
                    by_server: next == LiveNext::End,
                    cut: sent.is_err(),
                });
                return;
            }
            if got == 0 && next == LiveNext::Read {
                return;
            }
        }
    }

    fn live_turn(&mut self) -> LiveNext {
        let Some(stage) = self.exchanges.live_mut() else {
            return LiveNext::End;
        };
        let log = |words: fmt::Arguments<'_>| self.site.error_log.line(words);
        let mut codec = Codec::default();
        let mut turn = LiveContext {
            limits: &self.settings.limits.live,
            out: &mut self.writer.bytes,
            codec: &mut codec,
            served: None,
            log: &log,
            now: 0,
            closed: None,
        };
        let (used, next) = stage.receive(&mut self.held, &mut turn, &mut || true);
        self.held.drain(..used);
        if let Some(Served::Returned(bytes)) = turn.served.take() {
            turn.out.extend_from_slice(&bytes);
        }
        if next == LiveNext::End {
            return next;
        }
        let mut frames = Vec::new();
        let news = stage.gather(usize::MAX, &mut frames, &mut turn);
        stage.sent(usize::MAX, &mut frames);
        if news == LiveNext::End { news } else { next }
    }

    /// Answers a parked request, if the answer is there.
    fn answer_parked(&mut self, client: &Client<'_>) {
        use crate::connection::transport::Transport as _;
        if !self.exchanges.live().is_some_and(LiveStage::has_news) {
            return;
        }
        let Some(resumed) = self.exchanges.take_live().and_then(LiveStage::resume) else {
            return;
        };
        let gated = self.handler.is_gated();
        self.exchanges.resume(resumed.promised, gated);
        let answered = Answered::new(self.handler, resumed.answer);
        let context = context(&answered, &self.settings, &self.site, client);
        let Advance { .. } = self.exchanges.advance(
            &context,
            &mut self.head,
            &resumed.request,
            false,
            &mut self.writer,
            &mut Here(client),
        );
        let _ = client.write(&self.writer.bytes, &[]);
        self.writer.bytes.clear();
    }
}

/// A WebSocket in memory, from the client's side: [`Connection::websocket`].
///
/// Each [`send`](Self::send) runs the handler's callback before it returns. What a topic or a `Handle` has for the
/// socket comes with the next call of [`receive`](Self::receive). Nothing is pinged: time stands still.
///
/// ```
/// use doget::live::{Live, WebSocket};
/// use doget::testing::{self, LiveMessage};
/// use doget::handler;
///
/// struct Echo;
///
/// #[handler]
/// impl Echo {
///     #[route("/echo")]
///     fn do_GET_echo(&self, socket: WebSocket) -> Live {
///         socket.each(|peer, message| peer.send(message))
///     }
/// }
///
/// let mut connection = testing::connect(&Echo);
/// let mut socket = connection.websocket(&testing::get("/echo"));
/// socket.send("hello");
/// assert_eq!(socket.receive(), Some(LiveMessage::Text("hello".to_owned())));
/// socket.close(1000);
/// assert_eq!(socket.receive(), Some(LiveMessage::Close(1000)));
/// ```
pub struct LiveSocket<'c, 'h> {
    connection: &'c mut Connection<'h>,
    received: Vec<u8>,
}

/// What a server sends on a WebSocket.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LiveMessage {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
    /// A Pong, with what the Ping had.
    Pong(Vec<u8>),
    /// The end, with its code; 1005 is one without.
    Close(u16),
}

impl<'h> Connection<'h> {
    /// Asks for a WebSocket with this request, to which the fields of the handshake are added.
    ///
    /// # Panics
    ///
    /// The answer is no 101, or not in order.
    #[track_caller]
    pub fn websocket(&mut self, request: &TestRequest) -> LiveSocket<'_, 'h> {
        let request = (request.clone())
            .header("Upgrade", "websocket")
            .header("Connection", "Upgrade")
            .header("Sec-WebSocket-Version", "13")
            .header("Sec-WebSocket-Key", KEY);
        let received = self.feed(&request);
        let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let (head, rest) = received.split_at(end.map_or(received.len(), |end| end + 4));
        let head = String::from_utf8_lossy(head).into_owned();
        let accepts = format!("\r\nSec-WebSocket-Accept: {}\r\n", accept(KEY));
        let is_101 = head.starts_with("HTTP/1.1 101 ") && head.contains(&accepts);
        assert!(is_101, "no WebSocket: {head}");
        LiveSocket {
            received: rest.to_vec(),
            connection: self,
        }
    }
}

impl LiveSocket<'_, '_> {
    /// Sends a message.
    pub fn send<'m>(&mut self, message: impl Into<Outgoing<'m>>) {
        let Outgoing { kind, bytes } = message.into();
        self.frame(if kind == Kind::Text { 0x81 } else { 0x82 }, &bytes);
    }

    /// Sends a Ping.
    pub fn ping(&mut self) {
        self.frame(0x89, b"");
    }

    /// Sends a Close with this code, which may be one that nobody should send.
    pub fn close(&mut self, code: u16) {
        self.frame(0x88, &code.to_be_bytes());
    }

    /// Sends bytes as they are, for what is no frame.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        let received = self.connection.session.feed(bytes, false);
        self.received.extend_from_slice(&received);
    }

    fn frame(&mut self, first: u8, payload: &[u8]) {
        let mut bytes = vec![first];
        match payload.len() {
            short @ 0..=125 => bytes.push(0x80 | short as u8),
            middle @ 126..=0xffff => {
                bytes.push(0xfe);
                bytes.extend_from_slice(&(middle as u16).to_be_bytes());
            }
            long => {
                bytes.push(0xff);
                bytes.extend_from_slice(&(long as u64).to_be_bytes());
            }
        }
        // The mask that changes nothing.
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(payload);
        self.send_raw(&bytes);
    }

    /// The next message, if there is one.
    ///
    /// # Panics
    ///
    /// The server sent what is no frame of a server.
    pub fn receive(&mut self) -> Option<LiveMessage> {
        if self.received.is_empty() && !self.connection.is_closed() {
            self.send_raw(b"");
        }
        let (&first, size, start) = match self.received.as_slice() {
            [first, 126, high, low, ..] => {
                (first, usize::from(u16::from_be_bytes([*high, *low])), 4)
            }
            [first, 127, rest @ ..] => {
                let size = rest.first_chunk().map(|size| u64::from_be_bytes(*size))?;
                (first, usize::try_from(size).ok()?, 10)
            }
            [first, short, ..] => (first, usize::from(*short), 2),
            _ => return None,
        };
        let payload: Vec<u8> = self.received.drain(..start + size).skip(start).collect();
        Some(match first {
            0x81 => match String::from_utf8(payload) {
                Ok(text) => LiveMessage::Text(text),
                Err(error) => panic!("a text that is no UTF-8: {error}"),
            },
            0x82 => LiveMessage::Binary(payload),
            0x8a => LiveMessage::Pong(payload),
            0x88 => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                LiveMessage::Close(code.unwrap_or(1005))
            }
            first => panic!("a frame that begins with {first:#x}"),
        })
    }
}

impl fmt::Debug for LiveSocket<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveSocket")
            .field("is_closed", &self.connection.is_closed())
            .finish_non_exhaustive()
    }
}
