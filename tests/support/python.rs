//! `python3 -m http.server`, to compare with.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::Child;

/// Where it says that it listens, on the loopback; its standard output is piped.
///
/// # Panics
///
/// It says something else.
#[track_caller]
pub fn address(python: &mut Child) -> SocketAddr {
    let output = python.stdout.take().expect("its output");
    // Serving HTTP on 127.0.0.1 port 40123 (http://127.0.0.1:40123/) ...
    let mut line = String::new();
    BufReader::new(output)
        .read_line(&mut line)
        .expect("its first line");
    let port = line
        .split(" port ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|port| port.parse::<u16>().ok());
    SocketAddr::from(([127, 0, 0, 1], port.expect(&line)))
}
