//! `--auth-file`: users with a password.

use super::{Doget, Place, fails};
use doget_tests::Client;
use std::fs;
use std::io::Write;
use std::process::Stdio;

/// Of `secret`, as cheap as a hash may be: a test program is not optimized.
const HASH: &str = "$scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$";

fn asked(doget: &Doget, path: &str, credentials: &str) -> (u16, Option<String>) {
    let mut client = Client::connect(doget.address());
    let field = match credentials {
        "" => String::new(),
        credentials => format!("Authorization: Basic {credentials}\r\n"),
    };
    client.send(format!("GET {path} HTTP/1.1\r\nHost: test\r\n{field}\r\n"));
    let answer = client.answer();
    (
        answer.status,
        answer.header("WWW-Authenticate").map(str::to_owned),
    )
}

fn users(place: &Place, text: &str, mode: u32) -> String {
    let path = place.beside("users");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    // Only the mode of Unix is looked at.
    assert!(cfg!(unix) || mode == 0o600);
    path
}

/// The line that the command prints for a password.
fn hashed(place: &Place, password: &str) -> String {
    let mut command = place.command(&["--hash-password"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(password.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn everything_is_for_users_with_a_password_but_for_probes() {
    let place = Place::new();
    let hash = hashed(&place, "engine\n");
    assert!(
        hash.starts_with("$scrypt$ln=") && hash.ends_with('\n'),
        "{hash}"
    );
    assert_ne!(hashed(&place, "engine"), hash);
    let file = users(&place, &format!("# users\n\nada:{hash}"), 0o600);
    let doget = place.serve(&["--auth-file", &file, "--health", "/livez,/readyz"]);
    let challenge = Some("Basic realm=\"doget\", charset=\"UTF-8\"".to_owned());
    for path in ["/", "/a.txt", "/dir/", "/nothing/../a.txt"] {
        let (status, asks) = asked(&doget, path, "");
        assert!(
            status == 401 && asks == challenge || status == 400,
            "{path}: {status}"
        );
    }
    // `ada:engine`; `ada:wrong`; `bob:engine`; nonsense.
    assert_eq!(asked(&doget, "/a.txt", "YWRhOmVuZ2luZQ==").0, 200);
    assert_eq!(asked(&doget, "/nothing", "YWRhOmVuZ2luZQ==").0, 404);
    for wrong in ["YWRhOndyb25n", "Ym9iOmVuZ2luZQ==", "!!!"] {
        assert_eq!(asked(&doget, "/a.txt", wrong).0, 401, "{wrong}");
    }
    assert_eq!(asked(&doget, "/livez", "").0, 200);
}

#[test]
fn a_file_of_users_that_is_open_or_malformed_is_refused() {
    let place = Place::new();
    let run = |file: &str| place.run(&["0", "-b", "127.0.0.1", "--auth-file", file]);
    let good = format!("ada:{HASH}{}\n", "A".repeat(43));
    for (text, mode, says) in [
        #[cfg(unix)]
        (&*good, 0o644, "can be read by others: chmod 600"),
        #[cfg(unix)]
        (&*good, 0o640, "can be read by others"),
        ("", 0o600, "has no users"),
        ("ada", 0o600, "line 1: write NAME:HASH"),
        (":x", 0o600, "line 1: write NAME:HASH"),
        ("ada:secret", 0o600, "--hash-password"),
    ] {
        fails(&run(&users(&place, text, mode)), 1, says);
    }
    fails(&run(&place.beside("missing")), 1, "cannot read ");
    // Passwords do not cross a network in clear, unless that is said.
    let file = users(&place, &good, 0o600);
    fails(&place.run(&["0", "--auth-file", &file]), 2, "in clear");
    drop(Doget::start(place.command(&[
        "0",
        "--auth-file",
        &file,
        "--auth-over-http",
    ])));
    drop(Doget::start(place.command(&[
        "0",
        "--auth-file",
        &file,
        "--behind",
        "10.0.0.0/8",
    ])));
    fails(
        &place.run(&["--hash-password"]),
        1,
        "no password on standard input",
    );
}

#[test]
fn a_file_of_users_among_the_files_is_warned_of() {
    let place = Place::new();
    let file = users(&place, &format!("ada:{HASH}{}\n", "A".repeat(43)), 0o600);
    assert_eq!(place.serve(&["--auth-file", &file]).log(), "");
    fs::rename(&file, place.root().join("dir/users")).unwrap();
    let log = place.serve(&["--auth-file", "dir/users"]).log();
    assert_eq!(
        log,
        "doget: the file of users dir/users is in the directory that is served\n"
    );
}

#[cfg(unix)]
#[test]
fn scripts_behind_passwords_are_run_by_users_alone() {
    let place = Place::new();
    let file = users(&place, &format!("ada:{HASH}{}\n", "A".repeat(43)), 0o600);
    let mut doget = place.serve(&["--cgi", "--auth-file", &file]);
    doget.next_line();
    doget.next_line();
    let words = doget.next_line();
    assert!(
        words.starts_with("CGI: users run the programs in /cgi-bin and /htbin"),
        "{words}"
    );
}

/// The user reaches scripts, where there are any, and each format of the log.
#[test]
fn who_asked_is_known_to_scripts_and_stands_in_the_log() {
    let place = Place::new();
    // Elsewhere it is a file, with what the script would say.
    #[cfg(not(unix))]
    {
        fs::create_dir(place.root().join("cgi-bin")).unwrap();
        place.file("cgi-bin/who", "Basic ada");
    }
    #[cfg(unix)]
    place.program(
        "cgi-bin/who",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s %s' \"$AUTH_TYPE\" \"$REMOTE_USER\"\n",
    );
    let file = users(&place, &format!("ada:{}", hashed(&place, "engine")), 0o600);
    for (format, known, unknown) in [
        ("common", " - ada [", " - - ["),
        ("combined", " - ada [", " - - ["),
        (
            "json",
            "\"remote\":\"127.0.0.1\",\"user\":\"ada\",",
            "\"remote\":\"127.0.0.1\",\"method\"",
        ),
    ] {
        let options = ["--auth-file", &file, "--log-format", format, "--cgi"];
        let doget = place.serve(&options[..if cfg!(unix) { 5 } else { 4 }]);
        let mut client = Client::connect(doget.address());
        // `ada:engine`; `bob:engine`.
        for (credentials, status, text) in [
            ("YWRhOmVuZ2luZQ==", 200, "Basic ada"),
            ("Ym9iOmVuZ2luZQ==", 401, ""),
        ] {
            client.send(format!(
                "GET /cgi-bin/who HTTP/1.1\r\nHost: test\r\nAuthorization: Basic {credentials}\r\n\r\n"
            ));
            let answer = client.answer();
            assert_eq!(answer.status, status, "{format}");
            assert!(status == 401 || answer.text() == text, "{}", answer.text());
        }
        drop(client);
        let log = doget.log();
        let of = |status: &str| {
            let mut lines = log.lines().filter(|line| !line.contains("message"));
            let line = lines.find(|line| line.contains("/cgi-bin/who") && line.contains(status));
            line.unwrap_or_else(|| panic!("no line with {status}: {log}"))
        };
        assert!(of("200").contains(known), "{log}");
        assert!(of("401").contains(unknown), "{log}");
    }
}
