//! [`FileHandler`]: serves the files of a directory, as `http.server`'s `SimpleHTTPRequestHandler` does.
//!
//! It is a handler like any other: serve it as it is, or build on it.
//!
//! ```no_run
//! use doget::{FileHandler, HttpServer};
//!
//! let files = FileHandler::new("public")?;
//! HttpServer::bind("localhost:8000")?.serve_forever(files)?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! ```
//! use doget::{FileHandler, handler};
//!
//! struct Site {
//!     files: FileHandler,
//! }
//!
//! #[handler(base(self.files: FileHandler))]
//! impl Site {
//!     #[route("/health")]
//!     fn do_GET_health(&self) -> &'static str {
//!         "well"
//!     }
//! }
//! ```

mod condition;
mod encoding;
mod listing;
mod media;
mod multipart;
pub(crate) mod path;
mod range;
pub(crate) mod root;

pub use root::Symlinks;

use crate::{Error, Headers, Request, Response, Result, Sent, StatusCode, handler, http1};
use condition::{ETag, Preconditions, Validators, Verdict};
use encoding::Coding;
use listing::{Accepted, Format, Listing, Order};
use media::{Media, MediaTypes};
use multipart::Multipart;
use path::{Names, PathError, UrlPath, is_hidden};
use range::Selection;
use root::{Directory, Facts, Kind, Opened, Refusal, Root};
use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::Path;

/// A file up to this size leaves in one write with its head; a larger one by `sendfile`.
const SMALL: u64 = 16 << 10;

/// What a client has to be told of a file that it may keep, if nothing else was said.
const REVALIDATE: &str = "no-cache";

/// Serves the files of a directory, with `GET` and `HEAD`.
///
/// | request | answer |
/// | --- | --- |
/// | a file | 200, or 206, 304, 412 or 416 by its conditions and ranges (RFC 9110 sections 13 and 14) |
/// | a directory without the slash at its end | 301 to the path with it |
/// | a directory | its index page, else a listing: HTML, or JSON or text by `Accept` or `?format=` |
/// | anything else | 404 |
///
/// Only regular files are sent, and only from beneath the directory: `..` is refused in every spelling, symbolic links that lead
/// out are not followed ([`symlinks`](Self::symlinks)), and dot files are not found ([`hidden`](Self::hidden)).
///
/// A file that lies beside its compressed form (`app.js` and `app.js.br`, `.zst` or `.gz`) is sent in the form that the client
/// accepts, unless that one is older.
///
/// The directory is opened once: it stays the same one if it is renamed or replaced.
#[derive(Debug)]
pub struct FileHandler {
    pub(crate) root: Root,
    index: Vec<String>,
    listing: bool,
    pub(crate) hidden: bool,
    precompressed: bool,
    types: MediaTypes,
    cache_control: String,
    headers: Vec<(String, String)>,
    cors: Option<String>,
    spa: Option<String>,
    not_found: Option<String>,
}

