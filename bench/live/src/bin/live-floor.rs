//! The floor: what the machine takes for a message if the server does next to nothing.
//!
//! One loop over epoll. Payloads are unmasked where they were read and sent from there, a large one without a copy. It
//! is no server: it believes everything, and takes the first bytes of a connection for a handshake.

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, EventData, EventFlags};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

const ACCEPT: &[u8] =
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// Payloads up to this size are copied together, so that many leave in one write.
const SMALL: usize = 4 << 10;

#[derive(Default)]
struct State {
    upgraded: bool,
    /// A frame that has not come whole, and how much of it has.
    held: Vec<u8>,
    filled: usize,
    /// What could not be sent at once, and how much of it was.
    unsent: Vec<u8>,
    sent: usize,
}

/// The header's size, the payload's, and the mask.
fn header(bytes: &[u8]) -> Option<(usize, usize, [u8; 4])> {
    let (size, length) = match bytes.get(1)? & 0x7f {
        126 => (
            8,
            usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().unwrap())),
        ),
        127 => (
            14,
            u64::from_be_bytes(bytes.get(2..10)?.try_into().unwrap()) as usize,
        ),
        short => (6, usize::from(short)),
    };
    let mask = bytes.get(size - 4..size)?.try_into().unwrap();
    Some((size, length, mask))
}

fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.into_iter().cycle()) {
        *byte ^= mask;
    }
}

fn send(stream: &mut TcpStream, state: &mut State, bytes: &[u8]) -> io::Result<()> {
    let mut at = 0;
    while state.unsent.is_empty() && at < bytes.len() {
        match stream.write(&bytes[at..]) {
            Ok(sent) => at += sent,
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    state.unsent.extend_from_slice(&bytes[at..]);
    Ok(())
}

/// Sends back all frames that are whole, and says how many bytes they were, and how many the next one needs.
fn echo(stream: &mut TcpStream, state: &mut State, bytes: &mut [u8]) -> io::Result<(usize, usize)> {
    let (mut at, mut out) = (0, Vec::new());
    loop {
        let Some((size, length, mask)) = header(&bytes[at..]) else {
            send(stream, state, &out)?;
            return Ok((at, 0));
        };
        let (start, end) = (at + size, at + size + length);
        if end > bytes.len() {
            send(stream, state, &out)?;
            return Ok((at, size + length));
        }
        unmask(&mut bytes[start..end], mask);
        // The header without a mask is four bytes shorter.
        bytes.copy_within(at..start - 4, at + 4);
        bytes[at + 5] &= 0x7f;
        if length <= SMALL {
            out.extend_from_slice(&bytes[at + 4..end]);
        } else {
            send(stream, state, &out)?;
            out.clear();
            send(stream, state, &bytes[at + 4..end])?;
        }
        at = end;
    }
}

fn serve(stream: &mut TcpStream, state: &mut State, buffer: &mut [u8]) -> io::Result<()> {
    while state.sent < state.unsent.len() {
        state.sent += stream.write(&state.unsent[state.sent..])?;
    }
    (state.unsent.clear(), state.sent = 0);
    loop {
        let mut held = std::mem::take(&mut state.held);
        let asked = if held.is_empty() {
            buffer.len()
        } else {
            held.len() - state.filled
        };
        let target = if held.is_empty() {
            &mut *buffer
        } else {
            &mut held[state.filled..]
        };
        let size = match stream.read(target) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(size) => size,
            Err(error) => {
                state.held = held;
                return Err(error);
            }
        };
        if !state.upgraded {
            state.upgraded = true;
            send(stream, state, ACCEPT)?;
        } else if held.is_empty() {
            let (used, needed) = echo(stream, state, &mut buffer[..size])?;
            if used < size {
                state.filled = size - used;
                state.held = vec![0; needed.max(state.filled + 14)];
                state.held[..state.filled].copy_from_slice(&buffer[used..size]);
            }
        } else {
            state.filled += size;
            let filled = state.filled;
            let (used, needed) = echo(stream, state, &mut held[..filled])?;
            held.copy_within(used..filled, 0);
            state.filled -= used;
            held.resize(needed.max(state.filled + 14), 0);
            if state.filled > 0 {
                state.held = held;
            }
        }
        if size < asked || !state.unsent.is_empty() {
            return Ok(());
        }
    }
}

fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_default();
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    rustix::net::listen(&listener, 4096)?;
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &listener, EventData::new_u64(0), EventFlags::IN)?;
    let mut connections: HashMap<u64, (TcpStream, State)> = HashMap::new();
    let mut next = 1;
    let mut buffer = vec![0; 64 << 10];
    let mut events = Vec::with_capacity(512);
    loop {
        events.clear();
        match epoll::wait(&epoll, spare_capacity(&mut events), None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        for event in &events {
            let key = event.data.u64();
            if key == 0 {
                while let Ok((stream, _)) = listener.accept() {
                    stream.set_nonblocking(true)?;
                    stream.set_nodelay(true)?;
                    let flags = EventFlags::IN | EventFlags::OUT | EventFlags::ET;
                    epoll::add(&epoll, &stream, EventData::new_u64(next), flags)?;
                    connections.insert(next, (stream, State::default()));
                    next += 1;
                }
            } else if let Some((stream, state)) = connections.get_mut(&key)
                && let Err(error) = serve(stream, state, &mut buffer)
                && error.kind() != ErrorKind::WouldBlock
            {
                connections.remove(&key);
            }
        }
    }
}
