//! Options, faults, and help.

use super::{Doget, Place, fails, no_such_file};
use doget_tests::Client;
use std::net::TcpListener;

#[test]
fn cli_10_usage_is_status_2() {
    let place = Place::new();
    for (arguments, says) in [
        (&["x"][..], "invalid value 'x' for '[PORT]'"),
        (&["70000"], "70000"),
        (&["-H", "X-A"], "write 'Name: value', or NAME VALUE"),
        (&["-H", "Content-Length: 3"], "the server's own"),
        (&["-p", "HTTP/2"], "HTTP/1.0"),
        (&["--mime", "foo"], "EXT=TYPE"),
        (&["--log-format", "xml"], "combined"),
        (&["--max-threads", "0"], "--max-threads"),
        (&["--limit", "x=1"], "--print-limits has them all"),
        #[cfg(unix)]
        (&["--cgi", "--cgi-env", "NO_SUCH"], "--cgi-env NO_SUCH"),
        (&["--nolisting"], "--no-listing"),
        (&["1", "2"], "'2'"),
        (&["0", "--cors=example.org"], "write it as a browser does"),
        (
            &[
                "0",
                "--cors",
                "-H",
                "Access-Control-Allow-Credentials: true",
            ],
            "name the origins",
        ),
    ] {
        let output = place.run(arguments);
        fails(&output, 2, says);
        // As every command says it.
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.starts_with("usage: doget [OPTIONS] [PORT]\ndoget: error: "),
            "{text}"
        );
        assert!(!text.contains("\n\n"), "{text}");
    }
}

#[test]
fn cli_14_what_cannot_be_done_is_one_line_and_status_1() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let missing = place.beside("missing");
    let in_use = format!("port {port} is already in use");
    fails(&place.run(&[&port]), 1, &in_use);
    let in_use = format!("port {port} of 127.0.0.1 is already in use");
    fails(&place.run(&[&port, "-b", "127.0.0.1"]), 1, &in_use);
    let gone = format!("cannot serve {missing}: {}", no_such_file(&missing));
    fails(&place.run(&["0", "-d", &missing]), 1, &gone);
    // Windows has words of its own.
    let says = [
        "cannot serve a.txt: Not a directory",
        "cannot serve a.txt: ",
    ];
    let says = says[usize::from(cfg!(windows))];
    fails(&place.run(&["0", "-d", "a.txt"]), 1, says);
    for (option, name) in [
        ("--spa=no.html", "no.html"),
        ("--spa", "index.html"),
        ("--404=no.html", "no.html"),
    ] {
        let missing = format!("{name} is no file in the directory that is served");
        fails(&place.run(&["0", option]), 1, &missing);
    }
    // RFC 5737: nobody has this address.
    let foreign = "192.0.2.77 is not an address of this machine";
    fails(&place.run(&["0", "-b", "192.0.2.77"]), 1, foreign);
    fails(&place.run(&["0", "-b", "1.2.3.4.5."]), 1, "of 1.2.3.4.5.");
    let file = format!("{missing}/log");
    let unwritable = format!("cannot write to {file}: {}", no_such_file(&file));
    fails(&place.run(&["0", "--log-file", &file]), 1, &unwritable);
    #[cfg(unix)]
    fails(
        &place.run(&["--unix", "a.txt"]),
        1,
        "cannot listen on a.txt: ",
    );
}

#[test]
fn limits_are_set_and_shown() {
    let place = Place::new();
    let shown = |arguments: &[&str]| {
        let output = place.run(&[&["--print-limits"], arguments].concat());
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let text = shown(&[
        "--max-threads",
        "7",
        "--max-connections=9",
        "--limit",
        "head.max_size=64K",
    ]);
    for line in [
        "max_threads=7",
        "max_connections=9",
        "head.max_size=65536",
        "idle_timeout=75s",
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line}: {text}");
    }
    assert!(!text.contains("cgi."));
    if cfg!(unix) {
        let text = shown(&["--cgi", "--limit", "cgi.header_timeout=60"]);
        assert!(text.contains("\ncgi.header_timeout=60s\n"), "{text}");
    }
}

