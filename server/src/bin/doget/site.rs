//! The handler: the library's [`FileHandler`] or `CgiHandler`, with the log's format and the protocol's version of the command line.

use super::arguments::Arguments;
#[cfg(unix)]
use super::arguments::Scripts;
use super::fault::Fault;
use super::record::Record;
use doget::files::SettingError;
use doget::{FileHandler, Handler, Request, StatusCode, handler, hooks};
use std::borrow::Cow;
use std::fmt;

/// The version of responses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http11,
    Http10,
}

/// What a request leaves in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Records {
    Common,
    Combined,
    Json,
    Off,
}

/// What `base` answers, by HTTP/1.0 if `OLD`.
pub(crate) struct Site<const OLD: bool, H> {
    pub(crate) base: H,
    pub(crate) records: Records,
}

#[handler(base(self.base: H))]
impl<const OLD: bool, H: Handler> Site<OLD, H> {
    const PROTOCOL_VERSION: &str = if OLD { "HTTP/1.0" } else { "HTTP/1.1" };

    /// An IPv4 client of `::` is shown by its own address.
    fn address_string<'r>(&self, request: &'r Request<'_>) -> Cow<'r, str> {
        match request.client_address().ip() {
            Some(ip) => Cow::Owned(ip.to_canonical().to_string()),
            None => hooks::address_string(request),
        }
    }

    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        let log = request.server().log();
        if self.records != Records::Json {
            hooks::log_request(self, request, code, size);
        } else if !log.is_off() {
            log.line(format_args!(
                "{}",
                Record::answer(&self.address_string(request), request, code, size)
            ));
        }
    }

    fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        // The error of a request belongs where requests are logged, also if the server's own are not.
        if !request.server().log().is_off() {
            self.log_message(request, args);
        }
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        let log = request.server().log();
        if self.records != Records::Json {
            hooks::log_message(self, request, args);
        } else if !log.is_off() {
            log.line(format_args!(
                "{}",
                Record::message(&self.address_string(request), args)
            ));
        }
    }
}

/// The files and the scripts that the command line asks for.
#[cfg(unix)]
pub(crate) fn scripts(files: FileHandler, scripts: &Scripts) -> doget::CgiHandler {
    let handler = doget::CgiHandler::with_files(files).as_root(scripts.as_root);
    match &scripts.directories {
        Some(directories) => handler.cgi_directories(directories),
        None => handler,
    }
}

/// The files as the command line wants them served.
pub(crate) fn files(arguments: &Arguments) -> Result<FileHandler, Fault> {
    let directory = &arguments.directory;
    let files = FileHandler::new(directory)
        .map_err(|error| Fault::of(format_args!("cannot serve {}", directory.display()), &error))?;
    let files = set(files, arguments).map_err(|error| Fault::usage(error.to_string()))?;
    files
        .check()
        .map_err(|error| Fault::new(error.to_string()))?;
    Ok(files)
}

fn set(files: FileHandler, arguments: &Arguments) -> Result<FileHandler, SettingError> {
    let mut files = files
        .listing(arguments.listing)
        .hidden(arguments.hidden)
        .symlinks(arguments.symlinks)
        .log_reasons(arguments.verbose);
    for (name, value) in &arguments.headers {
        files = files.header(name, value)?;
    }
    for (extension, kind) in &arguments.mime {
        files = files.content_type(extension, kind)?;
    }
    if let Some(names) = &arguments.index {
        files = files.index(names);
    }
    if let Some(kind) = &arguments.content_type {
        files = files.default_content_type(kind)?;
    }
    for origin in &arguments.cors {
        files = files.cors(origin)?;
    }
    if let Some(file) = &arguments.spa {
        files = files.spa(file);
    }
    if let Some(file) = &arguments.not_found {
        files = files.not_found(Some(file));
    }
    for (pattern, value) in &arguments.cache {
        files = match pattern {
            Some(pattern) => files.cache(pattern, value)?,
            None => files.cache_control(value)?,
        };
    }
    Ok(files)
}
