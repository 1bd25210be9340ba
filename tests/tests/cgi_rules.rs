//! The rules of http.server's CGI handler, over a socket, and those of RFC 3875 that it does not have. A test is named after the rule it holds.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod cgi_site;
mod files_site;

use cgi_site::{CAT, ENV, LONG, Scripts, ask, bounded, line, patient, post, variable};
use doget::cgi::Credentials;
use doget::{CgiHandler, CgiLimits, FileHandler, Limits, assert_methods, handler};
use doget_tests::eventually;
use doget_tests::wire::Wire;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::Duration;

assert_methods!(CgiHandler: GET, HEAD, POST, OPTIONS, !PUT, !DELETE);

#[test]
fn cgi_01_scripts_are_below_their_directories_and_answer_get_head_and_post() {
    let scripts = Scripts::usual();
    scripts.add("htbin/env", ENV);
    scripts.add("own/env", ENV);
    let wire = scripts.serve();
    for path in ["/cgi-bin/env", "/htbin/env"] {
        assert_eq!(variable(&wire.get(path), "REQUEST_METHOD"), Some("GET"));
        let answer = post(&wire, path, "");
        assert_eq!(variable(&answer, "REQUEST_METHOD"), Some("POST"));
        let answer = ask(&wire, &format!("HEAD {path}"), "", "");
        assert_eq!(line(&answer), (200, "OK"));
        assert_eq!(answer.header("Content-Type"), Some("text/plain"));
        assert!(answer.body.is_empty());
        for (method, status, allow) in [
            ("PUT", 405, Some("GET, HEAD, POST, OPTIONS")),
            ("DELETE", 405, Some("GET, HEAD, POST, OPTIONS")),
            ("SPAM", 501, None),
        ] {
            let answer = ask(
                &wire,
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
        let answer = ask(&wire, &format!("OPTIONS {path}"), "", "");
        assert_eq!(answer.header("Allow"), Some("GET, HEAD, POST, OPTIONS"));
    }
    let answer = ask(&wire, "OPTIONS /a.txt", "", "");
    assert_eq!(answer.header("Allow"), Some("GET, HEAD, OPTIONS"));
    // Elsewhere it is a file.
    assert_eq!(wire.get("/own/env").text(), ENV);
    let wire = Wire::new(scripts.handler().cgi_directories(["/own"]));
    assert!(variable(&wire.get("/own/env"), "PATH").is_some());
    assert_eq!(wire.get("/cgi-bin/env").text(), ENV);
}

#[test]
fn cgi_02_names_are_decoded_once_and_dots_are_refused() {
    let scripts = Scripts::usual();
    let wire = scripts.serve();
    for path in [
        "/cgi-bin//env",
        "//cgi-bin/env",
        "/%63gi-bin/e%6ev",
        "/cgi-bin/env?..%2f",
    ] {
        assert_eq!(
            variable(&wire.get(path), "SCRIPT_NAME"),
            Some("/cgi-bin/env"),
            "{path}"
        );
    }
    for path in [
        "/cgi-bin/../a.txt",
        "/cgi-bin/./env",
        "/x/../cgi-bin/env",
        "/cgi-bin/x/../env",
        "/cgi-bin/%2e/env",
        "/cgi-bin/env/../..",
        "/cgi-bin/env/a%00b",
    ] {
        assert_eq!(line(&wire.get(path)), (404, "File not found"), "{path}");
    }
    for path in [
        "/..",
        "/cgi-bin/../..",
        "/cgi-bin/../../bin/sh",
        "/cgi-bin/..%2f..%2fbin/sh",
        "/%2e%2e/x",
    ] {
        assert_eq!(line(&wire.get(path)), (400, "Bad path"), "{path}");
    }
    assert_eq!(wire.get("/cgi-bin/%zz").status, 400);
}

#[test]
fn cgi_03_the_directory_itself_is_no_script() {
    let scripts = Scripts::usual();
    scripts.site.file("cgi-binary", "file");
    let wire = scripts.serve();
    let answer = wire.get("/cgi-bin");
    assert_eq!(
        (answer.status, answer.header("Location")),
        (301, Some("/cgi-bin/"))
    );
    assert_eq!(
        line(&wire.get("/cgi-bin/")),
        (403, "CGI script is not a plain file ('/cgi-bin/')")
    );
    assert_eq!(wire.get("/cgi-binary").text(), "file");
    assert!(wire.get("/").text().contains("cgi-bin/"));
}

#[test]
fn cgi_04_a_directory_may_lie_deep_and_an_escaped_slash_separates_nothing() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/child-dir/env", ENV);
    scripts.site.file("cgi-bin/file.txt", "file");
    let wire = Wire::new(scripts.handler().cgi_directories(["/cgi-bin/child-dir"]));
    let answer = wire.get("/cgi-bin/child-dir/env/x");
    assert_eq!(
        variable(&answer, "SCRIPT_NAME"),
        Some("/cgi-bin/child-dir/env")
    );
    assert_eq!(variable(&answer, "PATH_INFO"), Some("/x"));
    assert_eq!(wire.get("/cgi-bin/file.txt").text(), "file");
    for path in [
        "/cgi-bin%2fchild-dir/env",
        "/cgi-bin/child-dir%2fenv",
        "/cgi-bin/child-dir/env%2fx",
    ] {
        assert_eq!(line(&wire.get(path)), (404, "File not found"), "{path}");
    }
}

#[test]
fn cgi_05_the_walk_goes_through_directories_to_the_first_file() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/a/b/env", ENV);
    let wire = scripts.serve();
    let answer = wire.get("/cgi-bin/a/b/env/c/d/?e/f");
    assert_eq!(variable(&answer, "SCRIPT_NAME"), Some("/cgi-bin/a/b/env"));
    assert_eq!(variable(&answer, "PATH_INFO"), Some("/c/d/"));
    assert_eq!(variable(&answer, "QUERY_STRING"), Some("e/f"));
    assert_eq!(
        line(&wire.get("/cgi-bin/a/x/y")),
        (404, "No such CGI script ('/cgi-bin/a/x')")
    );
    assert_eq!(
        line(&wire.get("/cgi-bin/a/b")),
        (403, "CGI script is not a plain file ('/cgi-bin/a/b')")
    );
    assert_eq!(
        line(&wire.get("/cgi-bin/a/b/")),
        (403, "CGI script is not a plain file ('/cgi-bin/a/b/')")
    );
}

