//! How connections come to their handlers.

use crate::Handler;
use crate::connection::peer::Peer;
use crate::engine::Connect;

/// One handler for all connections.
pub(super) struct Shared<H>(pub(super) H);

impl<H: Handler + Send + Sync> Connect for Shared<H> {
    fn shared(&self) -> Option<&dyn Handler> {
        Some(&self.0)
    }

    fn connect(&self, _peer: &Peer) -> Option<Box<dyn Handler + Send>> {
        None
    }
}

/// A handler for each connection, from a function of the user's.
pub(super) struct Own<F>(pub(super) F);

impl<H, F> Connect for Own<F>
where
    H: Handler + Send + 'static,
    F: Fn(&Peer) -> H + Send + Sync,
{
    fn shared(&self) -> Option<&dyn Handler> {
        None
    }

    fn connect(&self, peer: &Peer) -> Option<Box<dyn Handler + Send>> {
        Some(Box::new((self.0)(peer)))
    }
}