/// How a handler is set up.
impl FileHandler {
    /// Serves this directory.
    ///
    /// # Errors
    ///
    /// It is not there, is no directory, or may not be read.
    ///
    /// ```
    /// use doget::FileHandler;
    ///
    /// assert!(FileHandler::new(".").is_ok());
    /// assert!(FileHandler::new("/no/such/directory").is_err());
    /// ```
    pub fn new(directory: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self {
            root: Root::new(directory.as_ref())?,
            index: vec!["index.html".to_owned(), "index.htm".to_owned()],
            listing: true,
            hidden: false,
            precompressed: true,
            types: MediaTypes::default(),
            cache_control: REVALIDATE.to_owned(),
            headers: Vec::new(),
            cors: None,
            spa: None,
            not_found: Some("404.html".to_owned()),
        })
    }

    /// The names of index pages: the first that is there is sent for its directory. Default is `index.html`, `index.htm`.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.index(["default.html"]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn index<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.index = names.into_iter().map(Into::into).collect();
        self
    }

    /// Whether a directory without an index page is listed; if not, it is 404. Default is true.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.listing(false);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn listing(mut self, on: bool) -> Self {
        self.listing = on;
        self
    }

    /// Whether names that begin with a dot are served and listed. Default is false; `/.well-known` is always served
    /// (RFC 8615).
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.hidden(true);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn hidden(mut self, shown: bool) -> Self {
        self.hidden = shown;
        self
    }

    /// Which symbolic links are followed. Default is [`Symlinks::Inside`].
    ///
    /// ```
    /// use doget::{FileHandler, files::Symlinks};
    ///
    /// let files = FileHandler::new(".")?.symlinks(Symlinks::None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn symlinks(mut self, which: Symlinks) -> Self {
        self.root.set_symlinks(which);
        self
    }

    /// Whether compressed siblings are looked for. Default is true.
    ///
    /// Types that can be compressed are then sent with `Vary: Accept-Encoding`. A sibling that is older than the plain file is
    /// not used.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.precompressed(false);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn precompressed(mut self, on: bool) -> Self {
        self.precompressed = on;
        self
    }

    /// The value of `Cache-Control` for files. Default is `no-cache`: a client may keep a file, but asks each time whether it
    /// is still the same. Empty sends none.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.cache_control("public, max-age=3600");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// It cannot be the value of a header.
    #[must_use]
    #[track_caller]
    pub fn cache_control(mut self, value: impl Into<String>) -> Self {
        self.cache_control = value.into();
        assert_field("Cache-Control", &self.cache_control);
        self
    }

    /// The media type of names with this extension, as `http.server`'s `extensions_map`. It goes before the tables; the extension
    /// `""` is for names without one.
    ///
    /// Text without a parameter is sent with `charset=utf-8`.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?
    ///     .content_type("foo", "application/x-foo")
    ///     .content_type("html", "text/html; charset=iso-8859-1");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// The type cannot be the value of a header.
    #[must_use]
    #[track_caller]
    pub fn content_type(mut self, extension: &str, kind: &str) -> Self {
        assert_field("Content-Type", kind);
        self.types.say(extension, kind);
        self
    }

    /// The media type of names that no table knows. Default is `application/octet-stream`.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.default_content_type("text/plain");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// It cannot be the value of a header.
    #[must_use]
    #[track_caller]
    pub fn default_content_type(mut self, kind: &str) -> Self {
        assert_field("Content-Type", kind);
        self.types.set_unknown(kind);
        self
    }

    /// A header to send with every file and listing, ranges included, but not with redirects, 304 and errors.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?
    ///     .header("Cross-Origin-Opener-Policy", "same-origin")
    ///     .header("Cross-Origin-Embedder-Policy", "require-corp");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// The name or the value cannot stand in a header.
    #[must_use]
    #[track_caller]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        assert_field(&name, &value);
        self.headers.push((name, value));
        self
    }

    /// Lets pages of this origin (`*` for all) read the files: `Access-Control-Allow-Origin`, with errors too. Default is none.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.cors("*");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Panics
    ///
    /// It cannot be the value of a header.
    #[must_use]
    #[track_caller]
    pub fn cors(mut self, origin: impl Into<String>) -> Self {
        let origin = origin.into();
        assert_field("Access-Control-Allow-Origin", &origin);
        self.cors = Some(origin);
        self
    }

    /// Sends this file, with 200, where nothing is found and a page was asked for: for applications that route in the browser.
    ///
    /// A page is what a browser navigates to (`Accept` names `text/html`), or a path whose last name has no dot. A missing image
    /// or script stays 404.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.spa("index.html");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn spa(mut self, file: impl Into<String>) -> Self {
        self.spa = Some(file.into());
        self
    }

    /// The file to send with 404, relative to the directory. Default is `404.html`, if it is there; `None` is always the
    /// handler's own error page.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.not_found(Some("errors/missing.html"));
    /// let files = files.not_found(None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn not_found(mut self, file: Option<&str>) -> Self {
        self.not_found = file.map(str::to_owned);
        self
    }
}

#[track_caller]
fn assert_field(name: &str, value: &str) {
    let valid = http1::field(&mut Vec::new(), name, value);
    assert!(valid.is_ok(), "not a header: {name:?}: {value:?}");
}

#[handler(crate = crate)]
impl FileHandler {
    /// Sends the file or the listing.
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.answer(request, response)
    }

    /// As GET, without the body.
    fn do_HEAD(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.answer(request, response)
    }
}

/// What a path leads to.
enum Found {
    File(Plain),
    Directory(Directory),
    /// A directory, by a path without the slash at its end.
    Moved,
    /// A directory that may not be listed.
    Closed,
}

/// A file as it lies in the directory.
struct Plain {
    /// Its path below the root, by which its compressed siblings and its type are found.
    path: Vec<u8>,
    file: File,
    facts: Facts,
}