#[test]
fn cgi_06_an_escaped_question_mark_is_part_of_a_name() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/what?", ENV);
    let wire = scripts.serve();
    let answer = wire.get("/cgi-bin/what%3F/r?q");
    assert_eq!(variable(&answer, "SCRIPT_NAME"), Some("/cgi-bin/what?"));
    assert_eq!(variable(&answer, "QUERY_STRING"), Some("q"));
    assert_eq!(
        line(&wire.get("/cgi-bin/env%3Fq/r")),
        (404, "No such CGI script ('/cgi-bin/env?q')")
    );
}

#[test]
fn cgi_07_a_script_that_is_missing_is_404() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/.hidden", ENV);
    let wire = scripts.serve();
    for (path, name) in [
        ("/cgi-bin/x", "'/cgi-bin/x'"),
        ("/cgi-bin/x/y?z", "'/cgi-bin/x'"),
        ("/htbin/x", "'/htbin/x'"),
        ("/cgi-bin/it's", "\"/cgi-bin/it's\""),
        ("/cgi-bin/.hidden", "'/cgi-bin/.hidden'"),
    ] {
        assert_eq!(
            line(&wire.get(path)),
            (404, &*format!("No such CGI script ({name})"))
        );
        assert_eq!(post(&wire, path, "x").status, 404);
    }
    let files = FileHandler::new(scripts.site.root()).unwrap().hidden(true);
    let wire = Wire::new(CgiHandler::with_files(files).limits(patient()));
    assert!(variable(&wire.get("/cgi-bin/.hidden"), "PATH").is_some());
}

#[test]
fn cgi_08_what_is_no_plain_file_is_403() {
    let scripts = Scripts::usual();
    let pipe = scripts.site.root().join("cgi-bin/pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let wire = scripts.serve();
    assert_eq!(
        line(&wire.get("/cgi-bin/pipe")),
        (403, "CGI script is not a plain file ('/cgi-bin/pipe')")
    );
}

#[test]
fn cgi_09_what_is_not_executable_is_403() {
    let scripts = Scripts::usual();
    scripts.site.file("cgi-bin/plain", ENV);
    scripts.site.file("cgi-bin/plain.py", "print()");
    let wire = scripts.serve();
    for name in ["plain", "plain.py"] {
        assert_eq!(
            line(&wire.get(&format!("/cgi-bin/{name}"))),
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
    let wire = scripts.serve();
    for path in ["/", "/a.txt", "/cgi-bin", "/cgi-bin%2fenv", "/nothing"] {
        assert_eq!(
            line(&post(&wire, path, "x")),
            (501, "Can only POST to CGI scripts"),
            "{path}"
        );
        let answer = ask(&wire, &format!("PUT {path}"), "", "");
        assert_eq!(
            (line(&answer), answer.header("Allow")),
            ((405, "Method Not Allowed"), Some("GET, HEAD, OPTIONS")),
            "{path}"
        );
    }
    assert_eq!(wire.get("/a.txt").text(), "hello\n");
}

#[test]
fn cgi_10_a_preflight_for_a_file_is_answered_beside_scripts_too() {
    let scripts = Scripts::usual();
    let files = scripts.site.handler().cors("*").unwrap();
    let wire = Wire::new(CgiHandler::with_files(files));
    let preflight = "Origin: https://one.example\r\nAccess-Control-Request-Method: GET\r\n";
    let answer = ask(&wire, "OPTIONS /a.txt", preflight, "");
    assert_eq!(
        (answer.status, answer.header("Access-Control-Allow-Origin")),
        (204, Some("*"))
    );
    for (path, allow) in [
        ("/a.txt", "GET, HEAD, OPTIONS"),
        ("/cgi-bin/env", "GET, HEAD, POST, OPTIONS"),
        ("*", "GET, HEAD, POST, OPTIONS"),
    ] {
        let answer = ask(&wire, &format!("OPTIONS {path}"), "", "");
        assert_eq!(
            (answer.status, answer.header("Allow")),
            (200, Some(allow)),
            "{path}"
        );
    }
}

#[test]
fn cgi_11_the_environment_is_a_clean_one() {
    let scripts = Scripts::usual();
    let wire = Wire::new(
        scripts
            .handler()
            .variable("EXTRA", "extra")
            .variable("SERVER_NAME", "x"),
    );
    let answer = wire.get("/cgi-bin/env");
    let mut names: Vec<&str> = answer
        .text()
        .lines()
        .map(|line| line.split('=').next().unwrap())
        // Those that the shell makes itself.
        .filter(|name| !matches!(*name, "PWD" | "SHLVL" | "_" | "OLDPWD"))
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "CONTENT_TYPE",
            "EXTRA",
            "GATEWAY_INTERFACE",
            "HTTP_ACCEPT",
            "HTTP_HOST",
            "NOTES",
            "PATH",
            "PATH_INFO",
            "QUERY_STRING",
            "REMOTE_ADDR",
            "REMOTE_HOST",
            "REQUEST_METHOD",
            "SCRIPT_NAME",
            "SERVER_NAME",
            "SERVER_PORT",
            "SERVER_PROTOCOL",
            "SERVER_SOFTWARE",
        ]
    );
    assert_eq!(variable(&answer, "EXTRA"), Some("extra"));
    assert_eq!(variable(&answer, "SERVER_NAME"), Some("127.0.0.1"));
    let path = std::env::var("PATH").unwrap();
    assert_eq!(variable(&answer, "PATH"), Some(&*path));
}

struct Old {
    scripts: CgiHandler,
}

#[handler(base(self.scripts: CgiHandler))]
impl Old {
    const PROTOCOL_VERSION: &str = "HTTP/1.0";
    const SERVER_VERSION: &str = "mine/1";

    #[route("/health")]
    fn do_GET_health(&self) -> &'static str {
        "well"
    }
}

