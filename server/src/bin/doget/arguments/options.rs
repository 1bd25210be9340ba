//! The options as clap knows them.

use super::header;
use super::limits::setting;
use super::values::{Protocol, Reach, Records};
#[cfg(unix)]
use clap::builder::OsStringValueParser;
use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Arg, ArgAction, Command, value_parser};
use clap_complete::Shell;
use doget::{NetworkError, Networks, Symlinks};
#[cfg(unix)]
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
#[cfg(unix)]
use std::time::Duration;

pub(super) fn command() -> Command {
    let command = Command::new("doget")
        // As it is called, and not by the name of its file, which on Windows is another one.
        .bin_name("doget")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Serves a directory over HTTP or HTTPS, as python3 -m http.server does.")
        .help_template("{about}\n{usage-heading} {usage}\n\n{all-args}")
        .disable_help_flag(true)
        .disable_version_flag(true);
    said(limits(proxies(place(sent(scripts(served(command)))))))
}

fn served(command: Command) -> Command {
    command
        .next_help_heading("What is served")
        .arg(
            value("directory", "DIR", "The directory [default: this one]")
                .short('d')
                .value_parser(value_parser!(PathBuf)),
        )
        .arg(
            value(
                "index",
                "NAME",
                "Index pages [default: index.html,index.htm]",
            )
            .action(ArgAction::Append)
            .value_delimiter(','),
        )
        .arg(flag(
            "no-listing",
            "404 for a directory without index page; --archive: tar of one",
        ))
        .arg(folded(
            flag(
                "archive",
                "Let clients have a directory as a tar archive, at ?archive=tar",
            )
            .conflicts_with("no-listing"),
        ))
        .arg(flag("hidden", "Serve and list names that begin with a dot"))
        .arg(
            value(
                "symlinks",
                "WHICH",
                "Links: none, inside or all [default: inside]",
            )
            .value_parser(one_of(&[
                ("none", Symlinks::None),
                ("inside", Symlinks::Inside),
                ("all", Symlinks::All),
            ]))
            .hide_possible_values(true),
        )
        .arg(optional(
            "spa",
            "FILE",
            "index.html",
            "Send FILE [index.html] for unknown pages; --404 FILE: with 404",
        ))
        .arg(folded(value(
            "404",
            "FILE",
            "Send FILE with 404 [default: 404.html]",
        )))
}

#[cfg(unix)]
fn scripts(command: Command) -> Command {
    command
        .arg(flag(
            "cgi",
            "Run /cgi-bin, /htbin; --cgi-dir DIR, --cgi-env NAME[=VALUE], --cgi-as-root",
        ))
        .arg(folded(
            value("cgi-dir", "DIR", "Run what is in DIR instead; repeatable")
                .action(ArgAction::Append)
                .value_parser(script_directory),
        ))
        .arg(folded(
            value(
                "cgi-env",
                "NAME[=VALUE]",
                "A variable for what is run, by default of this environment",
            )
            .action(ArgAction::Append)
            .value_parser(OsStringValueParser::new().try_map(variable)),
        ))
        .arg(folded(flag(
            "cgi-as-root",
            "As root, run scripts as root too, not as nobody",
        )))
        .arg(
            value(
                "drop",
                "DIR",
                "Keep files sent to /drop/ in DIR, unserved; --upload: in what is served",
            )
            .value_parser(value_parser!(PathBuf))
            .conflicts_with_all(["cgi", "cgi-dir", "base"]),
        )
        .arg(folded(flag(
            "drop-anonymous",
            "Let everybody who reaches the server send files",
        )))
        .arg(folded(
            flag(
                "upload",
                "Take files into the directory: a form on listings, curl -T; never over others",
            )
            .conflicts_with_all(["cgi", "cgi-dir", "drop", "hidden", "reload", "spa"]),
        ))
}

#[cfg(not(unix))]
fn scripts(command: Command) -> Command {
    command
}