/// A file as it is sent: a representation (RFC 9110 section 3.2).
struct Chosen<'m> {
    file: File,
    length: u64,
    media: Media<'m>,
    validators: Validators,
    /// It depends on `Accept-Encoding` which one is sent.
    varies: bool,
}

impl FileHandler {
    pub(crate) fn answer(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let path = match UrlPath::parse(request.url_path(), Names::HERE) {
            Ok(path) if self.hidden || !path.is_hidden() => path,
            Err(PathError::Malformed) => {
                return Err(self.error(400).message("Bad percent-encoding in the path"));
            }
            Ok(_) | Err(PathError::NoName) => return self.missing(None, request, response),
        };
        match self.find(&path) {
            Ok(Found::File(plain)) => self.send_file(plain, request, response),
            Ok(Found::Directory(directory)) => {
                self.send_listing(&directory, &path, request, response)
            }
            Ok(Found::Moved) => self
                .begin(response, StatusCode::MOVED_PERMANENTLY)
                .text_header("Location", &path.location(request.query_string()))
                // A known length, so that HEAD tells it too.
                .finish_with_slice(b""),
            Ok(Found::Closed) => Err(self.error(404).message("No permission to list directory")),
            Err(Refusal::NotFound | Refusal::Forbidden) => {
                self.missing(Some(&path), request, response)
            }
            Err(Refusal::Exhausted) => Err(self.exhausted()),
        }
    }

