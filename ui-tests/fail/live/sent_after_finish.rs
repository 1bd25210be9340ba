//! Nothing is sent behind the end of a socket that a method has to itself.

use doget::live::BlockingSocket;
use doget::{Result, Sent};

fn serve(mut socket: BlockingSocket<'_>) -> Result<Sent> {
    socket.send("last")?;
    let sent = socket.finish()?;
    socket.send("late")?;
    Ok(sent)
}

fn main() {}
