//! [`WebSocket`]: the parameter of a method that speaks it.

use crate::connection::live_limits::LiveLimits;
use crate::extract::{FromRequest, OptionalFromRequest};
use crate::live::channel::handle::Handle;
use crate::live::channel::topic::{AsMessage, Topic};
use crate::live::entry::{Entry, enter, need_connections};
use crate::live::message::Message;
use crate::live::opening::{Accepted, Live, Opening};
use crate::live::places::busy;
use crate::live::protocol::deflate::PerMessageDeflate;
use crate::live::protocol::handshake::{self, Handshake, Refusal};
use crate::live::socket::{Deaf, Each, Outcome, Socket, SocketPeer};
use crate::live::stage::{LiveStage, SocketRole, Sources};
use crate::{Answers, Error, Request, Result};
use std::fmt;

/// A WebSocket whose handshake is in order and not yet answered (RFC 6455): a parameter of a `do_GET` method.
///
/// [`each`](Self::each) gives its messages to a closure, [`with`](Self::with) to a value of yours; [`only`](Self::only)
/// sends alone. Whichever it is returns the [`Live`] for the method to return.
///
/// ```
/// use doget::handler;
/// use doget::live::{Live, WebSocket};
///
/// struct Echo;
///
/// #[handler]
/// impl Echo {
///     #[route("/echo")]
///     fn do_GET_echo(&self, socket: WebSocket) -> Live {
///         socket.each(|peer, message| peer.send(message))
///     }
/// }
/// ```
///
/// A request that is no handshake gets 426, a faulty one 400, a page of another origin 403, and 503 when there is no
/// place ([`LiveLimits::max_connections`]) or the server ends. With `Option<WebSocket>`, a request that asks for no
/// WebSocket is `None`, so that one route serves a page and its socket. A server that answers one request alone
/// ([`HttpServer::handle_request`](crate::HttpServer::handle_request)) has begun to end by then, so it refuses.
pub struct WebSocket {
    handshake: Handshake,
    protocol: Option<String>,
    /// No common subprotocol, though the client wants one.
    no_protocol: bool,
    origin: Option<String>,
    is_allowed: bool,
    pub(super) sources: Sources,
    entry: Option<Entry>,
    pub(super) max_message: u64,
    queue_size: usize,
    /// The handler asks for it, and so does the client.
    pub(super) deflate: Option<PerMessageDeflate>,
}

fn upgrade_required() -> Error {
    Error::new(426)
        .explain("this resource speaks WebSocket, version 13")
        .header("Upgrade", "websocket")
        .header("Connection", "Upgrade")
        .header("Sec-WebSocket-Version", "13")
}

impl<'c> FromRequest<'c> for WebSocket {
    const REFUSALS: &'static Answers = &Answers::LIVE;

    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        need_connections(request)?;
        let fields = request.headers();
        let speaks = request.version() >= crate::Version::HTTP_11 && request.method() == "GET";
        if !speaks {
            return Err(upgrade_required());
        }
        let handshake = handshake::read(&fields).map_err(|refusal| match refusal {
            Refusal::UpgradeRequired => upgrade_required(),
            Refusal::Bad(why) => Error::new(400).explain(why),
        })?;
        if fields.contains("Transfer-Encoding")
            || fields
                .get("Content-Length")
                .is_some_and(|length| length != "0")
        {
            return Err(Error::new(400).explain("a handshake has no body").close());
        }
        let mut origins = fields.get_all("Origin");
        let (origin, second) = (origins.next(), origins.next());
        let authority = request.authority().unwrap_or_default();
        let is_allowed = second.is_none()
            && origin.is_none_or(|origin| handshake::is_own_origin(origin, authority));
        let LiveLimits {
            max_message_size,
            max_queue_size,
            ..
        } = request.limits().live;
        Ok(Self {
            no_protocol: !handshake.protocols.is_empty(),
            handshake,
            protocol: None,
            origin: origin.map(str::to_owned),
            is_allowed,
            sources: Sources::default(),
            entry: enter(request),
            max_message: max_message_size,
            queue_size: max_queue_size,
            deflate: None,
        })
    }
}

/// A request that does not ask for a WebSocket is `None`.
impl<'c> OptionalFromRequest<'c> for WebSocket {
    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        if !handshake::asks(&request.headers()) {
            return Ok(None);
        }
        <Self as FromRequest<'_>>::from_request(request).map(Some)
    }
}

impl WebSocket {
    /// The subprotocols that the server speaks. The first of the client's that is among them is chosen, and answered. A
    /// client that offers some, none of which is spoken, gets 400: a browser would fail the connection anyway.
    pub fn protocols(mut self, spoken: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let spoken: Vec<_> = spoken.into_iter().collect();
        let mut offered = self.handshake.protocols.iter();
        let found = offered.find(|offer| spoken.iter().any(|name| name.as_ref() == *offer));
        self.protocol = found.cloned();
        self.no_protocol = self.protocol.is_none() && !self.handshake.protocols.is_empty();
        self
    }

