//! The line scanner: finds the end of the head as bytes arrive and holds it to the limits, so that no byte is looked at
//! twice however the peer splits them (a flood of headers, or a head in single bytes, would cost the square of its
//! length).

use memchr::memchr;

use crate::http1::Parsing;
use crate::http1::limits::HeadLimits;
use crate::http1::span::offset;

/// How far a partial head has been searched. It belongs to one head: reset it for the next. Offsets have 32 bits since
/// each connection whose head is not whole keeps one of these.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scan {
    searched: u32,
    /// Where the current line begins.
    line: u32,
    /// Where the request line begins, behind skipped empty lines.
    start: u32,
    /// Where the header lines begin; 0 until the request line has ended.
    fields_at: u32,
    field_lines: u32,
    empty_lines: u16,
    /// The request line has been found good.
    pub(super) checked: bool,
}

/// What [`Scan::advance`] came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    More,
    /// The head ends here; `cut` if by the end of input and not by a blank line, which the lenient profile allows.
    End {
        at: usize,
        cut: bool,
    },
    Fault(LineError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineError {
    BareLf,
    EmptyLines,
    FieldLine,
    Fields,
    Head,
    RequestLine,
}

impl Scan {
    /// Makes it ready for the next head.
    pub fn reset(&mut self) {
        *self = Scan::default();
    }

    /// Nothing has been searched yet.
    pub(super) fn is_new(&self) -> bool {
        self.searched == 0
    }

    /// Whether anything but empty lines has come.
    pub fn has_begun(&self) -> bool {
        self.searched > self.start
    }

    pub(super) fn start(&self) -> usize {
        self.start as usize
    }

    /// Where the request line begins and, its line end included, ends, once it has.
    pub(super) fn request_line(&self) -> Option<(usize, usize)> {
        (self.fields_at > 0).then_some((self.start as usize, self.fields_at as usize))
    }

    /// The request line that was refused for its line end.
    pub(super) fn unended_request_line<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        match self.fields_at {
            0 => bytes.get(self.start as usize..self.searched as usize),
            _ => None,
        }
    }

    pub(super) fn field_lines(&self) -> usize {
        self.field_lines as usize
    }

    /// Reads on in `bytes`, which begin with those of the call before. The outcome depends on the
    /// bytes only and not on how they were split: what is found first in their order is reported.
    pub(super) fn advance(
        &mut self,
        bytes: &[u8],
        eof: bool,
        profile: Parsing,
        limits: &HeadLimits,
    ) -> Step {
        // Nothing behind the limit is looked at: else the result would depend on how much of it came with one read.
        let window = bytes.get(..limits.max_size).unwrap_or(bytes);
        loop {
            let from = self.searched as usize;
            let unread = window.get(from..).unwrap_or_default();
            count_work(unread);
            match memchr(b'\n', unread) {
                Some(found) => {
                    let end = from + found + 1;
                    self.searched = offset(end);
                    let line = window.get(self.line as usize..end).unwrap_or_default();
                    if let Some(step) = self.end_line(line, end, profile, limits) {
                        return step;
                    }
                }
                None => {
                    self.searched = offset(window.len());
                    // A line is too long before its end has come: waiting for the end would give an endless line the
                    // whole head's limit, and the head's words in place of its own.
                    let rest = window.len().saturating_sub(self.line as usize);
                    if let Some(fault) = self.too_long(rest, limits) {
                        return Step::Fault(fault);
                    }
                    if bytes.len() > window.len() {
                        return Step::Fault(LineError::Head);
                    }
                    if eof && profile == Parsing::Lenient {
                        return self.end_of_input(window, limits);
                    }
                    return Step::More;
                }
            }
        }
    }

    /// Takes in one line, given with its LF; `None` to go on.
    fn end_line(
        &mut self,
        line: &[u8],
        end: usize,
        profile: Parsing,
        limits: &HeadLimits,
    ) -> Option<Step> {
        if let Some(fault) = self.too_long(line.len(), limits) {
            return Some(Step::Fault(fault));
        }
        // RFC 9112 section 2.2 allows a bare LF. Strict refuses it: a proxy that does not take it for a line end sees
        // other fields than this server.
        let crlf = matches!(line, [.., b'\r', b'\n']);
        if !crlf && profile == Parsing::Strict {
            return Some(Step::Fault(LineError::BareLf));
        }
        let blank = line.len() == if crlf { 2 } else { 1 };
        self.line = offset(end);
        match (self.fields_at, blank) {
            (0, true) => {
                // Some clients send a line end behind a body (RFC 9112 section 2.2); no client sends more than a few.
                if usize::from(self.empty_lines) >= limits.max_empty_lines {
                    return Some(Step::Fault(LineError::EmptyLines));
                }
                self.empty_lines = self.empty_lines.saturating_add(1);
                self.start = offset(end);
                None
            }
            (0, false) => {
                self.fields_at = offset(end);
                None
            }
            (_, true) => {
                // `http.server` counts the blank line as a field (HDR-03).
                if profile == Parsing::Lenient && self.field_lines() >= limits.max_fields {
                    return Some(Step::Fault(LineError::Fields));
                }
                Some(Step::End {
                    at: end,
                    cut: false,
                })
            }
            (_, false) => self.field_line(limits),
        }
    }

    fn field_line(&mut self, limits: &HeadLimits) -> Option<Step> {
        self.field_lines = self.field_lines.saturating_add(1);
        (self.field_lines() > limits.max_fields).then_some(Step::Fault(LineError::Fields))
    }

    /// The end of input ends the line and the head, as in `http.server` (lenient profile only).
    fn end_of_input(&mut self, window: &[u8], limits: &HeadLimits) -> Step {
        let unfinished = window.len() > self.line as usize;
        if self.fields_at == 0 {
            if !unfinished {
                return Step::More;
            }
            self.fields_at = offset(window.len());
        } else if unfinished && let Some(step) = self.field_line(limits) {
            return step;
        }
        self.line = offset(window.len());
        if self.field_lines() >= limits.max_fields {
            return Step::Fault(LineError::Fields);
        }
        Step::End {
            at: window.len(),
            cut: true,
        }
    }

    fn too_long(&self, line: usize, limits: &HeadLimits) -> Option<LineError> {
        if self.fields_at == 0 {
            (line > limits.max_request_line_size).then_some(LineError::RequestLine)
        } else {
            (line > limits.max_field_line_size).then_some(LineError::FieldLine)
        }
    }
}

#[cfg(not(test))]
fn count_work(_unread: &[u8]) {}

#[cfg(test)]
fn count_work(unread: &[u8]) {
    work::add(memchr(b'\n', unread).map_or(unread.len(), |found| found + 1));
}

/// Bytes looked at, so that tests can show the work to be linear without a clock.
#[cfg(test)]
pub(super) mod work {
    use std::cell::Cell;

    thread_local!(static BYTES: Cell<usize> = const { Cell::new(0) });

    pub(in crate::http1) fn add(bytes: usize) {
        BYTES.with(|count| count.set(count.get() + bytes));
    }

    pub(in crate::http1) fn take() -> usize {
        BYTES.with(Cell::take)
    }
}
