use httparse::{EMPTY_HEADER, Header, Status};

use crate::http1::Parsing;
use crate::http1::authority;
use crate::http1::connection_options::{ConnectionOptions, Expect};
use crate::http1::error::HeadError;
use crate::http1::fields::{FieldSpan, HeaderFields};
use crate::http1::framing::{FramingFields, RequestFraming};
use crate::http1::latin1;
use crate::http1::limits::HeadLimits;
use crate::http1::line_scanner::{LineError, Scan, Step};
use crate::http1::request_line::{self, is_tchar};
use crate::http1::span::Span;
use crate::http1::target::{self, Target, TargetForm};
use crate::http1::version::Version;

/// A parsed request head.
///
/// It keeps offsets into the bytes it was parsed from, and its own copy of the request line and
/// the host. Parsing into it again reuses its memory.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The request line, decoded, and behind it the host in lower case where the head has it
    /// otherwise. There may be NULs in between.
    text: String,
    pub(super) fields: Vec<FieldSpan>,
    pub(super) facts: HeadFacts,
}

/// What a head says, apart from what needs memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeadFacts {
    pub(super) line: Span,
    pub(super) method: Span,
    pub(super) word: Span,
    pub(super) whole_target: Span,
    pub(super) target: Target,
    pub(super) version: Version,
    pub(super) simple: bool,
    pub(super) authority: Option<Authority>,
    pub(super) framing: RequestFraming,
    pub(super) connection: ConnectionOptions,
    pub(super) expect: Expect,
}

/// Where the host and port are in lower case.
#[derive(Clone, Copy, Debug)]
pub(super) enum Authority {
    /// In the bytes of the head, as they were sent.
    Bytes(Span),
    /// In the text of the [`Head`].
    Text(Span),
}

/// RFC 9110 section 4.2.3: an empty path of a URI stands for `/`.
#[cold]
fn root_if_empty(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

/// How far [`parse`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The head has not ended yet.
    Partial,
    /// The head is whole and took this many bytes, leading empty lines included.
    Complete(usize),
}

/// Reads a request head from the front of `bytes` into `head`.
///
/// On [`Progress::Partial`] call again with the same bytes, more behind them, and the same `scan`; what has been
/// searched is not searched again. `head` need not be the same: it is filled in on completion and on an error, when it
/// holds what was understood of the request line, for the log. `eof` says that no more bytes will come, which ends the
/// head in the lenient profile and changes nothing in the strict one.
///
/// A malformed request line is refused as soon as it has ended, a limit as soon as it is
/// exceeded, anything else when the head is whole; so the result does not depend on how
/// the bytes were split.
///
/// # Errors
///
/// See [`HeadError::status`]. Reset `scan` before it is used for another head.
pub fn parse(
    bytes: &[u8],
    eof: bool,
    profile: Parsing,
    limits: &HeadLimits,
    scan: &mut Scan,
    head: &mut Head,
) -> Result<Progress, HeadError> {
    // Once a head, so that one that arrives byte by byte is not swept again and again.
    if scan.is_new()
        && let Some(taken) = head.read_usual(bytes, profile, limits)
    {
        return Ok(Progress::Complete(taken));
    }
    parse_precisely(bytes, eof, profile, limits, scan, head)
}

