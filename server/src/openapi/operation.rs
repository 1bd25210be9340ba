//! [`Operation`]: what is known of one method and route while it is described.

use crate::StatusCode;
use crate::openapi::schema::{Components, Schema};
use schemars::JsonSchema;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A method and route of a handler, to which its parameters, its answer and its errors add what they are.
///
/// [`Input`](crate::openapi::Input) and [`Output`](crate::openapi::Output) are given one.
#[derive(Debug)]
pub struct Operation<'a> {
    pub(crate) record: &'a mut Record,
    pub(crate) components: &'a mut Components,
    /// The comment on the parameter that is described now.
    pub(crate) comment: &'static str,
}

/// Everything that is known of an operation.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) method: &'static str,
    /// The pattern; `None` if the method answers every path, which no document can say.
    pub(crate) route: Option<Cow<'static, str>>,
    pub(crate) id: String,
    pub(crate) docs: String,
    pub(crate) tag: &'static str,
    pub(crate) deprecated: bool,
    pub(crate) hidden: bool,
    /// Its answer is the document.
    pub(crate) is_document: bool,
    /// Its answer is the document or the page, in whichever version.
    pub(crate) is_description: bool,
    pub(crate) errors: ErrorBody,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Option<RequestBody>,
    pub(crate) answers: Vec<Answer>,
    /// Status, `None` for any other, and what it means.
    pub(crate) faults: Vec<(Option<u16>, String)>,
    pub(crate) schemes: Vec<Scheme>,
    /// Schemes that may be left out.
    pub(crate) optional_schemes: Vec<Scheme>,
    pub(crate) remarks: Vec<String>,
}

/// What the body of an error is, for all operations of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ErrorBody {
    /// The page of the crate.
    #[default]
    Page,
    /// RFC 9457: `#[handler(problem)]`.
    Problem,
    /// Whatever the `send_error` of the block sends.
    Unknown,
}

