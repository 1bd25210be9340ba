//! The command `doget`: serves a directory, as `python3 -m http.server` does.

#![deny(unsafe_code)]
#![warn(clippy::expect_used, clippy::unwrap_used)]

mod announce;
mod arguments;
mod auth;
mod bind;
#[cfg(unix)]
mod drop_box;
mod error;
mod hosts;
mod json_log;
mod qr;
mod reload;
mod signals;
mod site;
mod tls;
#[cfg(unix)]
mod uploads;

use announce::Scheme;
use arguments::{Arguments, Task};
use arguments::{Protocol, Records};
use auth::Guarded;
#[cfg(unix)]
use doget::{CgiHandler, UploadHandler};
use doget::{
    Declared, FileHandler, Health, HttpServer, Log, LogFormat, Metrics, Passwords, SameOrigin,
    Trust,
};
#[cfg(unix)]
use drop_box::DropBox;
use error::CommandError;
use site::{JsonLog, Site};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = match arguments::read(std::env::args_os(), std::env::vars_os()) {
        Ok(Task::Serve(arguments)) => serve(*arguments),
        Ok(Task::Print(bytes)) => print(&bytes),
        Ok(Task::Hash) => auth::hash().and_then(|hash| print(&hash)),
        Err(words) if words.exit_code() == 0 => words.exit(),
        Err(mistake) => Err(CommandError::usage(arguments::mistake(&mistake))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            // Not `eprintln!`, which panics if stderr is closed.
            let _ = writeln!(io::stderr(), "{}", fault.message());
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
    let secrets = [
        ("private key", arguments.tls.as_ref().map(tls::key)),
        ("file of users", arguments.auth_file.as_deref()),
    ];
    for (what, path) in secrets {
        if let Some(path) = path.filter(|path| site::is_served(path, &arguments.directory)) {
            announce::warn_of_secret(what, path);
        }
    }
    let log = log(&arguments)?;
    let server = bind::bind(&arguments)?
        .limits(arguments.limits.server.clone())
        .log(log.clone());
    let server = match &tls {
        Some(tls) => server.tls(tls.clone()),
        None => server,
    };
    let server = behind(server, &arguments)?;
    // What goes wrong with the server itself is to be seen where nothing else is, and is no JSON.
    let server = match arguments.records {
        Records::Combined => server.log_format(LogFormat::Combined),
        Records::Json => server.error_log(Log::stderr()),
        _ if log.is_off() => server.error_log(Log::stderr()),
        _ => server,
    };
    let passwords = auth::open(&server, &arguments)?;
    let (files, reload) = reload::open(files, &server, &arguments)?;
    #[cfg(unix)]
    let content = content(files, &server, &arguments)?;
    #[cfg(not(unix))]
    let content = Content::Files(files);
    let renewed = signals::Renewed {
        log_file: arguments.log_file.is_some().then(|| log.clone()),
        tls: tls.zip(arguments.tls.clone()),
    };
    signals::end(
        &server.shutdown_handle(),
        signals::Manners {
            quiet: arguments.quiet,
            delay: arguments.drain_delay,
            grace: arguments.limits.server.shutdown_timeout,
        },
        renewed,
    )
    .map_err(|error| CommandError::of("cannot wait for signals", &error))?;
    let reload = reload.map(reload::Reload::start).transpose()?;
    let scheme = Scheme::of(&server);
    let mut reached = scheme.reached(server.local_addrs());
    if let Some(base) = &arguments.base {
        for url in &mut reached {
            *url = format!("{}{base}/", url.trim_end_matches('/'));
        }
    }
    if !arguments.quiet {
        tell(&server, scheme, &reached, reload.is_some(), &arguments);
    }
    if let (true, Some(url)) = (arguments.open, reached.first()) {
        announce::open(url);
    }
    // The first one is for this machine alone, if there are others.
    if let (true, Some(url)) = (arguments.qr, reached.get(1).or(reached.first())) {
        qr::print(url);
    }
    match content {
        Content::Files(files) => run_for(passwords, server, doget::with(reload, files), &arguments),
        #[cfg(unix)]
        Content::Scripts(scripts) => {
            run_for(passwords, server, doget::with(reload, scripts), &arguments)
        }
        #[cfg(unix)]
        Content::Drop(drop) => run_for(passwords, server, doget::with(reload, drop), &arguments),
        #[cfg(unix)]
        Content::Uploads(files) => {
            run_for(passwords, server, doget::with(reload, files), &arguments)
        }
    }
}

/// Says what is served where, and what has to be known of it.
fn tell(
    server: &HttpServer,
    scheme: Scheme,
    reached: &[String],
    reloads: bool,
    arguments: &Arguments,
) {
    let directory = std::path::absolute(&arguments.directory);
    let directory = directory.as_deref().unwrap_or(&arguments.directory);
    scheme.announce(server, arguments.unix.as_deref(), directory, reached);
    if let Some(scripts) = &arguments.scripts {
        announce::warn_of_scripts(scripts, arguments.auth_file.is_some());
    }
    if arguments.lenient {
        announce::warn_of_lenience();
    }
    if reloads {
        announce::tell_of_reload(&arguments.headers);
    }
    if let Some(directory) = &arguments.drop {
        announce::tell_of_drop(directory, arguments.drop_anonymous);
    }
    if arguments.upload {
        announce::tell_of_uploads(arguments.auth_file.is_some());
    }
}

/// What is served.
#[allow(clippy::large_enum_variant, reason = "there is one of it")]
enum Content {
    Files(FileHandler),
    #[cfg(unix)]
    Scripts(CgiHandler),
    #[cfg(unix)]
    Drop(DropBox<FileHandler>),
    #[cfg(unix)]
    Uploads(UploadHandler),
}

#[cfg(unix)]
fn content(
    files: FileHandler,
    server: &HttpServer,
    arguments: &Arguments,
) -> Result<Content, CommandError> {
    if let Some(scripts) = &arguments.scripts {
        let limits = arguments.limits.scripts.clone();
        return site::scripts(files, scripts, limits)
            .map(Content::Scripts)
            .map_err(|error| CommandError::of("cannot serve", &error.into()));
    }
    if arguments.upload {
        return uploads::take(files, server, arguments).map(Content::Uploads);
    }
    Ok(match drop_box::open(server, arguments)? {
        Some(kept) => Content::Drop(DropBox::around(files, kept)),
        None => Content::Files(files),
    })
}

/// What stands before the server, and who started it.
fn behind(server: HttpServer, arguments: &Arguments) -> Result<HttpServer, CommandError> {
    let server = match &arguments.behind {
        Some(proxies) => server.trust(Trust::x_forwarded(proxies.clone())),
        None => server,
    };
    let server = match &arguments.proxy_protocol {
        Some(proxies) => server.proxy_protocol(proxies.clone()),
        None => server,
    };
    #[cfg(unix)]
    let server = server
        .notify_systemd()
        .map_err(|error| CommandError::of("cannot reach who started it (NOTIFY_SOCKET)", &error))?;
    Ok(server)
}

/// Serves everybody, or users with a password alone.
fn run_for(
    passwords: Option<Passwords>,
    server: HttpServer,
    base: impl Declared + Send + Sync + 'static,
    arguments: &Arguments,
) -> Result<(), CommandError> {
    match passwords {
        Some(passwords) => {
            let guarded = Guarded::around(base, passwords, arguments.auth_over_http);
            run_logged(server, guarded, arguments)
        }
        None => run_logged(server, base, arguments),
    }
    .map_err(|error| CommandError::of("cannot serve", &error))
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
    match (arguments.protocol, arguments.lenient) {
        (Protocol::Http11, false) => serve_as(server, Site::<false, false, _>(base), arguments),
        (Protocol::Http11, true) => serve_as(server, Site::<false, true, _>(base), arguments),
        (Protocol::Http10, false) => serve_as(server, Site::<true, false, _>(base), arguments),
        (Protocol::Http10, true) => serve_as(server, Site::<true, true, _>(base), arguments),
    }
}

/// Serves, with what stands around the site: probes are answered before hosts are looked at.
fn serve_as<H: Declared + Send + Sync + 'static>(
    server: HttpServer,
    site: H,
    arguments: &Arguments,
) -> io::Result<()> {
    let health = arguments.health.clone();
    let health = health.map(|(live, ready)| Health::new(live, ready));
    let metrics = arguments.metrics.map(|_| Metrics::of::<H>());
    let hosts = hosts::guard(hosts::names(&server, arguments));
    let _page = match (&metrics, arguments.metrics) {
        (Some(metrics), Some(address)) => {
            let server = HttpServer::bind(address)?.loops(1).log(Log::off());
            // It ends when this one has.
            Some(server.error_log(Log::stderr()).spawn(metrics.page())?)
        }
        _ => None,
    };
    // What is kept for others is not sent by pages of theirs.
    let same_origin = arguments.drop.as_ref().map(|_| SameOrigin::new());
    server.serve_forever(doget::with((health, metrics, hosts, same_origin), site))
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