/// [`parse`] for every head there can be, and for every fault its words.
#[cold]
pub(super) fn parse_precisely(
    bytes: &[u8],
    eof: bool,
    profile: Parsing,
    limits: &HeadLimits,
    scan: &mut Scan,
    head: &mut Head,
) -> Result<Progress, HeadError> {
    let step = scan.advance(bytes, eof, profile, limits);
    let Some((start, fields_at)) = scan.request_line() else {
        head.clear();
        return match step {
            Step::Fault(fault) => Err(refusal(fault, bytes, profile, limits, scan, head)),
            _ => Ok(Progress::Partial),
        };
    };
    if scan.checked && step == Step::More {
        return Ok(Progress::Partial);
    }
    head.clear();
    let line = bytes.get(start..fields_at).unwrap_or_default();
    head.read_request_line(line, profile, limits)?;
    scan.checked = true;
    if head.facts.simple {
        // REQ-16: HTTP/0.9 has no header lines.
        return Ok(Progress::Complete(fields_at));
    }
    match step {
        Step::More => Ok(Progress::Partial),
        Step::Fault(fault) => Err(refusal(fault, bytes, profile, limits, scan, head)),
        Step::End { at, cut } => {
            let block = bytes.get(fields_at..at).unwrap_or_default();
            if cut {
                head.read_cut_fields(block, fields_at, scan.field_lines(), profile)?;
            } else {
                head.read_fields(block, fields_at, scan.field_lines(), profile)?;
            }
            Ok(Progress::Complete(at))
        }
    }
}

impl Head {
    /// The request line as it was sent, decoded as ISO-8859-1, without its line end.
    pub fn requestline(&self) -> &str {
        self.facts.line.text(&self.text)
    }

    /// The method (RFC 9110 section 9), `http.server`'s `command`.
    pub fn method(&self) -> &str {
        self.facts.method.text(&self.text)
    }

    /// The request target as it was sent (RFC 9112 section 3.2).
    pub fn target(&self) -> &str {
        self.facts.whole_target.text(&self.text)
    }

    /// The target with leading slashes collapsed to one, which keeps `//host/` from becoming a redirect to `host`:
    /// `http.server`'s `path`.
    pub fn effective_target(&self) -> &str {
        self.facts.target.effective.text(&self.text)
    }

    /// The path as it was sent, without query and fragment, leading slashes collapsed.
    ///
    /// Of an absolute-form target the path of its URI, `/` if that is empty; `*` of the
    /// asterisk-form; the authority with CONNECT.
    pub fn path(&self) -> &str {
        let path = self.facts.target.path.text(&self.text);
        match self.facts.target.form {
            TargetForm::Absolute => root_if_empty(path),
            _ => path,
        }
    }

    /// The query as it was sent, without the question mark.
    pub fn query(&self) -> Option<&str> {
        self.facts.target.query.map(|query| query.text(&self.text))
    }

    /// Which form the target has.
    pub fn form(&self) -> TargetForm {
        self.facts.target.form
    }

    /// The host and port the request is for, in lower case: those of an absolute-form target or
    /// of CONNECT, else those of Host (RFC 9112 section 3.3).
    ///
    /// `None` if the client named none; in the lenient profile also if Host is malformed. `bytes`
    /// are those the head was parsed from.
    pub fn authority<'h>(&'h self, bytes: &'h [u8]) -> Option<&'h str> {
        match self.facts.authority? {
            Authority::Bytes(span) => std::str::from_utf8(span.bytes(bytes)).ok(),
            Authority::Text(span) => Some(span.text(&self.text)),
        }
    }

    /// The protocol version; before a request line was understood, HTTP/1.0.
    pub fn version(&self) -> Version {
        self.facts.version
    }

    /// The version word as it was sent, `HTTP/0.9` if there was none.
    pub fn request_version(&self) -> &str {
        if self.facts.simple {
            "HTTP/0.9"
        } else {
            self.facts.word.text(&self.text)
        }
    }

    /// The header fields; `bytes` are those the head was parsed from.
    pub fn fields<'h>(&'h self, bytes: &'h [u8]) -> HeaderFields<'h> {
        HeaderFields::new(&self.fields, bytes)
    }

    /// How many header fields there are.
    pub fn field_count(&self) -> usize {
        self.fields.len()
    }

    /// How the body is delimited (RFC 9112 section 6.3).
    pub fn framing(&self) -> RequestFraming {
        self.facts.framing
    }

    /// Whether the client wants the connection kept (RFC 9112 section 9.3).
    pub fn persistent(&self) -> bool {
        self.facts.connection.persistent(self.facts.version)
    }