#[test]
fn cgi_12_what_the_server_says_of_itself() {
    let scripts = Scripts::usual();
    let wire = scripts.serve();
    let answer = ask(&wire, "GET http://b.example/cgi-bin/env", "", "");
    let port = wire.address().port().to_string();
    for (name, value) in [
        ("GATEWAY_INTERFACE", "CGI/1.1"),
        ("SERVER_NAME", "127.0.0.1"),
        ("SERVER_PORT", &port),
        ("SERVER_PROTOCOL", "HTTP/1.1"),
        ("SERVER_SOFTWARE", doget::hooks::SERVER_VERSION),
        ("REQUEST_METHOD", "GET"),
    ] {
        assert_eq!(variable(&answer, name), Some(value), "{name}");
    }
    // The server's version, not the request's; and those of the handler above.
    let answer = wire.one("GET /cgi-bin/env HTTP/1.0\r\n\r\n");
    assert_eq!(variable(&answer, "SERVER_PROTOCOL"), Some("HTTP/1.1"));
    let wire = Wire::new(Old {
        scripts: scripts.handler(),
    });
    let answer = wire.get("/cgi-bin/env");
    assert_eq!(variable(&answer, "SERVER_PROTOCOL"), Some("HTTP/1.0"));
    assert_eq!(variable(&answer, "SERVER_SOFTWARE"), Some("mine/1"));
    assert_eq!(answer.version, "HTTP/1.0");
    assert_eq!(wire.get("/health").text(), "well");
    assert_eq!(
        variable(&post(&wire, "/cgi-bin/env", "x"), "CONTENT_LENGTH"),
        Some("1")
    );
}

#[test]
fn cgi_13_the_rest_of_the_path_is_decoded_once() {
    let scripts = Scripts::usual();
    let wire = scripts.serve();
    let root = scripts.site.root().canonicalize().unwrap();
    let root = root.to_str().unwrap();
    for (path, info) in [
        ("/a%2525", "/a%25"),
        ("/a%20b/%C3%A4", "/a b/\u{e4}"),
        ("//a//b", "/a/b"),
        ("/.git/x", "/.git/x"),
    ] {
        let answer = wire.get(&format!("/cgi-bin/env{path}"));
        assert_eq!(variable(&answer, "PATH_INFO"), Some(info));
        let translated = format!("{root}{info}");
        assert_eq!(variable(&answer, "PATH_TRANSLATED"), Some(&*translated));
    }
    let answer = wire.get("/cgi-bin/env");
    assert_eq!(variable(&answer, "PATH_INFO"), Some(""));
    assert_eq!(variable(&answer, "PATH_TRANSLATED"), None);
}

#[test]
fn cgi_14_the_scripts_name_the_query_as_it_came_and_the_client() {
    let scripts = Scripts::usual();
    scripts.add("cgi-bin/b c", ENV);
    let wire = scripts.serve();
    let answer = wire.get("/cgi-bin/b%20c?a=%20+b&%0a?/");
    assert_eq!(variable(&answer, "SCRIPT_NAME"), Some("/cgi-bin/b c"));
    assert_eq!(variable(&answer, "QUERY_STRING"), Some("a=%20+b&%0a?/"));
    assert_eq!(variable(&answer, "REMOTE_ADDR"), Some("127.0.0.1"));
    assert_eq!(variable(&answer, "REMOTE_HOST"), Some("127.0.0.1"));
    assert_eq!(
        variable(&wire.get("/cgi-bin/env"), "QUERY_STRING"),
        Some("")
    );
}

