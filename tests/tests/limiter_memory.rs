//! A limiter's memory, in a process of its own.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use doget::Limit;
use std::net::Ipv6Addr;

fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// Elsewhere a limiter keeps each client that it ever saw (governor#171) until somebody cleans it.
#[test]
fn ten_million_addresses_do_not_move_the_memory() {
    let limit = Limit::per_minute(60);
    let ask = |number: u64| {
        let address = Ipv6Addr::from((0x2001_0db8_u128 << 96) + (u128::from(number) << 64));
        assert!(limit.check(Some(address.into())).is_ok());
    };
    (0..100_000).for_each(ask);
    let before = resident();
    (100_000..10_000_000).for_each(ask);
    let grown = resident().saturating_sub(before);
    assert!(grown < 1 << 20, "{grown} bytes more");
}