fn sent(command: Command) -> Command {
    command
        .next_help_heading("How it is sent")
        .arg(
            value(
                "header",
                "HEADER",
                "Send 'Name: value' (or NAME VALUE) with files",
            )
            .short('H')
            .action(ArgAction::Append)
            .value_parser(header::parse),
        )
        .arg(
            value(
                "mime",
                "EXT=TYPE",
                "Media type of an extension; --content-type TYPE where none is known",
            )
            .action(ArgAction::Append)
            .value_parser(mime),
        )
        .arg(folded(
            value("content-type", "TYPE", "Media type where none is known")
                .value_parser(|text: &str| field("Content-Type", text)),
        ))
        .arg(
            value(
                "cache",
                "HOW",
                "[PATTERN=]seconds or Cache-Control [default: no-cache]",
            )
            .action(ArgAction::Append)
            .value_parser(cache),
        )
        .arg(
            optional(
                "cors",
                "ORIGIN",
                "*",
                "Let pages of ORIGIN [all] read the files; repeatable",
            )
            .action(ArgAction::Append),
        )
        .arg(
            value(
                "protocol",
                "VERSION",
                "HTTP/1.1 or HTTP/1.0 [default: HTTP/1.1]",
            )
            .short('p')
            .value_parser(one_of(&[
                ("HTTP/1.1", Protocol::Http11),
                ("HTTP/1.0", Protocol::Http10),
            ]))
            .hide_possible_values(true),
        )
        .arg(path(
            "tls-cert",
            "Serve HTTPS with this chain (PEM); --tls-key, --tls-password-file",
        ))
        .arg(folded(path(
            "tls-key",
            "Its key [default: in the same file]",
        )))
        .arg(folded(path(
            "tls-password-file",
            "The key's password, in a file",
        )))
}

fn place(command: Command) -> Command {
    let command = command
        .next_help_heading("Where")
        .arg(
            Arg::new("port")
                .value_name("PORT")
                .value_parser(value_parser!(u16))
                .display_order(0)
                .help("Port; 0 is any free one [default: 8000]"),
        )
        .arg(
            value("bind", "ADDR", "Listen on this address only; repeatable")
                .short('b')
                .action(ArgAction::Append),
        );
    #[cfg(unix)]
    let command = command.arg(path("unix", "Listen on a Unix socket"));
    command
        .arg(
            value(
                "allow-host",
                "HOST",
                "Answer to this name; repeatable [default: all; on loopback its own]",
            )
            .action(ArgAction::Append)
            .value_delimiter(','),
        )
        .arg(path(
            "auth-file",
            "Ask for users of this file (NAME:HASH a line; --hash-password)",
        ))
        .arg(folded(flag(
            "hash-password",
            "Print the hash of the password on standard input and exit",
        )))
        .arg(folded(flag(
            "auth-over-http",
            "Let passwords cross the network in clear",
        )))
        .arg(
            value("base", "PATH", "Serve it all below PATH, as in /docs")
                .value_parser(base)
                .conflicts_with_all(base_conflicts()),
        )
        .arg(flag(
            "open",
            "Open it in the browser; --qr: print its address for a phone",
        ))
        .arg(
            optional(
                "reload",
                "WHO",
                "loopback",
                "Reload pages when a file changes, on this machine; =force: everywhere",
            )
            .value_parser(one_of(&[
                ("loopback", Reach::Loopback),
                ("force", Reach::Everybody),
            ]))
            .hide_possible_values(true),
        )
        .arg(folded(flag(
            "qr",
            "Print the address as a QR code, for a phone",
        )))
}

/// The directories of scripts stand below no other path.
fn base_conflicts() -> Vec<&'static str> {
    if cfg!(unix) {
        vec!["cgi", "cgi-dir"]
    } else {
        Vec::new()
    }
}

