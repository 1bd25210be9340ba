//! Which script a path names.

use crate::site::{ENV, Scripts, ask, line, patient, post, variable};
use doget::{CgiHandler, FileHandler, assert_methods};
use doget_tests::test_server::TestServer;
use std::fs;
use std::os::unix::fs::PermissionsExt;

assert_methods!(CgiHandler: GET, HEAD, POST, OPTIONS, !PUT, !DELETE);

#[test]
fn cgi_01_scripts_are_below_their_directories_and_answer_get_head_and_post() {
    let scripts = Scripts::usual();
    scripts.add("htbin/env", ENV);
    scripts.add("own/env", ENV);
    let server = scripts.serve();
    for path in ["/cgi-bin/env", "/htbin/env"] {
        assert_eq!(variable(&server.get(path), "REQUEST_METHOD"), Some("GET"));
        let answer = post(&server, path, "");
        assert_eq!(variable(&answer, "REQUEST_METHOD"), Some("POST"));
        let answer = ask(&server, &format!("HEAD {path}"), "", "");
        assert_eq!(line(&answer), (200, "OK"));
        assert_eq!(answer.header("Content-Type"), Some("text/plain"));
        assert!(answer.body.is_empty());
        for (method, status, allow) in [
            ("PUT", 405, Some("GET, HEAD, POST, OPTIONS")),
            ("DELETE", 405, Some("GET, HEAD, POST, OPTIONS")),
            ("SPAM", 501, None),
        ] {
            let answer = ask(
                &server,
                &format!("{method} {path}"),
                "Content-Length: 0\r\n",
                "",
            );
            assert_eq!(
                (answer.status, answer.header("Allow")),
                (status, allow),
                "{method}"
            );
        }
        let answer = ask(&server, &format!("OPTIONS {path}"), "", "");
        assert_eq!(answer.header("Allow"), Some("GET, HEAD, POST, OPTIONS"));
    }
    let answer = ask(&server, "OPTIONS /a.txt", "", "");
    assert_eq!(answer.header("Allow"), Some("GET, HEAD, OPTIONS"));
    // Elsewhere it is a file.
    assert_eq!(server.get("/own/env").text(), ENV);
    let server = TestServer::new(scripts.handler().cgi_directories(["/own"]).unwrap());
    assert!(variable(&server.get("/own/env"), "PATH").is_some());
    assert_eq!(server.get("/cgi-bin/env").text(), ENV);
}

#[test]
fn cgi_02_names_are_decoded_once_and_double_dots_are_refused() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    for path in [
        "/cgi-bin//env",
        "//cgi-bin/env",
        "/./cgi-bin/env",
        "/cgi-bin/./env",
        "/././cgi-bin/././env",
        "/%63gi-bin/e%6ev",
        "/cgi-bin/env?..%2f",
    ] {
        assert_eq!(
            variable(&server.get(path), "SCRIPT_NAME"),
            Some("/cgi-bin/env"),
            "{path}"
        );
    }
    for path in [
        "/cgi-bin/../a.txt",
        "/./x/../cgi-bin/env",
        "/cgi-bin/x/../env",
        "/cgi-bin/%2e/env",
        "/cgi-bin/env/../..",
        "/cgi-bin/env/a%00b",
    ] {
        assert_eq!(line(&server.get(path)), (404, "File not found"), "{path}");
    }
    for path in [
        "/..",
        "/cgi-bin/../..",
        "/cgi-bin/../../bin/sh",
        "/cgi-bin/..%2f..%2fbin/sh",
        "/%2e%2e/x",
    ] {
        assert_eq!(line(&server.get(path)), (400, "Bad path"), "{path}");
    }
    assert_eq!(server.get("/cgi-bin/%zz").status, 400);
}