    /// The subprotocol that was chosen.
    #[must_use]
    pub fn protocol(&self) -> Option<&str> {
        self.protocol.as_deref()
    }

    /// The `Origin` of the page that connects; a program sends none.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// Also lets pages of these origins connect, each as `https://example.org` or with a port.
    pub fn from_origins(mut self, origins: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        if let Some(origin) = &self.origin {
            let mut origins = origins.into_iter();
            self.is_allowed |= origins.any(|known| known.as_ref().eq_ignore_ascii_case(origin));
        }
        self
    }

    /// Lets every page connect. Any page that a browser shows can then speak to this server with the user's cookies:
    /// only for what needs no cookies and is no secret.
    pub fn from_any_origin(mut self) -> Self {
        self.is_allowed = true;
        self
    }

    /// The largest message of this socket, in bytes, in place of [`LiveLimits::max_message_size`]: 1009 beyond.
    pub fn limit(mut self, bytes: u64) -> Self {
        self.max_message = bytes;
        self
    }

    /// Messages are compressed, where the client offers it (`permessage-deflate`, RFC 7692): those that it sends, and
    /// of those that it gets whatever has 256 bytes or more and is shorter then.
    ///
    /// Each message is compressed by itself (both sides have `no_context_takeover`), so a socket keeps no memory for
    /// it, and what a [`Topic`] publishes is compressed once for all. The bound of a message counts what comes out.
    ///
    /// Off by itself: a client decides how much work it makes, and where a secret and a client's own text stand in one
    /// message, its length tells of the secret.
    ///
    /// ```
    /// use doget::live::{Live, WebSocket};
    ///
    /// fn documents(socket: WebSocket) -> Live {
    ///     socket.deflate().each(|peer, message| peer.send(message))
    /// }
    /// ```
    #[cfg(feature = "live-deflate")]
    pub fn deflate(mut self) -> Self {
        self.deflate = self.handshake.deflate;
        self
    }

    /// The socket gets what is published to this topic. It may follow several; their messages come in no order among
    /// them.
    pub fn follow<T: AsMessage>(mut self, topic: &Topic<T>) -> Self {
        self.sources.follow(&topic.ring);
        self
    }

    /// The socket for other threads. What is sent before the method has returned waits for the handshake's answer.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.sources.handle(self.queue_size)
    }

    /// Gives each message to a closure, which is the loop `for message in socket` without a thread for it. What it
    /// captures is its state, and it has to own that: state of the handler is cloned in, such as a [`Topic`] or an
    /// `Arc`.
    ///
    /// ```
    /// use doget::live::{Live, WebSocket};
    ///
    /// fn count(socket: WebSocket) -> Live {
    ///     let mut count = 0;
    ///     socket.each(move |peer, _message| {
    ///         count += 1;
    ///         peer.send(count.to_string());
    ///     })
    /// }
    /// ```
    pub fn each<F, R>(self, callback: F) -> Live
    where
        F: FnMut(&mut SocketPeer<'_>, Message<'_>) -> R + Send + 'static,
        R: Outcome + 'static,
    {
        self.with(Each(callback))
    }

    /// Gives what happens to a value of yours: see [`Socket`].
    pub fn with(self, socket: impl Socket + 'static) -> Live {
        let (most, deflate) = (self.max_message, self.deflate);
        let role = SocketRole::new(Box::new(socket), most, deflate);
        Live(self.open(|entry, sources| LiveStage::socket(role, sources, entry)))
    }

    /// Sends what its topics and handles say, and throws away what comes.
    pub fn only(self) -> Live {
        self.with(Deaf)
    }

    pub(super) fn open(self, stage: impl FnOnce(Entry, Sources) -> Box<LiveStage>) -> Opening {
        if !self.is_allowed {
            let error = Error::forbidden();
            return Opening::Refused(
                error.explain("this page is not of an origin that may connect"),
            );
        }
        if self.no_protocol {
            let error = Error::new(400);
            return Opening::Refused(error.explain("none of the subprotocols is spoken here"));
        }
        let Some(entry) = self.entry else {
            return Opening::Refused(busy());
        };
        Opening::Socket(Accepted {
            accept: self.handshake.accept,
            protocol: self.protocol,
            extensions: self.deflate.map(PerMessageDeflate::answer),
            stage: stage(entry, self.sources),
        })
    }
}

impl fmt::Debug for WebSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocket")
            .field("origin", &self.origin)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}
