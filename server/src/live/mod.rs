//! Connections that stay: WebSockets, event streams, and the topics that they follow.
//!
//! A handler's method takes a [`WebSocket`] or [`Events`] and returns the [`Live`] that comes of it. From then on the
//! connection is *live*: while it is quiet it costs no thread and some 300 bytes, and each message that comes is
//! served as a request is: on the thread that finds it, or on another one if the callback blocks.
//!
//! ```
//! use doget::handler;
//! use doget::live::{Close, Live, Message, SocketPeer, Socket, Text, Topic, WebSocket};
//!
//! struct Chat {
//!     room: Topic<Text>,
//! }
//!
//! struct Member {
//!     name: String,
//!     room: Topic<Text>,
//! }
//!
//! #[handler]
//! impl Chat {
//!     #[route("/chat/{name}")]
//!     fn do_GET_chat(&self, socket: WebSocket, name: String) -> Live {
//!         socket.follow(&self.room).with(Member { name, room: self.room.clone() })
//!     }
//! }
//!
//! impl Socket for Member {
//!     fn on_message(&mut self, _peer: &mut SocketPeer<'_>, message: Message<'_>) -> Result<(), Close> {
//!         self.room.publish(format!("{}: {}", self.name, message.text()?));
//!         Ok(())
//!     }
//! }
//! ```
//!
//! **Bounds.** [`LiveLimits`](crate::LiveLimits), the field `live` of [`Limits`](crate::Limits), has them.
//!
//! **The log** has the line of the request when the connection opens, with 101 or 200, and one when it closes, by the
//! hook `log_message`: `"GET /chat HTTP/1.1" closed 1000 after 12.34 s, 340 bytes in, 5600 bytes out`.
//!
//! **Who may connect.** A browser lets any page open a WebSocket to any server, with the server's cookies. So a socket
//! is given to pages of the server's own origin alone, and to programs, which send no `Origin`;
//! [`WebSocket::from_origins`] names others.
//!
//! **A thread of one's own.** [`WebSocket::accept`] gives a [`BlockingSocket`], to be read in a loop.
//!
//! **The end of the server.** Sockets get a Close with 1001, event streams their end, spread over
//! [`LiveLimits::shutdown_spread`](crate::LiveLimits) so that not all clients come back at once.

pub(crate) mod answered;
mod blocking;
pub(crate) mod channel;
pub(crate) mod entry;
mod events;
mod message;
mod opening;
pub(crate) mod outgoing;
mod park;
pub(crate) mod places;
pub(crate) mod protocol;
pub(crate) mod record;
mod socket;
pub(crate) mod stage;
mod websocket;

pub use blocking::BlockingSocket;
pub use channel::handle::{Handle, SendError};
pub use channel::ring::{Lag, TopicStats};
pub use channel::topic::{AsEvent, AsMessage, Bytes, Payload, Text, Topic};
pub use events::{EventStream, Events};
pub use message::{Message, MessageBuf};
pub use opening::Live;
pub use outgoing::Outgoing;
pub use park::{Gone, Park, Parked};
pub use protocol::close::{Close, CloseCode, Closed};
pub use protocol::event::{Event, EventName, NotAnEventName};
pub use socket::{Outcome, Socket, SocketPeer};
pub use websocket::WebSocket;
