//! The command line.

mod environment;
mod header;
mod limits;
mod options;
mod preparse;
#[cfg(not(unix))]
mod unix_alone;
mod values;

pub(crate) use limits::AllLimits;
pub(crate) use values::{Protocol, Reach, Records};

use clap::ArgMatches;
use clap::error::ErrorKind;
use clap_complete::Shell;
use doget::{Networks, Symlinks};
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What the command is to do.
pub(crate) enum Task {
    Serve(Box<Arguments>),
    Print(Vec<u8>),
    /// Hash the password of standard input.
    Hash,
}

/// How to serve.
pub(crate) struct Arguments {
    pub(crate) port: u16,
    /// The port was given on the command line, and is not the default.
    pub(crate) port_is_given: bool,
    pub(crate) bind: Option<Vec<String>>,
    pub(crate) unix: Option<PathBuf>,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) directory: PathBuf,
    pub(crate) protocol: Protocol,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) content_type: Option<String>,
    pub(crate) mime: Vec<(String, String)>,
    pub(crate) listing: bool,
    pub(crate) index: Option<Vec<String>>,
    pub(crate) hidden: bool,
    pub(crate) symlinks: Symlinks,
    pub(crate) spa: Option<String>,
    pub(crate) not_found: Option<String>,
    pub(crate) cors: Vec<String>,
    /// By pattern, or for all that match none.
    pub(crate) cache: Vec<(Option<String>, String)>,
    /// The names to answer to; all if nothing was said, unless only this machine can reach it.
    pub(crate) allow_hosts: Option<Vec<String>>,
    pub(crate) scripts: Option<Scripts>,
    /// Where files of clients are kept.
    pub(crate) drop: Option<PathBuf>,
    #[cfg_attr(not(unix), allow(dead_code, reason = "nothing is kept"))]
    pub(crate) drop_anonymous: bool,
    /// Clients send files into the directory that is served.
    pub(crate) upload: bool,
    /// Directories are to be had as archives.
    pub(crate) archive: bool,
    pub(crate) records: Records,
    pub(crate) log_file: Option<PathBuf>,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    pub(crate) open: bool,
    /// Who may have pages that load again when a file changes.
    pub(crate) reload: Option<Reach>,
    /// What old clients send is taken.
    pub(crate) lenient: bool,
    /// The proxies before the server that are believed.
    pub(crate) behind: Option<Networks>,
    /// Those that announce their connections by the PROXY protocol.
    pub(crate) proxy_protocol: Option<Networks>,
    /// How long it leaves before it drains, at SIGTERM.
    pub(crate) drain_delay: Duration,
    /// The paths that tell whether it lives and whether it wants requests.
    pub(crate) health: Option<(String, String)>,
    pub(crate) metrics: Option<SocketAddr>,
    /// What all paths begin with.
    pub(crate) base: Option<String>,
    pub(crate) qr: bool,
    /// Users and their passwords.
    pub(crate) auth_file: Option<PathBuf>,
    pub(crate) auth_over_http: bool,
    pub(crate) limits: AllLimits,
}

/// Which scripts are run.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(not(unix), allow(dead_code, reason = "there are none"))]
pub(crate) struct Scripts {
    /// The usual ones if there are none.
    pub(crate) directories: Option<Vec<String>>,
    pub(crate) as_root: bool,
    /// Variables for them; without a value, those of the command's own environment.
    pub(crate) variables: Vec<(OsString, Option<OsString>)>,
}

#[cfg(unix)]
impl Scripts {
    /// The first variable that has no value anywhere.
    fn missing(&self) -> Option<String> {
        let mut variables = self.variables.iter();
        let is_missing = |(name, value): &&(OsString, Option<OsString>)| {
            value.is_none() && std::env::var_os(name).is_none()
        };
        let (name, _) = variables.find(is_missing)?;
        Some(name.to_string_lossy().into_owned())
    }
}

