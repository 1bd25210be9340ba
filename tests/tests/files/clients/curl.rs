//! curl: downloads, ranges, copies that are kept, compressed siblings.

use crate::has;
use crate::site::Site;
use std::fs;
use std::process::{Command, Output};

fn curl(arguments: &[&str]) -> Output {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "60"])
        .args(arguments)
        .output();
    output.unwrap()
}

/// The status and the number of bytes, as curl tells them.
const TOLD: &str = "%{http_code} %{size_download} %{num_connects}\n";

fn content(length: u32) -> Vec<u8> {
    (0..length)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

#[test]
fn curl_downloads_resumes_and_takes_ranges() {
    if !has("curl") {
        return;
    }
    let site = Site::new();
    let content = content(5 << 20);
    site.file("big.bin", &content);
    let server = site.serve();
    let url = format!("{}/big.bin", server.url());
    let target = site.outside().join("downloaded");
    let path = target.to_str().unwrap();

    let whole = curl(&["--output", path, "--write-out", "%{http_code}", &url]);
    assert_eq!(whole.stdout, b"200", "{whole:?}");
    assert!(fs::read(&target).unwrap() == content);

    // As after a connection that broke.
    fs::write(&target, &content[..1_234_567]).unwrap();
    let rest = curl(&[
        "--continue-at",
        "-",
        "--output",
        path,
        "--write-out",
        "%{http_code} %{size_download}",
        &url,
    ]);
    assert_eq!(
        String::from_utf8(rest.stdout).unwrap(),
        format!("206 {}", content.len() - 1_234_567)
    );
    assert!(fs::read(&target).unwrap() == content);

    let range = curl(&["--range", "1000-1999", &url]);
    assert!(range.stdout == content[1000..2000]);
    let last = curl(&["--range", "-10", &url]);
    assert!(last.stdout == content[content.len() - 10..]);
    let several = curl(&["--range", "0-9,100000-100009", &url]);
    let text = String::from_utf8_lossy(&several.stdout).into_owned();
    assert!(text.contains("Content-Range: bytes 100000-100009/5242880\r\n"));
    assert!(
        several
            .stdout
            .windows(10)
            .any(|part| part == &content[100_000..100_010])
    );
    let behind = curl(&[
        "--range",
        "9999999-",
        "--write-out",
        TOLD,
        "--output",
        path,
        &url,
    ]);
    assert!(behind.stdout.starts_with(b"416 "));
}

#[test]
fn curl_keeps_its_connection_and_its_copy() {
    if !has("curl") {
        return;
    }
    let site = Site::usual();
    let server = site.serve();
    let url = |path: &str| format!("{}{path}", server.url());
    let several = curl(&[
        "--write-out",
        TOLD,
        "--output",
        "/dev/null",
        &url("/a.txt"),
        "--output",
        "/dev/null",
        &url("/nothing"),
        "--output",
        "/dev/null",
        &url("/dir/"),
    ]);
    let told = String::from_utf8(several.stdout).unwrap();
    let told: Vec<_> = told.lines().collect();
    assert!(told[0].starts_with("200 6 1"), "{told:?}");
    assert!(
        told[1].starts_with("404 ") && told[1].ends_with(" 0"),
        "{told:?}"
    );
    assert!(
        told[2].starts_with("200 ") && told[2].ends_with(" 0"),
        "{told:?}"
    );

    let copy = site.outside().join("copy");
    let tag = site.outside().join("tag");
    let arguments = [
        "--etag-save",
        tag.to_str().unwrap(),
        "--etag-compare",
        tag.to_str().unwrap(),
        "--output",
        copy.to_str().unwrap(),
        "--write-out",
        "%{http_code}",
        &url("/a.txt"),
    ];
    fs::write(&tag, "").unwrap();
    assert_eq!(curl(&arguments).stdout, b"200");
    assert_eq!(curl(&arguments).stdout, b"304");
    assert_eq!(fs::read(&copy).unwrap(), b"hello\n");

    let follows = curl(&[
        "--location",
        "--write-out",
        "%{url_effective}",
        "--output",
        "/dev/null",
        &url("/dir?sort=size"),
    ]);
    assert_eq!(
        String::from_utf8(follows.stdout).unwrap(),
        url("/dir/?sort=size")
    );
    let upload = curl(&[
        "--upload-file",
        copy.to_str().unwrap(),
        "--write-out",
        "%{http_code}",
        "--output",
        "/dev/null",
        &url("/new.txt"),
    ]);
    assert_eq!(upload.stdout, b"405");
    assert!(!site.root().join("new.txt").exists());
}

#[test]
fn curl_unpacks_a_compressed_sibling() {
    if !has("curl") || !has("gzip") {
        return;
    }
    let site = Site::new();
    let text = "the same line again\n".repeat(1000);
    let path = site.file("long.txt", &text);
    let packed = Command::new("gzip")
        .args(["--keep", "--best"])
        .arg(&path)
        .status();
    assert!(packed.unwrap().success());
    let server = site.serve();
    let url = format!("{}/long.txt", server.url());
    let told = curl(&["--compressed", "--write-out", "%{size_download}", &url]);
    let told = String::from_utf8(told.stdout).unwrap();
    let size = told.strip_prefix(&text).unwrap();
    assert!(size.parse::<usize>().unwrap() < text.len() / 10, "{size}");
}