    /// Whether the client said `keep-alive`, which an HTTP/1.0 client wants confirmed.
    pub fn connection_keep_alive(&self) -> bool {
        self.facts.connection.keep_alive()
    }

    /// What the client expects before it sends the body (RFC 9110 section 10.1.1).
    pub fn expect(&self) -> Expect {
        if self.facts.version < Version::HTTP_11 {
            Expect::None
        } else {
            self.facts.expect
        }
    }

    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.text.clear();
        self.fields.clear();
        self.facts = HeadFacts::default();
    }

    fn read_request_line(
        &mut self,
        line: &[u8],
        profile: Parsing,
        limits: &HeadLimits,
    ) -> Result<(), HeadError> {
        let read = self.try_request_line(line, profile, limits);
        if matches!(&read, Err(error) if error.status() == 414) {
            // REQ-02: the log shows an empty request line.
            self.clear();
        }
        read
    }

    fn try_request_line(
        &mut self,
        line: &[u8],
        profile: Parsing,
        limits: &HeadLimits,
    ) -> Result<(), HeadError> {
        let end = match profile {
            Parsing::Strict => {
                let line = line.strip_suffix(b"\n").unwrap_or(line);
                line.strip_suffix(b"\r").unwrap_or(line).len()
            }
            // REQ-05: any number of trailing CR and LF.
            Parsing::Lenient => line
                .iter()
                .rposition(|&b| b != b'\r' && b != b'\n')
                .map_or(0, |last| last + 1),
        };
        let line = line.get(..end).unwrap_or_default();
        if line.is_ascii() {
            self.facts.line = Span::new(0, line.len());
            self.set_ascii_line(line);
        } else {
            latin1::push(line, &mut self.text);
            self.facts.line = Span::new(0, self.text.len());
        }
        let line = self.facts.line.text(&self.text);
        let words = match profile {
            Parsing::Strict => request_line::strict(line, limits)?,
            Parsing::Lenient => request_line::lenient(line, limits)?,
        };
        self.facts.method = words.method;
        self.facts.whole_target = words.target;
        self.facts.version = words.version;
        self.facts.simple = words.word.is_none();
        self.facts.word = words.word.unwrap_or_default();
        self.facts.target = target::read(&self.text, self.method(), words.target, profile)?;
        if let Some(authority) = self.facts.target.authority {
            self.set_authority(authority);
        }
        Ok(())
    }

    /// Makes `line`, which is ASCII, the text.
    ///
    /// That it is ASCII is known, but only the check makes it a `str`. The check is quick in
    /// whole blocks of sixteen bytes, so that is what it gets.
    #[inline(always)]
    pub(super) fn set_ascii_line(&mut self, line: &[u8]) {
        let mut text = std::mem::take(&mut self.text).into_bytes();
        text.clear();
        text.extend_from_slice(line);
        text.extend_from_slice(&[0; 15]);
        text.truncate(text.len() & !15);
        self.text = String::from_utf8(text).unwrap_or_default();
    }

    /// The authority that `value`, a good one at `at` in the head's bytes, stands for.
    ///
    /// Host names are case-insensitive (RFC 3986 section 6.2.2.1): handlers get one spelling.
    pub(super) fn host(&mut self, value: &[u8], at: usize) -> Authority {
        if !value.iter().any(u8::is_ascii_uppercase) {
            return Authority::Bytes(Span::new(at, at.saturating_add(value.len())));
        }
        let from = self.text.len();
        let lower = value.iter().map(|b| char::from(b.to_ascii_lowercase()));
        self.text.extend(lower);
        Authority::Text(Span::new(from, self.text.len()))
    }

    /// The authority of a target.
    fn set_authority(&mut self, source: Span) {
        let from = self.text.len();
        self.text.extend_from_within(source.range());
        if let Some(authority) = self.text.get_mut(from..) {
            authority.make_ascii_lowercase();
        }
        self.facts.authority = Some(Authority::Text(Span::new(from, self.text.len())));
    }

    /// The end of input stands for the missing line ends (lenient profile only).
    #[cold]
    fn read_cut_fields(
        &mut self,
        block: &[u8],
        at: usize,
        lines: usize,
        profile: Parsing,
    ) -> Result<(), HeadError> {
        let mut whole = block.to_vec();
        whole.extend_from_slice(if block.ends_with(b"\n") || block.is_empty() {
            b"\n"
        } else {
            b"\n\n"
        });
        self.read_fields(&whole, at, lines, profile)
    }

    fn read_fields(
        &mut self,
        block: &[u8],
        at: usize,
        lines: usize,
        profile: Parsing,
    ) -> Result<(), HeadError> {
        // Slots are cleared before use, so few are taken where few are needed.
        match lines {
            0..=16 => self.read_into(block, at, profile, &mut [EMPTY_HEADER; 16]),
            17..=100 => self.read_into(block, at, profile, &mut [EMPTY_HEADER; 100]),
            _ => self.read_into(block, at, profile, &mut vec![EMPTY_HEADER; lines]),
        }
    }

    fn read_into<'b>(
        &mut self,
        block: &'b [u8],
        at: usize,
        profile: Parsing,
        slots: &mut [Header<'b>],
    ) -> Result<(), HeadError> {
        let fields = match httparse::parse_headers(block, slots) {
            Ok(Status::Complete((_, fields))) => fields,
            _ => return Err(bad_field(block)),
        };
        let mut framing = FramingFields::default();
        let mut host = Hosts::default();
        for field in fields {
            let name = field.name.as_bytes();
            // The first letter settles most of them, and short comparisons add up.
            let first = name.first().map_or(0, u8::to_ascii_lowercase);
            match (name.len(), first) {
                (4, b'h') if name.eq_ignore_ascii_case(b"host") => host.note(field.value),
                (6, b'e') if name.eq_ignore_ascii_case(b"expect") => {
                    self.facts.expect = self.facts.expect.and(field.value);
                }
                (10, b'c') if name.eq_ignore_ascii_case(b"connection") => {
                    self.facts.connection.note(field.value);
                }
                (14, b'c') if name.eq_ignore_ascii_case(b"content-length") => {
                    framing.content_length(field.value);
                }
                (17, b't') if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                    framing.transfer_encoding(field.value);
                }
                _ => {}
            }
            self.fields.push(FieldSpan {
                name: Span::of(name, block).shifted(at),
                value: Span::of(field.value, block).shifted(at),
            });
        }
        self.facts.framing = framing.decide(self.facts.version)?;
        let host = host.decide(self.facts.version, profile)?;
        if let (None, Some(host)) = (self.facts.authority, host) {
            let at = Span::of(host, block).shifted(at).start();
            self.facts.authority = Some(self.host(host, at));
        }
        Ok(())
    }
}

