//! [`Live`]: the answer that makes a connection live.

use crate::live::places::busy;
use crate::live::stage::LiveStage;
use crate::reply::Reply;
use crate::{Answers, Error, Response, ResponseHead, Result, Sent};

/// What becomes of a [`WebSocket`](crate::live::WebSocket) or of [`Events`](crate::live::Events): a method's answer,
/// after which its connection is live.
#[must_use = "a method that takes a `WebSocket` or `Events` returns the `Live` that comes of it"]
#[derive(Debug)]
pub struct Live(pub(super) Opening);

#[derive(Debug)]
pub(super) enum Opening {
    Socket(Accepted),
    /// `None`: there is no place, and the client is told when to come again.
    Events(Option<Box<LiveStage>>),
    Parked(Box<LiveStage>),
    Refused(Error),
}

/// A handshake that is accepted, and what the connection becomes behind the answer.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) accept: String,
    pub(super) protocol: Option<String>,
    pub(super) extensions: Option<String>,
    pub(super) stage: Box<LiveStage>,
}

impl Accepted {
    /// The head of the answer.
    pub(super) fn begin(self, response: Response<'_>) -> ResponseHead<'_> {
        response.writer.go_live(self.stage);
        response
            .send_response(101)
            .send_header("Upgrade", "websocket")
            .send_header("Connection", "Upgrade")
            .send_header("Sec-WebSocket-Accept", &*self.accept)
            .send_header_if("Sec-WebSocket-Protocol", self.protocol.as_deref())
            .send_header_if("Sec-WebSocket-Extensions", self.extensions.as_deref())
    }
}

/// A client of a stream that finds no place comes again after half a minute. Not a 503: a browser gives up for good at
/// one.
const NO_PLACE: &str = "retry: 30000\n\n";

impl Reply for Live {
    const ANSWERS: &'static Answers = &Answers::LIVE;

    fn reply(self, mut response: Response<'_>) -> Result<Sent> {
        // The status says what the connection speaks from here on, so nobody chooses another.
        response.forced = None;
        match self.0 {
            Opening::Refused(error) => Err(error),
            Opening::Parked(_) if response.exchange.is_ending() => Err(busy()),
            Opening::Parked(mut stage) => {
                let promised = response.writer.pending.standing();
                #[cfg(feature = "session")]
                if let Some(sessions) = response.exchange.used_sessions() {
                    promised.keep_sessions(sessions.take());
                }
                stage.keep_promised(std::mem::take(promised));
                response.writer.go_live(stage);
                Ok(response.leave_open())
            }
            Opening::Socket(handshake) => {
                if response.exchange.is_ending() {
                    return Err(busy());
                }
                handshake.begin(response).go_live()
            }
            Opening::Events(stage) => {
                let stage = stage.filter(|_| !response.exchange.is_ending());
                let has_place = stage.is_some();
                // The end of a stream is that of its connection: nobody asks for more on one.
                response.exchange.force_close();
                let chunked = response.writer.request().chunked;
                let is_head = response.writer.request().head;
                if let Some(mut stage) = stage.filter(|_| !is_head) {
                    stage.set_chunked(chunked);
                    response.writer.go_live(stage);
                }
                let head = response
                    .send_response(200)
                    .media_type("text/event-stream")
                    .send_header("Cache-Control", "no-cache")
                    // nginx, and what is built on it, gathers a response in its buffers otherwise.
                    .send_header("X-Accel-Buffering", "no");
                if has_place {
                    head.go_live()
                } else {
                    head.finish_with(NO_PLACE)
                }
            }
        }
    }
}
