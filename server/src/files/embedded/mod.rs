//! [`Embedded`]: the files of a directory as a part of the program.

mod file;
mod representation;

pub use file::EmbeddedFile;

use crate::extract::file_name::Names;
use crate::files::cache::Cache;
use crate::files::not_found::is_page;
use crate::files::path::{PathError, UrlPath, location};
use crate::files::setting_error::SettingError;
use crate::files::settings::check_value;
use crate::handler::allow;
use crate::handler::registry::{MethodInfo, MethodSet};
use crate::handler::settings::Settings;
use crate::semantics::method_registry::{GET, HEAD, OPTIONS};
use crate::{
    Declared, Error, Handler, Handles, Request, Response, Result, Route, Sent, StatusCode,
};

/// The files of a directory as a part of the program, answered as [`FileHandler`](crate::FileHandler) answers: index
/// pages, conditions, ranges, media types, redirects to a directory's slash, `404.html`, and 405 for other methods.
/// Directories are not listed.
///
/// `doget::embed!("assets")` reads the directory while the program is compiled, relative to its `Cargo.toml`. Names
/// that begin with a dot are left out, but for `.well-known`. Tags are digests of the content, so they are the same on
/// each machine, and there is no `Last-Modified`. A file has the compressed siblings that lie beside it (`.br`, `.zst`,
/// `.gz`); where there is no `.gz`, and it is worth it, one is made.
///
/// ```no_run
/// use doget::{Embedded, HttpServer, handler};
///
/// struct Site {
///     admin: Embedded,
/// }
///
/// #[handler(mount("/admin" = self.admin: Embedded))]
/// impl Site {
///     fn do_GET(&self) -> &'static str {
///         "home"
///     }
/// }
///
/// let site = Site { admin: doget::embed!("src/files") };
/// HttpServer::bind("localhost:8000")?.serve_forever(site)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A file that changes has the program compiled anew. Of a file that is new only a build script can tell cargo: the
/// `main` of a `build.rs` with `println!("cargo::rerun-if-changed=assets");`.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// In the order of their paths.
    files: &'static [EmbeddedFile],
    cache: Cache,
    spa: Option<String>,
}

/// What `embed!` makes of its table.
#[must_use]
pub fn embedded(files: &'static [EmbeddedFile]) -> Embedded {
    Embedded {
        files,
        cache: Cache::default(),
        spa: None,
    }
}

impl Embedded {
    /// The value of `Cache-Control` for files: see [`FileHandler::cache_control`](crate::FileHandler::cache_control).
    ///
    /// # Errors
    ///
    /// It cannot be the value of a header.
    pub fn cache_control(mut self, value: &str) -> Result<Self, SettingError> {
        check_value("Cache-Control", value)?;
        self.cache.set_usual(value.to_owned());
        Ok(self)
    }

    /// The value of `Cache-Control` for files that match a pattern: see
    /// [`FileHandler::cache`](crate::FileHandler::cache).
    ///
    /// # Errors
    ///
    /// The value cannot be that of a header.
    pub fn cache(mut self, pattern: &str, value: &str) -> Result<Self, SettingError> {
        check_value("Cache-Control", value)?;
        self.cache.add(pattern, value);
        Ok(self)
    }

    /// Sends this file, with 200, where nothing is found and a page was asked for: see
    /// [`FileHandler::spa`](crate::FileHandler::spa).
    #[must_use]
    pub fn spa(mut self, file: impl Into<String>) -> Self {
        self.spa = Some(file.into());
        self
    }

