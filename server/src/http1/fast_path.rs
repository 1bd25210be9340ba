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
use crate::http1::fields::FieldSpan;
use crate::http1::framing::{FramingFields, RequestFraming};
use crate::http1::head::{Authority, Head, HeadFacts};
use crate::http1::limits::HeadLimits;
use crate::http1::request_line::is_tchar;
use crate::http1::span::Span;
use crate::http1::target::{Target, TargetForm};
use crate::http1::version::Version;

/// Longer heads go the precise way. The bound also limits what is lost on a head that turns out to be odd at its end
/// and is read a second time, and it keeps every offset within the 32 bits of a [`Span`].
const LONGEST: usize = 16 * 1024;

/// No head is shorter, and the sweeps need as much.
const SHORTEST: usize = "M / HTTP/1.1\r\n\r\n".len();

/// The length of `Transfer-Encoding`, and a bit for each length of a field that decides something.
const LONGEST_NOTED: usize = 17;
const NOTED_LENGTHS: u32 = 1 << 4 | 1 << 6 | 1 << 10 | 1 << 14 | 1 << LONGEST_NOTED;

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
            token(bytes, 0)
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
    #[inline(always)]
    fn usual_fields(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        let mut framing = FramingFields::default();
        loop {
            let line = bytes.get(at..)?;
            // Host is in every request, and checking any host there may be (upper case, IPv6) is much work. The kind of
            // host that nearly all clients send is checked with one sweep instead.
            if line.starts_with(b"Host: ")
                && self.facts.authority.is_none()
                && let Some(end) = plain_host(bytes, at + 6)
            {
                let value = Span::near(at + 6, end);
                self.fields.push(FieldSpan {
                    name: Span::near(at, at + 4),
                    value,
                });
                self.facts.authority = Some(Authority::Bytes(value));
                at = end + 2;
                continue;
            }
            if line.starts_with(b"\r\n") {
                break;
            }
            // Letters and hyphens are swept; a name with a digit or an underscore is a token as well, and read on byte
            // by byte.
            let mut name_end = byte_class::name(bytes, at);
            if bytes.get(name_end) != Some(&b':') {
                name_end = token(bytes, name_end);
            }
            // One blank or none is what clients send; more would need a loop here. As three bytes they are looked at
            // once: behind every line of a whole head there is another line end.
            let value_at = match bytes.get(name_end..)?.first_chunk()? {
                [b':', b' ', b' '] => return None,
                [b':', b' ', _] => name_end + 2,
                [b':', ..] => name_end + 1,
                _ => return None,
            };
            let line_end = byte_class::value(bytes, value_at);
            if !bytes.get(line_end..)?.starts_with(b"\r\n") {
                return None;
            }
            let mut value = bytes.get(value_at..line_end)?;
            if let [.., b' '] = value {
                value = without_blanks(value);
            }
            let name = bytes.get(at..name_end)?;
            self.fields.push(FieldSpan {
                name: Span::near(at, name_end),
                value: Span::near(value_at, value_at + value.len()),
            });
            at = line_end + 2;
            // Only five fields decide something. Length and first letter sort out nearly all others without a call. A
            // field that is added to `note` needs its length and letter here, or it is kept and never noticed.
            // The length alone sorts out most, by one bit of a word.
            let first = name.first()? | 0x20;
            if name.len() <= LONGEST_NOTED
                && NOTED_LENGTHS >> name.len() & 1 != 0
                && matches!(
                    (name.len(), first),
                    (4, b'h') | (6, b'e') | (10 | 14, b'c') | (LONGEST_NOTED, b't')
                )
                && !self.note(name, value, value_at, &mut framing)
            {
                return None;
            }
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
        name: &[u8],
        value: &'b [u8],
        value_at: usize,
        framing: &mut FramingFields<'b>,
    ) -> bool {
        let facts = &mut self.facts;
        // Most write them like this; to compare regardless of case costs more.
        let is = |known: &[u8]| name == known || name.eq_ignore_ascii_case(known);
        if is(b"Connection") {
            facts.connection.note(value);
        } else if is(b"Content-Length") {
            framing.content_length(value);
        } else if is(b"Host") {
            // A second, a malformed and an empty host are for the precise path to judge (RFC 9112 section 3.2).
            if facts.authority.is_some() || value.is_empty() || !authority::is_valid(value) {
                return false;
            }
            self.facts.authority = Some(self.host(value, value_at));
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

/// Clients send no blanks at the end of a value; they are no part of it (RFC 9112 section 5.1).
#[cold]
fn without_blanks(mut value: &[u8]) -> &[u8] {
    while let [but_last @ .., b' '] = value {
        value = but_last;
    }
    value
}

/// Where the token at `at` ends, byte by byte. The characters of a token (RFC 9110 section 5.6.2) are many ranges and
/// single ones: too many comparisons to be worth a vector for a method of a few letters.
#[inline(never)]
fn token(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.iter().skip(at);
    at + rest.take_while(|&&b| is_tchar(b)).count()
}
