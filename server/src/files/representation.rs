//! A file as it is sent: which of its forms, by which preconditions, and which parts.

use crate::files::byteranges::Multipart;
use crate::files::head_markup::Marked;
use crate::files::media::Media;
use crate::files::root::{Metadata, Refusal};
use crate::files::version::{self, Modified};
use crate::files::whole_file::send_whole;
use crate::files::{FileHandler, Plain, name_of};
use crate::semantics::accept::Weights;
use crate::semantics::conditional::{self, Validators, Verdict};
use crate::semantics::range::{self, Selection};
use crate::{FileRanges, Request, Response, ResponseHead, Result, Sent, StatusCode};
use std::fs::File;
use std::time::SystemTime;

/// Codings that a sibling may be in, and what its name has behind the plain one; the one that usually makes files
/// smallest first.
pub(super) const CODINGS: [(&str, &str); 3] = [("br", ".br"), ("zstd", ".zst"), ("gzip", ".gz")];

fn suffix(coding: &str) -> &'static str {
    let found = CODINGS.iter().find(|(name, _)| *name == coding);
    found.map_or("", |(_, suffix)| suffix)
}

/// A file as it is sent: a representation (RFC 9110 section 3.2).
struct Chosen<'m> {
    file: File,
    length: u64,
    /// What is sent in place of the file as it is.
    marked: Option<FileRanges>,
    media: Media<'m>,
    validators: Validators,
    cache_control: Option<&'m str>,
    /// It depends on `Accept-Encoding` which one is sent.
    varies: bool,
    /// The time that `Date` tells.
    now: SystemTime,
}

impl FileHandler {
    pub(super) fn send_file(
        &self,
        plain: Plain,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let chosen = self.choose(plain, request, &response)?;
        // What another method answers with is not what its conditions are about (RFC 9110 section 13.2.1).
        let reads = matches!(request.method(), "GET" | "HEAD");
        let conditions = reads.then(|| request.preconditions());
        let verdict = conditions.map(|conditions| conditions.evaluate(&chosen.validators));
        match verdict.unwrap_or(Verdict::Proceed) {
            Verdict::Proceed => {}
            Verdict::NotModified => {
                let headers = self.begin(request, response, StatusCode::NOT_MODIFIED);
                return self.validators(headers, &chosen).finish();
            }
            Verdict::Failed => return Err(self.error(request, 412)),
        }
        let kind = &*chosen.media.kind;
        let selection = match &chosen.marked {
            None => selection(request, &chosen.validators, chosen.length),
            Some(_) => Selection::Whole,
        };
        match selection {
            Selection::Whole => {
                let headers = self
                    .begin(request, response, StatusCode::OK)
                    .send_header("Content-Type", kind);
                let headers = self.describe(headers, &chosen);
                if let Some(page) = chosen.marked {
                    return headers.finish_with_ranges(chosen.file, page);
                }
                send_whole(headers, chosen.file, chosen.length, request)
            }
            Selection::Parts(ranges) => {
                let headers = self.begin(request, response, StatusCode::PARTIAL_CONTENT);
                if let [range] = &ranges[..] {
                    let (first, length) = (range.start, range.end - range.start);
                    let headers = headers.send_header("Content-Type", kind).send_header(
                        "Content-Range",
                        format_args!("bytes {first}-{}/{}", range.end - 1, chosen.length),
                    );
                    return self.describe(headers, &chosen).finish_with_file(
                        chosen.file,
                        first,
                        length,
                    );
                }
                let parts = Multipart::new(ranges, kind, chosen.length);
                let headers = headers.send_header("Content-Type", parts.kind());
                self.describe(headers, &chosen)
                    .finish_with_ranges(chosen.file, parts.into_parts())
            }
            Selection::Unsatisfiable => Err(self
                .error(request, 416)
                .header("Content-Range", format!("bytes */{}", chosen.length))),
        }
    }

    /// The file with markup in it, if it is an HTML page that is sent as it lies there.
    pub(super) fn marked(&self, plain: &Plain) -> Option<Marked> {
        let markup = self.head_markup.as_ref()?;
        let media = self.types.of(name_of(&plain.path));
        let kind = self.configured("Content-Type").unwrap_or(&media.kind);
        let essence = kind.split(';').next().unwrap_or_default().trim();
        let is_coded = media.coding.is_some() || self.configured("Content-Encoding").is_some();
        if is_coded || !essence.eq_ignore_ascii_case("text/html") {
            return None;
        }
        markup.put_into(&plain.file, plain.facts.length)
    }

