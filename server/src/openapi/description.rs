//! [`OpenApi`]: what is known of a handler, as a document in two versions and as a page.

use crate::openapi::api::Api;
use crate::openapi::contracts::Contracts;
use crate::openapi::document::{Info, document, listed, omission, remarks};
use crate::openapi::operation::Record;
use crate::openapi::{json_text, page, v3_0};
use crate::{Declared, ETag};
use serde_json::Value;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The description of a handler: its operations, their parameters, answers and errors, as `#[handler]` finds them in
/// types and comments.
///
/// No instance is needed, so a test or a build step can have it as well as a method that serves it.
#[derive(Debug)]
pub struct OpenApi {
    info: Info,
    records: Vec<Record>,
    tags: Vec<(&'static str, &'static str)>,
    contracts: Contracts,
    built: OnceLock<Arc<Built>>,
    /// The same below the prefix that was last asked for: there is one of it, and a client spells it as it likes.
    below: Mutex<Option<Arc<Built>>>,
}

/// What is made once and sent often.
#[derive(Debug)]
pub(crate) struct Built {
    /// Where the handler is mounted.
    prefix: String,
    v3_1: Value,
    text: Versioned,
    old_text: OnceLock<Versioned>,
    html: OnceLock<Versioned>,
}

/// A text, and the tag that clients know it by.
#[derive(Debug)]
pub(crate) struct Versioned {
    pub(crate) text: String,
    pub(crate) tag: ETag,
}

impl Versioned {
    fn new(text: String) -> Self {
        let tag = ETag::of_bytes(text.as_bytes());
        Self { text, tag }
    }
}

impl OpenApi {
    /// The description of `H`, the title of the API and its version.
    pub fn of<H: Declared + ?Sized>(title: impl Into<String>, version: impl Into<String>) -> Self {
        let mut api = Api::new();
        H::describe(&mut api);
        let Api {
            mut records,
            components,
            tags,
            ..
        } = api;
        distinguish(&mut records);
        let description = tags.first().map_or("", |(_, docs)| docs).to_owned();
        Self {
            info: Info {
                title: title.into(),
                version: version.into(),
                description,
                servers: Vec::new(),
            },
            records,
            tags,
            contracts: components.into_contracts(),
            built: OnceLock::new(),
            below: Mutex::default(),
        }
    }

    /// What the API is for, in CommonMark. It is the comment on the `impl` block until told otherwise.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.info.description = text.into();
        self.anew()
    }

    /// An address at which the API is served.
    ///
    /// Without one the document has none, which stands for the root of the server that sent it. Only where the
    /// document is asked for below a prefix, since the handler is mounted there, that prefix is the address: the
    /// handler's routes have none.
    #[must_use]
    pub fn server(mut self, url: impl Into<String>, description: impl Into<String>) -> Self {
        self.info.servers.push((url.into(), description.into()));
        self.anew()
    }

    fn anew(mut self) -> Self {
        self.built = OnceLock::new();
        self.below = Mutex::default();
        self
    }

    /// The document as text: OpenAPI 3.1, keys sorted.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.built().text.text.clone()
    }

    /// The document as OpenAPI 3.1, to be sent.
    #[must_use]
    pub fn v3_1(&self) -> Document<'_> {
        Document {
            api: self,
            old: false,
        }
    }

    /// The document as OpenAPI 3.0, for tools that know no later version.
    ///
    /// Two things that some of those tools refuse are in it all the same: cookies as parameters, and several media
    /// types of one answer.
    #[must_use]
    pub fn v3_0(&self) -> Document<'_> {
        Document {
            api: self,
            old: true,
        }
    }

    /// The page that shows the API to people, to be sent.
    #[must_use]
    pub fn page(&self) -> Docs<'_> {
        Docs(self)
    }

    /// OpenAPI 3.1.
    pub(crate) fn value(&self) -> &Value {
        &self.built().v3_1
    }

    fn built(&self) -> &Arc<Built> {
        self.built
            .get_or_init(|| Arc::new(self.build(String::new(), &self.info)))
    }

    fn build(&self, prefix: String, info: &Info) -> Built {
        let v3_1 = document(info, &self.records, &self.tags, &self.contracts);
        Built {
            prefix,
            text: Versioned::new(json_text::pretty(&v3_1)),
            v3_1,
            old_text: OnceLock::new(),
            html: OnceLock::new(),
        }
    }

    /// What is sent to who asks for this path.
    pub(crate) fn built_for(&self, path: &str) -> Arc<Built> {
        let prefix = self.prefix(path);
        if prefix.is_empty() {
            return Arc::clone(self.built());
        }
        let mut below = self.below.lock().unwrap_or_else(PoisonError::into_inner);
        match &*below {
            Some(built) if built.prefix == prefix => Arc::clone(built),
            _ => {
                let mut info = self.info.clone();
                info.servers.push((prefix.to_owned(), String::new()));
                let built = Arc::new(self.build(prefix.to_owned(), &info));
                Arc::clone(below.insert(built))
            }
        }
    }

    /// What stands before the route of the method that sends the description. A handler that is described together
    /// with those around it has their prefixes in its routes already.
    fn prefix<'p>(&self, path: &'p str) -> &'p str {
        if !self.info.servers.is_empty() {
            return "";
        }
        let routes = self
            .records
            .iter()
            .filter(|record| record.is_description)
            .filter_map(|record| record.route.as_deref());
        let prefixes = routes.filter_map(|route| path.strip_suffix(route));
        prefixes.min_by_key(|prefix| prefix.len()).unwrap_or("")
    }

    /// What the document does not say, since a type does not say it or a comment is missing.
    pub fn undescribed(&self) -> impl Iterator<Item = Remark> {
        let listed = self
            .records
            .iter()
            .filter(|record| omission(record).is_none());
        listed.flat_map(|record| {
            remarks(record).into_iter().map(|text| Remark {
                operation: name(record),
                text,
            })
        })
    }

    /// The methods that are not in the document, and why.
    pub fn omitted(&self) -> impl Iterator<Item = Remark> {
        self.records.iter().filter_map(|record| {
            Some(Remark {
                operation: name(record),
                text: omission(record)?.to_owned(),
            })
        })
    }
}

