//! doget: each message is sent back by a closure; what is posted is published to all who follow.

use doget::live::{Bytes, Live, Topic, WebSocket};
use doget::{HttpServer, Limits, Log, handler};
use std::time::Instant;

struct Echo {
    room: Topic<Bytes>,
}

#[handler]
impl Echo {
    fn do_GET(&self, socket: WebSocket) -> Live {
        socket
            .limit(16 << 20)
            .each(|peer, message| peer.send(message))
    }

    #[route("/plaintext")]
    fn do_GET_plaintext(&self) -> &'static str {
        "Hello, World!"
    }

    #[route("/room")]
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        socket.follow(&self.room).only()
    }

    /// Publishes the body once, and answers how many nanoseconds that took.
    #[route("/room")]
    fn do_POST_room(&self, body: Vec<u8>) -> String {
        let start = Instant::now();
        self.room.publish(body);
        start.elapsed().as_nanos().to_string()
    }
}

fn main() -> std::io::Result<()> {
    let port: u16 = std::env::args().nth(1).unwrap_or_default().parse().unwrap();
    let mut limits = Limits::default();
    limits.live.max_connections = 40_000;
    // The load answers no pings.
    limits.live.ping_interval = std::time::Duration::from_secs(3600);
    HttpServer::bind(("127.0.0.1", port))?
        .log(Log::off())
        .limits(limits)
        .serve_forever(Echo { room: Topic::new() })
}