    /// The plain file, or its compressed sibling.
    fn choose(
        &self,
        plain: Plain,
        request: &Request<'_>,
        response: &Response<'_>,
    ) -> Result<Chosen<'_>> {
        let now = response.time();
        let media = self.types.of(name_of(&plain.path));
        let varies = self.precompressed && media.is_compressible();
        let cache_control = self.cache.of(&plain.path);
        let chosen = |file, facts: Metadata, media, coding| Chosen {
            file,
            length: facts.length,
            marked: None,
            media,
            validators: Validators::new()
                .etag(version::tag(
                    facts.length,
                    (facts.modified, facts.changed),
                    facts.inode,
                    coding,
                    now,
                ))
                .last_modified(facts.modified.to_the_second()),
            cache_control,
            varies,
            now,
        };
        if let Some(marked) = self.marked(&plain) {
            let facts = Metadata {
                length: marked.body.length(),
                inode: plain.facts.inode ^ marked.digest,
                ..plain.facts
            };
            return Ok(Chosen {
                marked: Some(marked.body),
                varies: false,
                ..chosen(plain.file, facts, media, "")
            });
        }
        if varies {
            let accepted = Weights::read(request.headers().get_all("Accept-Encoding"));
            for name in accepted.codings(&CODINGS.map(|(name, _)| name)) {
                let suffix = suffix(name);
                let mut sibling = plain.path.clone();
                sibling.extend_from_slice(suffix.as_bytes());
                let why = match self.root.open_file(&sibling) {
                    Ok((file, facts)) if !is_outdated(facts.modified, plain.facts.modified) => {
                        let media = Media {
                            coding: Some(name),
                            ..media
                        };
                        return Ok(chosen(file, facts, media, name));
                    }
                    Ok(_) => Some("it is older than the plain file"),
                    Err(Refusal::Exhausted) => return Err(self.exhausted(request)),
                    Err(_) if self.reasons => self.root.why_not(&sibling, false),
                    Err(_) => None,
                };
                if let Some(why) = why.filter(|_| self.reasons) {
                    let name = String::from_utf8_lossy(&sibling);
                    response
                        .hooks
                        .log_error(request, format_args!("/{name} is not used: {why}"));
                }
            }
        }
        Ok(chosen(plain.file, plain.facts, media, ""))
    }

    /// What is said of a file that is sent.
    fn describe<'c>(&self, mut headers: ResponseHead<'c>, chosen: &Chosen<'_>) -> ResponseHead<'c> {
        if let Some(coding) = chosen.media.coding {
            headers = headers.send_header("Content-Encoding", coding);
        }
        if let Some(modified) = chosen.validators.told_date(chosen.now) {
            headers = headers.send_header("Last-Modified", crate::HttpDate::new(modified));
        }
        if chosen.marked.is_none() {
            headers = headers.send_header("Accept-Ranges", "bytes");
        }
        if self.takes_uploads {
            // Anybody may have sent it: no script in it runs as the site's own.
            headers = headers.send_header("X-Content-Type-Options", "nosniff");
            if chosen.media.is_document() {
                headers = headers.send_header("Content-Security-Policy", "sandbox");
            }
        }
        self.extra(self.validators(headers, chosen))
    }

    /// What a 304 says too (RFC 9110 section 15.4.5).
    fn validators<'c>(&self, headers: ResponseHead<'c>, chosen: &Chosen<'_>) -> ResponseHead<'c> {
        let headers = match chosen.validators.tag() {
            Some(tag) => headers.send_header("ETag", tag.as_str()),
            None => headers,
        };
        // That of a header goes with a 304 too: it has to be the one of the 200 (RFC 9110 section 15.4.5).
        let configured = self.configured("Cache-Control");
        let mut headers = match configured.or(chosen.cache_control) {
            Some(value) if configured.is_none() || headers.status() == StatusCode::NOT_MODIFIED => {
                headers.send_header("Cache-Control", value)
            }
            _ => headers,
        };
        if chosen.varies {
            headers = headers.send_header("Vary", "Accept-Encoding");
        }
        headers
    }
}

/// Whether a compressed sibling is older than the plain file. A tool that gives a sibling the time of the plain file
/// cuts it: pigz and brotli to whole seconds, Node to milliseconds, Python's `os.utime` to what a float holds. That
/// much older is not older.
fn is_outdated(sibling: Modified, plain: Modified) -> bool {
    /// A millisecond, and what a float is wrong by.
    const CUT: i128 = 1_001_000;
    let nanos = |time: Modified| i128::from(time.seconds) * 1_000_000_000 + i128::from(time.nanos);
    let same_second = sibling.nanos == 0 && sibling.seconds == plain.seconds;
    !same_second && nanos(plain) - nanos(sibling) > CUT
}

/// Which parts of a representation are sent. Only GET has ranges (RFC 9110 section 14.2).
pub(super) fn selection(request: &Request<'_>, validators: &Validators, length: u64) -> Selection {
    let fields = request.headers();
    let is_current = |value: &[u8]| {
        std::str::from_utf8(value).is_ok_and(|value| conditional::if_range(value, validators))
    };
    match fields.get("Range") {
        Some(range)
            if request.method() == "GET" && fields.get_bytes("If-Range").is_none_or(is_current) =>
        {
            range::select(range, length)
        }
        _ => Selection::Whole,
    }
}
