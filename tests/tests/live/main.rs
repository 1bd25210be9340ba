//! WebSockets, event streams and topics over real sockets.
//!
//! The cases that live connections were designed by, and where each is held. "Bytes" are the tests beside the decoder,
//! in `server/src/live/protocol`, which feed everything in one piece and byte by byte. The cases here run by [`ways`]:
//! whole and byte by byte, in the clear and by TLS; in pieces of some bytes where single ones would take too long, and
//! only whole where nothing of the case is in the client's bytes (deadlines, who reads nothing). Those of one way have
//! a server of their own: [`quiet`], [`stalled`], Unix sockets, `spawn_with`.
//!
//! | case | tests |
//! | --- | --- |
//! | H1 key; H2 spelling; H3 no upgrade; H4 versions; H5 keys | `handshake::h1_*` to `h5_*`; bytes |
//! | H6 other methods; H7 a body; H8 origins; H9 subprotocols | `handshake::h6_*` to `h9_*`; bytes |
//! | H10 extensions | `handshake::h10_*`, `deflate::h10_*`; bytes in `extensions` |
//! | H11 a frame with the head; H12 requests before; H13 no place, the end | `handshake::h11_*` to `h13_*` |
//! | H14 a head in single bytes | `handshake::h14_*`; its cost in `http1/tests/splits.rs` |
//! | F1 to F12 frames, fragments, text, closes | `frames::f1_*` to `f12_*`; bytes |
//! | F13 our Close; F14 no Close | `frames::f13_*`, `sockets::f14_*` |
//! | F15 sizes | `frames::f15_*`; bytes |
//! | F16 to F18 empty and tiny fragments, no end; F19 to F21 floods | `floods`; bytes |
//! | F3, F22 to F25 compression | `deflate`; bytes in `deflate` |
//! | S1 quiet sockets; spread over loops | `quiet`, `sockets::s1_*` |
//! | S2 blocking callbacks; S3 panics | `sockets::s2_*`, `s3_*` |
//! | S4 unbroken runs; S5 who reads nothing; S7 publishing in a callback | `topics`, `stalled`; `Lag` in `lags` |
//! | S6 a silent client | `sockets::s6_*` |
//! | S8 the server's end | `sockets::s8_*`, `streams::s8_*`, `parked::s8_*`, `blocking::s8_*` |
//! | S9 parked; S10 requests behind | `parked::s9_*`, `s10_*`, `streams::s10_*` |
//! | S11 lines of data | bytes in `event` |
//! | S12 `Last-Event-ID`; S13 no place; S14 who leaves; S15 older versions, HEAD | `streams::s12_*` to `s15_*` |
//! | S15 behind nginx | `s15_*` in `proxies/live.rs` |
//! | S16 Unix sockets; `spawn_with`; `handle_request`, which has none | `sockets::s16_*` |
//!
//! What other threads send, and queues: `handles`. Floods by memory and processor: `memory`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod blocking;
mod deflate;
mod floods;
mod frames;
mod handles;
mod handshake;
mod lags;
mod log;
#[cfg(target_os = "linux")]
mod memory;
mod parked;
#[cfg(target_os = "linux")]
mod quiet;
mod readme;
mod sockets;
#[cfg(target_os = "linux")]
mod stalled;
mod streams;
mod topics;
mod ways;

use doget::live::{
    Close, Event, Events, Live, Message, Socket, SocketPeer, Text, Topic, WebSocket,
};
use doget::live::{CloseCode, Closed, MessageBuf, Park, Parked};
use doget::{Error, Limits, LiveLimits, Request, Response, Result, Sent, handler};
use doget_tests::Gate;
use doget_tests::test_server::TestServer;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the tests talk to.
#[derive(Clone)]
struct Site {
    room: Topic<Text>,
    news: Topic<Event>,
    /// It has room for three events.
    short: Topic<Event>,
    gate: Gate,
    told: Arc<Mutex<Vec<String>>>,
    waiting: Arc<Mutex<Vec<Parked>>>,
}

impl Default for Site {
    fn default() -> Self {
        Self {
            room: Topic::new(),
            news: Topic::new(),
            short: Topic::new().capacity(3 * 130),
            gate: Gate::new(),
            told: Arc::default(),
            waiting: Arc::default(),
        }
    }
}

/// A socket that tells what happens to it.
struct Teller {
    told: Arc<Mutex<Vec<String>>>,
    gate: Gate,
    room: Topic<Text>,
}

impl Teller {
    fn tell(&self, words: impl Into<String>) {
        self.told.lock().unwrap().push(words.into());
    }
}

impl Socket for Teller {
    fn on_open(&mut self, peer: &mut SocketPeer<'_>) -> std::result::Result<(), Close> {
        self.tell("open");
        peer.send("welcome");
        Ok(())
    }

    fn on_message(
        &mut self,
        peer: &mut SocketPeer<'_>,
        message: Message<'_>,
    ) -> std::result::Result<(), Close> {
        match message.text()? {
            "panic" => panic!("as it was told to"),
            "block" => self.gate.wait(),
            "join" => peer.follow(&self.room),
            "leave" => peer.leave(&self.room),
            "bye" => return Err(Close::from(CloseCode::NORMAL).reason("bye")),
            other => self.tell(other),
        }
        peer.send("done");
        Ok(())
    }

