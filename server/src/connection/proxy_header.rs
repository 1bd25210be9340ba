//! The header of the PROXY protocol, in its two versions: by which a proxy says, before anything else on a connection,
//! whose connection it is. (HAProxy's `proxy-protocol.txt`, versions 1 and 2.)
//!
//! There is no guessing here: whoever calls this expects a header, and what is none is malformed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The longest header that is taken: sixteen bytes, addresses, and extensions that are skipped.
pub const MAX_SIZE: usize = 16 + (4 << 10);

/// Both words, both addresses and ports, and the line end.
const MAX_LINE: usize = 107;

const LINE_BEGIN: &[u8] = b"PROXY ";

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// What a connection begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyHeader {
    /// A header that is not all there.
    Partial,
    /// No header, or one against the rules.
    Malformed,
    /// A header of so many bytes. None: the connection is the proxy's own, such as a check of its, or it does not say
    /// by an address whose it is.
    Whole {
        /// The client.
        source: Option<SocketAddr>,
        /// Where what follows begins.
        size: usize,
    },
}

/// Reads the header at the begin of these bytes.
pub fn parse(bytes: &[u8]) -> ProxyHeader {
    if begins(bytes, SIGNATURE) {
        binary(bytes)
    } else if begins(bytes, LINE_BEGIN) {
        line(bytes)
    } else {
        ProxyHeader::Malformed
    }
}

/// Whether one begins with the other, as far as it goes.
fn begins(bytes: &[u8], begin: &[u8]) -> bool {
    bytes.iter().zip(begin).all(|(one, other)| one == other)
}

/// Version 1.
fn line(bytes: &[u8]) -> ProxyHeader {
    let begin = bytes.get(..MAX_LINE).unwrap_or(bytes);
    let Some(end) = begin.windows(2).position(|pair| pair == b"\r\n") else {
        return if begin.len() < MAX_LINE {
            ProxyHeader::Partial
        } else {
            ProxyHeader::Malformed
        };
    };
    let size = end + 2;
    match begin.get(LINE_BEGIN.len()..end).map(source_of) {
        Some(Ok(source)) => ProxyHeader::Whole { source, size },
        _ => ProxyHeader::Malformed,
    }
}

struct Malformed;

fn source_of(line: &[u8]) -> Result<Option<SocketAddr>, Malformed> {
    let line = std::str::from_utf8(line).map_err(|_| Malformed)?;
    let mut words = line.split(' ');
    let mut word = || words.next().ok_or(Malformed);
    let family = word()?;
    if family == "UNKNOWN" {
        return Ok(None);
    }
    let (source, destination) = (word()?, word()?);
    let port = number(word()?)?;
    // Nobody needs the other port, but it has to be one.
    number(word()?)?;
    let source = match family {
        "TCP4" => both::<Ipv4Addr>(source, destination)?,
        "TCP6" => both::<Ipv6Addr>(source, destination)?,
        _ => return Err(Malformed),
    };
    match words.next() {
        None => Ok(Some(SocketAddr::new(source, port))),
        Some(_) => Err(Malformed),
    }
}

/// The first of two addresses of one family.
fn both<A: std::str::FromStr + Into<IpAddr>>(one: &str, other: &str) -> Result<IpAddr, Malformed> {
    let address: A = one.parse().map_err(|_| Malformed)?;
    let _: A = other.parse().map_err(|_| Malformed)?;
    Ok(address.into())
}

/// A port without a sign or zeros before it.
fn number(word: &str) -> Result<u16, Malformed> {
    let plain = word.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || word.len() > 1 && word.starts_with('0') {
        return Err(Malformed);
    }
    word.parse().map_err(|_| Malformed)
}