fn proxies(command: Command) -> Command {
    let command = command
        .next_help_heading("Behind a proxy")
        .arg(
            value(
                "behind",
                "NET",
                "Believe X-Forwarded-For and -Proto of NET (10.0.0.0/8, unix)",
            )
            .value_parser(networks),
        )
        .arg(
            value(
                "proxy-protocol",
                "NET",
                "Expect the PROXY protocol from NET; both idle for 620 s",
            )
            .value_parser(networks),
        );
    #[cfg(unix)]
    let command = command.arg(
        value(
            "drain-delay",
            "SECS",
            "At SIGTERM serve on for so long, and say Connection: close",
        )
        .value_parser(seconds),
    );
    command
        .arg(
            value(
                "health",
                "LIVE,READY",
                "Answer probes at these paths (/livez,/readyz); --metrics ADDR:PORT",
            )
            .value_parser(health),
        )
        .arg(folded(
            value(
                "metrics",
                "ADDR:PORT",
                "Serve figures for Prometheus on this address; :PORT is 127.0.0.1",
            )
            .value_parser(metrics),
        ))
}

fn limits(command: Command) -> Command {
    command
        .next_help_heading("Limits")
        .arg(folded(value(
            "max-connections",
            "N",
            "Connections at once [default: 65536]",
        )))
        .arg(value(
            "max-threads",
            "N",
            "Threads that may block [default: 512]; --max-connections N [65536]",
        ))
        .arg(value(
            "idle-timeout",
            "SECS",
            "Between two requests [default: 75]; --shutdown-timeout SECS [5]",
        ))
        .arg(folded(value(
            "shutdown-timeout",
            "SECS",
            "For running requests when it ends [default: 5]",
        )))
        .arg(
            value(
                "limit",
                "NAME=VALUE",
                "Any limit; --print-limits has their names and values",
            )
            .action(ArgAction::Append)
            .value_parser(setting),
        )
        .arg(folded(flag("print-limits", "Print all limits and exit")))
        .arg(flag(
            "lenient",
            "Take what old clients send (no Host, bare line feeds)",
        ))
}

fn said(command: Command) -> Command {
    command
        .next_help_heading("What is said")
        .arg(
            value(
                "log-format",
                "FORMAT",
                "common, combined, json or off [default: common]",
            )
            .value_parser(one_of(&[
                ("common", Records::Common),
                ("combined", Records::Combined),
                ("json", Records::Json),
                ("off", Records::Off),
            ]))
            .hide_possible_values(true),
        )
        .arg(
            value(
                "log-file",
                "FILE",
                "Log to the end of FILE instead of stderr",
            )
            .value_parser(value_parser!(PathBuf)),
        )
        .arg(flag("quiet", "Say nothing; log only with --log-file").short('q'))
        .arg(
            flag("verbose", "Log why something is not found")
                .short('v')
                .conflicts_with("quiet"),
        )
        .arg(
            value(
                "completions",
                "SHELL",
                "Print completions for a shell and exit; --man: the man page",
            )
            .value_parser(value_parser!(Shell))
            .hide_possible_values(true),
        )
        .arg(folded(flag("man", "Print the man page and exit")))
        .arg(
            flag(
                "help",
                "Print this and exit; -V: the version. The man page has all options",
            )
            .short('h')
            .action(ArgAction::Help),
        )
        .arg(folded(
            flag("version", "Print the version and exit")
                .short('V')
                .action(ArgAction::Version),
        ))
}

/// The command with all its options, for the man page and for completions.
pub(super) fn whole(command: Command) -> Command {
    command.mut_args(|option| option.hide(false))
}

/// Named in the help of another option: the screen is full. The man page has it.
fn folded(option: Arg) -> Arg {
    option.hide(true)
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .action(ArgAction::SetTrue)
        .help(help)
}

