//! `Multipart<T>`: fields, files, faults, and what is left behind.

use crate::site::Site;
use doget::testing::{self, Answer};
use doget::{Multipart, MultipartLimits, Params, Upload, handler};
use std::fs;

const SITE: Site = Site { reports: None };

fn part(head: &str, data: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{data}\r\n")
}

fn file(name: &str, file: &str, kind: &str, data: &str) -> String {
    part(
        &format!("name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {kind}"),
        data,
    )
}

fn post(parts: &[String]) -> Answer {
    let body = format!("{}--b--\r\n", parts.concat());
    let request = testing::post("/typed").header("Content-Type", "multipart/form-data; boundary=b");
    request.body(body).send(&SITE)
}

#[track_caller]
fn refused(parts: &[String], status: u16, faults: &[&str]) {
    let answer = post(parts);
    assert_eq!(answer.status(), status, "{}", answer.text());
    for fault in faults {
        assert!(answer.text().contains(fault), "{fault}: {}", answer.text());
    }
}

#[test]
fn fields_and_files() {
    let large = "x".repeat(5000);
    let answer = post(&[
        part("name=title", "T\u{eb}a"),
        part("name=tag", "a"),
        part("name=unknown", "1"),
        part("name=tag", ""),
        file("photo", "C:\\dir\\..\\tea.png", "image/png", &large),
        file("more", "one", "a/b", "1"),
        file("more", "../../two", "a/b", ""),
        // What a browser sends of a field for a file that was left empty.
        file("note", "", "application/octet-stream", ""),
    ]);
    assert_eq!(
        answer.text(),
        "\"T\u{eb}a\" [\"a\", \"\"]\n\
         photo Some(\"tea.png\") Some(\"image/png\") 5000 600000\n\
         more Some(\"one\") Some(\"a/b\") 1 49\n\
         more Some(\"two\") Some(\"a/b\") 0 0\n"
    );
    // A file without a name, as `curl -F 'photo=<file'` sends it.
    let answer = post(&[
        part("name=title", "x"),
        part("name=photo\r\nContent-Type: image/gif", "1"),
    ]);
    assert_eq!(
        answer.text(),
        "\"x\" []\nphoto None Some(\"image/gif\") 1 49\n"
    );
}

#[test]
fn all_faults_at_once() {
    refused(
        &[
            part("name=title", ""),
            file("photo", "a", "text/html", "1"),
            file("more", "a", "a/b", "1"),
            file("more", "a", "a/b", "1"),
            file("more", "a", "a/b", "1"),
            file("note", "a", "a/b", "1"),
            file("note", "a", "a/b", "1"),
        ],
        400,
        &[
            "body title: from 1 to 20 characters",
            "body photo: a file of image/* or application/octet-stream",
            "body more: at most 2 values",
            "body note: given more than once",
        ],
    );
    refused(&[], 400, &["body title: missing", "body photo: missing"]);
    // A field for a file that was left empty is missing, whatever its type.
    let empty = file("photo", "", "text/html", "");
    refused(
        &[part("name=title", "x"), empty],
        400,
        &["body photo: missing"],
    );
    refused(
        &[part("name=title", "x"), part("name=title", "x")],
        400,
        &["body title: given more than once"],
    );
}

#[test]
fn limits_name_the_field() {
    let title = part("name=title", &"x".repeat(70_000));
    refused(&[title], 413, &["body title: at most 65536 bytes"]);
    let photo = file("photo", "a", "image/png", &"x".repeat(200_001));
    refused(&[photo], 413, &["body photo: at most 200000 bytes"]);
    let more = file("more", "a", "a/b", &"x".repeat(1 << 20));
    refused(&[more], 413, &["the body may have 1048576 bytes"]);
    let many: Vec<String> = (0..129).map(|_| part("name=tag", "")).collect();
    refused(&many, 413, &["the body may have 128 parts"]);
}

#[test]
fn other_bodies() {
    for (kind, body, status) in [
        ("multipart/form-data; boundary=b", "", 400),
        ("multipart/form-data; boundary=b", "--b", 400),
        ("multipart/form-data", "--b--", 400),
        ("multipart/mixed; boundary=b", "--b--", 415),
        ("application/x-www-form-urlencoded", "title=a", 415),
    ] {
        let request = testing::post("/typed")
            .header("Content-Type", kind)
            .body(body);
        assert_eq!(request.send(&SITE).status(), status, "{kind} {body}");
    }
}

/// Files go to a directory that is told.
#[derive(Params)]
#[params(exact, limits = MultipartLimits::new().memory_size(10).directory(Some(env!("CARGO_TARGET_TMPDIR"))))]
struct Spooled {
    file: Upload,
}

/// How many of doget's temporary files have a name there.
fn spooled() -> usize {
    let directory = fs::read_dir(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let names = directory.map(|entry| entry.unwrap().file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with("doget-"))
        .count()
}

struct Keep;

#[handler]
impl Keep {
    fn do_POST(&self, Multipart(mut form): Multipart<Spooled>) -> doget::Result<String> {
        let left = spooled();
        let path = format!(
            "{}/kept-{}",
            env!("CARGO_TARGET_TMPDIR"),
            std::process::id()
        );
        form.file.save_as(&path)?;
        let again = form.file.save_as(&path).map_err(|error| error.kind());
        let saved = fs::read(&path)?;
        fs::remove_file(&path)?;
        let bytes = form.file.into_bytes()?;
        Ok(format!(
            "{left} {again:?} {} {}",
            saved.len(),
            saved == bytes
        ))
    }
}

#[test]
fn temporary_files_have_no_name_and_nothing_is_overwritten() {
    let post = |parts: &[String]| {
        let body = format!("{}--b--", parts.concat());
        let request = testing::post("/").header("Content-Type", "multipart/form-data; boundary=b");
        request.body(body).send(&Keep)
    };
    for size in [0, 9, 10, 11, 100_000] {
        let answer = post(&[file("file", "a", "a/b", &"x".repeat(size))]);
        // On Windows a file without a name cannot be: the system takes it away with its last handle.
        let named = usize::from(cfg!(windows) && size > 10);
        assert_eq!(
            answer.text(),
            format!("{named} Err(AlreadyExists) {size} true")
        );
        assert_eq!(spooled(), 0);
    }
    let answer = post(&[file("file", "a", "a/b", "1"), part("name=other", "SECRET")]);
    assert_eq!(answer.status(), 400);
    assert!(
        answer.text().contains("body other: not a known name"),
        "{}",
        answer.text()
    );
    assert!(!answer.text().contains("SECRET"));
}