/// Where the certificate is.
#[derive(Clone)]
pub(crate) struct TlsFiles {
    pub(crate) certificate: PathBuf,
    /// In the certificate's file if there is none.
    pub(crate) key: Option<PathBuf>,
    pub(crate) password: Option<PathBuf>,
}

/// Reads the command line, the program's name first, and the variables of the environment that stand for options.
///
/// # Errors
///
/// It is not understood; or help or version is asked for, which clap takes for an error.
pub(crate) fn read(
    words: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Task, clap::Error> {
    let mut command = options::command();
    let words = preparse::join(words);
    let matches = command.try_get_matches_from_mut(words.clone());
    #[cfg(not(unix))]
    let matches = matches.map_err(|error| match unix_alone::words(&error) {
        Some(words) => command.error(ErrorKind::UnknownArgument, words),
        None => error,
    });
    let matches = matches?;
    let mut matches = environment::add(&mut command, matches, words, variables)?;
    if let Some(shell) = matches.get_one::<Shell>("completions") {
        let mut out = Vec::new();
        clap_complete::generate(*shell, &mut options::whole(command), "doget", &mut out);
        return Ok(Task::Print(out));
    }
    if matches.get_flag("man") {
        let mut out = Vec::new();
        clap_mangen::Man::new(options::whole(command)).render(&mut out)?;
        return Ok(Task::Print(out));
    }
    if matches.get_flag("hash-password") {
        return Ok(Task::Hash);
    }
    for option in ["tls-key", "tls-password-file"] {
        if matches.contains_id(option) && !matches.contains_id("tls-cert") {
            let words = format!("--{option} requires --tls-cert to be set");
            return Err(command.error(ErrorKind::MissingRequiredArgument, words));
        }
    }
    let limits = AllLimits::read(&mut matches)
        .map_err(|words| command.error(ErrorKind::ValueValidation, words))?;
    let mut arguments = arguments(&mut matches, limits);
    if matches.get_flag("print-limits") {
        let text = arguments.limits.text(arguments.scripts.is_some());
        return Ok(Task::Print(text.into_bytes()));
    }
    #[cfg(unix)]
    if let Some(name) = arguments.scripts.as_ref().and_then(Scripts::missing) {
        let words =
            format!("--cgi-env {name}: there is no such variable here, so write {name}=VALUE");
        return Err(command.error(ErrorKind::ValueValidation, words));
    }
    Ok(Task::Serve(Box::new(arguments)))
}

/// What is wrong with a command line, without the words around it: program and usage are said in one way for all
/// mistakes.
pub(crate) fn mistake(error: &clap::Error) -> String {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let end = ["\n\nUsage:", "\n\nFor more information"]
        .iter()
        .filter_map(|end| text.find(end))
        .min();
    text.get(..end.unwrap_or(text.len()))
        .unwrap_or_default()
        .trim_end()
        .replace("\n\n", "\n")
}

fn arguments(matches: &mut ArgMatches, limits: AllLimits) -> Arguments {
    let port = matches.remove_one("port");
    Arguments {
        port: port.unwrap_or(8000),
        port_is_given: port.is_some(),
        bind: all(matches, "bind"),
        #[cfg(unix)]
        unix: matches.remove_one("unix"),
        #[cfg(not(unix))]
        unix: None,
        tls: matches.remove_one("tls-cert").map(|certificate| TlsFiles {
            certificate,
            key: matches.remove_one("tls-key"),
            password: matches.remove_one("tls-password-file"),
        }),
        directory: matches
            .remove_one("directory")
            .unwrap_or_else(|| PathBuf::from(".")),
        protocol: matches.remove_one("protocol").unwrap_or(Protocol::Http11),
        headers: all(matches, "header").unwrap_or_default(),
        content_type: matches.remove_one("content-type"),
        mime: all(matches, "mime").unwrap_or_default(),
        listing: !matches.get_flag("no-listing"),
        index: all(matches, "index"),
        hidden: matches.get_flag("hidden"),
        symlinks: matches.remove_one("symlinks").unwrap_or_default(),
        spa: matches.remove_one("spa"),
        not_found: matches.remove_one("404"),
        cors: all(matches, "cors").unwrap_or_default(),
        cache: all(matches, "cache").unwrap_or_default(),
        allow_hosts: all(matches, "allow-host"),
        #[cfg(unix)]
        scripts: scripts(matches),
        #[cfg(not(unix))]
        scripts: None,
        #[cfg(unix)]
        drop: matches.remove_one("drop"),
        #[cfg(not(unix))]
        drop: None,
        #[cfg(unix)]
        drop_anonymous: matches.get_flag("drop-anonymous"),
        #[cfg(not(unix))]
        drop_anonymous: false,
        #[cfg(unix)]
        upload: matches.get_flag("upload"),
        #[cfg(not(unix))]
        upload: false,
        archive: matches.get_flag("archive"),
        records: matches.remove_one("log-format").unwrap_or(Records::Common),
        log_file: matches.remove_one("log-file"),
        quiet: matches.get_flag("quiet"),
        verbose: matches.get_flag("verbose"),
        open: matches.get_flag("open"),
        reload: matches.remove_one("reload"),
        lenient: matches.get_flag("lenient"),
        behind: matches.remove_one("behind"),
        proxy_protocol: matches.remove_one("proxy-protocol"),
        #[cfg(unix)]
        drain_delay: matches.remove_one("drain-delay").unwrap_or_default(),
        #[cfg(not(unix))]
        drain_delay: Duration::ZERO,
        health: matches.remove_one("health"),
        metrics: matches.remove_one("metrics"),
        base: matches.remove_one("base"),
        qr: matches.get_flag("qr"),
        auth_file: matches.remove_one("auth-file"),
        auth_over_http: matches.get_flag("auth-over-http"),
        limits,
    }
}

/// A directory of them is asking for them too.
#[cfg(unix)]
fn scripts(matches: &mut ArgMatches) -> Option<Scripts> {
    let directories = all(matches, "cgi-dir");
    let asked = matches.get_flag("cgi") || directories.is_some();
    asked.then(|| Scripts {
        directories,
        as_root: matches.get_flag("cgi-as-root"),
        variables: all(matches, "cgi-env").unwrap_or_default(),
    })
}

fn all<T: Clone + Send + Sync + 'static>(matches: &mut ArgMatches, name: &str) -> Option<Vec<T>> {
    Some(matches.remove_many(name)?.collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn serve(words: &[&str]) -> Arguments {
        let words = std::iter::once(&"doget").chain(words).map(OsString::from);
        match read(words, []) {
            Ok(Task::Serve(arguments)) => *arguments,
            Ok(_) => panic!("not served"),
            Err(error) => panic!("{error}"),
        }
    }

    fn refused(words: &[&str]) -> String {
        let words = std::iter::once(&"doget").chain(words).map(OsString::from);
        read(words, []).err().unwrap().to_string()
    }

    #[test]
    fn nothing_said_is_what_http_server_does() {
        let arguments = serve(&[]);
        assert_eq!((arguments.port, arguments.port_is_given), (8000, false));
        assert!(arguments.bind.is_none() && arguments.listing && !arguments.hidden);
        assert_eq!(arguments.protocol, Protocol::Http11);
        assert_eq!(arguments.directory, PathBuf::from("."));
    }

    #[test]
    fn what_may_have_a_value_does_not_take_the_port() {
        let arguments = serve(&["--spa", "9000"]);
        assert_eq!(arguments.spa.as_deref(), Some("index.html"));
        assert_eq!(arguments.port, 9000);
        let arguments = serve(&["--cors", "9000", "--spa=app.html"]);
        assert_eq!(arguments.cors, ["*"]);
        assert_eq!(
            (arguments.spa.as_deref(), arguments.port),
            (Some("app.html"), 9000)
        );
        for words in [
            &[
                "--spa", "app.html", "--cors", "http://a", "--cors", "http://b", "9000",
            ][..],
            &[
                "9000",
                "--spa=app.html",
                "--cors=http://a",
                "--cors=http://b",
            ],
        ] {
            let arguments = serve(words);
            assert_eq!(arguments.spa.as_deref(), Some("app.html"));
            assert_eq!(arguments.cors, ["http://a", "http://b"]);
            assert_eq!(arguments.port, 9000);
        }
        let arguments = serve(&["--cors", "-q", "--spa", "--", "9000"]);
        assert_eq!(arguments.cors, ["*"]);
        assert_eq!(
            (arguments.spa.as_deref(), arguments.port),
            (Some("index.html"), 9000)
        );
        let arguments = serve(&["--index", "a,b", "9000", "--index", "c"]);
        assert_eq!(arguments.index.unwrap(), ["a", "b", "c"]);
        assert_eq!(arguments.port, 9000);
    }

    #[test]
    fn cli_08_headers_in_one_word_and_in_two() {
        for words in [
            &["-H", "X-A: b c", "9000"][..],
            &["-H", "X-A", "b c", "9000"],
            &["--header", "X-A:b c ", "9000"],
            &["--header", "X-A", "b c", "9000"],
            &["--header=X-A: b c", "9000"],
            &["-HX-A: b c", "9000"],
        ] {
            let arguments = serve(words);
            assert_eq!(
                arguments.headers,
                [("X-A".to_owned(), "b c".to_owned())],
                "{words:?}"
            );
            assert_eq!(arguments.port, 9000);
        }
        let arguments = serve(&["-H", "A", "b:c", "-H", "D: e"]);
        assert_eq!(arguments.headers.len(), 2);
        assert_eq!(arguments.headers[0].1, "b:c");
    }

    #[test]
    fn cli_08_what_is_no_header() {
        assert!(refused(&["-H", "X-A"]).contains("NAME VALUE"));
        assert!(refused(&["-H", ": b"]).contains("no name"));
        assert!(refused(&["-H", "a b: c"]).contains("cannot be a header"));
        assert!(refused(&["-H", "a: b\nc: d"]).contains("cannot be a header"));
    }

    #[test]
    fn cli_07_a_key_without_a_certificate_is_refused() {
        for (option, says) in [
            ("--tls-key", "--tls-key requires --tls-cert to be set"),
            (
                "--tls-password-file",
                "--tls-password-file requires --tls-cert to be set",
            ),
        ] {
            assert!(refused(&[option, "x"]).contains(says));
        }
        assert!(serve(&[]).tls.is_none());
        let tls = serve(&["--tls-cert", "a", "--tls-key", "b"]).tls.unwrap();
        assert_eq!(tls.certificate, PathBuf::from("a"));
        assert_eq!(tls.key, Some(PathBuf::from("b")));
        assert_eq!(tls.password, None);
    }

    #[test]
    fn values_are_looked_at_before_anything_is_bound() {
        for (words, says) in [
            (&["70000"][..], "70000"),
            (&["x"], "'x'"),
            (&["--mime", "foo"], "EXT=TYPE"),
            (&["--mime", "foo=a\nb"], "cannot be"),
            (&["--content-type", "\u{2603}"], "cannot be"),
            (&["--cache", "a\rb"], "cannot be"),
            (&["--cache", "*.js=a\rb"], "cannot be"),
            (&["--limit", "head_timeout=0"], "more than 0"),
            (&["--limit", "head_timeout"], "NAME=VALUE"),
            (&["--limit", "heads=1"], "--print-limits"),
            (&["--idle-timeout", "x"], "'--idle-timeout'"),
            (&["-q", "-v"], "cannot be used with"),
            (&["--symlinks", "some"], "inside"),
            (&["-p", "HTTP/2"], "HTTP/1.1"),
            (&["--max-threads", "0"], "0"),
            (&["--lisitng"], "--lisitng"),
        ] {
            let error = refused(words);
            assert!(error.contains(says), "{words:?}: {error}");
        }
    }

    #[test]
    fn cache_is_seconds_or_the_words_of_the_header() {
        let cache = |value| {
            let mut rules = serve(&["--cache", value]).cache;
            rules.pop().unwrap()
        };
        for (value, pattern, header) in [
            ("3600", None, "max-age=3600"),
            ("0", None, "max-age=0"),
            ("no-store", None, "no-store"),
            ("public, max-age=60", None, "public, max-age=60"),
            ("max-age=60", None, "max-age=60"),
            ("31536000,immutable", None, "max-age=31536000, immutable"),
            ("*.js=60", Some("*.js"), "max-age=60"),
            ("index.html=no-store", Some("index.html"), "no-store"),
            (
                "/assets/*=31536000,immutable",
                Some("/assets/*"),
                "max-age=31536000, immutable",
            ),
            ("a?=max-age=5", Some("a?"), "max-age=5"),
            ("*.tmp=", Some("*.tmp"), ""),
        ] {
            assert_eq!(
                cache(value),
                (pattern.map(str::to_owned), header.to_owned()),
                "{value}"
            );
        }
    }

    #[test]
    fn the_limits_that_have_options() {
        let limits = serve(&[
            "--max-connections",
            "1",
            "--max-threads",
            "2",
            "--idle-timeout",
            "4",
            "--shutdown-timeout",
            "6",
            "--limit",
            "head.max_field_line_size=20K",
            "--limit=head-timeout=0.5",
        ])
        .limits
        .server;
        assert_eq!((limits.max_connections, limits.max_threads), (1, 2));
        let times = [
            limits.idle_timeout,
            limits.shutdown_timeout,
            limits.head_timeout,
        ];
        assert_eq!(times.map(|time| time.as_millis()), [4000, 6000, 500]);
        assert_eq!(limits.head.max_field_line_size, 20 << 10);
        // What the help says of them.
        let usual = serve(&[]).limits.server;
        let times = [usual.idle_timeout, usual.shutdown_timeout];
        assert_eq!(times.map(|time| time.as_secs()), [75, 5]);
        assert_eq!((usual.max_connections, usual.max_threads), (65_536, 512));
    }

    #[cfg(unix)]
    #[test]
    fn variables_for_scripts() {
        let given = |words: &[&str]| serve(words).scripts.unwrap().variables;
        let words = [
            "--cgi",
            "--cgi-env",
            "A=b=c",
            "--cgi-env=PATH",
            "--cgi-env",
            "D=",
        ];
        let variables = given(&words);
        let plain = |text: &str| OsString::from(text);
        assert_eq!(
            variables,
            [
                (plain("A"), Some(plain("b=c"))),
                (plain("PATH"), None),
                (plain("D"), Some(plain("")))
            ]
        );
        assert!(refused(&["--cgi", "--cgi-env", "=b"]).contains("NAME"));
        let missing = refused(&["--cgi", "--cgi-env", "NO_SUCH_VARIABLE"]);
        assert!(missing.contains("NO_SUCH_VARIABLE=VALUE"), "{missing}");
    }

    #[cfg(unix)]
    #[test]
    fn cgi_25_scripts_run_only_where_that_is_asked_for() {
        assert_eq!(serve(&[]).scripts, None);
        assert_eq!(serve(&["--cgi-as-root"]).scripts, None);
        let scripts = serve(&["--cgi", "9000"]).scripts.unwrap();
        assert_eq!((scripts.directories, scripts.as_root), (None, false));
        let words = ["--cgi-dir", "/a", "--cgi-dir", "b/c", "--cgi-as-root"];
        let scripts = serve(&words).scripts.unwrap();
        assert_eq!(scripts.directories.unwrap(), ["/a", "b/c"]);
        assert!(scripts.as_root);
        for none in ["/", "..", "/a/../b"] {
            assert!(refused(&["--cgi-dir", none]).contains("/cgi-bin"), "{none}");
        }
    }

    #[test]
    fn the_command_is_in_order_and_its_help_fits_a_screen() {
        options::command().debug_assert();
        let help = options::command().render_help().to_string();
        assert!(help.lines().count() <= 50, "{}", help.lines().count());
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}