impl Default for HeadFacts {
    fn default() -> Self {
        HeadFacts {
            line: Span::default(),
            method: Span::default(),
            word: Span::default(),
            whole_target: Span::default(),
            target: Target::default(),
            version: Version::HTTP_10,
            simple: false,
            authority: None,
            framing: RequestFraming::None,
            connection: ConnectionOptions::default(),
            expect: Expect::None,
        }
    }
}

/// The Host lines, as they are met.
#[derive(Default)]
struct Hosts<'b> {
    first: Option<&'b [u8]>,
    repeated: bool,
    conflict: bool,
}

impl<'b> Hosts<'b> {
    fn note(&mut self, value: &'b [u8]) {
        match self.first {
            None => self.first = Some(value),
            Some(first) => {
                self.repeated = true;
                self.conflict |= !first.eq_ignore_ascii_case(value);
            }
        }
    }

    /// RFC 9112 section 3.2: exactly one in HTTP/1.1, and a well-formed one; the lenient profile
    /// only refuses two that differ. An empty Host is what a client without a host has to
    /// send.
    fn decide(&self, version: Version, profile: Parsing) -> Result<Option<&'b [u8]>, HeadError> {
        let strict = profile == Parsing::Strict;
        if self.conflict || (strict && self.repeated) {
            return Err(HeadError::bad("Bad Host", "more than one Host"));
        }
        let Some(value) = self.first else {
            if strict && version >= Version::HTTP_11 {
                return Err(HeadError::bad(
                    "Bad Host",
                    "an HTTP/1.1 request without Host",
                ));
            }
            return Ok(None);
        };
        if value.is_empty() {
            return Ok(None);
        }
        if authority::is_valid(value) {
            return Ok(Some(value));
        }
        if strict {
            return Err(HeadError::bad(
                "Bad Host",
                "Host is not a host name or address with an optional port",
            ));
        }
        Ok(None)
    }
}

