//! The fast path for the head that almost every request has.
//!
//! One sweep over the bytes finds the end of the head, holds it to the grammar and takes the
//! decisions. It only ever says yes: whatever it does not expect (a fault, a form of target other
//! than a path, a head that is not whole or is long, a tab) makes it give up, and the precise path
//! reads the head again from its start, with the same result had this one not been tried. So what
//! is accepted here must be a part of what both profiles accept, and mean the same; the tests
//! compare the two.

use super::Parsing;
use super::authority;
use super::fields::FieldSpan;
use super::framing::{Framing, FramingFields};
use super::head::{Authority, Facts, Head};
use super::limits::HeadLimits;
use super::options::{ConnectionOptions, Expect};
use super::request_line::is_tchar;
use super::span::Span;
use super::sweep;
use super::target::{Target, TargetForm};
use super::version::Version;

/// Longer heads are not usual.
const LONGEST: usize = 16 * 1024;

impl Head {
    /// Reads a usual head from the front of `bytes` and says how long it is; `None`, with nothing
    /// sensible in the head, if it is not a usual one.
    pub(super) fn read_usual(
        &mut self,
        bytes: &[u8],
        profile: Parsing,
        limits: &HeadLimits,
    ) -> Option<usize> {
        // A head that ends within the smallest of these keeps them all.
        let room = LONGEST
            .min(limits.head)
            .min(limits.request_line)
            .min(limits.target)
            .min(limits.line);
        let bytes = bytes.get(..room).unwrap_or(bytes);

        let method_len = token(bytes);
        let path_at = method_len + 1;
        let after_method = bytes.get(method_len..)?;
        let [b' ', b'/', beyond @ ..] = after_method else {
            return None;
        };
        // REQ-19 collapses further slashes; CONNECT takes no path.
        if method_len > limits.method
            || beyond.first() == Some(&b'/')
            || method_len == "CONNECT".len()
        {
            return None;
        }
        let mut rest = beyond.get(sweep::path(beyond)..)?;
        let path_end = bytes.len() - rest.len();
        let mut query = None;
        if let [b'?', behind @ ..] = rest {
            rest = behind.get(sweep::query(behind)..)?;
            query = Some(Span::near(path_end + 1, bytes.len() - rest.len()));
        }
        let target_end = bytes.len() - rest.len();
        let (word, mut rest) = rest.split_first_chunk::<11>()?;
        let version = if word == b" HTTP/1.1\r\n" {
            Version::HTTP_11
        } else if word == b" HTTP/1.0\r\n" {
            Version::HTTP_10
        } else {
            return None;
        };
        let line_end = target_end + " HTTP/1.1".len();

        let mut connection = ConnectionOptions::default();
        let mut expect = Expect::None;
        let mut framing = FramingFields::default();
        let mut host = None;
        self.fields.clear();
        let taken = loop {
            if let Some((b"\r\n", behind)) = rest.split_first_chunk() {
                break bytes.len() - behind.len();
            }
            let name_at = bytes.len() - rest.len();
            let (name, behind) = rest.split_at_checked(token(rest))?;
            let [b':', behind @ ..] = behind else {
                return None;
            };
            rest = behind;
            while let [b' ', behind @ ..] = rest {
                rest = behind;
            }
            let value_at = bytes.len() - rest.len();
            let (mut value, behind) = rest.split_at_checked(sweep::value(rest))?;
            let Some((b"\r\n", behind)) = behind.split_first_chunk() else {
                return None;
            };
            rest = behind;
            while let [but_last @ .., b' '] = value {
                value = but_last;
            }
            self.fields.push(FieldSpan {
                name: Span::near(name_at, name_at + name.len()),
                value: Span::near(value_at, value_at + value.len()),
            });
            match (name.len(), name.first()? | 0x20) {
                (4, b'h') if name.eq_ignore_ascii_case(b"host") => {
                    let None = host.replace((value, value_at)) else {
                        return None;
                    };
                }
                (6, b'e') if name.eq_ignore_ascii_case(b"expect") => expect = expect.and(value),
                (10, b'c') if name.eq_ignore_ascii_case(b"connection") => connection.note(value),
                (14, b'c') if name.eq_ignore_ascii_case(b"content-length") => {
                    framing.content_length(value);
                }
                (17, b't') if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                    framing.transfer_encoding(value);
                }
                _ => {}
            }
        };
        // HDR-03: the lenient profile counts the blank line too.
        let counted = self.fields.len() + usize::from(profile == Parsing::Lenient);
        if counted > limits.fields {
            return None;
        }
        self.set_ascii_line(bytes.get(..line_end)?);
        let authority = match host {
            None if version >= Version::HTTP_11 && profile == Parsing::Strict => return None,
            None | Some(([], _)) => None,
            Some((value, at)) => Some(self.usual_host(value, at)?),
        };
        self.facts = Facts {
            line: Span::near(0, line_end),
            method: Span::near(0, method_len),
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
            authority,
            framing: if framing.is_empty() {
                Framing::None
            } else {
                framing.decide(version).ok()?
            },
            connection,
            expect,
        };
        Some(taken)
    }

    /// The authority of a Host that is not empty, if it is a good one.
    fn usual_host(&mut self, value: &[u8], at: usize) -> Option<Authority> {
        let good = match value.get(sweep::host(value)..)? {
            [] => true,
            [b':', port @ ..] if port.len() < value.len() - 1 => authority::is_port(port),
            _ => false,
        };
        if good {
            return Some(Authority::Bytes(Span::near(at, at + value.len())));
        }
        authority::is_valid(value).then(|| self.host(value, at))
    }
}

/// How many token characters `bytes` begin with.
#[inline(always)]
fn token(bytes: &[u8]) -> usize {
    let len = sweep::name(bytes);
    match bytes.get(len) {
        Some(b':' | b' ') | None => len,
        Some(_) => len + rare_token(bytes.get(len..).unwrap_or_default()),
    }
}

/// The rest of a name that is not all letters and hyphens.
#[inline(never)]
fn rare_token(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .position(|&b| !is_tchar(b))
        .unwrap_or(bytes.len())
}
