//! Files that clients send into the directory that is served: which come in, under which names, and what they can do
//! there.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

#[path = "../site.rs"]
mod site;

mod browser;
mod clients;
mod names;
mod pages;
mod races;

use doget::{UploadHandler, UploadLimits};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use site::Site;
use std::fs;
use std::path::Path;

/// Serves a directory that takes files.
fn serve(site: &Site) -> TestServer {
    serve_within(site, UploadLimits::new())
}

fn serve_within(site: &Site, limits: UploadLimits) -> TestServer {
    TestServer::new(handler(site).limits(limits))
}

fn handler(site: &Site) -> UploadHandler {
    UploadHandler::with_files(site.handler()).unwrap()
}

#[track_caller]
fn put(server: &TestServer, path: &str, fields: &str, body: &str) -> Answer {
    let length = body.len();
    server.one(format!(
        "PUT {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n{fields}\r\n{body}"
    ))
}

fn part(name: &str, text: &str) -> String {
    format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n"
    )
}

#[track_caller]
fn post(server: &TestServer, path: &str, fields: &str, parts: &[String]) -> Answer {
    let body = format!("{}--b--\r\n", parts.concat());
    server.one(format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n\
         Content-Length: {}\r\n{fields}\r\n{body}",
        body.len()
    ))
}

/// All names below a directory, in order, those of directories with a slash.
fn names(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(
                names(&entry.path())
                    .iter()
                    .map(|below| format!("{name}/{below}")),
            );
            found.push(format!("{name}/"));
        } else {
            found.push(name);
        }
    }
    found.sort();
    found
}
