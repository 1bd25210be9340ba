//! What the command says on standard output, and to whom it shows the page.
//!
//! Nothing here fails: a closed pipe or a full disk stops no server.

use super::arguments::Scripts;
#[cfg(unix)]
use super::error::CommandError;
use doget::HttpServer;
use doget::hooks::Escaped;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::path::{MAIN_SEPARATOR, MAIN_SEPARATOR_STR, Path};
use std::process::{Command, Stdio};

/// What addresses begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn of(server: &HttpServer) -> Self {
        if server.is_https() {
            Self::Https
        } else {
            Self::Http
        }
    }

    /// Prints where the directory is served: first the line of `http.server` for each address, which scripts read.
    pub(crate) fn announce(
        self,
        server: &HttpServer,
        unix: Option<&Path>,
        directory: &Path,
        reached: &[String],
    ) {
        let name = match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
        };
        let mut text = String::new();
        for address in server.local_addrs() {
            let (ip, port) = (address.ip(), address.port());
            let url = self.url(address);
            // A `String` takes whatever is written to it.
            let _ = writeln!(text, "Serving {name} on {ip} port {port} ({url}) ...");
        }
        if let Some(path) = unix {
            let _ = writeln!(text, "Serving {name} on unix:{} ...", shown(path));
        }
        let _ = writeln!(text, "Directory: {}", shown(directory));
        if !reached.is_empty() {
            let _ = writeln!(text, "Open: {}", reached.join("  "));
        }
        say(&text);
    }

    /// The pages' addresses as a browser takes them: this machine's own first, then those for others.
    pub(crate) fn reached(self, listening: impl Iterator<Item = SocketAddr>) -> Vec<String> {
        let mut urls = Vec::new();
        for address in listening {
            let port = address.port();
            match address.ip() {
                IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
                    urls.push(format!("{self}://localhost:{port}/"));
                    let others = [outward_v4().map(IpAddr::V4), outward_v6().map(IpAddr::V6)];
                    let others = others.into_iter().flatten();
                    urls.extend(others.map(|ip| self.url((ip, port).into())));
                }
                IpAddr::V4(Ipv4Addr::UNSPECIFIED) => {
                    urls.push(format!("{self}://127.0.0.1:{port}/"));
                    urls.extend(outward_v4().map(|ip| self.url((ip, port).into())));
                }
                _ => urls.push(self.url(address)),
            }
        }
        urls
    }

    fn url(self, address: SocketAddr) -> String {
        let port = address.port();
        match address.ip() {
            IpAddr::V4(ip) => format!("{self}://{ip}:{port}/"),
            IpAddr::V6(ip) => format!("{self}://[{ip}]:{port}/"),
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// What starts programs for others is said, once.
pub(crate) fn warn_of_scripts(scripts: &Scripts, with_passwords: bool) {
    let directories = match &scripts.directories {
        Some(directories) => directories.join(" and "),
        None => "/cgi-bin and /htbin".to_owned(),
    };
    #[cfg(unix)]
    let is_root = rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    let is_root = false;
    let user = match (is_root, scripts.as_root) {
        (true, true) => ", as root",
        (true, false) => ", as nobody",
        (false, _) => "",
    };
    let who = if with_passwords {
        "users run"
    } else {
        "everyone who reaches this server runs"
    };
    say(&format!(
        "CGI: {who} the programs in {}{user}.\n",
        Escaped(&directories)
    ));
}

/// What `--reload` does, and what could hinder it.
pub(crate) fn tell_of_reload(headers: &[(String, String)]) {
    let mut words = "Pages load again when a file changes.\n".to_owned();
    let policy = |name: &str| name.eq_ignore_ascii_case("Content-Security-Policy");
    if headers.iter().any(|(name, _)| policy(name)) {
        words += "The Content-Security-Policy has to allow script-src 'self' and connect-src 'self' for that.\n";
    }
    say(&words);
}

/// On standard error, while it serves.
pub(crate) fn warn(words: &str) {
    let _ = writeln!(io::stderr(), "doget: {words}");
}

/// Something is still under way at the end: says so, and how not to wait for it. On standard error: what stands on
/// the other is what `http.server` says.
pub(crate) fn waits(grace: std::time::Duration) {
    let _ = writeln!(
        io::stderr(),
        "doget: waiting up to {} s for requests, downloads and scripts under way; a second Ctrl-C ends them at once",
        grace.as_secs()
    );
}

/// A proxy in front of it may take one request for two, or two for one.
pub(crate) fn warn_of_lenience() {
    say("Lenient: what old clients send is taken; do not put it behind a proxy.\n");
}

/// Where files of clients go.
pub(crate) fn tell_of_drop(directory: &Path, anonymous: bool) {
    let who = if anonymous {
        "everyone who reaches this server"
    } else {
        "this machine"
    };
    say(&format!(
        "Drop: what {who} sends to /drop/ is kept in {}.\n",
        shown(directory)
    ));
}

/// Files of clients come into the directory that is served.
pub(crate) fn tell_of_uploads(with_passwords: bool) {
    let who = if with_passwords {
        "users"
    } else {
        "this machine"
    };
    say(&format!(
        "Upload: {who} can add files, and cannot change any.\n"
    ));
}

/// A log file that cannot be opened anew.
#[cfg(unix)]
pub(crate) fn not_reopened(error: &io::Error) {
    let _ = writeln!(
        io::stderr(),
        "doget: the log file cannot be opened anew, so the old one is written on: {error}"
    );
}

/// A certificate that cannot be read anew.
#[cfg(unix)]
pub(crate) fn not_renewed(error: &CommandError) {
    let _ = writeln!(
        io::stderr(),
        "doget: the certificate stays the old one: {error}"
    );
}

/// Prints the words of `http.server` for Ctrl-C.
pub(crate) fn interrupted() {
    say("\nKeyboard interrupt received, exiting.\n");
}

/// Whoever has the key can be the server, and whoever has hashes can guess their passwords.
pub(crate) fn warn_of_secret(what: &str, path: &Path) {
    let _ = writeln!(
        io::stderr(),
        "doget: the {what} {} is in the directory that is served",
        shown(path)
    );
}

/// A path that can be pasted: escaped, but for what stands between its names, which on Windows is a backslash.
fn shown(path: &Path) -> String {
    let path = path.to_string_lossy();
    let names = path
        .split(MAIN_SEPARATOR)
        .map(|name| Escaped(name).to_string());
    names.collect::<Vec<_>>().join(MAIN_SEPARATOR_STR)
}

fn say(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The address that this machine has towards others. A datagram socket is connected to an address that nobody has
/// (RFC 5737, RFC 3849); nothing is sent.
fn outward(from: IpAddr, to: IpAddr) -> Option<IpAddr> {
    let socket = UdpSocket::bind((from, 0)).ok()?;
    socket.connect((to, 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

fn outward_v4() -> Option<Ipv4Addr> {
    let nobody = Ipv4Addr::new(192, 0, 2, 1);
    match outward(Ipv4Addr::UNSPECIFIED.into(), nobody.into())? {
        IpAddr::V4(ip) => Some(ip),
        IpAddr::V6(_) => None,
    }
}

fn outward_v6() -> Option<Ipv6Addr> {
    let nobody = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
    match outward(Ipv6Addr::UNSPECIFIED.into(), nobody.into())? {
        // An address of the link alone needs a zone, which a URL cannot carry.
        IpAddr::V6(ip) if !ip.is_unicast_link_local() => Some(ip),
        _ => None,
    }
}

/// Shows the page in the user's browser, if there is one.
pub(crate) fn open(url: &str) {
    let (program, arguments): (_, &[&str]) = if cfg!(windows) {
        ("cmd", &["/C", "start"])
    } else if cfg!(target_os = "macos") {
        ("open", &[])
    } else {
        ("xdg-open", &[])
    };
    let started = Command::new(program)
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    match started {
        Ok(mut child) => {
            // Somebody has to hear of its end; if there is no thread for that, the system keeps an entry of its table.
            let _ = std::thread::Builder::new().spawn(move || child.wait());
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "doget: cannot open a browser: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_be_pasted_and_cannot_speak_to_the_terminal() {
        let path = Path::new("site").join("red \u{1b}[31m").join("a");
        let expected = ["site", r"red \x1b[31m", "a"].join(MAIN_SEPARATOR_STR);
        assert_eq!(shown(&path), expected);
        assert_eq!(shown(Path::new("/")), "/");
    }

    #[test]
    fn cli_12_urls_of_both_families() {
        let url = |scheme: Scheme, address: SocketAddr| scheme.url(address);
        let v4 = url(Scheme::Http, ([127, 0, 0, 1], 80).into());
        assert_eq!(v4, "http://127.0.0.1:80/");
        let v6 = url(Scheme::Https, (Ipv6Addr::LOCALHOST, 8000).into());
        assert_eq!(v6, "https://[::1]:8000/");
    }

    #[test]
    fn one_address_is_reached_as_it_is_and_all_by_the_loopback_first() {
        let all = |address: SocketAddr| Scheme::Http.reached(std::iter::once(address));
        assert_eq!(all(([127, 0, 0, 2], 1).into()), ["http://127.0.0.2:1/"]);
        assert_eq!(
            all((Ipv6Addr::UNSPECIFIED, 1).into())[0],
            "http://localhost:1/"
        );
        assert_eq!(all(([0; 4], 1).into())[0], "http://127.0.0.1:1/");
    }
}
