//! A handshake is answered once.

use doget::live::{Live, WebSocket};

fn serve(socket: WebSocket) -> [Live; 2] {
    [socket.only(), socket.only()]
}

fn main() {}
