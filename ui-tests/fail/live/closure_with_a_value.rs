//! What a callback returns has to mean something.

use doget::live::{Live, WebSocket};

fn count(socket: WebSocket) -> Live {
    let mut count = 0;
    socket.each(move |_peer, _message| {
        count += 1;
        count
    })
}

fn main() {}
