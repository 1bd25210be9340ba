//! [`FileHandler`]: serves the files of a directory, as `http.server`'s `SimpleHTTPRequestHandler` does.

mod archive;
mod archive_sender;
mod byteranges;
mod cache;
mod cors;
#[cfg(feature = "embed")]
pub(crate) mod embedded;
mod head_markup;
mod listing;
mod media;
mod name;
mod not_found;
pub(crate) mod path;
mod programs;
mod representation;
pub(crate) mod root;
mod setting_error;
mod settings;
#[cfg(all(unix, feature = "upload"))]
pub(crate) mod upload;
mod version;
mod whole_file;

pub use archive::ArchiveLimits;
pub use media::media_type;
pub use programs::FoundFile;
pub use root::Symlinks;
pub use setting_error::SettingError;

use crate::extract::file_name::Names;
use crate::handler::allow;
use crate::handler::registry::{MethodInfo, MethodSet};
use crate::handler::settings::Settings;
use crate::layers::origin;
use crate::semantics::method_registry::{GET, HEAD, OPTIONS};
use crate::semantics::path_segment::prefix_length;
use crate::{
    Declared, Error, Handler, Handles, Request, Response, ResponseHead, Result, Route, Sent,
    StatusCode,
};
use archive::Archives;
use cache::Cache;
use cors::Cors;
use head_markup::HeadMarkup;
use listing::{Format, Listing, ListingMemory, Offers, Order, Place};
use media::MediaTypes;
use path::{PathError, UrlPath, is_hidden, location};
use root::{Directory, FileKind, Metadata, Opened, Refusal, Root};
use std::fs::File;

/// Serves the files of a directory, with `GET` and `HEAD`.
///
/// | request | answer |
/// | --- | --- |
/// | a file | 200, or 206, 304, 412 or 416 by its conditions and ranges (RFC 9110 sections 13 and 14) |
/// | a directory without the slash at its end | 301 to the path with it |
/// | a directory | its index page, else a listing: HTML, or JSON or text by `Accept` or `?format=` |
/// | another path | 404 |
/// | `OPTIONS` | 200 with `Allow`, or the answer to a preflight ([`cors`](Self::cors)) |
/// | another registered method, on any path | 405 with `Allow` (RFC 9110 section 15.5.6) |
/// | a method that is in no registry | 501 |
///
/// Only regular files are sent, and only from beneath the directory: `..` is refused in every spelling, symbolic links
/// that lead out are not followed ([`symlinks`](Self::symlinks)), and dot files are not found
/// ([`hidden`](Self::hidden)).
///
/// A file that lies beside its compressed form (`app.js` and `app.js.br`, `.zst` or `.gz`) is sent in the form that the
/// client accepts, unless that one is older.
///
/// The directory is held open, so it stays the same one if it is renamed. As soon as another directory lies at its
/// path, since it was removed and made anew or a link was turned, that one is served, and the log says so.
///
/// A `FileHandler` is a handler like any other: serve it as it is, or take it as the base of your own.
///
/// ```no_run
/// use doget::{FileHandler, HttpServer};
///
/// let files = FileHandler::new("public")?;
/// HttpServer::bind("localhost:8000")?.serve_forever(files)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// ```
/// use doget::{FileHandler, handler};
///
/// struct Site {
///     files: FileHandler,
/// }
///
/// #[handler(base(self.files: FileHandler))]
/// impl Site {
///     #[route("/health")]
///     fn do_GET_health(&self) -> &'static str {
///         "well"
///     }
/// }
/// ```
#[derive(Debug)]
pub struct FileHandler {
    pub(crate) root: Root,
    /// What paths begin with that lead here; empty, or with a slash before it and none behind it.
    prefix: String,
    index: Vec<String>,
    listing: bool,
    listing_memory: ListingMemory,
    max_listed_entries: usize,
    archives: Option<Archives>,
    pub(crate) hidden: bool,
    precompressed: bool,
    /// Clients send files into the directory: what is in it cannot act for the site.
    takes_uploads: bool,
    types: MediaTypes,
    cache: Cache,
    headers: Vec<(String, String)>,
    cors: Cors,
    spa: Option<String>,
    not_found: NotFound,
    /// Put into HTML pages.
    head_markup: Option<HeadMarkup>,
    /// Whether the log says why something was not found.
    reasons: bool,
}

/// What is sent with 404.
#[derive(Debug)]
enum NotFound {
    /// `404.html`, if it is there.
    Usual,
    Named(String),
    /// The handler's own error page.
    Own,
}

impl Declared for FileHandler {
    const SETTINGS: &'static Settings = &Settings::new()
        .standard_head(true)
        .standard_log(true)
        .methods(const {
            &[
                MethodInfo::new("GET", "do_GET").doc("Sends the file or the listing."),
                MethodInfo::new("HEAD", "do_HEAD").doc("As GET, without the body."),
                MethodInfo::new("OPTIONS", "do_OPTIONS").doc(
                    "Answers the preflight of a page that may read the files; else says what is allowed.",
                ),
            ]
        });
}