#[test]
fn cgi_03_the_directory_itself_is_no_script() {
    let scripts = Scripts::usual();
    scripts.site.file("cgi-binary", "file");
    let server = scripts.serve();
    let answer = server.get("/cgi-bin");
    assert_eq!(
        (answer.status, answer.header("Location")),
        (301, Some("/cgi-bin/"))
    );
    assert_eq!(
        line(&server.get("/cgi-bin/")),
        (403, "CGI script is not a plain file ('/cgi-bin/')")
    );
    assert_eq!(server.get("/cgi-binary").text(), "file");
    assert!(server.get("/").text().contains("cgi-bin/"));
}

/// As for files: tests/files/rules/root.rs.
#[test]
fn cgi_03_scripts_run_in_a_directory_that_was_made_anew() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    assert_eq!(server.get("/cgi-bin/env").status, 200);
    fs::remove_dir_all(scripts.site.root()).unwrap();
    assert_eq!(server.get("/cgi-bin/env").status, 404);
    scripts.add("cgi-bin/new", ENV);
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(scripts.site.root(), mode).unwrap();
    assert_eq!(
        variable(&server.get("/cgi-bin/new"), "SCRIPT_NAME"),
        Some("/cgi-bin/new")
    );
}

#[test]
fn cgi_04_a_directory_may_lie_deep_and_an_escaped_slash_separates_nothing() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/child-dir/env", ENV);
    scripts.site.file("cgi-bin/file.txt", "file");
    let server = TestServer::new(
        scripts
            .handler()
            .cgi_directories(["/cgi-bin/child-dir"])
            .unwrap(),
    );
    let answer = server.get("/cgi-bin/child-dir/env/x");
    assert_eq!(
        variable(&answer, "SCRIPT_NAME"),
        Some("/cgi-bin/child-dir/env")
    );
    assert_eq!(variable(&answer, "PATH_INFO"), Some("/x"));
    assert_eq!(server.get("/cgi-bin/file.txt").text(), "file");
    for path in [
        "/cgi-bin%2fchild-dir/env",
        "/cgi-bin/child-dir%2fenv",
        "/cgi-bin/child-dir/env%2fx",
    ] {
        assert_eq!(line(&server.get(path)), (404, "File not found"), "{path}");
    }
}

#[test]
fn cgi_05_the_walk_goes_through_directories_to_the_first_file() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/a/b/env", ENV);
    let server = scripts.serve();
    let answer = server.get("/cgi-bin/a/b/env/c/d/?e/f");
    assert_eq!(variable(&answer, "SCRIPT_NAME"), Some("/cgi-bin/a/b/env"));
    assert_eq!(variable(&answer, "PATH_INFO"), Some("/c/d/"));
    assert_eq!(variable(&answer, "QUERY_STRING"), Some("e/f"));
    assert_eq!(
        line(&server.get("/cgi-bin/a/x/y")),
        (404, "No such CGI script ('/cgi-bin/a/x')")
    );
    assert_eq!(
        line(&server.get("/cgi-bin/a/b")),
        (403, "CGI script is not a plain file ('/cgi-bin/a/b')")
    );
    assert_eq!(
        line(&server.get("/cgi-bin/a/b/")),
        (403, "CGI script is not a plain file ('/cgi-bin/a/b/')")
    );
}

#[test]
fn cgi_06_an_escaped_question_mark_is_part_of_a_name() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/what?", ENV);
    let server = scripts.serve();
    let answer = server.get("/cgi-bin/what%3F/r?q");
    assert_eq!(variable(&answer, "SCRIPT_NAME"), Some("/cgi-bin/what?"));
    assert_eq!(variable(&answer, "QUERY_STRING"), Some("q"));
    assert_eq!(
        line(&server.get("/cgi-bin/env%3Fq/r")),
        (404, "No such CGI script ('/cgi-bin/env?q')")
    );
}

