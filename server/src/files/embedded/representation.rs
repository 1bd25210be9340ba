//! An embedded file as it is sent: in which of its forms, by which preconditions, and which parts.

use crate::files::byteranges::Multipart;
use crate::files::cache::Cache;
use crate::files::embedded::file::{EmbeddedFile, Form};
use crate::files::media::{Media, MediaTypes};
use crate::files::name_of;
use crate::files::representation::{CODINGS, selection};
use crate::semantics::accept::Weights;
use crate::semantics::conditional::{Validators, Verdict};
use crate::semantics::range::{self, Selection};
use crate::{ETag, Error, Request, Response, ResponseHead, Result, Sent, Static, StatusCode};

/// What is sent of a file.
struct Chosen<'m> {
    form: Form,
    media: Media<'m>,
    validators: Validators,
    cache_control: Option<&'m str>,
    /// It depends on `Accept-Encoding` which form is sent.
    varies: bool,
}

/// Sends a file to a GET or HEAD.
pub(super) fn send(
    cache: &Cache,
    file: &EmbeddedFile,
    request: &Request<'_>,
    response: Response<'_>,
) -> Result<Sent> {
    let types = MediaTypes::default();
    let chosen = choose(cache, file, &types, request);
    let length = chosen.form.bytes.len() as u64;
    match request.preconditions().evaluate(&chosen.validators) {
        Verdict::Proceed => {}
        Verdict::NotModified => {
            let headers = response.send_response(StatusCode::NOT_MODIFIED);
            return chosen.validators(headers).finish();
        }
        Verdict::Failed => return Err(Error::new(412)),
    }
    let kind = &*chosen.media.kind;
    match selection(request, &chosen.validators, length) {
        Selection::Whole => {
            let headers = response
                .send_response(200)
                .send_header("Content-Type", kind);
            chosen
                .describe(headers)
                .finish_with(Static(chosen.form.bytes))
        }
        Selection::Parts(ranges) => {
            let headers = response.send_response(StatusCode::PARTIAL_CONTENT);
            if let [range] = &ranges[..] {
                let (first, last) = (range.start, range.end - 1);
                let headers = headers
                    .send_header("Content-Type", kind)
                    .send_header("Content-Range", format!("bytes {first}-{last}/{length}"));
                let part = range::part(chosen.form.bytes, range);
                return chosen.describe(headers).finish_with(Static(part));
            }
            let parts = Multipart::new(ranges, kind, length);
            let headers = headers.send_header("Content-Type", parts.kind());
            chosen
                .describe(headers)
                .finish_with(parts.into_bytes(chosen.form.bytes))
        }
        Selection::Unsatisfiable => {
            Err(Error::new(416).header("Content-Range", format!("bytes */{length}")))
        }
    }
}

fn choose<'m>(
    cache: &'m Cache,
    file: &EmbeddedFile,
    types: &'m MediaTypes,
    request: &Request<'_>,
) -> Chosen<'m> {
    let media = types.of(name_of(file.path.as_bytes()));
    let varies = media.is_compressible();
    let accepted = Weights::read(request.headers().get_all("Accept-Encoding"));
    let codings = accepted.codings(&CODINGS.map(|(name, _)| name));
    let sibling = codings
        .iter()
        .filter(|_| varies)
        .find_map(|name| file.in_coding(name));
    let form = sibling.unwrap_or(file.plain);
    let coding = sibling.map(|form| form.coding).or(media.coding);
    let tag = match form.coding {
        "" => ETag::strong(form.tag),
        coding => ETag::strong(format!("{}-{coding}", form.tag)),
    };
    Chosen {
        form,
        media: Media { coding, ..media },
        validators: Validators::new().etag(tag),
        cache_control: cache.of(file.path.as_bytes()),
        varies,
    }
}

impl Chosen<'_> {
    /// What is said of a file that is sent.
    fn describe<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        let headers = headers
            .send_header_if("Content-Encoding", self.media.coding)
            .send_header("Accept-Ranges", "bytes");
        self.validators(headers)
    }

    /// What a 304 says too (RFC 9110 section 15.4.5).
    fn validators<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        headers
            .send_validators(&self.validators)
            .send_header_if("Cache-Control", self.cache_control)
            .send_header_if("Vary", self.varies.then_some("Accept-Encoding"))
    }
}

/// The site's page for what is not there.
pub(super) fn send_not_found(page: &EmbeddedFile, response: Response<'_>) -> Result<Sent> {
    let types = MediaTypes::default();
    let media = types.of(name_of(page.path.as_bytes()));
    response
        .send_response_with(404, "File not found")
        .send_header("Content-Type", &media.kind)
        .finish_with(Static(page.plain.bytes))
}