impl Operation<'_> {
    /// The comment of the parameter that is described, or nothing.
    #[must_use]
    pub fn comment(&self) -> &'static str {
        self.comment
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.record.method
    }

    /// The schema of a type as it is read from a request.
    pub fn request_schema<T: JsonSchema + ?Sized>(&mut self) -> Schema {
        self.check_name::<T>();
        self.components.request::<T>()
    }

    /// The schema of a type as it is written into an answer.
    pub fn answer_schema<T: JsonSchema + ?Sized>(&mut self) -> Schema {
        self.check_name::<T>();
        self.components.answer::<T>()
    }

    fn check_name<T: JsonSchema + ?Sized>(&mut self) {
        if let Some(other) = self.components.namesake::<T>() {
            let (name, this) = (T::schema_name(), T::schema_id());
            let remark = format!(
                "`{this}` and `{other}` have the same name, so one of them has a number: rename one with \
                 `#[schemars(rename = \"..\")]` (`{name}`)"
            );
            self.remark(remark);
        }
    }

    /// Adds a parameter. One that is there already, of the same place and name, stays as it is.
    pub fn parameter(&mut self, parameter: Parameter) -> &mut Self {
        let known = self
            .record
            .parameters
            .iter()
            .any(|other| other.place == parameter.place && other.name == parameter.name);
        if !known {
            self.record.parameters.push(parameter);
        }
        self
    }

    /// The request has a body of this media type. Called again, it adds another type that is accepted as well.
    pub fn body(&mut self, media_type: &str, schema: Schema) -> &mut Self {
        let comment = self.comment;
        let body = self.record.body.get_or_insert_with(|| RequestBody {
            required: true,
            ..RequestBody::default()
        });
        if body.description.is_empty() {
            comment.clone_into(&mut body.description);
        }
        body.content.push((media_type.to_owned(), schema));
        self
    }

    /// The media types that a part of a body of `multipart/form-data` may have, separated by commas.
    pub(crate) fn part_type(&mut self, name: &'static str, media_types: String) {
        if let Some(body) = &mut self.record.body {
            body.part_types.push((name, media_types));
        }
    }

    /// Adds an answer. Of one status and media type the first counts.
    pub fn answer(&mut self, answer: Answer) -> &mut Self {
        match self
            .record
            .answers
            .iter_mut()
            .find(|known| known.status == answer.status)
        {
            Some(known) => known.add(answer),
            None => self.record.answers.push(answer),
        }
        self
    }

    /// An error that is answered with the page, or the problem body, of the handler; the description says when.
    pub fn fault(&mut self, status: impl Into<StatusCode>, description: &str) -> &mut Self {
        let status = status.into().as_u16();
        self.add_fault(Some(status), description)
    }

    /// Errors of statuses that are not known beforehand: the `default` answer.
    pub fn any_fault(&mut self) -> &mut Self {
        self.add_fault(None, "Any other error.")
    }

    fn add_fault(&mut self, status: Option<u16>, description: &str) -> &mut Self {
        let known = self
            .record
            .faults
            .iter_mut()
            .find(|(other, _)| *other == status);
        match known {
            Some((_, text)) if description.is_empty() || text.contains(description) => {}
            Some((_, text)) => {
                if !text.is_empty() {
                    text.push_str("\n\n");
                }
                text.push_str(description);
            }
            None => self.record.faults.push((status, description.to_owned())),
        }
        self
    }

    /// The request has to carry this credential. Several are asked for together.
    pub fn security(&mut self, scheme: Scheme) -> &mut Self {
        self.record
            .optional_schemes
            .retain(|known| *known != scheme);
        if !self.record.schemes.contains(&scheme) {
            self.record.schemes.push(scheme);
        }
        self
    }

    /// Whatever `describe` adds may be absent: parameters, a body, credentials.
    pub fn optional(&mut self, describe: impl FnOnce(&mut Operation<'_>)) -> &mut Self {
        let (parameters, schemes) = (self.record.parameters.len(), self.record.schemes.len());
        let body = self.record.body.is_some();
        describe(&mut self.again());
        for parameter in self.record.parameters.iter_mut().skip(parameters) {
            parameter.required = false;
        }
        if let (false, Some(new)) = (body, &mut self.record.body) {
            new.required = false;
        }
        let schemes = self.record.schemes.drain(schemes..);
        self.record.optional_schemes.extend(schemes);
        self
    }

    /// What `describe` answers with 200 is answered with this status.
    pub fn with_status(
        &mut self,
        status: impl Into<StatusCode>,
        describe: impl FnOnce(&mut Operation<'_>),
    ) -> &mut Self {
        let before = std::mem::take(&mut self.record.answers);
        describe(&mut self.again());
        let status = status.into().as_u16();
        let new = std::mem::replace(&mut self.record.answers, before);
        for mut answer in new {
            if answer.status == 200 {
                answer.status = status;
            }
            self.answer(answer);
        }
        self
    }

    /// What `describe` answers has one more header field.
    pub fn with_header(
        &mut self,
        name: &str,
        schema: Schema,
        describe: impl FnOnce(&mut Operation<'_>),
    ) -> &mut Self {
        let before = std::mem::take(&mut self.record.answers);
        describe(&mut self.again());
        let new = std::mem::replace(&mut self.record.answers, before);
        for answer in new {
            self.answer(answer.header(name, schema.clone()));
        }
        self
    }

    /// What `describe` answers means this, unless it says what it means.
    #[doc(hidden)]
    pub fn described_as(
        &mut self,
        text: &str,
        describe: impl FnOnce(&mut Operation<'_>),
    ) -> &mut Self {
        let before = std::mem::take(&mut self.record.answers);
        describe(&mut self.again());
        let new = std::mem::replace(&mut self.record.answers, before);
        for mut answer in new {
            if answer.description.is_empty() {
                text.clone_into(&mut answer.description);
            }
            self.answer(answer);
        }
        self
    }

    /// Leaves the operation out of the document.
    pub fn hide(&mut self) -> &mut Self {
        self.record.hidden = true;
        self
    }

    /// Its answer is the document itself.
    pub(crate) fn serves_the_document(&mut self) {
        self.record.is_document = true;
        self.serves_the_description();
    }

    /// Its answer is the document in some version, or the page.
    pub(crate) fn serves_the_description(&mut self) {
        self.record.is_description = true;
        self.hide();
    }

    /// Says what is not described, for [`OpenApi::undescribed`](crate::openapi::OpenApi::undescribed).
    pub fn remark(&mut self, text: impl Into<String>) -> &mut Self {
        let text = text.into();
        if !self.record.remarks.contains(&text) {
            self.record.remarks.push(text);
        }
        self
    }

    fn again(&mut self) -> Operation<'_> {
        Operation {
            record: self.record,
            components: self.components,
            comment: self.comment,
        }
    }
}

/// Where a parameter stands in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum In {
    Path,
    Query,
    Header,
    Cookie,
}

impl In {
    pub(crate) fn name(self) -> &'static str {
        match self {
            In::Path => "path",
            In::Query => "query",
            In::Header => "header",
            In::Cookie => "cookie",
        }
    }
}

