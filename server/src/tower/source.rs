//! The body of a request of the `http` crate, as the bytes that it would be on a connection of HTTP/1.1.

use bytes::Buf as _;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body::Frame;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What is known of a body beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Nothing,
    Known(u64),
    Unknown,
    /// The field says one thing and the body another, or the field is no number.
    Contradictory,
}

/// A body, whatever its types.
pub(super) trait RequestBody: Send {
    /// The next piece, appended to `out`. `left`: bytes that are known to come, this piece and further ones.
    fn poll_piece(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut Vec<u8>,
        left: u64,
    ) -> Poll<Piece>;

    fn exact_size(&self) -> Option<u64>;
}

/// What came of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Bytes,
    Trailers,
    End,
    /// The client is gone, or the engine below refused what it sent.
    Broken,
}

impl<B> RequestBody for B
where
    B: http_body::Body + Send,
{
    fn poll_piece(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        out: &mut Vec<u8>,
        left: u64,
    ) -> Poll<Piece> {
        let frame = match self.poll_frame(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(Piece::End),
            Poll::Ready(Some(Err(_))) => return Poll::Ready(Piece::Broken),
            Poll::Ready(Some(Ok(frame))) => frame,
        };
        Poll::Ready(match frame.into_data().map_err(Frame::into_trailers) {
            Ok(mut data) => {
                make_room(out, data.remaining(), left);
                while data.has_remaining() {
                    let chunk = data.chunk();
                    out.extend_from_slice(chunk);
                    let size = chunk.len();
                    data.advance(size);
                }
                Piece::Bytes
            }
            Err(_) => Piece::Trailers,
        })
    }

    fn exact_size(&self) -> Option<u64> {
        self.size_hint().exact()
    }
}

/// Makes room for `size` bytes, and for four times of what has come then, so that little of it is moved again. Not for
/// more: a client announces what it likes, and room counts as held.
fn make_room(out: &mut Vec<u8>, size: usize, left: u64) {
    if out.capacity() - out.len() < size {
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let come = out.len() + size;
        out.reserve_exact(left.min(come.saturating_mul(4)).max(size));
    }
}

/// A body that is framed again as it comes.
///
/// What comes out of it is exactly one body: whatever the engine below may deliver beyond the length that it announced
/// would be read as another request, so it is not taken.
pub(super) struct Source {
    body: Pin<Box<dyn RequestBody>>,
    length: Length,
    /// Of a known length: what is still to come.
    left: u64,
    piece: Vec<u8>,
    pub(super) had_trailers: bool,
    ended: bool,
}

impl Source {
    pub(super) fn new(parts: &Parts, body: Pin<Box<dyn RequestBody>>) -> Self {
        let length = length(parts, body.exact_size());
        let nothing = length == Length::Nothing || length == Length::Contradictory;
        Self {
            left: match length {
                Length::Known(length) => length,
                _ => 0,
            },
            length,
            body,
            piece: Vec::new(),
            had_trailers: false,
            ended: nothing,
        }
    }

    pub(super) fn length(&self) -> Length {
        self.length
    }

    /// The next bytes, framed, appended to `out`. `Broken` and `End` come once, and nothing after them. `collects`: all
    /// of the body goes there.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut Vec<u8>,
        collects: bool,
    ) -> Poll<Piece> {
        loop {
            if self.ended {
                return Poll::Ready(Piece::End);
            }
            let is_chunked = self.length == Length::Unknown;
            let mark = out.len();
            let polled = if is_chunked {
                self.piece.clear();
                self.body.as_mut().poll_piece(cx, &mut self.piece, 0)
            } else {
                let left = if collects { self.left } else { 0 };
                self.body.as_mut().poll_piece(cx, out, left)
            };
            let piece = match polled {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(piece) => piece,
            };
            match piece {
                Piece::Trailers => self.had_trailers = true,
                Piece::Bytes if is_chunked && self.piece.is_empty() => {}
                Piece::Bytes if is_chunked => {
                    crate::http1::chunk_head(self.piece.len(), out);
                    out.append(&mut self.piece);
                    out.extend_from_slice(b"\r\n");
                    return Poll::Ready(Piece::Bytes);
                }
                Piece::Bytes => {
                    let came = (out.len() - mark) as u64;
                    let Some(left) = self.left.checked_sub(came) else {
                        out.truncate(mark);
                        self.ended = true;
                        return Poll::Ready(Piece::Broken);
                    };
                    self.left = left;
                    if came > 0 {
                        return Poll::Ready(Piece::Bytes);
                    }
                }
                Piece::End => {
                    self.ended = true;
                    if is_chunked {
                        out.extend_from_slice(crate::http1::LAST_CHUNK);
                    }
                    return Poll::Ready(if self.left > 0 {
                        Piece::Broken
                    } else {
                        Piece::End
                    });
                }
                Piece::Broken => {
                    self.ended = true;
                    return Poll::Ready(Piece::Broken);
                }
            }
        }
    }
}

/// `exact`: what the body says itself.
fn length(parts: &Parts, exact: Option<u64>) -> Length {
    let mut said = parts.headers.get_all(CONTENT_LENGTH).iter();
    let first = said.next();
    if said.next().is_some() {
        return Length::Contradictory;
    }
    let Some(first) = first else {
        return match exact {
            Some(0) => Length::Nothing,
            Some(exact) => Length::Known(exact),
            None => Length::Unknown,
        };
    };
    let digits = first.as_bytes();
    let number = std::str::from_utf8(digits).ok();
    let number = number.filter(|_| digits.iter().all(u8::is_ascii_digit));
    match (number.and_then(|text| text.parse().ok()), exact) {
        (Some(said), Some(exact)) if said != exact => Length::Contradictory,
        (Some(said), _) => Length::Known(said),
        (None, _) => Length::Contradictory,
    }
}

/// Of a request without a body.
pub(super) fn length_of_nothing(parts: &Parts) -> Length {
    length(parts, Some(0))
}