fn value(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn path(name: &'static str, help: &'static str) -> Arg {
    value(name, "PATH", help).value_parser(value_parser!(PathBuf))
}

/// A value after `=` or none; what is in two words has been joined already.
fn optional(
    name: &'static str,
    of: &'static str,
    default: &'static str,
    help: &'static str,
) -> Arg {
    value(name, of, help)
        .num_args(0..=1)
        .require_equals(true)
        .default_missing_value(default)
}

/// One of these words, and what it stands for.
fn one_of<T: Clone + Send + Sync + 'static>(choices: &'static [(&'static str, T)]) -> ValueParser {
    let words = choices.iter().map(|(word, _)| *word);
    PossibleValuesParser::new(words)
        .try_map(move |word| {
            let found = choices.iter().find(|(known, _)| *known == word);
            found
                .map(|(_, value)| value.clone())
                .ok_or("it is none of them")
        })
        .into()
}

fn field(name: &str, value: &str) -> Result<String, String> {
    header::check(name, value)?;
    Ok(value.to_owned())
}

/// Networks with commas between.
fn networks(text: &str) -> Result<Networks, NetworkError> {
    Networks::new(text.split(',').map(str::trim))
}

/// A path to stand below: words of a URL that mean nothing else.
fn base(text: &str) -> Result<String, &'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let path = text.trim_end_matches('/');
    let mut parts = path.split('/');
    let is_good = |part: &str| {
        !part.is_empty() && part.bytes().all(plain) && !part.trim_matches('.').is_empty()
    };
    if parts.next() == Some("") && path.len() > 1 && parts.all(is_good) {
        Ok(path.to_owned())
    } else {
        Err("write a path of letters, digits and -._~, as in /docs")
    }
}

/// Two paths that probes ask for.
fn health(text: &str) -> Result<(String, String), &'static str> {
    let path = |text: &str| {
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'?');
        (text.starts_with('/') && plain).then(|| text.to_owned())
    };
    let paths = text
        .split_once(',')
        .and_then(|(live, ready)| path(live).zip(path(ready)));
    paths.ok_or("write two paths, as in /livez,/readyz")
}

/// An address, on loopback unless it says another one.
fn metrics(text: &str) -> Result<SocketAddr, &'static str> {
    let text = if text.starts_with(':') {
        format!("127.0.0.1{text}")
    } else {
        text.to_owned()
    };
    text.parse()
        .map_err(|_| "write an address and a port, as in 127.0.0.1:9100 or :9100")
}

/// Seconds, and parts of one.
#[cfg(unix)]
fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds: f64 = text.parse().map_err(|_| "write seconds, such as 5")?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "write seconds, such as 5")
}

fn mime(text: &str) -> Result<(String, String), String> {
    let Some((extension, kind)) = text.split_once('=') else {
        return Err("write EXT=TYPE, as in foo=text/x-foo".to_owned());
    };
    let kind = field("Content-Type", kind.trim())?;
    let extension = extension.strip_prefix('.').unwrap_or(extension);
    Ok((extension.to_owned(), kind))
}

/// A directory of scripts, as its URL has it.
#[cfg(unix)]
fn script_directory(text: &str) -> Result<String, String> {
    if doget::CgiHandler::is_directory(text) {
        Ok(text.to_owned())
    } else {
        Err("write a path below the directory that is served, as in /cgi-bin".to_owned())
    }
}

/// `NAME=VALUE`, or a name whose value is found later.
#[cfg(unix)]
fn variable(text: OsString) -> Result<(OsString, Option<OsString>), &'static str> {
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    let mut parts = text.as_bytes().splitn(2, |&byte| byte == b'=');
    let mut part = || parts.next().map(|bytes| OsString::from_vec(bytes.to_vec()));
    match (part(), part()) {
        (Some(name), value) if !name.is_empty() => Ok((name, value)),
        _ => Err("write NAME=VALUE, or NAME for a variable of this environment"),
    }
}

/// `[PATTERN=]HOW`: seconds, words of `Cache-Control`, or both with a comma between.
fn cache(text: &str) -> Result<(Option<String>, String), String> {
    let (pattern, how) = match text.split_once('=') {
        // No word of the header has one of these; a pattern without them would be a directory's name.
        Some((pattern, how)) if pattern.contains(['*', '?', '.', '/']) => (Some(pattern), how),
        _ => (None, text),
    };
    let words = how
        .split(',')
        .map(str::trim)
        .map(|word| match word.parse::<u32>() {
            Ok(seconds) => format!("max-age={seconds}"),
            Err(_) => word.to_owned(),
        });
    let value = field("Cache-Control", &words.collect::<Vec<_>>().join(", "))?;
    Ok((pattern.map(str::to_owned), value))
}