/// The document in one of its versions: [`OpenApi::v3_1`] and [`OpenApi::v3_0`].
#[derive(Clone, Copy, Debug)]
pub struct Document<'a> {
    pub(crate) api: &'a OpenApi,
    old: bool,
}

impl Document<'_> {
    /// The document as text, keys sorted.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.version_of(self.api.built()).text.clone()
    }

    pub(crate) fn version_of<'b>(&self, built: &'b Built) -> &'b Versioned {
        match self.old {
            true => built
                .old_text
                .get_or_init(|| Versioned::new(json_text::pretty(&v3_0::downgrade(&built.v3_1)))),
            false => &built.text,
        }
    }
}

/// The page that shows a description to people: [`OpenApi::page`]. It has no script, nothing of it comes from
/// elsewhere, and its `Content-Security-Policy` says so.
#[derive(Clone, Copy, Debug)]
pub struct Docs<'a>(pub(crate) &'a OpenApi);

impl Docs<'_> {
    /// The page as text.
    #[must_use]
    pub fn to_html(&self) -> String {
        self.page_of(self.0.built()).text.clone()
    }

    pub(crate) fn page_of<'b>(&self, built: &'b Built) -> &'b Versioned {
        built.html.get_or_init(|| {
            let at = self
                .0
                .records
                .iter()
                .find(|record| record.is_document && record.method == "GET");
            let at = at.and_then(|record| record.route.as_deref());
            let at = at.map(|route| format!("{}{route}", built.prefix));
            let listed = listed(&self.0.records, &built.v3_1);
            Versioned::new(page::page(&built.v3_1, &listed, at.as_deref()))
        })
    }
}

/// `GET /users/{id}`
fn name(record: &Record) -> String {
    format!(
        "{} {}",
        record.method,
        record.route.as_deref().unwrap_or("*")
    )
}

/// Gives each operation a name of its own: a base may have one that the block has too.
fn distinguish(records: &mut [Record]) {
    let mut seen: Vec<String> = Vec::new();
    for record in records
        .iter_mut()
        .filter(|record| omission(record).is_none())
    {
        let (plain, mut number) = (record.id.clone(), 1);
        while seen.contains(&record.id) {
            number += 1;
            record.id = format!("{plain}_{number}");
        }
        seen.push(record.id.clone());
    }
}

/// Something about an operation that its author should know.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remark {
    /// Its method and route.
    pub operation: String,
    /// What there is to say.
    pub text: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.text)
    }
}
