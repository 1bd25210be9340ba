//! A client of WebSockets and event streams that sends exactly what it is told.

use crate::Client;
use std::net::SocketAddr;

/// The key of RFC 6455 section 1.3.
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A WebSocket's client, in bytes.
#[derive(Debug)]
pub struct Ws {
    /// What it speaks through.
    pub client: Client,
    held: Vec<u8>,
    /// Bytes that leave at once; each piece by itself.
    piece: usize,
}

/// A frame of the server: its first byte, and its payload.
pub type Frame = (u8, Vec<u8>);

/// A handshake in order, with these lines beside.
pub fn handshake(path: &str, lines: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n{lines}\r\n"
    )
}

/// Bytes of hexadecimal digits, with blanks between.
///
/// # Panics
///
/// Other characters.
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let pairs = digits.chunks(2).map(|pair| pair.iter().collect::<String>());
    pairs
        .map(|pair| u8::from_str_radix(&pair, 16).expect("digits"))
        .collect()
}

/// A client's frame, with a mask that is none.
pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        middle @ 126..=0xffff => {
            bytes.push(0xfe);
            bytes.extend((middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(0xff);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend(payload);
    bytes
}

impl Ws {
    /// Connects, and has its handshake answered.
    ///
    /// # Panics
    ///
    /// The answer is no 101.
    #[track_caller]
    pub fn connect(address: SocketAddr, path: &str) -> Self {
        Self::over(Client::connect(address), path)
    }

    /// The same over a connection that is there.
    ///
    /// # Panics
    ///
    /// The answer is no 101.
    #[track_caller]
    pub fn over(client: Client, path: &str) -> Self {
        Self::raw(client).opened(&handshake(path, ""))
    }

    /// Sends this handshake, and has it answered.
    ///
    /// # Panics
    ///
    /// The answer is no 101.
    #[track_caller]
    pub fn opened(mut self, handshake: &str) -> Self {
        self.send(handshake);
        let head = self.head();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
        self
    }

    /// A client whose handshake was not sent yet.
    pub fn raw(client: Client) -> Self {
        Self {
            client,
            held: Vec::new(),
            piece: usize::MAX,
        }
    }

    /// The same, and from here on what it sends leaves in pieces of so many bytes.
    pub fn in_pieces(mut self, piece: usize) -> Self {
        self.piece = piece;
        self
    }

    /// The head of an answer.
    ///
    /// # Panics
    ///
    /// It does not come.
    #[track_caller]
    pub fn head(&mut self) -> String {
        loop {
            if let Some(at) = self.held.windows(4).position(|part| part == b"\r\n\r\n") {
                let head = self.held.drain(..at + 4).collect();
                return String::from_utf8(head).expect("a head");
            }
            assert!(self.more(), "no head: {}", self.held.escape_ascii());
        }
    }

    fn more(&mut self) -> bool {
        let bytes = self.client.read_some(1 << 16).unwrap_or_default();
        self.held.extend(&bytes);
        !bytes.is_empty()
    }

    /// Exactly so many bytes.
    ///
    /// # Panics
    ///
    /// They do not come.
    #[track_caller]
    pub fn bytes(&mut self, size: usize) -> Vec<u8> {
        while self.held.len() < size {
            assert!(self.more(), "the end, behind {}", self.held.escape_ascii());
        }
        self.held.drain(..size).collect()
    }

    /// The bytes up to this text and with it.
    ///
    /// # Panics
    ///
    /// It does not come.
    #[track_caller]
    pub fn until(&mut self, mark: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.held).into_owned();
            if let Some(at) = text.find(mark) {
                let end = at + mark.len();
                self.held.drain(..end);
                return text[..end].to_owned();
            }
            assert!(self.more(), "no {mark:?} in {text:?}");
        }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        for piece in bytes.as_ref().chunks(self.piece) {
            // A server that has closed already is no fault of the test.
            if self.client.try_send(piece).is_err() {
                break;
            }
        }
    }

    /// Sends a text message.
    pub fn text(&mut self, text: &str) {
        self.send(frame(0x81, text.as_bytes()));
    }

    /// The next frame; `None`: the connection has ended.
    ///
    /// # Panics
    ///
    /// A frame is cut off.
    #[track_caller]
    pub fn receive(&mut self) -> Option<Frame> {
        if self.held.is_empty() && !self.more() {
            return None;
        }
        let [first, second] = self.bytes(2)[..] else {
            unreachable!()
        };
        let size = match second {
            126 => self
                .bytes(2)
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
            127 => self
                .bytes(8)
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
            short => usize::from(short),
        };
        Some((first, self.bytes(size)))
    }

    /// The next message, which is text.
    ///
    /// # Panics
    ///
    /// It is something else.
    #[track_caller]
    pub fn receive_text(&mut self) -> String {
        match self.receive() {
            Some((0x81, text)) => String::from_utf8(text).expect("text"),
            other => panic!("no text: {other:?}"),
        }
    }

    /// The server closes with this code, and ends the connection.
    ///
    /// # Panics
    ///
    /// Something else comes.
    #[track_caller]
    pub fn is_closed_with(&mut self, code: u16) {
        match self.receive() {
            Some((0x88, payload)) => {
                let got = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                assert_eq!(got, Some(code), "{}", payload.escape_ascii());
            }
            other => panic!("no Close: {other:?}"),
        }
        assert_eq!(self.receive(), None);
    }
}