#[test]
fn cgi_15_credentials_are_told_only_if_that_was_asked_for() {
    let scripts = Scripts::usual();
    let told = |credentials: Credentials, value: &str| {
        let wire = Wire::new(scripts.handler().credentials(credentials));
        let answer = ask(
            &wire,
            "GET /cgi-bin/env",
            &format!("Authorization: {value}\r\n"),
            "",
        );
        ["AUTH_TYPE", "REMOTE_USER", "HTTP_AUTHORIZATION"]
            .map(|name| variable(&answer, name).unwrap_or("-").to_owned())
            .join(" ")
    };
    // ada:secret, and ada:se:cret
    let (plain, colon) = ("Basic YWRhOnNlY3JldA==", "bAsic YWRhOnNlOmNyZXQ=");
    assert_eq!(Credentials::default(), Credentials::Withheld);
    assert_eq!(told(Credentials::Withheld, plain), "- - -");
    assert_eq!(told(Credentials::Claimed, plain), "Basic ada -");
    assert_eq!(told(Credentials::Claimed, colon), "bAsic ada -");
    assert_eq!(told(Credentials::Claimed, "Bearer abc"), "Bearer - -");
    assert_eq!(told(Credentials::Claimed, "Basic !!"), "Basic - -");
    assert_eq!(told(Credentials::Claimed, "Basic"), "- - -");
    assert_eq!(told(Credentials::Claimed, "a b c"), "- - -");
    assert_eq!(told(Credentials::Passed, plain), format!("- - {plain}"));
}

#[test]
fn cgi_16_type_and_length_of_the_body() {
    let scripts = Scripts::usual();
    let wire = scripts.serve();
    let answer = ask(
        &wire,
        "POST /cgi-bin/env",
        "Content-Type: a/b; c=d\r\nContent-Length: 3\r\nReferer: r\r\nUser-Agent: u\r\n",
        "abc",
    );
    for (name, value) in [
        ("CONTENT_TYPE", Some("a/b; c=d")),
        ("CONTENT_LENGTH", Some("3")),
        ("HTTP_REFERER", Some("r")),
        ("HTTP_USER_AGENT", Some("u")),
        ("HTTP_CONTENT_TYPE", None),
        ("HTTP_CONTENT_LENGTH", None),
    ] {
        assert_eq!(variable(&answer, name), value, "{name}");
    }
    let answer = wire.get("/cgi-bin/env");
    assert_eq!(variable(&answer, "CONTENT_TYPE"), Some("text/plain"));
    assert_eq!(variable(&answer, "CONTENT_LENGTH"), None);
    let answer = post(&wire, "/cgi-bin/env", "");
    assert_eq!(variable(&answer, "CONTENT_LENGTH"), Some("0"));
}

#[test]
fn cgi_17_repeated_fields_are_one_list() {
    let scripts = Scripts::usual();
    let wire = scripts.serve();
    let lines = "Accept: a/b\r\nAccept: c/d\r\nCookie: e=f\r\nCookie: g=h\r\nX-I: j\r\nx-i: k\r\n";
    let answer = ask(&wire, "GET /cgi-bin/env", lines, "");
    assert_eq!(variable(&answer, "HTTP_ACCEPT"), Some("a/b,c/d"));
    assert_eq!(variable(&answer, "HTTP_COOKIE"), Some("e=f; g=h"));
    assert_eq!(variable(&answer, "HTTP_X_I"), Some("j, k"));
    assert_eq!(variable(&wire.get("/cgi-bin/env"), "HTTP_ACCEPT"), Some(""));
}

#[test]
fn cgi_18_all_other_fields_pass_and_those_that_are_not_there_leave_nothing() {
    let scripts = Scripts::usual();
    let wire = scripts.serve();
    let lines = "Accept-Language: en\r\nContent-Encoding: gzip\r\nX-Forwarded-For: 1.2.3.4\r\n";
    let answer = ask(&wire, "GET /cgi-bin/env", lines, "");
    assert_eq!(variable(&answer, "HTTP_ACCEPT_LANGUAGE"), Some("en"));
    assert_eq!(variable(&answer, "HTTP_CONTENT_ENCODING"), Some("gzip"));
    assert_eq!(variable(&answer, "HTTP_X_FORWARDED_FOR"), Some("1.2.3.4"));
    assert_eq!(variable(&answer, "HTTP_HOST"), Some("a"));
    for name in ["HTTP_USER_AGENT", "HTTP_COOKIE", "HTTP_REFERER"] {
        assert_eq!(variable(&answer, name), None, "{name}");
    }
}

#[test]
fn cgi_19_a_query_is_no_argument_unless_that_was_asked_for() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/args",
        "Content-Type: text/plain",
        "for a; do echo \"<$a>\"; done",
    );
    let wire = scripts.serve();
    for query in ["-s", "a+b", "", "a=b"] {
        assert_eq!(
            wire.get(&format!("/cgi-bin/args?{query}")).text(),
            "",
            "{query}"
        );
    }
    let wire = Wire::new(scripts.handler().arguments(true));
    for (query, arguments) in [
        ("a+b%20c", "<a>\n<b c>\n"),
        ("%2Ds;id", "<-s;id>\n"),
        ("$(id)`id`", "<$(id)`id`>\n"),
        ("a%0ab", "<a\nb>\n"),
        ("a=b", ""),
        ("", ""),
        ("a+%00", ""),
    ] {
        assert_eq!(
            wire.get(&format!("/cgi-bin/args?{query}")).text(),
            arguments,
            "{query}"
        );
    }
    assert_eq!(post(&wire, "/cgi-bin/args?a", "").text(), "");
}

