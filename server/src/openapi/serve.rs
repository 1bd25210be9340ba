//! The document and the page as answers of a method.

use crate::openapi::describe::Output;
use crate::openapi::description::{Docs, Document, OpenApi};
use crate::openapi::operation::Operation;
use crate::openapi::page::STYLE_DIGEST;
use crate::reply::cached::CONDITIONAL;
use crate::{AnswerInfo, Answers, Cached, Reply, Response, Result, Sent, StatusCode};

/// `application/json`, OpenAPI 3.1, to be asked for again each time: 304 for who has it already.
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
        let built = self.api.built_for(path(&response));
        let document = self.version_of(&built);
        let body = Typed {
            media_type: "application/json",
            text: &document.text,
        };
        Cached::new(body).etag(document.tag.clone()).reply(response)
    }
}

/// `text/html` under a policy that allows its style and nothing else; 304 for who has it already.
impl Reply for Docs<'_> {
    const ANSWERS: &'static Answers = HTML;

    fn reply(self, response: Response<'_>) -> Result<Sent> {
        let built = self.0.built_for(path(&response));
        let page = self.page_of(&built);
        let policy = format!(
            "default-src 'none'; style-src '{STYLE_DIGEST}'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'"
        );
        let body = Typed {
            media_type: "text/html; charset=utf-8",
            text: &page.text,
        };
        let response = response
            .with_header("Content-Security-Policy", policy)
            .with_header("X-Content-Type-Options", "nosniff")
            .with_header("Referrer-Policy", "no-referrer");
        Cached::new(body).etag(page.tag.clone()).reply(response)
    }
}

/// The path of the request, of which the handler may know an end only.
fn path<'c>(response: &Response<'c>) -> &'c str {
    response.exchange.asked.map_or("", |(head, _)| head.path())
}

/// A text of a media type.
struct Typed<'t> {
    media_type: &'static str,
    text: &'t str,
}

impl Reply for Typed<'_> {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response
            .send_response(StatusCode::OK)
            .send_header("Content-Type", self.media_type)
            .finish_with(self.text.as_bytes())
    }
}

const JSON: &Answers = &Answers::new(CONDITIONAL).within(&[&Answers::new(&[
    AnswerInfo::new(200).media_type("application/json")
])]);

const HTML: &Answers = &Answers::new(CONDITIONAL).within(&[&Answers::new(&[
    AnswerInfo::new(200).media_type("text/html; charset=utf-8")
])]);

/// Not in itself; the page has a link to it.
impl Output for &OpenApi {
    fn output(operation: &mut Operation<'_>) {
        operation.serves_the_document();
    }
}

impl Output for Document<'_> {
    fn output(operation: &mut Operation<'_>) {
        operation.serves_the_description();
    }
}

impl Output for Docs<'_> {
    fn output(operation: &mut Operation<'_>) {
        operation.serves_the_description();
    }
}
