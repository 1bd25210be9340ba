//! A form of any size takes constant memory: measured in a process of its own.
//!
//! 64 MiB by default; `DOGET_UPLOAD_MIB=1024 cargo test --release -p doget-tests --test multipart_memory` for 1 GiB.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use doget::{MultipartLimits, Request, Result, handler};
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

struct Site;

#[handler]
impl Site {
    #[route("/parts")]
    fn do_POST_parts(&self, request: &mut Request<'_>) -> Result<String> {
        let limits = MultipartLimits::new()
            .max_size(8 << 30)
            .max_file_size(8 << 30);
        let mut parts = request.multipart_within(limits)?;
        let mut sizes = String::new();
        while let Some(mut part) = parts.next()? {
            let size = std::io::copy(&mut part, &mut std::io::sink())?;
            sizes += &format!("{size}\n");
        }
        Ok(sizes)
    }
}

#[test]
fn a_large_upload_takes_constant_memory() {
    let mebibytes: u64 = std::env::var("DOGET_UPLOAD_MIB")
        .ok()
        .and_then(|size| size.parse().ok())
        .unwrap_or(64);
    let server = TestServer::new(Site);
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
        assert!(answer.ends_with(&format!("\r\n\r\n{size}\n")), "{answer}");
    };
    upload(1 << 20);
    let before = peak();
    upload(mebibytes << 20);
    let after = peak();
    println!("peak memory: {before} KiB after 1 MiB, {after} KiB after {mebibytes} MiB");
    assert!(after < before + 4096, "{before} KiB, then {after} KiB");
}