#[test]
fn cgi_07_a_script_that_is_missing_is_404() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/.hidden", ENV);
    let server = scripts.serve();
    for (path, name) in [
        ("/cgi-bin/x", "'/cgi-bin/x'"),
        ("/cgi-bin/x/y?z", "'/cgi-bin/x'"),
        ("/htbin/x", "'/htbin/x'"),
        ("/cgi-bin/it's", "\"/cgi-bin/it's\""),
        ("/cgi-bin/.hidden", "'/cgi-bin/.hidden'"),
    ] {
        assert_eq!(
            line(&server.get(path)),
            (404, &*format!("No such CGI script ({name})"))
        );
        assert_eq!(post(&server, path, "x").status, 404);
    }
    let files = FileHandler::new(scripts.site.root()).unwrap().hidden(true);
    let server = TestServer::new(CgiHandler::with_files(files).limits(patient()));
    assert!(variable(&server.get("/cgi-bin/.hidden"), "PATH").is_some());
}

#[test]
fn cgi_08_what_is_no_plain_file_is_403() {
    let scripts = Scripts::usual();
    let pipe = scripts.site.root().join("cgi-bin/pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let server = scripts.serve();
    assert_eq!(
        line(&server.get("/cgi-bin/pipe")),
        (403, "CGI script is not a plain file ('/cgi-bin/pipe')")
    );
}

#[test]
fn cgi_09_what_is_not_executable_is_403() {
    let scripts = Scripts::usual();
    scripts.site.file("cgi-bin/plain", ENV);
    scripts.site.file("cgi-bin/plain.py", "print()");
    let server = scripts.serve();
    for name in ["plain", "plain.py"] {
        assert_eq!(
            line(&server.get(&format!("/cgi-bin/{name}"))),
            (
                403,
                &*format!("CGI script is not executable ('/cgi-bin/{name}')")
            )
        );
    }
}

#[test]
fn cgi_09_a_program_that_may_not_be_read_is_executed_all_the_same() {
    let scripts = Scripts::new();
    let program = scripts.site.root().join("cgi-bin/program");
    fs::create_dir_all(program.parent().unwrap()).unwrap();
    let copied = std::process::Command::new("cp")
        .args(["/bin/true"])
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o111)).unwrap();
    // It says nothing, which is no header.
    assert_eq!(scripts.serve().get("/cgi-bin/program").status, 502);
}

#[test]
fn cgi_10_a_post_elsewhere_is_501() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    for path in ["/", "/a.txt", "/cgi-bin", "/cgi-bin%2fenv", "/nothing"] {
        assert_eq!(
            line(&post(&server, path, "x")),
            (501, "Can only POST to CGI scripts"),
            "{path}"
        );
        let answer = ask(&server, &format!("PUT {path}"), "", "");
        assert_eq!(
            (line(&answer), answer.header("Allow")),
            ((405, "Method Not Allowed"), Some("GET, HEAD, OPTIONS")),
            "{path}"
        );
    }
    assert_eq!(server.get("/a.txt").text(), "hello\n");
}

#[test]
fn cgi_10_a_preflight_for_a_file_is_answered_beside_scripts_too() {
    let scripts = Scripts::usual();
    let files = scripts.site.handler().cors("*").unwrap();
    let server = TestServer::new(CgiHandler::with_files(files));
    let preflight = "Origin: https://one.example\r\nAccess-Control-Request-Method: GET\r\n";
    let answer = ask(&server, "OPTIONS /a.txt", preflight, "");
    assert_eq!(
        (answer.status, answer.header("Access-Control-Allow-Origin")),
        (204, Some("*"))
    );
    for (path, allow) in [
        ("/a.txt", "GET, HEAD, OPTIONS"),
        ("/cgi-bin/env", "GET, HEAD, POST, OPTIONS"),
        ("*", "GET, HEAD, POST, OPTIONS"),
    ] {
        let answer = ask(&server, &format!("OPTIONS {path}"), "", "");
        assert_eq!(
            (answer.status, answer.header("Allow")),
            (200, Some(allow)),
            "{path}"
        );
    }
}
