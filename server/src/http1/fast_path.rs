//! The fast path for the head that almost every request has.
//!
//! One sweep over the bytes finds the end of the head, holds it to the grammar and takes the
//! decisions. It only ever says yes: whatever it does not expect (a fault, a form of target other
//! than a path, a head that is not whole or is long, a tab) makes it give up, and the precise path
//! reads the head again from its start, with the same result had this one not been tried. So what
//! is accepted here must be a part of what both profiles accept, and mean the same; the tests
//! compare the two.

use crate::http1::Parsing;
use crate::http1::authority;
use crate::http1::byte_class;
use crate::http1::connection_options::{ConnectionOptions, Expect};
use crate::http1::field_line;
use crate::http1::fields::FieldSpan;
use crate::http1::framing::{FramingFields, RequestFraming};
use crate::http1::head::{Authority, Head, HeadFacts};
use crate::http1::limits::HeadLimits;
use crate::http1::span::Span;
use crate::http1::target::{Target, TargetForm};
use crate::http1::version::Version;
use std::ops::Range;

/// Longer heads go the precise way. The bound also limits what is lost on a head that turns out to be odd at its end
/// and is read a second time, and it keeps every offset within the 32 bits of a [`Span`].
const LONGEST: usize = 16 * 1024;

/// No head is shorter, and the sweeps need as much.
const SHORTEST: usize = "M / HTTP/1.1\r\n\r\n".len();

/// The first letter of the fields that decide something, at their length: it sorts out nearly all others without a
/// call. A field that is added to `note` needs its place here, or it is kept and never noticed.
const NOTED: [u8; 18] = {
    let mut letters = [0; 18];
    letters["Host".len()] = b'h';
    letters["Expect".len()] = b'e';
    letters["Connection".len()] = b'c';
    letters["Content-Length".len()] = b'c';
    letters["Transfer-Encoding".len()] = b't';
    letters
};

impl Head {
    /// Reads a usual head from the front of `bytes` and says how long it is; `None`, with nothing
    /// sensible in the head, if it is not a usual one.
    pub(super) fn read_usual(
        &mut self,
        bytes: &[u8],
        profile: Parsing,
        limits: &HeadLimits,
    ) -> Option<usize> {
        // A head that ends within the smallest of these limits keeps all of them, so that no line has to be held to
        // any. A longer head may still be allowed, and the precise path says so.
        let room = LONGEST
            .min(limits.max_size)
            .min(limits.max_request_line_size)
            .min(limits.max_target_size)
            .min(limits.max_field_line_size);
        let bytes = bytes.get(..room).unwrap_or(bytes);
        if bytes.len() < SHORTEST {
            return None;
        }

        // Tokens are read byte by byte, which costs more than this comparison; and nearly every method is GET.
        let method_end = if bytes.starts_with(b"GET ") {
            3
        } else {
            field_line::token(bytes, 0)
        };
        let path_at = method_end + 1;
        let [b' ', b'/', second, ..] = bytes.get(method_end..)? else {
            return None;
        };
        // The precise path collapses further slashes (REQ-19), and knows that CONNECT takes no path; that another
        // method of seven letters goes there too is no loss.
        if method_end > limits.max_method_size || *second == b'/' || method_end == "CONNECT".len() {
            return None;
        }
        let path_end = byte_class::path(bytes, path_at);
        let mut target_end = path_end;
        let mut query = None;
        if bytes.get(path_end) == Some(&b'?') {
            target_end = byte_class::query(bytes, path_end + 1);
            query = Some(Span::near(path_end + 1, target_end));
        }
        // Blank, version and line end are compared as one word of known length: three comparisons in one, and the line
        // cannot end in a bare LF.
        let word = bytes.get(target_end..)?.first_chunk::<11>()?;
        let version = if word == b" HTTP/1.1\r\n" {
            Version::HTTP_11
        } else if word == b" HTTP/1.0\r\n" {
            Version::HTTP_10
        } else {
            return None;
        };
        let line_end = target_end + " HTTP/1.1".len();
        self.set_ascii_line(bytes.get(..line_end)?);
        self.facts = HeadFacts {
            line: Span::near(0, line_end),
            method: Span::near(0, method_end),
            word: Span::near(target_end + 1, line_end),
            whole_target: Span::near(path_at, target_end),
            target: Target {
                form: TargetForm::Origin,
                effective: Span::near(path_at, target_end),
                path: Span::near(path_at, path_end),
                query,
                authority: None,
            },
            version,
            simple: false,
            authority: None,
            framing: RequestFraming::None,
            connection: ConnectionOptions::default(),
            expect: Expect::None,
        };
        self.fields.clear();
        let end = self.usual_fields(bytes, line_end + 2)?;

        let mut counted = self.fields.len();
        match profile {
            Parsing::Strict => {
                // 400 by RFC 9112 section 3.2; the precise path has the words for it.
                if self.facts.authority.is_none() && version >= Version::HTTP_11 {
                    return None;
                }
            }
            // `http.server` counts the blank line as a field (HDR-03).
            Parsing::Lenient => counted += 1,
        }
        (counted <= limits.max_fields).then_some(end)
    }