    fn find(&self, path: &UrlPath) -> Result<Found, Refusal> {
        if !path.has_slash() {
            return match self.root.open(path.as_bytes()) {
                Ok(Opened::File(file, facts)) => Ok(Found::File(Plain {
                    path: path.as_bytes().to_vec(),
                    file,
                    facts,
                })),
                Ok(Opened::Directory(_)) => Ok(Found::Moved),
                Err(Refusal::Forbidden) if self.is(Kind::Directory, path.as_bytes()) => {
                    Ok(Found::Moved)
                }
                Err(refusal) => Err(refusal),
            };
        }
        for name in &self.index {
            let index = path.child(name.as_bytes());
            match self.root.open_file(&index) {
                Ok((file, facts)) => {
                    return Ok(Found::File(Plain {
                        path: index,
                        file,
                        facts,
                    }));
                }
                Err(Refusal::Exhausted) => return Err(Refusal::Exhausted),
                // An index page that may not be read does not open its directory (rule FIL-11).
                Err(Refusal::Forbidden) if self.is(Kind::File, &index) => {
                    return Err(Refusal::Forbidden);
                }
                Err(_) => {}
            }
        }
        match self.root.open(path.as_bytes()) {
            Ok(Opened::Directory(_)) if !self.listing => Ok(Found::Closed),
            Ok(Opened::Directory(directory)) => Ok(Found::Directory(directory)),
            // Rule FIL-10.
            Ok(Opened::File(..)) => Err(Refusal::NotFound),
            Err(Refusal::Forbidden) if self.is(Kind::Directory, path.as_bytes()) => {
                Ok(Found::Closed)
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn is(&self, kind: Kind, path: &[u8]) -> bool {
        self.root.look(path).is_ok_and(|facts| facts.kind == kind)
    }

    /// Nothing is there: the application's page, or the site's, or the server's.
    fn missing(
        &self,
        path: Option<&UrlPath>,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        if let (Some(spa), Some(path)) = (&self.spa, path)
            && is_page(path, request)
            && let Some(plain) = self.own_file(spa)?
        {
            return self.send_file(plain, request, response);
        }
        if let Some(name) = &self.not_found
            && let Some(plain) = self.own_file(name)?
        {
            let media = self.types.of(name_of(&plain.path));
            let headers = response.send_response_with(404, "File not found");
            return send_whole(
                self.cors_header(headers)
                    .text_header("Content-Type", &media.kind),
                plain.file,
                plain.facts.length,
                request,
            );
        }
        Err(self.error(404).message("File not found"))
    }

    /// A file that the handler's owner named.
    fn own_file(&self, name: &str) -> Result<Option<Plain>> {
        let path = name.trim_start_matches('/').as_bytes().to_vec();
        match self.root.open_file(&path) {
            Ok((file, facts)) => Ok(Some(Plain { path, file, facts })),
            Err(Refusal::Exhausted) => Err(self.exhausted()),
            Err(_) => Ok(None),
        }
    }

    fn send_file(
        &self,
        plain: Plain,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let chosen = self.choose(plain, request, &response)?;
        match preconditions(request).evaluate(&chosen.validators) {
            Verdict::Proceed => {}
            Verdict::NotModified => {
                let headers = self.begin(response, StatusCode::NOT_MODIFIED);
                return self.validators(headers, &chosen).finish();
            }
            Verdict::Failed => return Err(self.error(412)),
        }
        let kind = &*chosen.media.kind;
        match selection(request, &chosen) {
            Selection::Whole => {
                let headers = self
                    .begin(response, StatusCode::OK)
                    .text_header("Content-Type", kind);
                let headers = self.describe(headers, &chosen);
                send_whole(headers, chosen.file, chosen.length, request)
            }
            Selection::Parts(ranges) => {
                let headers = self.begin(response, StatusCode::PARTIAL_CONTENT);
                if let [range] = &ranges[..] {
                    let (first, length) = (range.start, range.end - range.start);
                    let headers = headers.text_header("Content-Type", kind).send_header(
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
                let headers = headers
                    .text_header("Content-Type", &parts.kind())
                    .send_header("Content-Length", parts.length());
                let mut body = self.describe(headers, &chosen).end_headers()?;
                parts.write(&chosen.file, &mut body)?;
                body.finish()
            }
            Selection::Unsatisfiable => Err(self
                .error(416)
                .header("Content-Range", format!("bytes */{}", chosen.length))),
        }
    }

    /// The plain file, or its compressed sibling.
    fn choose(
        &self,
        plain: Plain,
        request: &Request<'_>,
        response: &Response<'_>,
    ) -> Result<Chosen<'_>> {
        let now = response.outbox.now();
        let media = self.types.of(name_of(&plain.path));
        let varies = self.precompressed && media.is_compressible();
        let chosen = |file, facts: Facts, media, coding| Chosen {
            file,
            length: facts.length,
            media,
            validators: Validators {
                etag: ETag::new(facts.length, facts.modified, facts.inode, coding, now),
                modified: facts.modified,
            },
            varies,
        };
        if varies {
            let accepted = encoding::accepted(request.headers().get_all("Accept-Encoding"));
            for Coding { name, suffix } in accepted {
                let mut sibling = plain.path.clone();
                sibling.extend_from_slice(suffix.as_bytes());
                match self.root.open_file(&sibling) {
                    Ok((file, facts)) if facts.modified >= plain.facts.modified => {
                        let media = Media {
                            coding: Some(name),
                            ..media
                        };
                        return Ok(chosen(file, facts, media, name));
                    }
                    Err(Refusal::Exhausted) => return Err(self.exhausted()),
                    _ => {}
                }
            }
        }
        Ok(chosen(plain.file, plain.facts, media, ""))
    }

    fn send_listing(
        &self,
        directory: &Directory,
        path: &UrlPath,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let at_root = path.as_bytes().is_empty();
        let wanted = |name: &[u8]| self.hidden || !is_hidden(name, at_root);
        let (entries, more) = self
            .root
            .entries(directory, path.as_bytes(), listing::MOST, wanted)
            .map_err(|refusal| match refusal {
                Refusal::Exhausted => self.exhausted(),
                _ => self.error(404).message("No permission to list directory"),
            })?;
        let query = request.query_string();
        let format = Format::choose(query, request.headers().get_all("Accept"));
        let listing = Listing::new(path, &entries, more, Order::choose(query));
        let headers = self
            .begin(response, StatusCode::OK)
            .text_header("Content-Type", format.content_type())
            .text_header("Cache-Control", REVALIDATE)
            .text_header("Vary", "Accept")
            .text_header(
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'",
            )
            .text_header("X-Content-Type-Options", "nosniff")
            .text_header("Referrer-Policy", "no-referrer");
        let mut body = self.extra(headers).end_headers()?;
        listing.write(format, &mut body)?;
        body.finish()
    }

    fn begin<'c>(&self, response: Response<'c>, status: StatusCode) -> Headers<'c> {
        self.cors_header(response.send_response(status))
    }

    fn cors_header<'c>(&self, headers: Headers<'c>) -> Headers<'c> {
        match &self.cors {
            Some(origin) => headers.text_header("Access-Control-Allow-Origin", origin),
            None => headers,
        }
    }

