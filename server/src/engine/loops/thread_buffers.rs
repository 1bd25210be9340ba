//! What a thread works with: its buffers, kept from one connection to the next.
//!
//! They belong to the thread and not to the loop, so that a handler that blocks keeps the buffer that its request
//! borrows from.

use crate::engine::net::poller::Event;
use crate::http1::Head;
use crate::response::writer::ResponseWriter;
use std::time::SystemTime;

const INPUT: usize = 64 << 10;

/// The most that stays allocated for answers between two turns.
const OUTPUT: usize = 512 << 10;

pub(crate) struct ThreadBuffers {
    pub(crate) input: Vec<u8>,
    pub(crate) writer: ResponseWriter,
    pub(crate) head: Head,
    pub(crate) events: Vec<Event>,
    /// Buffers for bodies that are collected.
    pub(crate) spares: Vec<Vec<u8>>,
    /// The time of the batch in hand.
    pub(crate) time: SystemTime,
    /// Frames that are being written, of a topic or of a handle.
    #[cfg(feature = "live")]
    pub(crate) frames: Vec<crate::live::stage::Gathered>,
    /// For messages that are compressed.
    #[cfg(feature = "live")]
    pub(crate) codec: crate::live::protocol::deflate::Codec,
}

impl ThreadBuffers {
    pub(crate) fn new(response_buffer_size: usize) -> Self {
        Self {
            input: vec![0; INPUT],
            writer: ResponseWriter::new(response_buffer_size),
            head: Head::default(),
            events: Vec::new(),
            spares: Vec::new(),
            time: SystemTime::now(),
            #[cfg(feature = "live")]
            frames: Vec::new(),
            #[cfg(feature = "live")]
            codec: Default::default(),
        }
    }

    /// Whether it keeps memory that an unusual request made it take, for the next one of that kind.
    pub(crate) fn is_large(&self) -> bool {
        #[cfg(feature = "live")]
        if self.codec.is_large() {
            return true;
        }
        !self.spares.is_empty() || self.writer.is_larger_than(OUTPUT)
    }

    /// Lets go of that memory.
    pub(crate) fn tidy(&mut self) {
        self.spares.clear();
        #[cfg(feature = "live")]
        if self.codec.is_large() {
            self.codec = Default::default();
        }
        self.writer.shrink(OUTPUT);
    }
}
