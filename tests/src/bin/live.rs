//! A server of WebSockets for programs that are no tests: Autobahn's cases, browsers, measurements.
//!
//! It says `listening <address>` and ends with its standard input. `/echo` sends back what comes, `/room` tells all,
//! `/events` is a stream of the room, `/quiet` sends nothing, `/narrow` is a room with a small ring, for readers that
//! stall. `/page` lets a browser try them, and what it saw is a line `report ...`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a fault ends the program"
)]

use doget::live::{Events, Live, Text, Topic, WebSocket};
use doget::{Html, HttpServer, Limits, LiveLimits, Log, StatusCode, handler};
use std::io::Read as _;
use std::time::{Duration, Instant, SystemTime};

struct Site {
    room: Topic<Text>,
    /// Whoever takes too little of it is closed soon.
    narrow: Topic<Text>,
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
        let socket = deflating(socket.limit(64 << 20).from_any_origin());
        socket.each(|peer, message| peer.send(message))
    }

    /// The same with messages of 2 MiB at most.
    #[route("/echo-2m")]
    fn do_GET_echo_2m(&self, socket: WebSocket) -> Live {
        let socket = deflating(socket.limit(2 << 20));
        socket.each(|peer, message| peer.send(message))
    }

    #[route("/room")]
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        let room = self.room.clone();
        socket.follow(&self.room).each(move |_, message| {
            room.publish(message.text()?);
            Ok(())
        })
    }

    #[route("/narrow")]
    fn do_GET_narrow(&self, socket: WebSocket) -> Live {
        let room = self.narrow.clone();
        socket.follow(&self.narrow).each(move |_, message| {
            room.publish(message.text()?);
            Ok(())
        })
    }

    #[route("/receivers")]
    fn do_GET_receivers(&self) -> String {
        self.narrow.stats().receivers.to_string()
    }

    /// Publishes so many messages, 100 ms apart, and says what publishing took: see tests/foreign/live/broadcast.py.
    #[route("/measure/{messages}")]
    #[blocking]
    fn do_GET_measure(&self, messages: usize) -> String {
        let mut took: Vec<_> = (0..messages.clamp(1, 1000))
            .map(|_| {
                std::thread::sleep(Duration::from_millis(100));
                let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
                let message = format!("{:<100}", now.as_nanos());
                let began = Instant::now();
                self.room.publish(message);
                began.elapsed()
            })
            .collect();
        took.sort_unstable();
        let at = |percent| took.get(took.len() * percent / 100).copied();
        let (middle, most) = (at(50).unwrap_or_default(), at(99).unwrap_or_default());
        format!("p50 {middle:?}, p99 {most:?}")
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

#[cfg(feature = "live-deflate")]
fn deflating(socket: WebSocket) -> WebSocket {
    socket.deflate()
}

/// Autobahn's cases are run without compression too.
#[cfg(not(feature = "live-deflate"))]
fn deflating(socket: WebSocket) -> WebSocket {
    socket
}

fn main() {
    let loops = std::env::args().nth(1).and_then(|loops| loops.parse().ok());
    let mut server = HttpServer::bind("127.0.0.1:0")
        .expect("a free port")
        // A flood of pings is to be held by what the client does not read.
        .limits(Limits::new().live(LiveLimits::new().max_control_frames(u32::MAX)))
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
    let (room, narrow) = (Topic::new(), Topic::new().capacity(128 << 10));
    server
        .serve_forever(Site { room, narrow })
        .expect("serving");
}
