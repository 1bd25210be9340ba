//! A message borrows from the buffer that it was read to.

use doget::live::{Live, Message, WebSocket};

fn keep(socket: WebSocket) -> Live {
    let mut kept: Vec<Message<'static>> = Vec::new();
    socket.each(move |_peer, message| kept.push(message))
}

fn main() {}