#[test]
fn cgi_20_status_and_fields_of_a_script() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/teapot",
        "Status: 418 Short and stout\nContent-Type: text/x-tea\nX-A: b\nX-A: c\nConnection: close\nDate: never\nServer: me",
        "printf tea",
    );
    scripts.add(
        "cgi-bin/crlf",
        "#!/bin/sh\nprintf 'Content-Type: a/b\\r\\nStatus: 404\\r\\n\\r\\nbody'\n",
    );
    scripts.shell("cgi-bin/none", "Status: 204 Nothing", "echo body");
    let wire = scripts.serve();
    let mut conn = wire.connect();
    for _ in 0..3 {
        conn.send("GET /cgi-bin/teapot HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = conn.answer("GET");
        assert_eq!(line(&answer), (418, "Short and stout"));
        // How it is framed depends on how soon the script ends.
        let mut names = answer.names();
        assert!(matches!(
            names.pop(),
            Some("Content-Length" | "Transfer-Encoding")
        ));
        assert_eq!(names, ["Server", "Date", "Content-Type", "X-A", "X-A"]);
        assert_eq!(answer.header("Content-Type"), Some("text/x-tea"));
        assert_eq!(answer.text(), "tea");
        conn.send("GET /cgi-bin/crlf HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = conn.answer("GET");
        assert_eq!((line(&answer), answer.text()), ((404, "Not Found"), "body"));
        conn.send("GET /cgi-bin/none HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(line(&conn.answer("GET")), (204, "Nothing"));
        conn.send("HEAD /cgi-bin/teapot HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_eq!(conn.answer("HEAD").status, 418);
    }
}

#[test]
fn cgi_20_redirects_of_the_client() {
    let scripts = Scripts::new();
    scripts.shell("cgi-bin/away", "Location: http://b.example/x#y", "");
    scripts.shell("cgi-bin/other", "Location: //b.example/x", "");
    scripts.shell("cgi-bin/see", "Location: /a.txt\nStatus: 303 See Other", "");
    scripts.shell(
        "cgi-bin/words",
        "Location: http://b.example/\nContent-Type: text/plain",
        "echo there",
    );
    let wire = scripts.serve();
    for (name, status, location, body) in [
        ("away", 302, "http://b.example/x#y", "\n"),
        ("other", 302, "//b.example/x", "\n"),
        ("see", 303, "/a.txt", "\n"),
        ("words", 302, "http://b.example/", "there\n"),
    ] {
        let answer = wire.get(&format!("/cgi-bin/{name}"));
        assert_eq!(answer.status, status, "{name}");
        assert_eq!(answer.header("Location"), Some(location), "{name}");
        assert_eq!(answer.text().trim(), body.trim(), "{name}");
    }
}

#[test]
fn cgi_20_redirects_inside_the_server() {
    let scripts = Scripts::usual();
    scripts.shell("cgi-bin/file", "Location: /a.txt", "cat");
    scripts.shell("cgi-bin/script", "Location: /cgi-bin/env/x?y#z", "");
    scripts.shell("cgi-bin/nothing", "Location: /nothing", "");
    scripts.shell("cgi-bin/loop", "Location: /cgi-bin/loop", "");
    scripts.shell("cgi-bin/source", "Location: /cgi-bin%2fenv", "");
    scripts.shell("cgi-bin/1", "Location: /cgi-bin/2", "");
    scripts.shell("cgi-bin/2", "Location: /cgi-bin/file", "");
    let wire = scripts.serve();
    assert_eq!(wire.get("/cgi-bin/file").text(), "hello\n");
    assert_eq!(wire.get("/cgi-bin/1").text(), "hello\n");
    let answer = ask(&wire, "HEAD /cgi-bin/file", "", "");
    assert_eq!(answer.header("Content-Length"), Some("6"));
    let lines = "Content-Type: a/b\r\nContent-Length: 3\r\nX-Mine: yes\r\n";
    let answer = ask(&wire, "POST /cgi-bin/script", lines, "abc");
    for (name, value) in [
        ("REQUEST_METHOD", Some("GET")),
        ("SCRIPT_NAME", Some("/cgi-bin/env")),
        ("PATH_INFO", Some("/x")),
        ("QUERY_STRING", Some("y")),
        ("CONTENT_LENGTH", None),
        ("CONTENT_TYPE", Some("text/plain")),
        ("HTTP_X_MINE", Some("yes")),
    ] {
        assert_eq!(variable(&answer, name), value, "{name}");
    }
    assert_eq!(wire.get("/cgi-bin/nothing").status, 404);
    assert_eq!(wire.get("/cgi-bin/source").status, 404);
    assert_eq!(wire.get("/cgi-bin/loop").status, 502);
    // What of the first request's body nobody read is no request.
    let mut conn = wire.connect();
    for _ in 0..3 {
        conn.send(format!(
            "POST /cgi-bin/script HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n{}",
            "GET / HTTP/1.1\r\n\r\n"
                .repeat(6000)
                .get(..100_000)
                .unwrap()
        ));
        assert_eq!(variable(&conn.answer("POST"), "QUERY_STRING"), Some("y"));
    }
}

#[test]
fn cgi_20_output_is_sent_as_it_comes() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/steps",
        "Content-Type: text/plain",
        "for i in 1 2 3; do echo $i; while [ ! -e $NOTES/$i ]; do sleep 0.01; done; done",
    );
    let wire = scripts.serve();
    let mut conn = wire.connect();
    conn.send("GET /cgi-bin/steps HTTP/1.1\r\nHost: a\r\n\r\n");
    let head = conn.until(b"\r\n\r\n");
    assert!(
        String::from_utf8(head)
            .unwrap()
            .contains("\r\nTransfer-Encoding: chunked\r\n")
    );
    for i in 1..=3 {
        conn.until(format!("2\r\n{i}\n\r\n").as_bytes());
        fs::write(scripts.notes().join(i.to_string()), "").unwrap();
    }
    conn.until(b"0\r\n\r\n");
    // The connection is kept.
    conn.send("GET /cgi-bin/steps HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").text(), "1\n2\n3\n");
    // A client of HTTP/1.0 gets it to the end of the connection, or with its length.
    let answer = wire.one("GET /cgi-bin/steps HTTP/1.0\r\n\r\n");
    assert_eq!(answer.text(), "1\n2\n3\n");
    assert_eq!(answer.header("Transfer-Encoding"), None);
}