impl Handler for FileHandler {
    fn settings(&self) -> &'static Settings {
        Self::SETTINGS
    }

    fn route(&self, command: &str, _path: &str) -> Route {
        let index = match command {
            "GET" => 0,
            "HEAD" => 1,
            "OPTIONS" => 2,
            _ => return Route::UNKNOWN,
        };
        Route::new(index)
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.method() {
            "GET" | "HEAD" => self.answer(request, response),
            "OPTIONS" => self.options(request, response),
            _ => allow::refuse(self, request),
        }
    }

    fn allowed(&self, _path: &str, set: &mut MethodSet) {
        for info in Self::METHODS {
            set.insert(info.method);
        }
        // No file takes another method, whichever it is: so a method that is known is 405 on every path (RFC 9110
        // section 15.5.6), and the disk is not asked.
        set.set_routed();
    }
}

impl Handles<GET> for FileHandler {}
impl Handles<HEAD> for FileHandler {}
impl Handles<OPTIONS> for FileHandler {}

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
#[derive(Debug)]
struct Plain {
    /// Its path below the root, by which its compressed siblings and its type are found.
    path: Vec<u8>,
    file: File,
    facts: Metadata,
}

impl FileHandler {
    /// Answers the preflight of a page that may read the files; else says what is allowed.
    pub(crate) fn options(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let grant = self.cors.grant(request);
        if grant.is_given() && origin::is_preflight(request) {
            let headers = response.send_response(StatusCode::NO_CONTENT);
            return grant.preflight(headers).finish();
        }
        self.begin(request, response, StatusCode::OK)
            .send_header("Allow", "GET, HEAD, OPTIONS")
            .finish_with_slice(b"")
    }

    /// Looks whether another directory has to be served from now on.
    pub(crate) fn follow_root(&self, request: &Request<'_>, response: &Response<'_>) {
        if let Some(path) = self.root.follow() {
            let path = path.display();
            response.hooks.log_error(
                request,
                format_args!("{path} is another directory now, and that one is served"),
            );
        }
    }

    pub(crate) fn answer(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.follow_root(request, &response);
        let Some(below) = self.below_prefix(request.path()) else {
            return self.missing(None, None, request, response);
        };
        if match &*self.prefix {
            "" => request.is_mount_itself(),
            _ => below.is_empty(),
        } {
            // The prefix itself is a directory without the slash at its end.
            return self.moved(&UrlPath::ROOT, request, response);
        }
        let path = match UrlPath::parse(below, Names::HERE) {
            Ok(path) if self.hidden || !path.is_hidden() => path,
            Err(PathError::Malformed) => {
                return Err(self
                    .error(request, 400)
                    .message("Bad percent-encoding in the path"));
            }
            Ok(_) => {
                let why = "it is hidden, or below something that is";
                return self.missing(None, Some(why), request, response);
            }
            Err(PathError::NoName) => return self.missing(None, None, request, response),
        };
        match self.look_up(&path) {
            Ok(Found::File(plain)) => self.send_file(plain, request, response),
            Ok(Found::Directory(directory)) => match &self.archives {
                Some(archives) if archive::is_asked(request.query_string()) => {
                    self.send_archive(archives, directory, &path, request, response)
                }
                _ => self.send_listing(&directory, &path, request, response),
            },
            Ok(Found::Moved) => self.moved(&path, request, response),
            Ok(Found::Closed) => Err(self
                .error(request, 404)
                .message("No permission to list directory")),
            Err(Refusal::NotFound | Refusal::Forbidden) => {
                let why = self
                    .reasons
                    .then(|| self.root.why_not(path.as_bytes(), path.has_slash()));
                self.missing(Some(&path), why.flatten(), request, response)
            }
            Err(Refusal::Exhausted) => Err(self.exhausted(request)),
        }
    }