    /// What is said of a file that is sent.
    fn describe<'c>(&self, mut headers: Headers<'c>, chosen: &Chosen<'_>) -> Headers<'c> {
        if let Some(coding) = chosen.media.coding {
            headers = headers.text_header("Content-Encoding", coding);
        }
        let modified = chosen.validators.modified.to_the_second();
        headers = headers
            .text_header("Last-Modified", &crate::HttpDate::new(modified))
            .text_header("Accept-Ranges", "bytes");
        self.extra(self.validators(headers, chosen))
    }

    /// What a 304 says too (RFC 9110 section 15.4.5).
    fn validators<'c>(&self, headers: Headers<'c>, chosen: &Chosen<'_>) -> Headers<'c> {
        let mut headers = headers.text_header("ETag", &chosen.validators.etag.text());
        if !self.cache_control.is_empty() {
            headers = headers.text_header("Cache-Control", &self.cache_control);
        }
        if chosen.varies {
            headers = headers.text_header("Vary", "Accept-Encoding");
        }
        headers
    }

    /// The headers that were asked for (rule XHD-01).
    fn extra<'c>(&self, headers: Headers<'c>) -> Headers<'c> {
        self.headers.iter().fold(headers, |headers, (name, value)| {
            headers.send_header(name, value)
        })
    }

    fn error(&self, status: u16) -> Error {
        let error = Error::new(status);
        match &self.cors {
            Some(origin) => error.header("Access-Control-Allow-Origin", origin.clone()),
            None => error,
        }
    }

    fn exhausted(&self) -> Error {
        self.error(503).header("Retry-After", "1")
    }
}

fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}

/// Whether a path that leads to nothing may be one of an application's pages.
fn is_page(path: &UrlPath, request: &Request<'_>) -> bool {
    !path.name().contains(&b'.')
        || Accepted::read(request.headers().get_all("Accept")).names("text/html")
}

fn preconditions<'r>(request: &Request<'r>) -> Preconditions<'r> {
    let fields = request.headers();
    let list = |name| {
        let mut lines = fields.get_all(name);
        let first = lines.next()?.to_owned();
        Some(lines.fold(first, |list, line| list + ", " + line))
    };
    Preconditions {
        if_match: list("If-Match"),
        if_none_match: list("If-None-Match"),
        if_modified_since: fields.get("If-Modified-Since"),
        if_unmodified_since: fields.get("If-Unmodified-Since"),
    }
}

/// Only GET has ranges (RFC 9110 section 14.2).
fn selection(request: &Request<'_>, chosen: &Chosen<'_>) -> Selection {
    let fields = request.headers();
    match fields.get("Range") {
        Some(range)
            if request.command() == "GET"
                && fields
                    .get_bytes("If-Range")
                    .is_none_or(|value| is_current(value, chosen)) =>
        {
            range::select(range, chosen.length)
        }
        _ => Selection::Whole,
    }
}

fn is_current(if_range: &[u8], chosen: &Chosen<'_>) -> bool {
    std::str::from_utf8(if_range).is_ok_and(|value| condition::if_range(value, &chosen.validators))
}

fn send_whole(
    headers: Headers<'_>,
    file: File,
    length: u64,
    request: &Request<'_>,
) -> Result<Sent> {
    thread_local! {
        static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    if length > SMALL || request.command() == "HEAD" {
        return headers.finish_with_file(file, 0, length);
    }
    ROOM.with_borrow_mut(|room| {
        room.resize(usize::try_from(SMALL).unwrap_or_default(), 0);
        let whole = usize::try_from(length).unwrap_or_default();
        let room = room.get_mut(..whole).unwrap_or_default();
        match read_exactly(&file, room) {
            Ok(()) => headers.finish_with_slice(room),
            // It became shorter just now; the engine cuts the connection where it ends.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                headers.finish_with_file(file, 0, length)
            }
            Err(error) => Err(Error::internal(error)),
        }
    })
}

fn read_exactly(file: &File, room: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, filled as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            got => filled += got,
        }
    }
    Ok(())
}

/// Something that can be read from any position.
trait Contents {
    /// Reads some bytes from this position on; 0 at the end.
    fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize>;
}

impl Contents for File {
    fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
        loop {
            #[cfg(unix)]
            let result = std::os::unix::fs::FileExt::read_at(self, room, at);
            #[cfg(windows)]
            let result = std::os::windows::fs::FileExt::seek_read(self, room, at);
            match result {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}
