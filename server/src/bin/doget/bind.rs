//! The addresses to listen on.

use super::arguments::{Arguments, Reach};
use super::error::CommandError;
use doget::HttpServer;
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};

/// Takes a server and gives it with one more address, or makes one.
struct Listeners(Option<HttpServer>);

impl Listeners {
    fn add(&mut self, address: impl ToSocketAddrs) -> io::Result<()> {
        self.0 = Some(match self.0.take() {
            None => HttpServer::bind(address)?,
            Some(server) => server.listen(address)?,
        });
        Ok(())
    }

    #[cfg(unix)]
    fn add_unix(&mut self, path: &std::path::Path) -> io::Result<()> {
        self.0 = Some(match self.0.take() {
            None => HttpServer::bind_unix(path)?,
            Some(server) => server.listen_unix(path)?,
        });
        Ok(())
    }

    /// The port to ask for: all addresses share the one that the first of them got.
    fn port(&self, wanted: u16) -> u16 {
        match &self.0 {
            Some(server) if wanted == 0 => server.server_port(),
            _ => wanted,
        }
    }
}

/// Binds everything that was asked for; all addresses if nothing was.
pub(crate) fn bind(arguments: &Arguments) -> Result<HttpServer, CommandError> {
    #[cfg(unix)]
    if let Some(server) = inherited(arguments)? {
        return Ok(server);
    }
    let mut listeners = Listeners(None);
    let wanted = arguments.port;
    if let Some(addresses) = &arguments.bind {
        let all = addresses.iter().any(|address| bare(address) == "::");
        for address in addresses {
            let address = bare(address);
            // `::` takes IPv4 clients too.
            if all && address == "0.0.0.0" {
                continue;
            }
            let port = listeners.port(wanted);
            listeners
                .add((address, port))
                .map_err(|error| refused(address, port, &error))?;
        }
    } else if arguments.unix.is_some() && !arguments.port_is_given {
        // The socket alone.
    } else if arguments.reload == Some(Reach::Loopback) {
        listeners
            .add((Ipv4Addr::LOCALHOST, wanted))
            .map_err(|error| refused("", wanted, &error))?;
    } else {
        let all = listeners
            .add(("::", wanted))
            .or_else(|error| match error.kind() {
                ErrorKind::AddrInUse | ErrorKind::PermissionDenied => Err(error),
                // A system without IPv6.
                _ => listeners.add(("0.0.0.0", wanted)),
            });
        all.map_err(|error| refused("", wanted, &error))?;
    }
    #[cfg(unix)]
    if let Some(path) = &arguments.unix {
        listeners.add_unix(path).map_err(|error| {
            CommandError::of(format_args!("cannot listen on {}", path.display()), &error)
        })?;
    }
    listeners
        .0
        .ok_or_else(|| CommandError::new("there is no address to listen on"))
}

/// The sockets that systemd, or who else started the command, has opened for it. What else is asked for is a mistake:
/// nobody would hear of it.
#[cfg(unix)]
fn inherited(arguments: &Arguments) -> Result<Option<HttpServer>, CommandError> {
    let server = HttpServer::inherited()
        .map_err(|error| CommandError::of("cannot take the sockets of LISTEN_FDS", &error))?;
    let asked = arguments.port_is_given || arguments.bind.is_some() || arguments.unix.is_some();
    if server.is_some() && asked {
        return Err(CommandError::usage(
            "the sockets are given (LISTEN_FDS), so a port, -b or --unix cannot be asked for",
        ));
    }
    Ok(server)
}

/// Whether only this machine reaches an address.
pub(crate) fn is_own(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// Whether nobody else than users of this machine can reach the server. Through a socket of the file system a proxy may
/// ask for anybody.
pub(crate) fn is_alone(server: &HttpServer, arguments: &Arguments) -> bool {
    let mut addresses = server.local_addrs().peekable();
    addresses.peek().is_some()
        && addresses.all(is_own)
        && arguments.unix.is_none()
        && arguments.behind.is_none()
        && arguments.proxy_protocol.is_none()
}

/// An IPv6 address may be written as in a URL.
fn bare(address: &str) -> &str {
    let inner = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(address)
}

fn refused(address: &str, port: u16, error: &io::Error) -> CommandError {
    let on = if address.is_empty() {
        String::new()
    } else {
        format!(" of {address}")
    };
    match error.kind() {
        ErrorKind::AddrInUse => CommandError::new(format!("port {port}{on} is already in use")),
        // Windows says so too of a port that its owner shares with nobody.
        ErrorKind::PermissionDenied if cfg!(windows) => CommandError::new(format!(
            "not permitted to listen on port {port}{on}, or it is already in use"
        )),
        ErrorKind::PermissionDenied => {
            CommandError::new(format!("not permitted to listen on port {port}{on}"))
        }
        ErrorKind::AddrNotAvailable => {
            CommandError::new(format!("{address} is not an address of this machine"))
        }
        _ => CommandError::of(format_args!("cannot listen on port {port}{on}"), error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_optional() {
        assert_eq!(bare("[::1]"), "::1");
        assert_eq!(bare("::1"), "::1");
        assert_eq!(bare("[::1"), "[::1");
        assert_eq!(bare("localhost"), "localhost");
    }
}
