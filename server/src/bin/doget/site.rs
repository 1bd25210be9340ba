//! The handler: the library's [`FileHandler`] or `CgiHandler`, with the log's format and the protocol's version of
//! the command line.

use super::arguments::Arguments;
#[cfg(unix)]
use super::arguments::Scripts;
use super::error::CommandError;
use super::json_log::JsonRecord;
use doget::{Declared, FileHandler, Handler, Parsing, Request, SettingError, StatusCode, handler};
use std::fmt;
use std::path::Path;

/// What its base answers, by HTTP/1.0 if `OLD`, and to old clients if `LENIENT`.
pub(crate) struct Site<const OLD: bool, const LENIENT: bool, H>(pub(crate) H);

#[handler(base(self.0: H))]
impl<const OLD: bool, const LENIENT: bool, H: Declared> Site<OLD, LENIENT, H> {
    const PROTOCOL_VERSION: &str = if OLD { "HTTP/1.0" } else { "HTTP/1.1" };
    const PARSING: Parsing = if LENIENT {
        Parsing::Lenient
    } else {
        Parsing::Strict
    };

    fn log_error(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        // The error of a request belongs where requests are logged, also if the server's own are not.
        if !request.server().log().is_off() {
            self.log_message(request, args);
        }
    }
}

/// What its base answers, logged as JSON. A handler of its own: hooks, even those that would do as the defaults, make
/// the lines of the other formats slow.
pub(crate) struct JsonLog<H>(pub(crate) H);

#[handler(base(self.0: H))]
impl<H: Declared> JsonLog<H> {
    fn log_request(&self, request: &Request<'_>, code: StatusCode, size: u64) {
        let log = request.server().log();
        if !log.is_off() {
            let remote = self.address_string(request);
            log.line(format_args!(
                "{}",
                JsonRecord::answer(&remote, request, code, size)
            ));
        }
    }

    fn log_message(&self, request: &Request<'_>, args: fmt::Arguments<'_>) {
        let log = request.server().log();
        if !log.is_off() {
            let remote = self.address_string(request);
            log.line(format_args!("{}", JsonRecord::message(&remote, args)));
        }
    }
}

/// The files and the scripts that the command line asks for.
#[cfg(unix)]
pub(crate) fn scripts(
    files: FileHandler,
    scripts: &Scripts,
    limits: doget::CgiLimits,
) -> Result<doget::CgiHandler, SettingError> {
    let mut handler = doget::CgiHandler::with_files(files)
        .as_root(scripts.as_root)
        .limits(limits);
    for (name, value) in &scripts.variables {
        // What is missing here was refused with the command line.
        if let Some(value) = value.clone().or_else(|| std::env::var_os(name)) {
            handler = handler.variable(name, value);
        }
    }
    match &scripts.directories {
        Some(directories) => handler.cgi_directories(directories),
        None => Ok(handler),
    }
}

/// Whether a client could ask for this file.
pub(crate) fn is_served(path: &Path, directory: &Path) -> bool {
    let real = path.canonicalize().and_then(|path| {
        directory
            .canonicalize()
            .map(|directory| path.starts_with(directory))
    });
    real.unwrap_or(false)
}

/// The files as the command line wants them served.
pub(crate) fn files(arguments: &Arguments) -> Result<FileHandler, CommandError> {
    let directory = &arguments.directory;
    let files = FileHandler::new(directory).map_err(|error| {
        CommandError::of(format_args!("cannot serve {}", directory.display()), &error)
    })?;
    let files = set(files, arguments).map_err(|error| CommandError::usage(error.to_string()))?;
    files
        .check()
        .map_err(|error| CommandError::new(error.to_string()))?;
    Ok(files)
}

fn set(files: FileHandler, arguments: &Arguments) -> Result<FileHandler, SettingError> {
    let mut files = files
        .listing(arguments.listing)
        .max_listed_entries(arguments.limits.max_listed_entries)
        .hidden(arguments.hidden)
        .symlinks(arguments.symlinks)
        .log_reasons(arguments.verbose);
    if arguments.archive {
        files = files.archives(arguments.limits.archive.clone());
    }
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
    if let Some(base) = &arguments.base {
        files = files.prefix(base);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosts::guard;

    /// Whether the lines of requests are put together without asking the hooks.
    fn is_short<H: Declared>(_: &H) -> bool {
        H::SETTINGS.standard_log
    }

    #[test]
    #[allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
    fn lines_of_requests_are_put_together_the_short_way() {
        let files = || FileHandler::new(".").unwrap();
        assert!(is_short(&doget::with(
            guard(Vec::new()),
            Site::<false, false, _>(files())
        )));
        assert!(is_short(&doget::with(
            guard(Vec::new()),
            Site::<true, true, _>(files())
        )));
        #[cfg(unix)]
        assert!(is_short(&Site::<false, false, _>(
            doget::CgiHandler::with_files(files())
        )));
        // Which would be no JSON.
        assert!(!is_short(&Site::<false, false, _>(JsonLog(files()))));
    }
}