/// The script's fault is seen: 502 if it came before anything had left, else a cut.
#[track_caller]
fn fails(wire: &Wire, path: &str) {
    let mut conn = wire.connect();
    conn.send(format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    ));
    let raw = conn.rest();
    assert!(
        raw.starts_with(b"HTTP/1.1 502 ") || conn.reset,
        "{path}: {}",
        raw.escape_ascii()
    );
}

#[test]
fn cgi_20_a_length_of_the_script_is_held_to() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/right",
        "Content-Type: a/b\nContent-Length: 5",
        "printf 12345",
    );
    scripts.shell(
        "cgi-bin/more",
        "Content-Type: a/b\nContent-Length: 5",
        "printf 1234567890",
    );
    scripts.shell(
        "cgi-bin/less",
        "Content-Type: a/b\nContent-Length: 5",
        "printf 123",
    );
    scripts.shell(
        "cgi-bin/large",
        "Content-Type: a/b\nContent-Length: 1000000",
        "head -c 1000000 /dev/zero",
    );
    let wire = scripts.serve();
    let mut conn = wire.connect();
    for name in ["right", "more", "right"] {
        conn.send(format!("GET /cgi-bin/{name} HTTP/1.1\r\nHost: a\r\n\r\n"));
        let answer = conn.answer("GET");
        assert_eq!(
            (answer.header("Content-Length"), answer.text()),
            (Some("5"), "12345")
        );
    }
    conn.send("HEAD /cgi-bin/right HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("HEAD").header("Content-Length"), Some("5"));
    conn.send("GET /cgi-bin/large HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(conn.answer("GET").body.len(), 1_000_000);
    drop(conn);
    fails(&wire, "/cgi-bin/less");
}

#[test]
fn cgi_20_a_script_may_write_the_whole_response() {
    let scripts = Scripts::new();
    scripts.add(
        "cgi-bin/nph-raw",
        "#!/bin/sh\nprintf 'HTTP/1.1 299 My own\\r\\nX-A: b\\r\\nContent-Length: 4\\r\\nConnection: close\\r\\n\\r\\nbody'\n",
    );
    scripts.add(
        "cgi-bin/nph-no",
        "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nbody'\n",
    );
    scripts.add("cgi-bin/nph-nothing", "#!/bin/sh\n:\n");
    scripts.add(
        "cgi-bin/nph-304",
        "#!/bin/sh\nprintf 'HTTP/1.1 304 Same\\r\\nConnection: close\\r\\n\\r\\n'\n",
    );
    let wire = scripts.serve();
    let raw =
        wire.raw("GET /cgi-bin/nph-raw HTTP/1.1\r\nHost: a\r\n\r\nGET /never HTTP/1.1\r\n\r\n");
    assert_eq!(
        String::from_utf8(raw).unwrap(),
        "HTTP/1.1 299 My own\r\nX-A: b\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbody"
    );
    assert_eq!(wire.get("/cgi-bin/nph-304").reason, "Same");
    assert_eq!(wire.get("/cgi-bin/nph-no").status, 502);
    assert_eq!(wire.get("/cgi-bin/nph-nothing").status, 502);
    assert!(
        wire.end()
            .iter()
            .any(|line| line.contains("nph-raw HTTP/1.1\" 299 "))
    );
}

#[test]
fn cgi_21_input_output_and_the_working_directory() {
    let scripts = Scripts::usual();
    scripts.shell("cgi-bin/sub/pwd", "Content-Type: text/plain", "pwd; cat");
    let wire = scripts.serve();
    let directory = scripts
        .site
        .root()
        .canonicalize()
        .unwrap()
        .join("cgi-bin/sub");
    let answer = post(&wire, "/cgi-bin/sub/pwd", "input");
    assert_eq!(answer.text(), format!("{}\ninput", directory.display()));
    for size in [0, 1, 4095, 65_535, 65_536, 65_537, 3_000_000] {
        let body = "0123456789abcdef".repeat(size / 16 + 1);
        let body = body.get(..size).unwrap();
        assert!(post(&wire, "/cgi-bin/cat", body).text() == body, "{size}");
    }
}

#[test]
fn cgi_21_a_chunked_body_has_its_length_told() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/length",
        "Content-Type: text/plain",
        "printf '%s %s' \"$CONTENT_LENGTH\" \"$(head -c \"$CONTENT_LENGTH\" | wc -c)\"",
    );
    let wire = Wire::new(bounded(&scripts, |limits| CgiLimits {
        body: 1_000_000,
        ..limits
    }));
    let ask = |size: usize| {
        let mut conn = wire.connect();
        conn.send("POST /cgi-bin/length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        let mut left = size;
        while left > 0 {
            let piece = left.min(50_000);
            conn.send(format!("{piece:x}\r\n{}\r\n", "x".repeat(piece)));
            left -= piece;
        }
        conn.send("0\r\n\r\n");
        conn.answer("POST")
    };
    for size in [0, 1, 65_536, 65_537, 200_000, 1_000_000] {
        assert_eq!(
            ask(size).text().split_whitespace().collect::<Vec<_>>(),
            [size.to_string(), size.to_string()]
        );
    }
    assert_eq!(ask(1_000_001).status, 413);
    let answer = cgi_site::ask(
        &wire,
        "POST /cgi-bin/length",
        "Content-Length: 1000001\r\n",
        "x",
    );
    assert_eq!(answer.status, 413);
}

