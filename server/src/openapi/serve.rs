//! The document and the page as answers of a method.

use crate::openapi::describe::Output;
use crate::openapi::description::{Docs, Document, OpenApi};
use crate::openapi::operation::Operation;
use crate::openapi::page::STYLE_DIGEST;
use crate::{AnswerInfo, Answers, ETag, Reply, Response, Result, Sent, StatusCode, Validators};
use std::hash::{DefaultHasher, Hash, Hasher};

/// `application/json`, OpenAPI 3.1, to be asked for again each time.
impl Reply for &OpenApi {
    const ANSWERS: &'static Answers = JSON;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        self.v3_1().reply(response)
    }
}

/// The same of the version that was asked for.
impl Reply for Document<'_> {
    const ANSWERS: &'static Answers = JSON;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let text = self.text();
        response
            .send_response(StatusCode::OK)
            .send_header("Content-Type", "application/json")
            .send_header("Cache-Control", "no-cache")
            .send_validators(&version(text))
            .finish_with(text.as_bytes())
    }
}

impl Reply for Docs<'_> {
    const ANSWERS: &'static Answers =
        &Answers::new(&[AnswerInfo::new(200).media_type("text/html; charset=utf-8")]);

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let text = self.html();
        let policy = format!(
            "default-src 'none'; style-src '{STYLE_DIGEST}'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        response
            .send_response(StatusCode::OK)
            .send_header("Content-Type", "text/html; charset=utf-8")
            .send_header("Content-Security-Policy", policy)
            .send_header("X-Content-Type-Options", "nosniff")
            .send_header("Referrer-Policy", "no-referrer")
            .send_header("Cache-Control", "no-cache")
            .send_validators(&version(text))
            .finish_with(text.as_bytes())
    }
}

const JSON: &Answers = &Answers::new(&[AnswerInfo::new(200).media_type("application/json")]);

/// A tag that changes with the text.
fn version(text: &str) -> Validators {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    Validators::new().etag(ETag::strong(format!("{:016x}", hasher.finish())))
}

/// Not in itself; the page has a link to it.
impl Output for &OpenApi {
    fn output(operation: &mut Operation<'_>) {
        operation.serves_the_document();
    }
}

impl Output for Document<'_> {
    fn output(operation: &mut Operation<'_>) {
        operation.hide();
    }
}

impl Output for Docs<'_> {
    fn output(operation: &mut Operation<'_>) {
        operation.hide();
    }
}
