//! Frames of a client, as doget and tungstenite read them.

use doget::live::{Live, WebSocket};
use doget::testing::{self, LiveMessage};
use doget::{Limits, LiveLimits, handler};
use std::io::{self, Cursor, Read, Write};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message};

/// What both sides tell of a client: its messages, and the pings that are answered.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
}

struct Echo;

#[handler]
impl Echo {
    fn do_GET(&self, socket: WebSocket) -> Live {
        socket.each(|peer, message| peer.send(message))
    }
}

/// Any bytes behind a handshake: no panic, the same messages as tungstenite reads, and the same however they are cut.
///
/// Where the socket is closed, what came before is the beginning of what tungstenite has: doget sees a fault at its
/// first byte, and refuses lengths in a longer form. Where tungstenite ends, doget does too. The first byte chooses the
/// size of the pieces.
pub fn websocket(data: &[u8]) {
    let Some((&how, bytes)) = data.split_first() else {
        return;
    };
    let (ours, closed) = ours(bytes, bytes.len().max(1));
    assert_eq!(
        (ours.clone(), closed),
        self::ours(bytes, 1 + usize::from(how))
    );
    let (theirs, ended) = theirs(bytes);
    if closed {
        assert!(theirs.starts_with(&ours), "{ours:?} {theirs:?}");
    } else {
        assert_eq!(ours, theirs);
        assert!(!ended, "tungstenite ends");
    }
}

fn ours(bytes: &[u8], piece: usize) -> (Vec<Heard>, bool) {
    let live = LiveLimits::new()
        .max_control_frames(u32::MAX)
        .max_empty_fragments(u32::MAX);
    let exchange = testing::Exchange::new().limits(Limits::new().live(live));
    let mut connection = exchange.connect(&Echo);
    let mut socket = connection.websocket(&testing::get("/"));
    let mut heard = Vec::new();
    for piece in bytes.chunks(piece) {
        socket.send_raw(piece);
    }
    while let Some(message) = socket.receive() {
        heard.push(match message {
            LiveMessage::Text(text) => Heard::Text(text),
            LiveMessage::Binary(bytes) => Heard::Binary(bytes),
            LiveMessage::Pong(bytes) => Heard::Ping(bytes),
            _ => return (heard, true),
        });
    }
    (heard, false)
}

/// The client's bytes, and nobody for what is sent.
struct Client<'b>(Cursor<&'b [u8]>);

impl Read for Client<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Client<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn theirs(bytes: &[u8]) -> (Vec<Heard>, bool) {
    // Our own bound. Without one it takes memory by the client's word, and panics.
    let most = Some(1 << 20);
    let config = WebSocketConfig::default()
        .max_frame_size(most)
        .max_message_size(most);
    let client = Client(Cursor::new(bytes));
    let mut socket = tungstenite::WebSocket::from_raw_socket(client, Role::Server, Some(config));
    let mut heard = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Text(text)) => heard.push(Heard::Text(text.to_string())),
            Ok(Message::Binary(bytes)) => heard.push(Heard::Binary(bytes.to_vec())),
            Ok(Message::Ping(bytes)) => heard.push(Heard::Ping(bytes.to_vec())),
            Ok(Message::Pong(_) | Message::Frame(_)) => {}
            Ok(Message::Close(_)) => return (heard, true),
            Err(Error::Io(_)) => return (heard, false),
            Err(Error::Protocol(
                tungstenite::error::ProtocolError::ResetWithoutClosingHandshake,
            )) => return (heard, false),
            Err(_) => return (heard, true),
        }
    }
}
