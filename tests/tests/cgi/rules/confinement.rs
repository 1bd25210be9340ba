//! What is in a directory of scripts stays there.

use crate::site::{ENV, Scripts, ask, patient, variable};
use doget::{CgiHandler, FileHandler};
use doget_tests::test_server::TestServer;
use std::os::unix::fs::symlink;

/// Ways to ask for the source of a script.
const PATHS: &[&str] = &[
    "/cgi-bin/secret",
    "/cgi-bin/secret/",
    "/cgi-bin/data.txt",
    "/cgi-bin/data.txt/x",
    "/cgi-bin/",
    "/cgi-bin/sub/",
    "/cgi-bin",
    "/cgi-bin%2fsecret",
    "/cgi-bin%2Fsub%2fsecret",
    "/cgi-bin%5csecret",
    "/cgi-bin/./secret",
    "/./cgi-bin/secret",
    "/x/../cgi-bin/secret",
    "/%2e/cgi-bin/secret",
    "//cgi-bin//secret",
    "/CGI-BIN/secret",
    "/X:/cgi-bin/secret",
    "/cgi-bin/secret%00",
    "/cgi-bin/secret%20",
    "/cgi-bin/secret.",
    "/cgi-bin;x/secret",
    "/cgi-bin/secret::$DATA",
    "/link",
    "/directory/",
    "/directory/secret",
    "/directory",
    "/sub/",
    "/sub/secret",
    "/second",
    "/linked/up",
    "/linked/round",
    "/linked/",
    "/absolute",
    "/a.txt",
    "/nothing",
];

#[test]
fn the_source_of_a_script_is_never_a_file() {
    let scripts = Scripts::usual();
    let site = &scripts.site;
    let secret = "#!/bin/sh\n# secret\n:\n";
    scripts.add("cgi-bin/secret", secret);
    scripts.add("cgi-bin/sub/secret", secret);
    scripts.add("cgi-bin/index.html", secret);
    site.file("cgi-bin/data.txt", "# secret data");
    site.file("linked/x", "");
    for (target, name) in [
        ("cgi-bin/secret", "link"),
        ("cgi-bin", "directory"),
        ("cgi-bin/sub", "sub"),
        ("link", "second"),
        ("../cgi-bin/secret", "linked/up"),
        ("../linked/../cgi-bin/secret", "linked/round"),
        ("cgi-bin/secret", "404.html"),
        ("cgi-bin/secret", "a.txt.gz"),
        ("../cgi-bin/index.html", "linked/index.html"),
    ] {
        symlink(target, site.root().join(name)).unwrap();
    }
    let absolute = site.root().canonicalize().unwrap().join("cgi-bin/secret");
    symlink(&absolute, site.root().join("absolute")).unwrap();
    for symlinks in [
        doget::Symlinks::None,
        doget::Symlinks::Inside,
        doget::Symlinks::All,
    ] {
        let files = FileHandler::new(site.root())
            .unwrap()
            .symlinks(symlinks)
            .hidden(true)
            .spa("cgi-bin/data.txt");
        let server = TestServer::new(CgiHandler::with_files(files).limits(patient()));
        for path in PATHS {
            for lines in [
                "",
                "Range: bytes=0-\r\n",
                "Accept-Encoding: gzip\r\n",
                "Accept: text/html\r\n",
            ] {
                let answer = ask(&server, &format!("GET {path}"), lines, "");
                let text = String::from_utf8_lossy(&answer.body);
                assert!(
                    !text.contains("# secret"),
                    "{symlinks:?} {path} {lines}: {answer:?}"
                );
                let is_listing = answer
                    .header("Content-Type")
                    .is_some_and(|kind| kind.contains("html"))
                    && answer.status == 200;
                assert!(
                    !(is_listing && text.contains("data.txt")),
                    "{symlinks:?} {path}"
                );
            }
        }
        assert_eq!(server.get("/a.txt").text(), "hello\n");
    }
}

#[test]
fn scripts_are_found_beneath_their_directory_alone() {
    let scripts = Scripts::usual();
    let outside = scripts.site.outside().join("outside");
    let copied = std::process::Command::new("cp")
        .arg(scripts.site.root().join("cgi-bin/env"))
        .arg(&outside)
        .status();
    assert!(copied.unwrap().success());
    scripts.add("elsewhere", ENV);
    for (target, name) in [
        ("env", "inside"),
        ("../../outside", "out"),
        ("../elsewhere", "beside"),
        ("..", "up"),
    ] {
        symlink(target, scripts.site.root().join("cgi-bin").join(name)).unwrap();
    }
    symlink(&outside, scripts.site.root().join("cgi-bin/absolute")).unwrap();
    let server = scripts.serve();
    assert_eq!(
        variable(&server.get("/cgi-bin/inside"), "SCRIPT_NAME"),
        Some("/cgi-bin/inside")
    );
    for name in [
        "out",
        "beside",
        "up/elsewhere",
        "absolute",
        "up/cgi-bin/env",
    ] {
        assert_eq!(
            server.get(&format!("/cgi-bin/{name}")).status,
            404,
            "{name}"
        );
    }
    let files = FileHandler::new(scripts.site.root())
        .unwrap()
        .symlinks(doget::Symlinks::All);
    let server = TestServer::new(CgiHandler::with_files(files).limits(patient()));
    assert!(variable(&server.get("/cgi-bin/out"), "PATH").is_some());
}
