//! The command `doget`: serves a directory, as `python3 -m http.server` does.

#![deny(unsafe_code)]
#![warn(clippy::expect_used, clippy::unwrap_used)]

mod announce;
mod arguments;
mod bind;
mod error;
mod hosts;
mod json_log;
mod signals;
mod site;
mod tls;

use announce::Scheme;
use arguments::{Arguments, Task};
use arguments::{Protocol, Records};
use doget::{Declared, FileHandler, HttpServer, Log, LogFormat};
use error::CommandError;
use site::{JsonLog, Site};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match arguments::read(std::env::args_os()) {
        Ok(Task::Serve(arguments)) => serve(*arguments),
        Ok(Task::Print(bytes)) => print(&bytes),
        Err(usage) => usage.exit(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // Not `eprintln!`, which panics if stderr is closed.
            let _ = writeln!(io::stderr(), "doget: {fault}");
            ExitCode::from(fault.status())
        }
    }
}

fn print(bytes: &[u8]) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|error| CommandError::of("cannot write to standard output", &error))
}

fn serve(arguments: Arguments) -> Result<(), CommandError> {
    let files = site::files(&arguments)?;
    let tls = arguments.tls.as_ref().map(tls::load).transpose()?;
    if let Some(files) = &arguments.tls
        && let Some(key) = tls::served_key(files, &arguments.directory)
    {
        announce::warn_of_key(key);
    }
    let log = log(&arguments)?;
    let server = bind::bind(&arguments)?
        .limits(arguments.limits.clone())
        .log(log.clone());
    let server = match tls {
        Some(tls) => server.tls(tls),
        None => server,
    };
    // What goes wrong with the server itself is to be seen where nothing else is, and is no JSON.
    let server = match arguments.records {
        Records::Combined => server.log_format(LogFormat::Combined),
        Records::Json => server.error_log(Log::stderr()),
        _ if log.is_off() => server.error_log(Log::stderr()),
        _ => server,
    };
    signals::end(
        &server.shutdown_handle(),
        arguments.quiet,
        arguments.limits.shutdown_timeout,
    )
    .map_err(|error| CommandError::of("cannot wait for signals", &error))?;
    let scheme = Scheme::of(&server);
    let reached = scheme.reached(server.local_addrs());
    if !arguments.quiet {
        let directory = std::path::absolute(&arguments.directory);
        let directory = directory.as_deref().unwrap_or(&arguments.directory);
        scheme.announce(&server, arguments.unix.as_deref(), directory, &reached);
        if let Some(scripts) = &arguments.scripts {
            announce::warn_of_scripts(scripts);
        }
    }
    if let (true, Some(url)) = (arguments.open, reached.first()) {
        announce::open(url);
    }
    run(server, files, &arguments).map_err(|error| CommandError::of("cannot serve", &error))
}

fn run(server: HttpServer, files: FileHandler, arguments: &Arguments) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(scripts) = &arguments.scripts {
        return run_logged(server, site::scripts(files, scripts)?, arguments);
    }
    run_logged(server, files, arguments)
}

fn run_logged(
    server: HttpServer,
    base: impl Declared + Send + Sync + 'static,
    arguments: &Arguments,
) -> io::Result<()> {
    match arguments.records {
        Records::Json => run_with(server, JsonLog(base), arguments),
        Records::Common | Records::Combined | Records::Off => run_with(server, base, arguments),
    }
}

fn run_with(
    server: HttpServer,
    base: impl Declared + Send + Sync + 'static,
    arguments: &Arguments,
) -> io::Result<()> {
    let names = hosts::names(&server, arguments);
    match arguments.protocol {
        Protocol::Http11 => server.serve_forever(hosts::guard(Site::<false, _>(base), names)),
        Protocol::Http10 => server.serve_forever(hosts::guard(Site::<true, _>(base), names)),
    }
}

/// Where requests are logged.
fn log(arguments: &Arguments) -> Result<Log, CommandError> {
    let file = |path: &Path| {
        Log::file(path).map_err(|error| {
            CommandError::of(format_args!("cannot write to {}", path.display()), &error)
        })
    };
    match (&arguments.records, &arguments.log_file) {
        (Records::Off, _) => Ok(Log::off()),
        (_, Some(path)) => file(path),
        (_, None) if arguments.quiet => Ok(Log::off()),
        (_, None) => Ok(Log::stderr()),
    }
}
