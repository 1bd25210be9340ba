//! [`UploadHandler`]: serves files as [`FileHandler`] does, and takes new ones.

mod drop_directory;
mod intake;
mod limits;
mod name;
mod new_file;

pub use drop_directory::DropDirectory;
pub use limits::UploadLimits;

use crate::extract::file_name::Names;
use crate::files::NotFound;
use crate::files::path::UrlPath;
use crate::files::root::{Directory, Refusal};
use crate::handler::allow;
use crate::handler::enter::enter;
use crate::handler::gate::Gate;
use crate::handler::registry::{MethodInfo, MethodSet};
use crate::handler::settings::Settings;
use crate::layers::origin;
use crate::response::promised::Promised;
use crate::semantics::accept::Weights;
use crate::semantics::method_registry::{GET, HEAD, OPTIONS, POST, PUT};
use crate::{
    Declared, Error, FileHandler, Handler, Handles, Layer, Request, Response, Result, Route,
    SameOrigin, Sent, SettingError, StatusCode,
};
use intake::{Destination, Intake, Used};
use rustix::fs::Mode;
use std::ops::ControlFlow;

/// Serves the files of a directory, and takes new ones into it: from a form on each listing, by `POST`, and by `PUT`,
/// as `curl -T FILE http://host/dir/` sends.
///
/// | request | answer |
/// | --- | --- |
/// | `GET` or `HEAD` | as [`FileHandler`]; a listing has a form for files, without a script |
/// | `PUT` of a name in a directory | 201, 409 if there is something of that name |
/// | `POST` of a form with files to a directory's path, with its slash | 303 back to the listing, or 201 |
/// | `PUT` or `POST` by a page of another site | 403 ([`SameOrigin`]) |
///
/// What is sent comes in whole, under one plain name (as of a [`DropDirectory`]), or leaves nothing: a file that is
/// not whole has no name, or a hidden one where the file system has no files without a name. It is never written over
/// something, never through a symbolic link, into a hidden directory or a new one, and cannot be executed. Names of
/// index pages and of the page for 404 are refused with 403.
///
/// What others have put there cannot act for the site: compressed siblings are not looked for, since one could stand
/// for the file beside it, and pages are sent with `Content-Security-Policy: sandbox` and `nosniff`, so that no script
/// in them runs as the site's. So it is for files to exchange, not for a web site.
///
/// Everybody who reaches it can send files: put it behind a [`guard`](crate::Verify) where that are not all.
///
/// ```no_run
/// use doget::{FileHandler, HttpServer, UploadHandler, UploadLimits};
///
/// let files = UploadHandler::with_files(FileHandler::new("public")?)?
///     .limits(UploadLimits::new().max_file_size(100 << 20));
/// HttpServer::bind("localhost:8000")?.serve_forever(files)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct UploadHandler {
    files: FileHandler,
    intake: Intake,
    same_origin: SameOrigin,
}

impl UploadHandler {
    /// The same files, and new ones into their directory.
    ///
    /// # Errors
    ///
    /// The files are those of an application ([`FileHandler::spa`]), whose scripts would not run; or they are served
    /// with names that begin with a dot ([`FileHandler::hidden`]), as a file that is not whole may have.
    pub fn with_files(mut files: FileHandler) -> Result<Self, SettingError> {
        if files.spa.is_some() {
            return Err(SettingError::new(
                "where clients send files, no page runs scripts: so there is no application (spa)"
                    .to_owned(),
            ));
        }
        if files.hidden {
            return Err(SettingError::new(
                "where clients send files, hidden ones are not served: an unfinished file may be one of them"
                    .to_owned(),
            ));
        }
        files.precompressed = false;
        files.takes_uploads = true;
        Ok(Self {
            files,
            intake: Intake::new(UploadLimits::new(), Used::default()),
            same_origin: SameOrigin::new(),
        })
    }