    /// The paths of the files, in order.
    ///
    /// ```
    /// let sources = doget::embed!("src/files/embedded");
    /// assert!(sources.paths().any(|path| path == "mod.rs"));
    /// ```
    pub fn paths(&self) -> impl Iterator<Item = &'static str> {
        self.files.iter().map(|file| file.path)
    }

    fn file(&self, path: &[u8]) -> Option<&'static EmbeddedFile> {
        let found = self
            .files
            .binary_search_by(|file| file.path.as_bytes().cmp(path));
        self.files.get(found.ok()?)
    }

    fn is_directory(&self, path: &UrlPath) -> bool {
        let beginning = path.child(b"");
        // What begins with it stands together, so that the first shows whether there is any.
        let first = self
            .files
            .partition_point(|file| file.path.as_bytes() < &*beginning);
        let file = self.files.get(first);
        file.is_some_and(|file| file.path.as_bytes().starts_with(&beginning))
    }

    fn answer(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        if request.is_mount_itself() {
            return moved(&UrlPath::ROOT, request, response);
        }
        let path = match UrlPath::parse(request.path(), Names::HERE) {
            Ok(path) if !path.is_hidden() => path,
            Err(PathError::Malformed) => {
                return Err(Error::new(400).message("Bad percent-encoding in the path"));
            }
            Ok(_) | Err(PathError::NoName) => return self.missing(None, request, response),
        };
        let found = match path.has_slash() {
            false => self.file(path.as_bytes()),
            true => {
                let mut indexes = ["index.html", "index.htm"].into_iter();
                indexes.find_map(|name| self.file(&path.child(name.as_bytes())))
            }
        };
        match found {
            Some(file) => representation::send(&self.cache, file, request, response),
            None if !self.is_directory(&path) => self.missing(Some(&path), request, response),
            None if path.has_slash() => {
                Err(Error::new(404).message("No permission to list directory"))
            }
            None => moved(&path, request, response),
        }
    }

    /// Nothing is there: the application's page, or the site's, or the server's.
    fn missing(
        &self,
        path: Option<&UrlPath>,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let named = |name: &str| self.file(name.trim_start_matches('/').as_bytes());
        if let (Some(spa), Some(path)) = (&self.spa, path)
            && is_page(path, request)
            && let Some(file) = named(spa)
        {
            return representation::send(&self.cache, file, request, response);
        }
        match named("404.html") {
            Some(page) => representation::send_not_found(page, response),
            None => Err(Error::new(404).message("File not found")),
        }
    }
}

/// A directory, by a path without the slash at its end.
fn moved(to: &UrlPath, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
    let nowhere = std::iter::empty();
    response
        .send_response(StatusCode::MOVED_PERMANENTLY)
        .send_header(
            "Location",
            location(request.mount(), nowhere, to, request.query_string()),
        )
        .finish_with_slice(b"")
}

impl Declared for Embedded {
    const SETTINGS: &'static Settings = &Settings::new()
        .standard_head(true)
        .standard_log(true)
        .methods(
            const {
                &[
                    MethodInfo::new("GET", "do_GET").doc("Sends the file."),
                    MethodInfo::new("HEAD", "do_HEAD").doc("As GET, without the body."),
                    MethodInfo::new("OPTIONS", "do_OPTIONS").doc("Says what is allowed."),
                ]
            },
        );
}

// Keeps this implementation out of the error for a missing `#[handler]`.
#[diagnostic::do_not_recommend]
impl Handler for Embedded {
    fn settings(&self) -> &'static Settings {
        Self::SETTINGS
    }

    fn route(&self, command: &str, _path: &str) -> Route {
        match command {
            "GET" => Route::new(0),
            "HEAD" => Route::new(1),
            "OPTIONS" => Route::new(2),
            _ => Route::UNKNOWN,
        }
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.method() {
            "GET" | "HEAD" => self.answer(request, response),
            "OPTIONS" => allow::options(self, request, response),
            _ => allow::refuse(self, request),
        }
    }

    fn allowed(&self, _path: &str, set: &mut MethodSet) {
        for info in Self::METHODS {
            set.insert(info.method);
        }
        // As with files of a disk.
        set.set_routed();
    }
}

impl Handles<GET> for Embedded {}
impl Handles<HEAD> for Embedded {}
impl Handles<OPTIONS> for Embedded {}