/// Options of Unix are known on other systems, and refused in words.
#[cfg(windows)]
#[test]
fn what_is_of_unix_alone_is_refused_in_words() {
    let place = Place::new();
    for (option, says) in [
        ("--cgi", "--cgi: scripts are run on Unix alone"),
        ("--cgi-dir=/x", "--cgi-dir: scripts are run on Unix alone"),
        ("--cgi-env=A=b", "--cgi-env: scripts are run on Unix alone"),
        (
            "--cgi-as-root",
            "--cgi-as-root: scripts are run on Unix alone",
        ),
        (
            "--drop=C:\\",
            "--drop: files of clients are taken on Unix alone",
        ),
        (
            "--drop-anonymous",
            "--drop-anonymous: files of clients are taken on Unix alone",
        ),
        (
            "--upload",
            "--upload: files of clients are taken on Unix alone",
        ),
        (
            "--unix=socket",
            "--unix: there are Unix sockets on Unix alone",
        ),
        (
            "--drain-delay=5",
            "--drain-delay: there is SIGTERM on Unix alone",
        ),
    ] {
        fails(&place.run(&["0", option]), 2, says);
        let (name, value) = option[2..].split_once('=').unwrap_or((&option[2..], "1"));
        let variable = format!("DOGET_{}", name.replace('-', "_").to_uppercase());
        let mut command = place.command(&["0"]);
        let says = says.replace(&format!("--{name}"), &variable);
        fails(&command.env(&variable, value).output().unwrap(), 2, &says);
    }
    let help = String::from_utf8(place.run(&["--help"]).stdout).unwrap();
    for option in ["--cgi", "--drop", "--upload", "--unix", "--drain-delay"] {
        assert!(!help.contains(option), "{option}");
    }
}

/// Cookies of `localhost` belong to all programs on it.
#[test]
fn a_line_of_the_head_may_be_long_and_longer_if_that_is_said() {
    let place = Place::new();
    let status = |doget: &Doget, length: usize| {
        let mut client = Client::connect(doget.address());
        let cookie = "c".repeat(length);
        client.send(format!(
            "GET /a.txt HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n"
        ));
        client.answer().status
    };
    let doget = place.serve(&[]);
    assert_eq!(status(&doget, 9 << 10), 200);
    assert_eq!(status(&doget, 16 << 10), 431);
    let doget = place.serve(&["--limit", "head.max_field_line_size=20K"]);
    assert_eq!(status(&doget, 16 << 10), 200);
}

/// Firmware and programs of the eighties.
#[test]
fn old_clients_are_answered_where_that_was_asked_for() {
    let place = Place::new();
    let said = |doget: &Doget, request: &str| {
        let mut client = Client::connect(doget.address());
        client.send(request);
        client.answer().status
    };
    let (bare, nameless) = ("GET /a.txt HTTP/1.0\n\n", "GET /a.txt HTTP/1.1\r\n\r\n");
    let doget = place.serve(&[]);
    assert_eq!((said(&doget, bare), said(&doget, nameless)), (400, 400));
    for options in [&["--lenient"][..], &["--lenient", "-p", "HTTP/1.0"]] {
        let mut doget = place.serve(options);
        assert_eq!((said(&doget, bare), said(&doget, nameless)), (200, 200));
        doget.next_line();
        doget.next_line();
        assert!(doget.next_line().starts_with("Lenient: "), "{options:?}");
    }
}

#[test]
fn more_entries_are_listed_if_that_is_said() {
    let place = Place::new();
    let listed = |limit: &str| {
        let doget = place.serve(&["--limit", limit]);
        doget.get("/?format=text").text().to_owned()
    };
    assert_eq!(listed("max_listed_entries=20000"), "dir/\na.txt\n");
    assert!(listed("max_listed_entries=1").contains("and more: these are the first 1 "));
}

#[test]
fn help_version_completions_and_man() {
    let place = Place::new();
    let text = |arguments: &[&str]| {
        let output = place.run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let help = text(&["--help"]);
    assert!(help.contains("Usage: doget [OPTIONS] [PORT]"));
    assert!(help.lines().count() <= 50);
    assert!(help.lines().all(|line| line.chars().count() <= 100));
    assert_eq!(text(&["-h"]), help);
    assert!(text(&["--version"]).starts_with("doget 0."));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(
            text(&["--completions", shell]).contains("no-listing"),
            "{shell}"
        );
    }
    assert!(text(&["--man"]).contains(".TH doget 1"));
}