    /// The bounds of what comes in while this handler lives; what was there before does not count.
    ///
    /// ```
    /// # use doget::{FileHandler, UploadHandler, UploadLimits};
    /// let files = UploadHandler::with_files(FileHandler::new(".")?)?
    ///     .limits(UploadLimits::new().max_files(100));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: UploadLimits) -> Self {
        self.intake.set_limits(limits);
        self
    }

    fn put(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.files.follow_root(request, &response);
        let path = self.path(request)?;
        let whole = path.as_bytes();
        let at = whole.iter().rposition(|&byte| byte == b'/');
        let parent = whole.get(..at.unwrap_or(0)).unwrap_or_default();
        // A name that is no UTF-8 is none that is taken.
        let name = std::str::from_utf8(path.name()).unwrap_or_default();
        let directory = self.directory(parent)?;
        if name.is_empty() || path.has_slash() {
            return Err(Error::bad_request().explain("the path has to end with the file's name"));
        }
        self.into(parent, &directory, |to| {
            expects_nothing(request, &directory, name)?;
            self.intake.put(name, request, to)
        })?;
        let said = format!("kept {name}\n");
        response.with_status(StatusCode::CREATED).reply(said)
    }

    fn post(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.files.follow_root(request, &response);
        let path = self.path(request)?;
        if !path.has_slash() {
            return Err(Error::not_found());
        }
        let directory = self.directory(path.as_bytes())?;
        let kept = self.into(path.as_bytes(), &directory, |to| {
            self.intake.post(request, to)
        })?;
        if Weights::read(request.headers().get_all("Accept")).names("text/html") {
            let location = self.files.location_of(&path, "", request);
            return response
                .send_response(StatusCode::SEE_OTHER)
                .send_header("Location", location)
                .finish_with_slice(b"");
        }
        let said: String = kept.iter().map(|name| format!("kept {name}\n")).collect();
        response.with_status(StatusCode::CREATED).reply(said)
    }

    /// The path, if files may come to it: nothing hidden is on it, `.well-known` included, where files prove who owns a
    /// host.
    fn path(&self, request: &Request<'_>) -> Result<UrlPath> {
        let below = self.files.below_prefix(request.path());
        let path = below.and_then(|below| UrlPath::parse(below, Names::HERE).ok());
        path.filter(|path| !path.segments().any(|name| name.starts_with(b".")))
            .ok_or_else(|| Error::bad_request().explain("no file can have this path"))
    }

    /// The directory of this path, which leads through no link.
    fn directory(&self, path: &[u8]) -> Result<Directory> {
        self.files
            .root
            .directory(path)
            .map_err(|refusal| match refusal {
                Refusal::NotFound => Error::not_found().explain(
                    "there is no such directory, or a symbolic link leads to it; uploads make none",
                ),
                Refusal::Forbidden => Error::forbidden(),
                Refusal::Exhausted => Error::busy(),
            })
    }

    fn into<T>(
        &self,
        path: &[u8],
        directory: &Directory,
        take: impl FnOnce(&Destination<'_>) -> Result<T>,
    ) -> Result<T> {
        let is_there = || {
            let now = self.files.root.directory(path);
            now.is_ok_and(|now| now.is_same(directory))
        };
        take(&Destination {
            directory: directory.as_fd(),
            // What the process's mask leaves of it, as other files have it; never executable.
            mode: Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH,
            is_reserved: &|name| self.is_reserved(name),
            is_there: &is_there,
        })
    }

    /// Whether a file of this name would be sent for other paths than its own. Compared without case: so do some file
    /// systems.
    fn is_reserved(&self, name: &str) -> bool {
        let not_found = match &self.files.not_found {
            NotFound::Usual => Some("404.html"),
            NotFound::Named(name) => Some(&**name),
            NotFound::Own => None,
        };
        let index = self.files.index.iter().map(String::as_str);
        let mut names = not_found.into_iter().chain(index);
        names.any(|path| {
            let known = path.rsplit('/').next().unwrap_or_default();
            name::is_alike(known, name)
        })
    }
}

/// What the client expects of a file that cannot be there (RFC 9110 section 13.1): `If-None-Match: *` is so anyway, and
/// none has a version that it names.
fn expects_nothing(request: &Request<'_>, directory: &Directory, name: &str) -> Result<()> {
    let fields = request.headers();
    let is_named = |field| fields.get_bytes(field).is_some();
    if is_named("If-Match")
        || is_named("If-Unmodified-Since")
        || is_named("If-None-Match") && directory.has(name)
    {
        return Err(Error::new(StatusCode::PRECONDITION_FAILED));
    }
    Ok(())
}

impl Declared for UploadHandler {
    const SETTINGS: &'static Settings = &FileHandler::SETTINGS.methods(
        const {
            &[
                MethodInfo::new("GET", "do_GET").doc("Sends the file or the listing."),
                MethodInfo::new("HEAD", "do_HEAD").doc("As GET, without the body."),
                MethodInfo::new("POST", "do_POST").doc("Keeps the files of a form."),
                MethodInfo::new("PUT", "do_PUT").doc("Keeps a new file."),
                MethodInfo::new("OPTIONS", "do_OPTIONS")
                    .doc("Says what is allowed; preflights as the file handler."),
            ]
        },
    );
}

impl Handler for UploadHandler {
    fn settings(&self) -> &'static Settings {
        Self::SETTINGS
    }

    fn route(&self, command: &str, _path: &str) -> Route {
        match command {
            "GET" => Route::new(0),
            "HEAD" => Route::new(1),
            // It waits for its client and for the disk.
            "POST" => Route::new(2).blocking(true),
            "PUT" => Route::new(3).blocking(true),
            "OPTIONS" => Route::new(4),
            _ => Route::UNKNOWN,
        }
    }

    fn is_gated(&self) -> bool {
        true
    }

    fn gate<'h>(&'h self, request: &Request<'_>, promised: &mut Promised) -> Result<Gate<'h>> {
        let gate = self.same_origin.gate(request, promised)?;
        if let Gate::Pass = gate {
            promised.mark_passed(self);
        }
        Ok(gate)
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let response = match enter(self, request, response)? {
            ControlFlow::Continue(response) => response,
            ControlFlow::Break(sent) => return Ok(sent),
        };
        match request.method() {
            "GET" | "HEAD" => self.files.answer(request, response),
            "OPTIONS" if origin::is_preflight(request) => self.files.options(request, response),
            "OPTIONS" => allow::options(self, request, response),
            "PUT" if !request.path().ends_with('/') => self.put(request, response),
            "POST" if request.path().ends_with('/') => self.post(request, response),
            _ => allow::refuse(self, request),
        }
    }

    fn allowed(&self, path: &str, set: &mut MethodSet) {
        for method in ["GET", "HEAD", "OPTIONS"] {
            set.insert(method);
        }
        set.insert(if path.ends_with('/') { "POST" } else { "PUT" });
        // As with files.
        set.set_routed();
    }
}

impl Handles<GET> for UploadHandler {}
impl Handles<HEAD> for UploadHandler {}
impl Handles<POST> for UploadHandler {}
impl Handles<PUT> for UploadHandler {}
impl Handles<OPTIONS> for UploadHandler {}
