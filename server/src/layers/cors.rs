//! [`Cors`]: which pages of other origins may read the answers (the Fetch standard, section 3.2).

use crate::handler::gate::Gate;
use crate::layers::Layer;
use crate::layers::origin::{is_preflight, normal};
use crate::response::encoded_fields::EncodedFields;
use crate::response::promised::Promised;
use crate::{Error, Request, Result};
use std::marker::PhantomData;
use std::time::Duration;

/// Pages of every origin: see [`Cors::any`].
#[derive(Clone, Copy, Debug)]
pub enum AnyOrigin {}

/// Pages of the origins of a list: see [`Cors::origins`].
#[derive(Clone, Copy, Debug)]
pub enum ListedOrigins {}

/// A [`Layer`] that lets pages of other origins read the answers, error pages included, and answers their preflights
/// before authentication and limits, which browsers do not pass on them.
///
/// Origins are compared as a whole: there are no patterns. `null`, which is the origin of every page that hides its
/// own, is never let in. Credentials cannot be combined with all origins: that does not compile.
///
/// ```
/// use doget::{Cors, handler, testing};
///
/// struct Api;
///
/// #[handler]
/// impl Api {
///     fn do_GET(&self) -> &'static str {
///         "data"
///     }
/// }
///
/// let cors = Cors::origins(["https://app.example"])?.credentials().headers(["Content-Type"])?;
/// let api = doget::with(cors, Api);
/// let answer = testing::get("/").header("Origin", "https://app.example").send(&api);
/// assert_eq!(answer.header("Access-Control-Allow-Origin"), Some("https://app.example"));
/// let answer = testing::get("/").header("Origin", "https://barapp.example").send(&api);
/// assert_eq!(answer.header("Access-Control-Allow-Origin"), None);
/// # Ok::<(), doget::Error>(())
/// ```
///
/// ```compile_fail
/// doget::Cors::any().credentials();
/// ```
#[derive(Clone, Debug)]
pub struct Cors<P> {
    /// In the form in which browsers send them, each with what its pages are told; none where all are let in.
    origins: Vec<(String, EncodedFields)>,
    /// What all others are told.
    others: EncodedFields,
    any: bool,
    credentials: bool,
    methods: String,
    headers: String,
    expose: String,
    max_age: String,
    policy: PhantomData<P>,
}

impl Cors<AnyOrigin> {
    /// Pages of all origins may read, without credentials.
    #[must_use]
    pub fn any() -> Self {
        Self::new(Vec::new(), true)
    }
}

impl Cors<ListedOrigins> {
    /// Pages of these origins may read: `https://app.example`, `http://localhost:3000`.
    ///
    /// # Errors
    ///
    /// A text that no browser sends as an origin: without a scheme, with a path, `*`, `null`.
    pub fn origins<O: AsRef<str>>(origins: impl IntoIterator<Item = O>) -> Result<Self> {
        let origins = origins.into_iter().map(|origin| {
            let origin = origin.as_ref();
            normal(origin).ok_or_else(|| {
                Error::internal(format!(
                    "{origin:?} is no origin: write scheme://host or scheme://host:port"
                ))
            })
        });
        Ok(Self::new(origins.collect::<Result<_>>()?, false))
    }

    /// Pages may send cookies and HTTP authentication along.
    #[must_use]
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self.encode()
    }
}

impl<P> Cors<P> {
    fn new(origins: Vec<String>, any: bool) -> Self {
        let origins = origins.into_iter();
        let cors = Self {
            origins: origins
                .map(|origin| (origin, EncodedFields::default()))
                .collect(),
            others: EncodedFields::default(),
            any,
            credentials: false,
            methods: "GET, HEAD, POST, PUT, PATCH, DELETE".to_owned(),
            headers: "Content-Type, Authorization".to_owned(),
            expose: String::new(),
            max_age: "3600".to_owned(),
            policy: PhantomData,
        };
        cors.encode()
    }

    /// Writes what is promised anew, so that a request only has it copied.
    fn encode(mut self) -> Self {
        let mut origins = std::mem::take(&mut self.origins);
        for (origin, fields) in &mut origins {
            *fields = self.fields(Some(origin));
        }
        self.others = self.fields(self.any.then_some("*"));
        self.origins = origins;
        self
    }

    /// What pages are told whose origin is let in as this.
    fn fields(&self, allowed: Option<&str>) -> EncodedFields {
        let allowed = allowed.unwrap_or_default();
        let credentials = if self.credentials { "true" } else { "" };
        let mut fields = EncodedFields::default();
        if !self.any {
            // All of these are valid: the names of a list are tokens, and an origin was taken apart.
            let _ = fields.add("Vary", "Origin");
        }
        for (name, value) in [
            ("Access-Control-Allow-Origin", allowed),
            ("Access-Control-Allow-Credentials", credentials),
            ("Access-Control-Expose-Headers", &self.expose),
        ] {
            if !allowed.is_empty() && !value.is_empty() {
                let _ = fields.add(name, value);
            }
        }
        fields
    }

    /// The methods that pages may use. The default is `GET, HEAD, POST, PUT, PATCH, DELETE`.
    ///
    /// # Errors
    ///
    /// A name that is no token.
    pub fn methods<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Result<Self> {
        self.methods = list(names)?;
        Ok(self)
    }

    /// The headers that pages may send, beside those that they always may. The default is `Content-Type,
    /// Authorization`.
    ///
    /// # Errors
    ///
    /// A name that is no token.
    pub fn headers<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Result<Self> {
        self.headers = list(names)?;
        Ok(self)
    }

    /// The headers that pages may read, beside those that they always may. None by default.
    ///
    /// # Errors
    ///
    /// A name that is no token.
    pub fn expose<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Result<Self> {
        self.expose = list(names)?;
        Ok(self.encode())
    }

    /// For how long a browser may keep the answer to a preflight. The default is an hour.
    #[must_use]
    pub fn max_age(mut self, time: Duration) -> Self {
        self.max_age = time.as_secs().to_string();
        self
    }

    /// What pages of the origin of this request are told, if it is one of the list.
    fn listed(&self, request: &Request<'_>) -> Option<&EncodedFields> {
        if self.any {
            return None;
        }
        let origin = request.headers().get_bytes("Origin")?;
        let mut known = self.origins.iter();
        let (_, fields) = known.find(|(known, _)| known.as_bytes() == origin)?;
        Some(fields)
    }
}

/// Names as the value of one field.
fn list<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> Result<String> {
    let mut all = String::new();
    for name in names {
        let name = name.as_ref();
        if !crate::is_valid_field(name, "") {
            return Err(Error::internal(format!("{name:?} is no token")));
        }
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(name);
    }
    Ok(all)
}

impl<P> Layer for Cors<P> {
    fn promise(&self, request: &Request<'_>, promised: &mut Promised) {
        promised.encoded(self.listed(request).unwrap_or(&self.others));
    }

    fn gate<'l>(&'l self, request: &Request<'_>, _: &mut Promised) -> Result<Gate<'l>> {
        if request.method() != "OPTIONS" || !is_preflight(request) {
            return Ok(Gate::Pass);
        }
        let is_allowed = self.any || self.listed(request).is_some();
        Ok(Gate::answer(move |response| {
            let head = response.send_response(204);
            if !is_allowed {
                return head.finish();
            }
            head.send_header("Access-Control-Allow-Methods", &self.methods)
                .send_header("Access-Control-Allow-Headers", &self.headers)
                .send_header("Access-Control-Max-Age", &self.max_age)
                .finish()
        }))
    }
}