    /// The rest of a path behind the prefix: empty, or beginning with a slash. `None` if it is not below the prefix.
    fn below_prefix<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.prefix.is_empty() {
            return Some(path);
        }
        let length = prefix_length(path, self.prefix.split('/').skip(1))?;
        path.get(length..)
    }

    /// What the files are below, as clients see it.
    fn above(&self, request: &Request<'_>) -> UrlPath {
        let root = self.location_of(&UrlPath::ROOT, "", request);
        UrlPath::parse(&root, Names::HERE).unwrap_or(UrlPath::ROOT)
    }

    /// Where clients find the directory of this path.
    fn location_of(&self, path: &UrlPath, query: &str, request: &Request<'_>) -> String {
        let prefix = self.prefix.split('/').skip(1);
        location(request.mount(), prefix, path, query)
    }

    fn moved(&self, to: &UrlPath, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let location = self.location_of(to, request.query_string(), request);
        self.begin(request, response, StatusCode::MOVED_PERMANENTLY)
            .send_header("Location", &location)
            // A known length, so that HEAD tells it too.
            .finish_with_slice(b"")
    }

    fn look_up(&self, path: &UrlPath) -> Result<Found, Refusal> {
        if !path.has_slash() {
            return match self.root.open(path.as_bytes()) {
                Ok(Opened::File(file, facts)) => Ok(Found::File(Plain {
                    path: path.as_bytes().to_vec(),
                    file,
                    facts,
                })),
                Ok(Opened::Directory(_)) => Ok(Found::Moved),
                Err(Refusal::Forbidden) if self.is(FileKind::Directory, path.as_bytes()) => {
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
                // An index page that may not be read does not open its directory: whoever closed the page did not mean
                // to show a listing (FIL-11).
                Err(Refusal::Forbidden) if self.is(FileKind::File, &index) => {
                    return Err(Refusal::Forbidden);
                }
                Err(_) => {}
            }
        }
        match self.root.open(path.as_bytes()) {
            Ok(Opened::Directory(_)) if !self.listing => Ok(Found::Closed),
            Ok(Opened::Directory(directory)) => Ok(Found::Directory(directory)),
            // A slash behind the name of a file names no directory (FIL-10).
            Ok(Opened::File(..)) => Err(Refusal::NotFound),
            Err(Refusal::Forbidden) if self.is(FileKind::Directory, path.as_bytes()) => {
                Ok(Found::Closed)
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn is(&self, kind: FileKind, path: &[u8]) -> bool {
        self.root.look(path).is_ok_and(|facts| facts.kind == kind)
    }

    fn send_listing(
        &self,
        directory: &Directory,
        path: &UrlPath,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let at_root = path.is_root();
        let wanted = |name: &[u8]| self.hidden || !is_hidden(name, at_root);
        let (entries, more) = self
            .root
            .entries(directory, path.as_bytes(), self.max_listed_entries, wanted)
            .map_err(|refusal| match refusal {
                Refusal::Exhausted => self.exhausted(request),
                _ => self
                    .error(request, 404)
                    .message("No permission to list directory"),
            })?;
        let Some(_held) = self.listing_memory.share(&entries) else {
            return Err(self.exhausted(request));
        };
        let query = request.query_string();
        let format = Format::choose(query, request.headers().get_all("Accept"));
        let offers = Offers {
            archive: self.archives.is_some(),
            uploads: self.takes_uploads,
        };
        let place = Place {
            above: &self.above(request),
            path,
        };
        let listing = Listing::new(place, &entries, more, Order::choose(query), offers);
        let headers = self.begin(request, response, StatusCode::OK);
        let headers = [
            ("Content-Type", format.content_type()),
            ("Cache-Control", cache::REVALIDATE),
            ("Vary", "Accept"),
            (
                "Content-Security-Policy",
                "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
            ),
            ("X-Content-Type-Options", "nosniff"),
            // A form on a page without any referrer says that it comes from nowhere (`Origin: null`).
            ("Referrer-Policy", "same-origin"),
        ]
        .into_iter()
        .fold(headers, |headers, (name, value)| {
            self.own(headers, name, value)
        });
        let mut body = self.extra(headers).end_headers()?;
        listing.write(format, &mut body)?;
        body.finish()
    }

    fn begin<'c>(
        &self,
        request: &Request<'_>,
        response: Response<'c>,
        status: StatusCode,
    ) -> ResponseHead<'c> {
        self.open_to(request, response.send_response(status))
    }

    /// Says which pages of other sites may read this.
    fn open_to<'c>(&self, request: &Request<'_>, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        let fields = self.cors.grant(request).fields();
        fields.fold(headers, |headers, (name, value)| {
            self.own(headers, name, value)
        })
    }

    /// A field of the handler's own, unless it was given as a header (or `Vary`, which adds up). Where those are not
    /// sent, it is sent whatever they say.
    fn own<'c>(&self, headers: ResponseHead<'c>, name: &str, value: &str) -> ResponseHead<'c> {
        let with_said = matches!(headers.status().as_u16(), 200 | 206);
        if with_said && name != "Vary" && self.configured(name).is_some() {
            return headers;
        }
        headers.send_header(name, value)
    }

    /// The value of a header that was asked for.
    fn configured(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| &**value)
    }

    /// Adds the headers that the program configured.
    fn extra<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        self.headers.iter().fold(headers, |headers, (name, value)| {
            headers.send_header(name, value)
        })
    }

    fn error(&self, request: &Request<'_>, status: u16) -> Error {
        self.cors.grant(request).on_error(Error::new(status))
    }

    fn exhausted(&self, request: &Request<'_>) -> Error {
        self.cors.grant(request).on_error(Error::busy())
    }
}

fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or_default()
}
