//! A file that follows a response, in pieces, each read when the engine below asks for it: a slow client holds one
//! piece, and no thread.

use crate::response::tail::Tail;
use crate::tower::shared::{Placement, Shared};
use crate::tower::workers::Job;
use bytes::Bytes;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// Bytes of a piece.
const PIECE: usize = 64 << 10;

/// See the module.
pub(super) struct FilePieces {
    tail: Tail,
    reading: Option<Arc<Reading>>,
}

/// A piece that a thread reads.
struct Reading(Mutex<(Option<io::Result<Bytes>>, Option<Waker>)>);

struct ReadPiece {
    reading: Arc<Reading>,
    file: File,
    offset: u64,
    size: usize,
}

impl FilePieces {
    pub(super) fn new(tail: Tail) -> Self {
        Self {
            tail,
            reading: None,
        }
    }

    /// Bytes that were not sent yet.
    pub(super) fn left(&self) -> u64 {
        self.tail.left()
    }

    /// The next piece; `None` at the end.
    pub(super) fn poll(
        &mut self,
        shared: &Shared,
        cx: &Context<'_>,
    ) -> Poll<Option<io::Result<Bytes>>> {
        if let Some(reading) = &self.reading {
            let mut state = reading.0.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(read) = state.0.take() else {
                state.1 = Some(cx.waker().clone());
                return Poll::Pending;
            };
            drop(state);
            self.reading = None;
            return Poll::Ready(Some(self.took(read)));
        }
        let (file, offset, left) = match &mut self.tail {
            Tail::Bytes(bytes, at) => {
                let rest = match std::mem::take(bytes) {
                    std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
                    std::borrow::Cow::Owned(bytes) => Bytes::from(bytes),
                };
                let rest = rest.slice((*at).min(rest.len())..);
                *at = 0;
                return Poll::Ready((!rest.is_empty()).then_some(Ok(rest)));
            }
            Tail::File {
                file, offset, left, ..
            } => (file, *offset, *left),
        };
        if left == 0 {
            let mut text = Vec::new();
            let goes_on = self.tail.go_on(&mut text);
            return match (goes_on, text.is_empty()) {
                (false, _) => Poll::Ready(None),
                (true, true) => self.poll(shared, cx),
                (true, false) => Poll::Ready(Some(Ok(text.into()))),
            };
        }
        let size = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        if shared.placement != Placement::Pool {
            let read = read(file, offset, size);
            return Poll::Ready(Some(self.took(read)));
        }
        let reading = Arc::new(Reading(Mutex::new((None, Some(cx.waker().clone())))));
        let piece = match file.try_clone() {
            Ok(file) => ReadPiece {
                reading: Arc::clone(&reading),
                file,
                offset,
                size,
            },
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        // Without a thread for it, it is read here: it is not much.
        if let Err(piece) = shared.workers.submit(Box::new(piece)) {
            piece.run();
        }
        self.reading = Some(reading);
        self.poll(shared, cx)
    }

    fn took(&mut self, read: io::Result<Bytes>) -> io::Result<Bytes> {
        if let (Ok(bytes), Tail::File { offset, left, .. }) = (&read, &mut self.tail) {
            *offset += bytes.len() as u64;
            *left = left.saturating_sub(bytes.len() as u64);
        }
        read
    }
}

impl Job for ReadPiece {
    fn run(mut self: Box<Self>) {
        let read = read(&mut self.file, self.offset, self.size);
        let mut state = self
            .reading
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        state.0 = Some(read);
        let waker = state.1.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn is_gone(&self) -> bool {
        // The body had the other one.
        Arc::strong_count(&self.reading) == 1
    }

    /// It is quick, and whoever looks after the queue has the time.
    fn refuse(self: Box<Self>) {
        self.run();
    }
}

fn read(file: &mut File, offset: u64, size: usize) -> io::Result<Bytes> {
    file.seek(SeekFrom::Start(offset))?;
    let mut piece = vec![0; size];
    let got = file.read(&mut piece)?;
    if got == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    piece.truncate(got);
    Ok(piece.into())
}
