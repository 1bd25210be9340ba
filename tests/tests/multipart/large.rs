//! 1 GiB, in constant memory.

use crate::site::Site;
use doget_tests::test_server::TestServer;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// `cargo test --release -p doget-tests --test multipart -- --ignored --nocapture`
#[test]
#[ignore = "it sends 1 GiB, and asks how much memory the whole process had"]
#[cfg(target_os = "linux")]
fn one_gibibyte_in_constant_memory() {
    const SIZE: u64 = 1 << 30;
    let server = TestServer::new(Site { reports: None });
    let upload = |size: u64| {
        let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";
        let length = head.len() as u64 + size + 9;
        let mut stream = TcpStream::connect(server.address()).unwrap();
        write!(
            stream,
            "POST /parts HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\
             Content-Type: multipart/form-data; boundary=b\r\n\r\n{head}"
        )
        .unwrap();
        // Line ends are what the search has to look at.
        let block: Vec<u8> = b"\r\n--c and more of it "
            .iter()
            .copied()
            .cycle()
            .take(1 << 20)
            .collect();
        let mut left = size;
        while left > 0 {
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
            stream.write_all(&block[..now]).unwrap();
            left -= now as u64;
        }
        stream.write_all(b"\r\n--b--\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.ends_with(&format!("file Some(\"a\") None {size}\n")),
            "{answer}"
        );
    };
    upload(1 << 20);
    let before = peak();
    upload(SIZE);
    let after = peak();
    println!("peak memory: {before} KiB after 1 MiB, {after} KiB after 1 GiB");
    assert!(after < before + 4096, "{before} KiB, then {after} KiB");
}
