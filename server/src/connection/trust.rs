//! [`Trust`]: whose word counts on who the client is, and what the client asked for.

use crate::connection::networks::Networks;
use crate::connection::peer::Peer;
use crate::http1::{HeaderFields, is_authority};
use std::net::IpAddr;

/// The proxies before a server whose header fields are believed, and the fields they send. Without it no such field
/// means anything: anybody can send one.
///
/// Every proxy has to set or remove each field that is believed; what a client sends beside it must not come through.
/// Where a proxy loses the field, it counts as the client itself: so the address of a proxy should open nothing.
/// [`Request::client`](crate::Request::client), [`scheme`](crate::Request::scheme) and
/// [`host`](crate::Request::host) say what came of it, and so do the log and the variables of scripts.
///
/// ```no_run
/// use doget::{HttpServer, Networks, Trust};
///
/// let proxies = Networks::new(["10.0.0.0/8", "unix"])?;
/// let server = HttpServer::bind("[::]:8080")?.trust(Trust::x_forwarded(proxies));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Trust {
    networks: Networks,
    fields: Fields,
    host: bool,
}

/// Which fields are read: one family of them, since a proxy that sets one lets the other one through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fields {
    XForwarded,
    Forwarded,
}

/// What a trusted peer says of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forwarded<'h> {
    pub(crate) client: Option<IpAddr>,
    pub(crate) scheme: Option<&'static str>,
    pub(crate) host: Option<&'h str>,
}

impl Trust {
    /// Believes `X-Forwarded-For` and `X-Forwarded-Proto` of these networks.
    ///
    /// `X-Forwarded-For` is read from its end: each trusted proxy has added the address of whoever asked it, so the
    /// first address that is not trusted is the client. An entry that is no address ends the walk, and the proxy before
    /// it counts as the client. Of `X-Forwarded-Proto` the last value counts.
    pub fn x_forwarded(networks: Networks) -> Self {
        Self {
            networks,
            fields: Fields::XForwarded,
            host: false,
        }
    }

    /// Believes `Forwarded` (RFC 7239) of these networks. It is read from its end, as
    /// [`x_forwarded`](Self::x_forwarded) says; the scheme is that of the outermost trusted proxy.
    pub fn forwarded(networks: Networks) -> Self {
        Self {
            fields: Fields::Forwarded,
            ..Self::x_forwarded(networks)
        }
    }

    /// Believes the host that these proxies say the client asked for, too: `X-Forwarded-Host`, or `host` of
    /// `Forwarded`. Default: no, since links are made of it; most proxies can pass `Host` on as it is.
    #[must_use]
    pub fn host(mut self) -> Self {
        self.host = true;
        self
    }

    /// Whether this peer is one of the proxies.
    pub(crate) fn believes(&self, peer: &Peer) -> bool {
        self.networks.contains_peer(peer)
    }

    /// What is known of a request of this peer; nothing if it is not trusted.
    #[cold]
    pub(crate) fn read<'h>(&self, peer: &Peer, headers: HeaderFields<'h>) -> Forwarded<'h> {
        if !self.believes(peer) {
            return Forwarded::default();
        }
        let mut found = match self.fields {
            Fields::XForwarded => self.read_x_forwarded(headers),
            Fields::Forwarded => self.read_forwarded(headers),
        };
        if !self.host {
            found.host = None;
        }
        found.host = found.host.filter(|host| is_authority(host.as_bytes()));
        found
    }

    fn read_x_forwarded<'h>(&self, headers: HeaderFields<'h>) -> Forwarded<'h> {
        let mut client = None;
        let lines: Vec<&[u8]> = headers.get_all_bytes("X-Forwarded-For").collect();
        let entries = lines
            .iter()
            .rev()
            .flat_map(|line| line.rsplit(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|entry| !entry.is_empty());
        for entry in entries {
            let Some(address) = text(entry).and_then(address) else {
                break;
            };
            client = Some(address);
            if !self.networks.contains(address) {
                break;
            }
        }
        Forwarded {
            client,
            scheme: last(headers, "X-Forwarded-Proto").and_then(scheme),
            host: last(headers, "X-Forwarded-Host"),
        }
    }

    fn read_forwarded<'h>(&self, headers: HeaderFields<'h>) -> Forwarded<'h> {
        let mut found = Forwarded::default();
        let lines: Vec<&'h [u8]> = headers.get_all_bytes("Forwarded").collect();
        for element in lines.iter().rev().flat_map(|line| FromTheEnd(Some(line))) {
            if element.is_empty() {
                continue;
            }
            // This element is the word of a trusted proxy: the walk comes here only by way of one.
            let Some(element) = Element::parse(element) else {
                break;
            };
            found.scheme = element.proto.and_then(scheme).or(found.scheme);
            found.host = element.host.or(found.host);
            let Some(address) = element.node.and_then(address) else {
                break;
            };
            found.client = Some(address);
            if !self.networks.contains(address) {
                break;
            }
        }
        found
    }
}

/// The parameters of one element of `Forwarded`.
#[derive(Default)]
struct Element<'h> {
    node: Option<&'h str>,
    proto: Option<&'h str>,
    host: Option<&'h str>,
}

