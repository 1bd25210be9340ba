//! The head of a response as it was written for HTTP/1.1, as that of the `http` crate.

use bytes::Bytes;
use http::header::{CONNECTION, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING, UPGRADE};
use http::{Response, StatusCode};

/// Fields that are read at first; a head with more is read again with room for them.
const USUAL: usize = 32;

/// Fields of a response at most: who has more gets a 500.
const MOST: usize = 4096;

/// How far the bytes are a head.
pub(super) enum Split {
    /// There is more to come.
    Partial,
    /// The head, and where the body begins.
    Final(Response<()>, usize),
    /// An interim response, which has no place in an answer of the `http` crate: its status, and where it ends.
    Interim(u16, usize),
    /// No head: a script that writes its own may write anything.
    Malformed,
}

/// Takes the head off the front. `multiplexed`: the client speaks HTTP/2, whose responses say nothing of connections.
pub(super) fn split(bytes: &Bytes, multiplexed: bool) -> Split {
    let mut fields = [httparse::EMPTY_HEADER; USUAL];
    match read(bytes, &mut fields, multiplexed) {
        Err(httparse::Error::TooManyHeaders) => {
            let mut fields = vec![httparse::EMPTY_HEADER; MOST];
            read(bytes, &mut fields, multiplexed).unwrap_or(Split::Malformed)
        }
        split => split.unwrap_or(Split::Malformed),
    }
}

fn read<'b>(
    bytes: &'b Bytes,
    fields: &mut [httparse::Header<'b>],
    multiplexed: bool,
) -> Result<Split, httparse::Error> {
    let mut head = httparse::Response::new(fields);
    let end = match head.parse(bytes)? {
        httparse::Status::Partial => return Ok(Split::Partial),
        httparse::Status::Complete(end) => end,
    };
    let Some(status) = head.code.and_then(|code| StatusCode::from_u16(code).ok()) else {
        return Ok(Split::Malformed);
    };
    if status.is_informational() {
        return Ok(Split::Interim(status.as_u16(), end));
    }
    let mut headers = HeaderMap::with_capacity(head.headers.len());
    for field in head.headers.iter() {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        // A part of `bytes`, so nothing is copied.
        let value = HeaderValue::from_maybe_shared(bytes.slice_ref(field.value));
        let (Ok(name), Ok(value)) = (name, value) else {
            return Ok(Split::Malformed);
        };
        if name == TRANSFER_ENCODING {
            // A script that frames its own response: nobody would take the frames off again.
            return Ok(Split::Malformed);
        }
        if !is_of_the_engine_below(&name, &value, multiplexed) {
            headers.append(name, value);
        }
    }
    let mut response = Response::new(());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(Split::Final(response, end))
}

fn is_of_the_engine_below(name: &HeaderName, value: &HeaderValue, multiplexed: bool) -> bool {
    match *name {
        CONNECTION => multiplexed || !value.as_bytes().eq_ignore_ascii_case(b"close"),
        UPGRADE => true,
        _ => name.as_str() == "keep-alive",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
mod tests {
    use super::*;

    fn head(bytes: &'static [u8], multiplexed: bool) -> (Response<()>, usize) {
        match split(&Bytes::from_static(bytes), multiplexed) {
            Split::Final(response, end) => (response, end),
            _ => panic!("no head"),
        }
    }

    #[test]
    fn fields_of_the_connection_are_left_to_the_engine_below() {
        let bytes = b"HTTP/1.1 200 OK\r\nConnection: close\r\nKeep-Alive: timeout=5\r\n\
            Upgrade: x\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nbody";
        let (response, end) = head(bytes, true);
        assert_eq!(&bytes[end..], b"body");
        assert_eq!(response.headers().len(), 2);
        let (response, _) = head(bytes, false);
        assert_eq!(response.headers().get("connection").unwrap(), "close");
        assert_eq!(response.headers().len(), 3);
    }

    #[test]
    fn a_head_of_any_length_and_no_head() {
        let mut many = b"HTTP/1.1 204 No Content\r\n".to_vec();
        for n in 0..1000 {
            many.extend_from_slice(format!("X-{n}: y\r\n").as_bytes());
        }
        assert!(matches!(
            split(&Bytes::from(many.clone()), false),
            Split::Partial
        ));
        many.extend_from_slice(b"\r\n");
        assert!(matches!(split(&Bytes::from(many), false), Split::Final(..)));
        let interim =
            Bytes::from_static(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200");
        assert!(matches!(split(&interim, false), Split::Interim(103, 37)));
        assert!(matches!(
            split(&Bytes::from_static(b"<html>"), false),
            Split::Malformed
        ));
    }
}
