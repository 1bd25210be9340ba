//! What a script answers, and what its client gets of that.

use crate::cgi::CgiLimits;
use crate::cgi::header::{self, NotParsed, ScriptHead};
use crate::cgi::process::Ended;
use crate::cgi::relay::{Relay, RelayError, RelayEvent, RelayStage};
use crate::response::framing;
use crate::{Error, Request, Response, Result, Sent, StatusCode};
use std::io::Write as _;

/// Output that is read and thrown away where a response has no body, or has had all of it; a script that goes on is
/// stopped.
const UNWANTED: u64 = 1 << 20;

/// Why there is no header.
pub(super) enum Unread {
    /// The script's output is no response.
    Bad(&'static str),
    Fault(RelayError),
}

impl Unread {
    /// Stops the script, and says what its client gets. Nothing has been sent yet.
    pub(super) fn into_error(self, mut relay: Relay<'_, '_>, request: &mut Request<'_>) -> Error {
        match self {
            Self::Bad(words) => {
                let ended = relay.end(request);
                match ended {
                    Ended::Signal(signal) => {
                        bad(format!("{words}; signal {signal} ended the script"))
                    }
                    _ => bad(words),
                }
            }
            Self::Fault(fault) => {
                relay.end(request);
                match fault {
                    RelayError::ClientLeft => Error::new(400)
                        .message("Client closed the connection before the script answered")
                        .close(),
                    RelayError::ServerEnds => Error::new(503).close(),
                    RelayError::Silent => {
                        Error::new(504).caused_by("the script did not end its header in time")
                    }
                    RelayError::Body(error) => error,
                    RelayError::System(error) => Error::internal(error),
                }
            }
        }
    }
}

impl From<RelayError> for Unread {
    fn from(fault: RelayError) -> Self {
        Self::Fault(fault)
    }
}

/// Reads the header, and as much of the body as came with it.
pub(super) fn read_head(
    relay: &mut Relay<'_, '_>,
    request: &mut Request<'_>,
    limits: &CgiLimits,
) -> Result<(ScriptHead, Vec<u8>), Unread> {
    let mut read = Vec::new();
    loop {
        match relay.next(request, RelayStage::Header, None)? {
            RelayEvent::Output(output) => {
                let searched = read.len();
                read.extend_from_slice(output);
                if let Some(end) = header::end(&read, searched) {
                    if end > limits.max_header_size {
                        return Err(Unread::Bad("the script's header is too long"));
                    }
                    let body = read.split_off(end);
                    let head = ScriptHead::parse(&read).map_err(Unread::Bad)?;
                    return Ok((head, body));
                }
                if read.len() > limits.max_header_size {
                    return Err(Unread::Bad("the script's header is too long"));
                }
            }
            RelayEvent::Quiet => {}
            RelayEvent::Ended => {
                return Err(Unread::Bad("the script ended without a whole header"));
            }
        }
    }
}

/// Reads the first line of a script that writes the whole response, and what came with it.
pub(super) fn read_status_line(
    relay: &mut Relay<'_, '_>,
    request: &mut Request<'_>,
    limits: &CgiLimits,
) -> Result<(StatusCode, Vec<u8>), Unread> {
    let mut read = Vec::new();
    loop {
        match relay.next(request, RelayStage::Header, None)? {
            RelayEvent::Output(output) => {
                read.extend_from_slice(output);
                match header::status_of(&read) {
                    Ok(status) => return Ok((status.into(), read)),
                    Err(NotParsed::Incomplete) if read.len() <= limits.max_header_size => {}
                    Err(_) => return Err(Unread::Bad("the script's output is no HTTP response")),
                }
            }
            RelayEvent::Quiet => {}
            RelayEvent::Ended => return Err(Unread::Bad("the script ended without a response")),
        }
    }
}

/// Sends what the script answers; `begun` came with its header.
pub(super) fn send(
    head: ScriptHead,
    begun: Vec<u8>,
    mut relay: Relay<'_, '_>,
    request: &mut Request<'_>,
    response: Response<'_>,
) -> Result<Sent> {
    let (status, reason) = head.status();
    let length = head.length();
    let mut headers = match reason {
        Some(reason) => response.send_response_with(status, reason),
        None => response.send_response(status),
    };
    for (name, value) in head.fields() {
        headers = headers.send_header(name, value);
    }
    if let Some(length) = length {
        headers = headers.send_header("Content-Length", length);
    }
    let mut body = headers.end_headers()?;
    if request.method() == "HEAD" || framing::is_bodiless_status(status) {
        let discarded = relay.discard(request, &mut body, UNWANTED);
        close(discarded, relay, request)?;
        return body.finish();
    }
    let left = length.map(|length| length.saturating_sub(begun.len() as u64));
    let sent = match body.write_all(&begun) {
        Ok(()) => relay.send(request, &mut body, left),
        Err(_) => Err(RelayError::ClientLeft),
    };
    if close(sent, relay, request)? > 0 {
        return Err(bad("the script wrote less than its Content-Length"));
    }
    body.finish()
}

/// Stops the script if it still runs; `Err` if what it wrote cannot be taken for whole.
pub(super) fn close<T>(
    sent: Result<T, RelayError>,
    mut relay: Relay<'_, '_>,
    request: &mut Request<'_>,
) -> Result<T> {
    let ended = relay.end(request);
    match sent {
        Ok(sent) => match ended {
            Ended::Signal(signal) => Err(bad(format!("signal {signal} ended the script"))),
            Ended::Code | Ended::Stopped => Ok(sent),
        },
        Err(RelayError::ClientLeft) => Err(Error::internal("the client went away").close()),
        Err(RelayError::ServerEnds) => Err(Error::internal("the server ends").close()),
        Err(RelayError::Silent) => Err(bad("the script stopped writing")),
        Err(RelayError::Body(error)) => Err(error),
        Err(RelayError::System(error)) => Err(Error::internal(error)),
    }
}

pub(super) fn bad(words: impl Into<String>) -> Error {
    Error::new(502).caused_by(words.into())
}
