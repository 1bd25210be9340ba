//! A socket has messages, and no events.

use doget::live::{Event, Live, Topic, WebSocket};

fn room(socket: WebSocket, topic: &Topic<Event>) -> Live {
    socket.follow(topic).only()
}

fn main() {}
