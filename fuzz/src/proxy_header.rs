//! The header of the PROXY protocol.

use doget::__proxy_header::{MAX_SIZE, ProxyHeader, parse};
use std::net::SocketAddr;

/// Any bytes as the begin of a connection: no panic; the same result however many bytes are there; and what is taken
/// for a line is one that a proxy could have written.
///
/// The first byte is not used: all targets have one that chooses.
pub fn proxy_header(data: &[u8]) {
    let Some((_, bytes)) = data.split_first() else {
        return;
    };
    let all = parse(bytes);
    let mut settled = None;
    for size in 0..=bytes.len().min(MAX_SIZE + 1) {
        let now = parse(&bytes[..size]);
        match settled {
            None if now != ProxyHeader::Partial => settled = Some(now),
            None => {}
            // More bytes change nothing.
            Some(before) => assert_eq!(now, before),
        }
    }
    match all {
        ProxyHeader::Whole { source, size } => {
            assert!(size <= bytes.len() && size <= MAX_SIZE);
            let header = &bytes[..size];
            if header.starts_with(b"PROXY ") {
                is_a_line(header, source);
            } else {
                assert!(header.starts_with(b"\r\n\r\n\0\r\nQUIT\n"));
            }
        }
        ProxyHeader::Partial => assert!(bytes.len() < MAX_SIZE),
        ProxyHeader::Malformed => {}
    }
}

/// Written anew from what was understood, it is the same line.
fn is_a_line(header: &[u8], source: Option<SocketAddr>) {
    assert!(header.len() <= 107 && header.ends_with(b"\r\n"));
    let text = std::str::from_utf8(&header[..header.len() - 2]);
    let Some(source) = source else {
        assert!(header.starts_with(b"PROXY UNKNOWN"));
        return;
    };
    let text = text.expect("text");
    let words: Vec<&str> = text.split(' ').collect();
    assert_eq!(words.len(), 6);
    assert_eq!(words[1], if source.is_ipv4() { "TCP4" } else { "TCP6" });
    assert_eq!(words[2].parse(), Ok(source.ip()));
    assert_eq!(words[4], source.port().to_string());
}