impl<'h> Element<'h> {
    /// None if it is malformed. No value that counts has a quote or a backslash in it, so a quoted text ends at the
    /// next quote.
    fn parse(bytes: &'h [u8]) -> Option<Self> {
        let mut element = Self::default();
        let mut rest = text(bytes)?;
        loop {
            let (name, value) = rest.split_once('=')?;
            let (value, after) = match value.strip_prefix('"') {
                Some(quoted) => {
                    let (value, after) = quoted.split_once('"')?;
                    (value, after.trim_start_matches([' ', '\t']))
                }
                None => {
                    let end = value.find(';').unwrap_or(value.len());
                    let (value, after) = value.split_at_checked(end)?;
                    (value.trim_end_matches([' ', '\t']), after)
                }
            };
            let name = name.trim_matches([' ', '\t']);
            let place = if name.eq_ignore_ascii_case("for") {
                Some(&mut element.node)
            } else if name.eq_ignore_ascii_case("proto") {
                Some(&mut element.proto)
            } else if name.eq_ignore_ascii_case("host") {
                Some(&mut element.host)
            } else {
                None
            };
            if let Some(place) = place
                && place.replace(value).is_some()
            {
                return None;
            }
            if after.is_empty() {
                return Some(element);
            }
            rest = after.strip_prefix(';')?;
        }
    }
}

/// The elements of a list, the last one first. Quotes are counted from the end too: only what a proxy has added is
/// known to be well-formed, and an open quote that a client sends before it must not swallow that.
struct FromTheEnd<'h>(Option<&'h [u8]>);

impl<'h> Iterator for FromTheEnd<'h> {
    type Item = &'h [u8];

    fn next(&mut self) -> Option<&'h [u8]> {
        let list = self.0?;
        let mut quoted = false;
        let comma = list.iter().rposition(|byte| {
            quoted ^= *byte == b'"';
            *byte == b',' && !quoted
        });
        let (rest, element) = match comma {
            Some(at) => (list.get(..at), list.get(at + 1..).unwrap_or_default()),
            None => (None, list),
        };
        self.0 = rest;
        Some(element.trim_ascii())
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The last entry of the last field of this name.
fn last<'h>(headers: HeaderFields<'h>, name: &str) -> Option<&'h str> {
    let line = headers.get_all_bytes(name).last()?;
    let entry = line.rsplit(|byte| *byte == b',').next()?;
    text(entry.trim_ascii()).filter(|entry| !entry.is_empty())
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"]
        .into_iter()
        .find(|scheme| scheme.eq_ignore_ascii_case(text))
}

/// An address without its port, brackets and zone (RFC 7239 section 6), in the one spelling that it has in the log.
fn address(text: &str) -> Option<IpAddr> {
    let host = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            if !(port.is_empty() || port.strip_prefix(':').is_some_and(is_port)) {
                return None;
            }
            host
        }
        None => match text.split_once(':') {
            Some((host, port)) if !port.contains(':') => {
                if !is_port(port) {
                    return None;
                }
                host
            }
            _ => text,
        },
    };
    let host = host.split_once('%').map_or(host, |(host, _)| host);
    let address: IpAddr = host.parse().ok()?;
    Some(address.to_canonical())
}

/// A number, or a word that hides it (RFC 7239 section 6.3).
fn is_port(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    !text.is_empty() && text.len() <= 64 && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_in_all_their_spellings() {
        for (text, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:80", Some("192.0.2.1")),
            ("192.0.2.1:_x", Some("192.0.2.1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:80", Some("2001:db8::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("[::ffff:c000:201]", Some("192.0.2.1")),
            ("", None),
            ("unknown", None),
            ("_hidden", None),
            ("192.0.2.1:", None),
            ("192.0.2", None),
            ("192.0.2.01", None),
            ("[2001:db8::1", None),
            ("[2001:db8::1]x", None),
            ("192.0.2.1 ", None),
            ("0x7f.1", None),
        ] {
            let found = address(text).map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn lists_from_their_end() {
        let elements = |list: &'static str| -> Vec<&str> {
            FromTheEnd(Some(list.as_bytes()))
                .map(|element| text(element).unwrap())
                .collect()
        };
        assert_eq!(elements("a, b"), ["b", "a"]);
        assert_eq!(elements("a;b=\"c,d\", e"), ["e", "a;b=\"c,d\""]);
        assert_eq!(elements("for=\"x, for=y"), ["for=y", "for=\"x"]);
        assert_eq!(elements(""), [""]);
    }

    proptest! {
        /// Whatever a client sends, what a trusted proxy adds behind it is read.
        #[test]
        fn nothing_before_the_last_element_changes_it(before in "[ -~]{0,40}") {
            let list = format!("{before},for=\"[2001:db8::1]:80\";proto=https");
            let element = FromTheEnd(Some(list.as_bytes())).next().unwrap();
            let element = Element::parse(element).unwrap();
            prop_assert_eq!(element.node, Some("[2001:db8::1]:80"));
            prop_assert_eq!(element.proto, Some("https"));
        }
    }
}
