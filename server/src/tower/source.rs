//! The body of a request of the `http` crate, as the bytes that it would be on a connection of HTTP/1.1.

use crate::tower::gathered::Gathered;
use bytes::{Buf as _, Bytes};
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Room for the size of a chunk and its line end.
const CHUNK_HEAD: usize = 18;

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
    fn poll_piece(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Piece>;

    fn exact_size(&self) -> Option<u64>;
}

/// What comes of a body.
pub(super) enum Piece {
    Bytes(Bytes),
    Trailers,
    End,
    /// The client is gone, or the engine below refused what it sent.
    Broken,
}

/// How far a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more now.
    Bytes,
    End,
    Broken,
}

impl<B> RequestBody for B
where
    B: http_body::Body + Send,
{
    fn poll_piece(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Piece> {
        let frame = match self.poll_frame(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => return Poll::Ready(Piece::End),
            Poll::Ready(Some(Err(_))) => return Poll::Ready(Piece::Broken),
            Poll::Ready(Some(Ok(frame))) => frame,
        };
        Poll::Ready(match frame.into_data() {
            // Without a copy where it is `Bytes`, as that of hyper is.
            Ok(mut data) => Piece::Bytes(data.copy_to_bytes(data.remaining())),
            Err(_) => Piece::Trailers,
        })
    }

    fn exact_size(&self) -> Option<u64> {
        self.size_hint().exact()
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
            had_trailers: false,
            ended: nothing,
        }
    }

    pub(super) fn length(&self) -> Length {
        self.length
    }

    /// The next bytes, framed, behind those in `out`. `Broken` and `End` come once, and nothing after them.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, out: &mut Gathered) -> Poll<Progress> {
        let is_chunked = self.length == Length::Unknown;
        loop {
            if self.ended {
                return Poll::Ready(Progress::End);
            }
            let piece = match self.body.as_mut().poll_piece(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(piece) => piece,
            };
            match piece {
                Piece::Trailers => self.had_trailers = true,
                Piece::Bytes(bytes) if bytes.is_empty() => {}
                Piece::Bytes(bytes) if is_chunked => {
                    let mut head = Vec::with_capacity(CHUNK_HEAD);
                    crate::http1::chunk_head(bytes.len(), &mut head);
                    out.copy(&head);
                    out.push(bytes);
                    out.copy(b"\r\n");
                    return Poll::Ready(Progress::Bytes);
                }
                Piece::Bytes(bytes) => {
                    let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
                        self.ended = true;
                        return Poll::Ready(Progress::Broken);
                    };
                    self.left = left;
                    out.push(bytes);
                    return Poll::Ready(Progress::Bytes);
                }
                Piece::End => {
                    self.ended = true;
                    if is_chunked {
                        out.copy(crate::http1::LAST_CHUNK);
                    }
                    return Poll::Ready(if self.left > 0 {
                        Progress::Broken
                    } else {
                        Progress::End
                    });
                }
                Piece::Broken => {
                    self.ended = true;
                    return Poll::Ready(Progress::Broken);
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
