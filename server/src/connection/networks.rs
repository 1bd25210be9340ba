//! [`Networks`]: sets of addresses, as an administrator writes them.

use crate::connection::peer::Peer;
use std::fmt;
use std::net::IpAddr;

/// Networks of clients, such as those of the proxies before a server: addresses, networks in CIDR notation, and the
/// word `unix` for whoever comes by a Unix domain socket.
///
/// ```
/// use doget::Networks;
///
/// let proxies = Networks::new(["10.0.0.0/8", "2001:db8::/32", "192.0.2.1", "unix"])?;
/// assert!(proxies.contains("10.1.2.3".parse()?));
/// assert!(!proxies.contains("192.0.2.2".parse()?));
/// assert!(Networks::new(["10.0.0.1/8"]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    networks: Vec<Network>,
    unix: bool,
}

/// A network and the number of leading bits that all its addresses share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    prefix: u8,
}

/// What is no network, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkError {
    text: String,
    reason: &'static str,
}

impl Networks {
    /// The networks that these words name.
    ///
    /// # Errors
    ///
    /// A word is no address, its prefix is too long or leaves bits of the address behind it, it is an IPv4 address in
    /// the clothes of IPv6, or it stands for all addresses: that would let every client say who it is.
    pub fn new(words: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, NetworkError> {
        let mut networks = Self::default();
        for word in words {
            let word = word.as_ref();
            if word == "unix" {
                networks.unix = true;
            } else {
                let network = Network::parse(word).map_err(|reason| NetworkError {
                    text: word.to_owned(),
                    reason,
                })?;
                networks.networks.push(network);
            }
        }
        Ok(networks)
    }

    /// Whether the address is in one of the networks. An IPv4 address counts as such whichever way the server listens.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.has(address))
    }

    /// Whether this client is in one of the networks, or came by a Unix domain socket and that is among them.
    pub fn contains_peer(&self, peer: &Peer) -> bool {
        let is_unix = || self.unix && *peer == Peer::UNIX;
        peer.ip().map_or_else(is_unix, |ip| self.contains(ip))
    }
}

impl Network {
    fn parse(word: &str) -> Result<Self, &'static str> {
        let (address, prefix) = match word.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (word, None),
        };
        let address: IpAddr = address.parse().map_err(
            |_| "write an address, a network such as 10.0.0.0/8 or 2001:db8::/32, or `unix`",
        )?;
        if address != address.to_canonical() {
            return Err("write it as an IPv4 address");
        }
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => bits,
            Some(prefix) => number(prefix)
                .filter(|prefix| *prefix <= bits)
                .ok_or("the prefix is the number of leading bits that count")?,
        };
        let network = Self { address, prefix };
        if prefix == 0 {
            return Err("this stands for all addresses, and would let every client say who it is");
        }
        if number_of(address) & !network.mask() != 0 {
            return Err("bits are set behind the prefix");
        }
        Ok(network)
    }

    fn has(&self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4()
            && number_of(address) & self.mask() == number_of(self.address)
    }

    /// The leading bits, at the top of the number.
    fn mask(&self) -> u128 {
        u128::MAX
            .checked_shl(128 - u32::from(self.prefix))
            .unwrap_or(0)
    }
}

/// Digits alone, as `parse` would take a sign too.
fn number(text: &str) -> Option<u8> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// The bits of an address, the first one at the top.
fn number_of(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no network: {}", self.text, self.reason)
    }
}

impl std::error::Error for NetworkError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[&str]) -> Networks {
        Networks::new(words).unwrap()
    }

    #[test]
    fn addresses_that_are_in_a_network_and_those_beside_it() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.127"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.0"),
            ("128.0.0.0/1", "255.0.0.1", "127.255.255.255"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "::2"),
            ("10.0.0.0/8", "::ffff:10.0.0.1", "a00::"),
            ("a00::/8", "a00::1", "10.0.0.0"),
        ] {
            let networks = of(&[network]);
            assert!(
                networks.contains(inside.parse().unwrap()),
                "{network} {inside}"
            );
            assert!(
                !networks.contains(outside.parse().unwrap()),
                "{network} {outside}"
            );
        }
        assert!(of(&["unix"]).contains_peer(&Peer::UNIX));
        assert!(!of(&["unix"]).contains_peer(&Peer::UNKNOWN));
        assert!(!of(&["10.0.0.0/8"]).contains_peer(&Peer::UNIX));
        assert!(!of(&[]).contains("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_says_why() {
        for (word, says) in [
            ("", "write an address"),
            ("localhost", "write an address"),
            ("10.0.0.0/", "leading bits"),
            ("10.0.0.0/33", "leading bits"),
            ("10.0.0.0/+8", "leading bits"),
            ("::/129", "leading bits"),
            ("10.0.0.1/8", "behind the prefix"),
            ("0.0.0.0/0", "all addresses"),
            ("::/0", "all addresses"),
            ("::ffff:10.0.0.1", "as an IPv4 address"),
            ("010.0.0.1", "write an address"),
            ("fe80::1%eth0", "write an address"),
        ] {
            let error = Networks::new([word]).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