#[cold]
fn refusal(
    fault: LineError,
    bytes: &[u8],
    profile: Parsing,
    limits: &HeadLimits,
    scan: &Scan,
    head: &mut Head,
) -> HeadError {
    let strict = profile == Parsing::Strict;
    match fault {
        LineError::BareLf => {
            if let Some(line) = scan.unended_request_line(bytes) {
                // For the log only: what it says does not matter any more.
                let _ = head.read_request_line(line, profile, limits);
            }
            HeadError::bad("Bad line end", "a line of the head ends with CR LF")
        }
        LineError::EmptyLines if strict => {
            HeadError::bad("Bad request syntax", "empty lines before the request line")
                .of_limit("empty_lines")
        }
        LineError::EmptyLines => HeadError::no_request(),
        LineError::RequestLine => {
            head.clear();
            let from = scan.start();
            let to = from
                .saturating_add(limits.max_request_line_size)
                .saturating_add(1);
            let sent = bytes.get(from..to.min(bytes.len())).unwrap_or_default();
            if strict {
                request_line::too_long(sent, limits)
            } else {
                HeadError::uri_too_long("request_line")
            }
        }
        LineError::FieldLine => HeadError::new(431, "Line too long")
            .explained(format!(
                "got more than {} bytes when reading header line",
                limits.max_field_line_size
            ))
            .of_limit("line"),
        LineError::Fields => HeadError::new(431, "Too many headers")
            .explained(format!("got more than {} headers", limits.max_fields))
            .of_limit("fields"),
        LineError::Head => HeadError::new(431, "Request head too long")
            .explained(format!(
                "got more than {} bytes when reading the request head",
                limits.max_size
            ))
            .of_limit("head"),
    }
}

/// Reads a refused header block again, line by line, for the rule that was broken (RFC 9112 section 5). The block was
/// refused as a whole first, so a good request does not pay for this search.
#[cold]
fn bad_field(block: &[u8]) -> HeadError {
    let explain = block
        .split_inclusive(|&b| b == b'\n')
        .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .find_map(fault_of_line)
        .unwrap_or("the header block is malformed");
    HeadError::bad("Bad header line", explain)
}

fn fault_of_line(line: &[u8]) -> Option<&'static str> {
    let Some(colon) = line.iter().position(|&b| b == b':') else {
        return match line.first() {
            None => None,
            Some(b' ' | b'\t') => Some("a folded header line"),
            Some(_) => Some("a header line without a colon"),
        };
    };
    let (name, value) = line.split_at(colon);
    if matches!(name.first(), Some(b' ' | b'\t')) {
        return Some("a folded header line");
    }
    if name.is_empty() {
        return Some("a header without a name");
    }
    if matches!(name.last(), Some(b' ' | b'\t')) {
        return Some("whitespace between a header's name and its colon");
    }
    if !name.iter().all(|&b| is_tchar(b)) {
        return Some("a header's name holds a character that is not allowed there");
    }
    if value.iter().any(|&b| b != b'\t' && b.is_ascii_control()) {
        return Some("a header's value holds a control character");
    }
    None
}
