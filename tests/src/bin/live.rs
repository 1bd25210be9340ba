//! A server of WebSockets for programs that are no tests: Autobahn's cases, browsers, measurements.
//!
//! It says `listening <address>` and ends with its standard input. `/echo` sends back what comes, `/room` tells all,
//! `/events` is a stream of the room, `/quiet` sends nothing. `/page` lets a browser try them, and what it saw is a
//! line `report ...`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault ends the program"
)]

use doget::live::{Events, Live, Text, Topic, WebSocket};
use doget::{Html, HttpServer, Log, StatusCode, handler};
use std::io::Read as _;

struct Site {
    room: Topic<Text>,
}

#[handler]
impl Site {
    const SERVER_VERSION: &str = "doget";

    #[route("/plain")]
    fn do_GET_plain(&self) -> &'static str {
        "hello"
    }

    #[route("/echo")]
    fn do_GET_echo(&self, socket: WebSocket) -> Live {
        // Group 9 of Autobahn sends messages of 16 MiB.
        socket
            .limit(64 << 20)
            .from_any_origin()
            .deflate()
            .each(|peer, message| peer.send(message))
    }

    #[route("/room")]
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        let room = self.room.clone();
        socket.follow(&self.room).each(move |_, message| {
            room.publish(message.text()?);
            Ok(())
        })
    }

    #[route("/events")]
    fn do_GET_events(&self, events: Events) -> Live {
        events.follow(&self.room)
    }

    #[route("/page")]
    fn do_GET_page(&self) -> Html<&'static str> {
        Html(include_str!("live.html"))
    }

    #[route("/report")]
    fn do_POST_report(&self, seen: String) -> StatusCode {
        println!("report {seen}");
        StatusCode::NO_CONTENT
    }

    #[route("/quiet")]
    fn do_GET_quiet(&self, socket: WebSocket) -> Live {
        socket.only()
    }
}

fn main() {
    let loops = std::env::args().nth(1).and_then(|loops| loops.parse().ok());
    let mut server = HttpServer::bind("127.0.0.1:0")
        .expect("a free port")
        .log(Log::writer(Box::new(std::io::sink())));
    if let Some(loops) = loops {
        server = server.loops(loops);
    }
    let shutdown = server.shutdown_handle();
    println!("listening {}", server.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        shutdown.now();
    });
    let room = Topic::new();
    server.serve_forever(Site { room }).expect("serving");
}
