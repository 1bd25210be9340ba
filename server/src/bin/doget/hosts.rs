//! The names that the command answers to, against pages that make a browser reach a server of this machine (DNS
//! rebinding).

use super::arguments::Arguments;
use super::bind::is_own;
use doget::{AllowHosts, HttpServer};
use std::net::{IpAddr, SocketAddr};

/// What was said; else this machine's own names if no other can reach the server, and all if others can.
pub(crate) fn names(server: &HttpServer, arguments: &Arguments) -> Vec<String> {
    match &arguments.allow_hosts {
        Some(names) => names.clone(),
        None => usual(
            &server.local_addrs().collect::<Vec<_>>(),
            arguments.bind.as_deref().unwrap_or_default(),
        ),
    }
}

/// The addresses that are listened on, and how they were named.
fn usual(addresses: &[SocketAddr], named: &[String]) -> Vec<String> {
    if addresses.is_empty() || !addresses.iter().copied().all(is_own) {
        return vec!["*".to_owned()];
    }
    // What is below localhost leads to this machine in every browser (RFC 6761 section 6.3).
    let usual = ["localhost", "*.localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let bound = addresses.iter().map(|address| match address.ip() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => ip.to_string(),
    });
    usual
        .into_iter()
        .chain(bound)
        .chain(named.iter().cloned())
        .collect()
}

/// A layer that lets these names alone in, and says what to do about it.
pub(crate) fn guard(names: Vec<String>) -> AllowHosts {
    AllowHosts::new(names).advice("To let it answer, start doget with --allow-host and that name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a40_all_names_if_others_can_reach_it() {
        let at = |addresses: &[&str]| -> Vec<SocketAddr> {
            addresses
                .iter()
                .map(|address| SocketAddr::new(address.parse().unwrap_or(IpAddr::from([0; 4])), 1))
                .collect()
        };
        for addresses in [
            &["::"][..],
            &["0.0.0.0"],
            &["192.0.2.1"],
            &["127.0.0.1", "192.0.2.1"],
            &[],
        ] {
            assert_eq!(usual(&at(addresses), &[]), ["*"], "{addresses:?}");
        }
        for addresses in [
            &["127.0.0.1"][..],
            &["::1", "127.0.0.2"],
            &["::ffff:127.0.0.1"],
        ] {
            let names = guard(usual(&at(addresses), &["me.example".to_owned()]));
            for host in [
                "localhost:1",
                "a.localhost",
                "127.0.0.1:80",
                "[::1]:8000",
                "me.example:1",
            ] {
                assert!(names.allows(host), "{addresses:?} {host}");
            }
            assert!(!names.allows("evil.example"));
        }
    }
}