/// Version 2.
fn binary(bytes: &[u8]) -> ProxyHeader {
    let Some((&[.., command, family, high, low], rest)) = bytes.split_first_chunk::<16>() else {
        // What can be seen already is not waited for.
        return match bytes.get(SIGNATURE.len()) {
            Some(command) if !is_command(*command) => ProxyHeader::Malformed,
            _ => ProxyHeader::Partial,
        };
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let size = 16 + length;
    if !is_command(command) || size > MAX_SIZE {
        return ProxyHeader::Malformed;
    }
    let Some(addresses) = rest.get(..length) else {
        return ProxyHeader::Partial;
    };
    let source = match (command, family) {
        (LOCAL, _) => Ok(None),
        (_, 0x11) => internet(addresses, 12, |source: [u8; 4]| {
            Ipv4Addr::from(source).into()
        }),
        (_, 0x21) => internet(addresses, 36, |source: [u8; 16]| {
            Ipv6Addr::from(source).into()
        }),
        // Datagrams and Unix sockets have no address that means something here.
        (_, 0x00 | 0x12 | 0x22 | 0x31 | 0x32) => Ok(None),
        _ => Err(Malformed),
    };
    match source {
        Ok(source) => ProxyHeader::Whole { source, size },
        Err(Malformed) => ProxyHeader::Malformed,
    }
}

/// Version 2, and a connection of the proxy's own.
const LOCAL: u8 = 0x20;

/// Version 2, for somebody else.
const PROXY: u8 = 0x21;

fn is_command(byte: u8) -> bool {
    matches!(byte, LOCAL | PROXY)
}

/// Source, destination and their ports, and extensions behind them.
fn internet<const N: usize>(
    bytes: &[u8],
    least: usize,
    address: impl Fn([u8; N]) -> IpAddr,
) -> Result<Option<SocketAddr>, Malformed> {
    let addresses = bytes.get(..least).ok_or(Malformed)?;
    let (source, rest) = addresses.split_first_chunk::<N>().ok_or(Malformed)?;
    let ports = rest.get(N..).ok_or(Malformed)?;
    let (port, _) = ports.split_first_chunk::<2>().ok_or(Malformed)?;
    Ok(Some(SocketAddr::new(
        address(*source),
        u16::from_be_bytes(*port),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What version 2 begins with, and addresses of the right length.
    fn binary_header(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
        [SIGNATURE, &[command, family], &length, addresses].concat()
    }

    fn whole(source: &str, size: usize) -> ProxyHeader {
        let source = (!source.is_empty()).then(|| source.parse().unwrap());
        ProxyHeader::Whole { source, size }
    }

    #[test]
    fn lines_of_version_1() {
        for (line, source) in [
            (
                "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
                "192.0.2.1:56324",
            ),
            (
                "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
                "255.255.255.255:65535",
            ),
            ("PROXY TCP6 2001:db8::1 ::1 1 0\r\n", "[2001:db8::1]:1"),
            ("PROXY UNKNOWN\r\n", ""),
            (
                "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
                "",
            ),
        ] {
            let bytes = format!("{line}GET / HTTP/1.1\r\n");
            assert_eq!(parse(bytes.as_bytes()), whole(source, line.len()), "{line}");
        }
    }

    #[test]
    fn what_is_no_line_of_version_1() {
        let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(92));
        for line in [
            "PROXY\r\n",
            "PROXY \r\n",
            "PROXY TCP4\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 \r\n",
            "PROXY TCP4  192.0.2.1 198.51.100.1 56324 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 x\r\n",
            "PROXY TCP4 192.0.2.01 198.51.100.1 56324 443\r\n",
            "PROXY TCP4 192.0.2.1 ::1 56324 443\r\n",
            "PROXY TCP4 ::1 ::1 56324 443\r\n",
            "PROXY TCP6 192.0.2.1 ::1 56324 443\r\n",
            "PROXY TCP6 fe80::1%eth0 ::1 56324 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 +1 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 01 443\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 1 \r\n",
            "PROXY UDP4 192.0.2.1 198.51.100.1 1 2\r\n",
            "PROXY tcp4 192.0.2.1 198.51.100.1 1 2\r\n",
            "proxy TCP4 192.0.2.1 198.51.100.1 1 2\r\n",
            "PROXY TCP4 192.0.2.1 198.51.100.1 1 2\n\r\n",
            "PROXY TCP4 \u{e9} 198.51.100.1 1 2\r\n",
            " PROXY TCP4 192.0.2.1 198.51.100.1 1 2\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "\x16\x03\x01",
            &long,
        ] {
            assert_eq!(parse(line.as_bytes()), ProxyHeader::Malformed, "{line}");
        }
    }

    #[test]
    fn headers_of_version_2() {
        let v4 = [192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 0x04, 1, 187];
        let mut v6 = [0; 36];
        v6[..4].copy_from_slice(&[0x20, 1, 0xd, 0xb8]);
        v6[15] = 1;
        v6[33] = 80;
        let extended = [&v4[..], &[0x04, 0, 2, 1, 2]].concat();
        let long = [&v4[..], &[0; 4084]].concat();
        for (header, source) in [
            (binary_header(PROXY, 0x11, &v4), "192.0.2.1:56324"),
            (binary_header(PROXY, 0x11, &extended), "192.0.2.1:56324"),
            (binary_header(PROXY, 0x11, &long), "192.0.2.1:56324"),
            (binary_header(PROXY, 0x21, &v6), "[2001:db8::1]:80"),
            (binary_header(LOCAL, 0x00, &[]), ""),
            (binary_header(LOCAL, 0xff, &v4), ""),
            (binary_header(PROXY, 0x00, &[9; 3]), ""),
            (binary_header(PROXY, 0x12, &v4), ""),
            (binary_header(PROXY, 0x31, &[0; 216]), ""),
        ] {
            let bytes = [&header, &b"GET /"[..]].concat();
            assert_eq!(parse(&bytes), whole(source, header.len()), "{header:?}");
        }
    }

    #[test]
    fn what_is_no_header_of_version_2() {
        let v4 = [0; 12];
        let mut other_signature = binary_header(PROXY, 0x11, &v4);
        other_signature[4] = 1;
        for header in [
            binary_header(0x11, 0x11, &v4),
            binary_header(0x22, 0x11, &v4),
            binary_header(0x31, 0x11, &v4),
            binary_header(PROXY, 0x13, &v4),
            binary_header(PROXY, 0x41, &v4),
            binary_header(PROXY, 0x11, &v4[..11]),
            binary_header(PROXY, 0x21, &[0; 35]),
            binary_header(PROXY, 0x11, &[0; 4097]),
            [SIGNATURE, &[0x11]].concat(),
            other_signature,
        ] {
            assert_eq!(parse(&header), ProxyHeader::Malformed, "{header:?}");
        }
    }

    /// It comes in pieces of any size, and what follows does not change it.
    #[test]
    fn a_header_is_the_same_in_pieces() {
        for header in [
            b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n".to_vec(),
            b"PROXY UNKNOWN\r\n".to_vec(),
            binary_header(PROXY, 0x11, &[1; 20]),
            binary_header(LOCAL, 0, &[]),
        ] {
            for size in 0..header.len() {
                assert_eq!(parse(&header[..size]), ProxyHeader::Partial, "{size}");
            }
            let alone = parse(&header);
            assert!(matches!(alone, ProxyHeader::Whole { size, .. } if size == header.len()));
            assert_eq!(parse(&[&header, &b"\r\n\r\n"[..]].concat()), alone);
        }
    }
}