    /// Reads the header lines at `at` and says where the blank line behind them ends.
    // By itself it has the registers that it needs; within its caller it has not.
    #[inline(never)]
    fn usual_fields(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        let mut framing = FramingFields::default();
        // Host is in every request, nearly always first, and checking any host there may be (upper case, IPv6) is much
        // work. The kind of host that nearly all clients send is checked with one sweep instead.
        if bytes.get(at..)?.starts_with(b"Host: ")
            && let Some(end) = plain_host(bytes, at + 6)
        {
            let value = Span::near(at + 6, end);
            self.fields.push(FieldSpan {
                name: Span::near(at, at + 4),
                value,
            });
            self.facts.authority = Some(Authority::Bytes(value));
            at = end + 2;
        }
        loop {
            let line = match field_line::usual(bytes, at) {
                Some(line) => line,
                None if bytes.get(at..)?.starts_with(b"\r\n") => break,
                None => match field_line::last(bytes, at) {
                    Some(line) => line,
                    None => field_line::other(bytes, at)?,
                },
            };
            self.fields.push(line.span(at));
            if NOTED.get(line.name_end - at) == Some(&(bytes.get(at)? | 0x20)) {
                let name = bytes.get(at..line.name_end)?;
                let value = line.value_at..line.value_end;
                if !self.note(bytes, name, value, &mut framing) {
                    return None;
                }
            }
            at = line.end;
        }
        if !framing.is_empty() {
            self.facts.framing = framing.decide(self.facts.version).ok()?;
        }
        Some(at + 2)
    }

    /// Takes in a field that may decide something; false if the field is not usual. Out of line, since most lines do
    /// not come here and the loop over the lines is to stay small.
    #[inline(never)]
    fn note<'b>(
        &mut self,
        bytes: &'b [u8],
        name: &[u8],
        at: Range<usize>,
        framing: &mut FramingFields<'b>,
    ) -> bool {
        let value = bytes.get(at.clone()).unwrap_or_default();
        let facts = &mut self.facts;
        // Most write them like this; to compare regardless of case costs more.
        let is = |known: &[u8]| name == known || name.eq_ignore_ascii_case(known);
        if is(b"Connection") {
            facts.connection.note(value);
        } else if is(b"Content-Length") {
            framing.content_length(value);
        } else if is(b"Host") {
            // A second, a malformed and an empty host are for the precise path to judge (RFC 9112 section 3.2).
            let is_plain = || plain_host(bytes, at.start) == Some(at.end);
            if facts.authority.is_some() || value.is_empty() {
                return false;
            }
            if !is_plain() && !authority::is_valid(value) {
                return false;
            }
            self.facts.authority = Some(self.host(value, at.start));
        } else if is(b"Transfer-Encoding") {
            framing.transfer_encoding(value);
        } else if is(b"Expect") {
            facts.expect = facts.expect.and(value);
        }
        true
    }
}

/// Where the value of Host at `at` ends, if it is of the most common kind: a name in lower case or
/// an IPv4 address, with or without a port, and a line end.
#[inline(always)]
fn plain_host(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = byte_class::host(bytes, at);
    if end == at {
        return None;
    }
    if bytes.get(end) == Some(&b':') {
        let rest = bytes.get(end + 1..)?;
        let digits = byte_class::digits(rest);
        // Of five digits the order of the text is that of the numbers.
        if digits > 5 || (digits == 5 && rest.get(..5)? > b"65535".as_slice()) {
            return None;
        }
        end += 1 + digits;
    }
    bytes.get(end..)?.starts_with(b"\r\n").then_some(end)
}