    fn on_shutdown(&mut self, peer: &mut SocketPeer<'_>) {
        peer.send("last words");
    }

    fn on_close(&mut self, closed: &Closed) {
        self.tell(format!("close {} {}", closed.code(), closed.by_peer()));
    }
}

#[handler]
impl Site {
    #[route("/")]
    fn do_GET_page(&self, socket: Option<WebSocket>, response: Response<'_>) -> Result<Sent> {
        match socket {
            Some(socket) => response.reply(socket.only()),
            None => response.reply("a page"),
        }
    }

    #[route("/echo")]
    fn do_GET_echo(&self, socket: WebSocket) -> Live {
        socket.each(|peer, message| peer.send(message))
    }

    #[route("/deflated")]
    fn do_GET_deflated(&self, socket: WebSocket) -> Live {
        socket.deflate().each(|peer, message| peer.send(message))
    }

    #[route("/deflated-room")]
    fn do_GET_deflated_room(&self, socket: WebSocket) -> Live {
        let room = self.room.clone();
        socket
            .deflate()
            .follow(&self.room)
            .each(move |_, message| message.text().map(|text| room.publish(text)))
    }

    #[route("/loop")]
    #[blocking]
    fn do_GET_loop(
        &self,
        socket: WebSocket,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let mut socket = socket.deflate().accept(request, response)?;
        self.told.lock().unwrap().push("open".to_owned());
        while let Some(message) = socket.next()? {
            match &message {
                MessageBuf::Text(text) if text == "panic" => panic!("as it was told to"),
                MessageBuf::Text(text) if text == "drop" => return Err(Error::new(500)),
                MessageBuf::Text(text) if text == "bye" => {
                    return socket.close(Close::from(CloseCode::own(4000)).reason("bye"));
                }
                MessageBuf::Text(text) if text == "leave" => break,
                _ => socket.send(message)?,
            }
        }
        let closed = socket.closed().map(Closed::code);
        self.told.lock().unwrap().push(format!("closed {closed:?}"));
        socket.finish()
    }

    /// Without the attribute, on a loop first.
    #[route("/loop-anywhere")]
    fn do_GET_anywhere(
        &self,
        socket: WebSocket,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        self.do_GET_loop(socket, request, response)
    }

    #[route("/loop-of-a-topic")]
    #[blocking]
    fn do_GET_loop_of_a_topic(
        &self,
        socket: WebSocket,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        socket
            .follow(&self.room)
            .accept(request, response)?
            .finish()
    }

    #[route("/large")]
    fn do_GET_large(&self, socket: WebSocket) -> Live {
        socket
            .limit(16 << 20)
            .each(|peer, message| peer.send(message))
    }

    #[route("/teller")]
    fn do_GET_teller(&self, socket: WebSocket) -> Live {
        let Self {
            told, gate, room, ..
        } = self.clone();
        socket.with(Teller { told, gate, room })
    }

    #[route("/room")]
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        let room = self.room.clone();
        socket
            .follow(&self.room)
            .each(move |_, message| message.text().map(|text| room.publish(text)))
    }

    #[route("/protocols")]
    fn do_GET_protocols(&self, socket: WebSocket) -> Live {
        socket.protocols(["b", "x"]).only()
    }

    #[route("/friends")]
    fn do_GET_friends(&self, socket: WebSocket) -> Live {
        socket.from_origins(["https://friend.example"]).only()
    }

    #[route("/handle")]
    fn do_GET_handle(&self, socket: WebSocket) -> Live {
        let handle = socket.handle();
        handle.send("before").unwrap();
        let gate = self.gate.clone();
        std::thread::spawn(move || {
            gate.wait();
            handle.send("later").unwrap();
            handle.send(vec![1, 2, 3]).unwrap();
            handle.close(CloseCode::own(4000));
            assert!(handle.send("too late").is_err());
        });
        socket.only()
    }

    #[route("/park")]
    fn do_GET_park(&self, park: Park) -> Live {
        let (live, parked) = park.within(Duration::from_secs(25));
        self.waiting.lock().unwrap().push(parked);
        live
    }

    #[route("/early")]
    fn do_GET_early(&self, park: Park) -> Live {
        let (live, parked) = park.within(Duration::from_secs(25));
        parked.reply("at once").unwrap();
        live
    }

    #[route("/dropped")]
    fn do_GET_dropped(&self, park: Park) -> Live {
        park.within(Duration::from_secs(25)).0
    }

    #[route("/next")]
    fn do_GET_next(&self, park: Park) -> Live {
        park.next_of(&self.news)
    }

    #[route("/news")]
    fn do_GET_news(&self, events: Events) -> Live {
        events.retry(Duration::from_secs(1)).follow(&self.news)
    }

    #[route("/short")]
    fn do_GET_short(&self, events: Events) -> Live {
        events.follow(&self.short)
    }
}

/// The limits with these of live connections.
fn limits(change: impl FnOnce(LiveLimits) -> LiveLimits) -> Limits {
    Limits::new().live(change(LiveLimits::new()))
}

/// A server of the site, and the site.
fn site() -> (TestServer, Site) {
    limited(Limits::new())
}

fn limited(limits: Limits) -> (TestServer, Site) {
    let site = Site::default();
    (TestServer::limited(site.clone(), limits), site)
}