#[test]
fn cgi_21_a_client_that_waits_for_it_is_asked_for_its_body() {
    let scripts = Scripts::usual();
    let wire = scripts.serve();
    let mut conn = wire.connect();
    conn.send("POST /cgi-bin/cat HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    conn.until(b"HTTP/1.1 100 Continue\r\n\r\n");
    conn.send("hello");
    assert_eq!(conn.answer("POST").text(), "hello");
    conn.send("POST /cgi-bin/nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.interim.len()), (404, 0));
}

#[test]
fn cgi_22_root_runs_scripts_as_nobody() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/id",
        "Content-Type: text/plain",
        "id -u; id -g; id -G",
    );
    let own = |option: &str| {
        let id = std::process::Command::new("id")
            .arg(option)
            .output()
            .unwrap();
        String::from_utf8(id.stdout).unwrap()
    };
    let is_root = own("-u").trim() == "0";
    let told = scripts.serve().get("/cgi-bin/id").text().to_owned();
    if is_root {
        let ids: Vec<&str> = told.split_whitespace().collect();
        assert!(ids.iter().all(|id| *id != "0"), "{told}");
        // One group, and that is its own.
        assert_eq!((ids.len(), ids[1]), (3, ids[2]), "{told}");
    } else {
        assert_eq!(told, own("-u") + &own("-g") + &own("-G"));
    }
    let wire = Wire::new(scripts.handler().as_root(true));
    let told = wire.get("/cgi-bin/id").text().to_owned();
    assert_eq!(told.lines().next(), Some(own("-u").trim()));
}

#[test]
fn cgi_22_what_nobody_may_not_run_is_not_run() {
    let scripts = Scripts::usual();
    let script = scripts.add("cgi-bin/private", ENV);
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    let owner = std::os::unix::fs::MetadataExt::uid(&fs::metadata(&script).unwrap());
    let status = scripts.serve().get("/cgi-bin/private").status;
    assert_eq!(status, if owner == 0 { 403 } else { 200 });
}

#[test]
fn cgi_23_how_a_script_ended_is_logged() {
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/three",
        "Content-Type: text/plain",
        "echo body; exit 3",
    );
    scripts.add("cgi-bin/early", "#!/bin/sh\nexit 4\n");
    scripts.shell(
        "cgi-bin/killed",
        "Content-Type: text/plain",
        "echo body; kill -9 $$",
    );
    scripts.add("cgi-bin/missing", "#!/no/such/interpreter\n");
    scripts.add("cgi-bin/text", "echo no interpreter\n");
    let wire = scripts.serve();
    assert_eq!(wire.get("/cgi-bin/three").text(), "body\n");
    assert_eq!(wire.get("/cgi-bin/early").status, 502);
    fails(&wire, "/cgi-bin/killed");
    assert_eq!(wire.get("/cgi-bin/missing").status, 500);
    assert_eq!(wire.get("/cgi-bin/text").status, 500);
    assert_eq!(wire.get("/cgi-bin/env").status, 200);
    let log = wire.end().join("\n");
    for line in [
        "CGI script exit code 3\n",
        "CGI script exit code 4\n",
        "CGI script exit code -9\n",
        "caused by: the script ended without a whole header",
        "caused by: signal 9 ended the script",
        "caused by: the script /cgi-bin/missing cannot be run",
        "caused by: the script /cgi-bin/text is text without a #! line",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
    assert_eq!(log.matches("exit code").count(), 3, "{log}");
}

#[test]
fn cgi_23_standard_error_is_logged_line_by_line_and_escaped() {
    let scripts = Scripts::new();
    scripts.shell(
        "cgi-bin/loud",
        "Content-Type: text/plain",
        "printf 'one\\ntwo \\033[1m\\nthree' >&2; echo body",
    );
    let wire = scripts.serve();
    assert_eq!(wire.get("/cgi-bin/loud").text(), "body\n");
    let log = wire.end();
    let said: Vec<_> = log.iter().filter(|line| line.contains("loud: ")).collect();
    assert_eq!(
        said,
        [
            "127.0.0.1 - - [date] CGI script /cgi-bin/loud: one",
            "127.0.0.1 - - [date] CGI script /cgi-bin/loud: two \\x1b[1m",
            "127.0.0.1 - - [date] CGI script /cgi-bin/loud: three",
        ]
    );
}

