//! A trait says which methods it has.

use doget::live::{Close, Message, SocketPeer, Socket};

struct Guest;

impl Socket for Guest {
    fn on_mesage(&mut self, _peer: &mut SocketPeer<'_>, _message: Message<'_>) -> Result<(), Close> {
        Ok(())
    }
}

fn main() {}