/// A part of the path, a field of the query, a header field or a cookie. It is required text until told otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub(crate) place: In,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) required: bool,
    pub(crate) deprecated: bool,
    pub(crate) schema: Schema,
    /// A placeholder that takes slashes.
    pub(crate) rest: bool,
}

impl Parameter {
    fn new(place: In, name: impl Into<String>) -> Self {
        Self {
            place,
            name: name.into(),
            description: String::new(),
            required: true,
            deprecated: false,
            schema: Schema::string(),
            rest: false,
        }
    }

    /// A part of the path.
    pub fn path(name: impl Into<String>) -> Self {
        Self::new(In::Path, name)
    }

    /// A field of the query.
    pub fn query(name: impl Into<String>) -> Self {
        Self::new(In::Query, name)
    }

    /// A header field.
    pub fn header(name: impl Into<String>) -> Self {
        Self::new(In::Header, name)
    }

    /// A cookie.
    pub fn cookie(name: impl Into<String>) -> Self {
        Self::new(In::Cookie, name)
    }

    /// What it is, in CommonMark.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// It may be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// It should not be used any more.
    #[must_use]
    pub fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    /// What its value looks like.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = schema;
        self
    }
}

/// The body of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestBody {
    pub(crate) description: String,
    pub(crate) required: bool,
    pub(crate) content: Vec<(String, Schema)>,
    /// What the parts of a body with several may be.
    pub(crate) part_types: Vec<(&'static str, String)>,
}

/// An answer of one status.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) description: String,
    pub(crate) content: Vec<(String, Schema)>,
    pub(crate) headers: BTreeMap<String, Schema>,
}

impl Answer {
    /// An answer of this status, without a body. Its description is that of RFC 9110.
    pub fn new(status: impl Into<StatusCode>) -> Self {
        Self {
            status: status.into().as_u16(),
            description: String::new(),
            content: Vec::new(),
            headers: BTreeMap::new(),
        }
    }

    /// When it is sent, in CommonMark.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// Its body, of this media type.
    #[must_use]
    pub fn content(mut self, media_type: impl Into<String>, schema: Schema) -> Self {
        self.content.push((media_type.into(), schema));
        self
    }

    /// A header field that it has.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, schema: Schema) -> Self {
        self.headers.insert(name.into(), schema);
        self
    }

    fn add(&mut self, other: Answer) {
        for (media_type, schema) in other.content {
            if !self.content.iter().any(|(known, _)| *known == media_type) {
                self.content.push((media_type, schema));
            }
        }
        for (name, schema) in other.headers {
            self.headers.entry(name).or_insert(schema);
        }
        if self.description.is_empty() {
            self.description = other.description;
        }
    }
}

/// A way to say who one is: a security scheme of OpenAPI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) kind: SchemeKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SchemeKind {
    /// A scheme of `Authorization`, and the format of its token, if that is known.
    Http(&'static str, String),
    /// A header field, a field of the query or a cookie.
    Key(In, String),
}

impl Scheme {
    /// A name and a password in `Authorization` (RFC 7617).
    #[must_use]
    pub fn basic() -> Self {
        Self::new("basic", SchemeKind::Http("basic", String::new()))
    }

    /// A token in `Authorization` (RFC 6750), and what it is: `JWT`, or nothing.
    pub fn bearer(format: impl Into<String>) -> Self {
        Self::new("bearer", SchemeKind::Http("bearer", format.into()))
    }

    /// A key in this header field.
    pub fn header(field: impl Into<String>) -> Self {
        let field = field.into();
        Self::new(&field.clone(), SchemeKind::Key(In::Header, field))
    }

    /// A key in this cookie.
    pub fn cookie(name: impl Into<String>) -> Self {
        let name = name.into();
        Self::new(&name.clone(), SchemeKind::Key(In::Cookie, name))
    }

    fn new(name: &str, kind: SchemeKind) -> Self {
        Self {
            // The names of components are letters, digits, `.`, `-` and `_`.
            name: name
                .chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() || "._-".contains(c) {
                        c
                    } else {
                        '_'
                    }
                })
                .collect(),
            description: String::new(),
            kind,
        }
    }

    /// The name that it has in the document: `basic`, `bearer`, or that of the field or cookie, until told otherwise.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Self::new(name, self.kind.clone()).name;
        self
    }

    /// How one gets it, in CommonMark.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }
}