#[test]
fn cgi_24_python_runs_what_is_python_and_does_not_say_so() {
    let scripts = Scripts::new();
    let text = "import sys\nprint('Content-Type: text/plain\\n')\nprint(sys.argv[0], sys.stdout.write_through)\n";
    let path = scripts.add("cgi-bin/plain.py", text);
    scripts.add(
        "cgi-bin/shell.py",
        "#!/bin/sh\nprintf 'Content-Type: a/b\\n\\nshell'\n",
    );
    let wire = scripts.serve();
    let path = path.canonicalize().unwrap();
    let answer = wire.get("/cgi-bin/plain.py/x");
    assert_eq!(answer.text(), format!("{} True\n", path.display()));
    assert_eq!(wire.get("/cgi-bin/shell.py").text(), "shell");
}

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
        doget::files::Symlinks::None,
        doget::files::Symlinks::Inside,
        doget::files::Symlinks::All,
    ] {
        let files = FileHandler::new(site.root())
            .unwrap()
            .symlinks(symlinks)
            .hidden(true)
            .spa("cgi-bin/data.txt");
        let wire = Wire::new(CgiHandler::with_files(files).limits(patient()));
        for path in [
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
        ] {
            for lines in [
                "",
                "Range: bytes=0-\r\n",
                "Accept-Encoding: gzip\r\n",
                "Accept: text/html\r\n",
            ] {
                let answer = ask(&wire, &format!("GET {path}"), lines, "");
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
        assert_eq!(wire.get("/a.txt").text(), "hello\n");
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
    let wire = scripts.serve();
    assert_eq!(
        variable(&wire.get("/cgi-bin/inside"), "SCRIPT_NAME"),
        Some("/cgi-bin/inside")
    );
    for name in [
        "out",
        "beside",
        "up/elsewhere",
        "absolute",
        "up/cgi-bin/env",
    ] {
        assert_eq!(wire.get(&format!("/cgi-bin/{name}")).status, 404, "{name}");
    }
    let files = FileHandler::new(scripts.site.root())
        .unwrap()
        .symlinks(doget::files::Symlinks::All);
    let wire = Wire::new(CgiHandler::with_files(files).limits(patient()));
    assert!(variable(&wire.get("/cgi-bin/out"), "PATH").is_some());
}

#[test]
fn more_scripts_than_may_run_are_503() {
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/wait",
        "Content-Type: text/plain",
        "echo begun; while [ ! -e $NOTES/go ]; do sleep 0.01; done",
    );
    let wire = Wire::new(bounded(&scripts, |limits| CgiLimits {
        running: 3,
        ..limits
    }));
    let mut waiting: Vec<_> = (0..3)
        .map(|_| {
            let mut conn = wire.connect();
            conn.send("GET /cgi-bin/wait HTTP/1.1\r\nHost: a\r\n\r\n");
            conn.until(b"begun");
            conn
        })
        .collect();
    let answer = wire.get("/cgi-bin/env");
    assert_eq!(
        (answer.status, answer.header("Retry-After")),
        (503, Some("1"))
    );
    // Files are not scripts.
    assert_eq!(wire.get("/a.txt").text(), "hello\n");
    fs::write(scripts.notes().join("go"), "").unwrap();
    for conn in &mut waiting {
        conn.until(b"0\r\n\r\n");
    }
    eventually("a place", || wire.get("/cgi-bin/env").status == 200);
}

#[test]
fn a_script_that_waits_holds_up_nobody() {
    let scripts = Scripts::usual();
    scripts.shell(
        "cgi-bin/wait",
        "Content-Type: text/plain",
        "while [ ! -e $NOTES/go ]; do sleep 0.01; done",
    );
    // One loop: if a script held it, nothing else would be answered.
    let wire = Wire::with(scripts.handler(), |server| server.loops(1));
    let mut waiting: Vec<_> = (0..7)
        .map(|_| {
            let mut conn = wire.connect();
            conn.send("GET /cgi-bin/wait HTTP/1.1\r\nHost: a\r\n\r\n");
            conn
        })
        .collect();
    for _ in 0..50 {
        assert_eq!(wire.get("/a.txt").text(), "hello\n");
    }
    assert_eq!(wire.get("/cgi-bin/env").status, 200);
    fs::write(scripts.notes().join("go"), "").unwrap();
    for conn in &mut waiting {
        assert_eq!(conn.answer("GET").status, 200);
    }
}

#[test]
fn bounds_have_documented_defaults() {
    let limits = CgiLimits::default();
    assert_eq!((limits.running, limits.header), (8, 32 << 10));
    assert_eq!(limits.header_time, Duration::from_secs(10));
    assert_eq!(limits.idle, Duration::from_secs(60));
    assert!(limits.idle <= LONG && limits.end_time < Limits::default().grace);
}

#[test]
fn a_directory_for_scripts_is_a_plain_path() {
    let scripts = Scripts::usual();
    for path in ["/", "", "/a/../b", "//"] {
        assert!(!CgiHandler::is_directory(path));
        let handler = scripts.handler();
        let built = std::panic::catch_unwind(move || handler.cgi_directories([path]));
        assert!(built.is_err(), "{path}");
    }
    // None at all: everything is a file.
    let wire = Wire::new(scripts.handler().cgi_directories::<&str>([]));
    assert_eq!(wire.get("/cgi-bin/cat").text(), CAT);
}

#[test]
fn exchanges_in_memory_run_scripts_too() {
    let scripts = Scripts::usual();
    let answer = doget::testing::exchange(
        &scripts.handler(),
        b"POST /cgi-bin/cat HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    );
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert!(answer.windows(5).any(|part| part == b"hello"));
}
