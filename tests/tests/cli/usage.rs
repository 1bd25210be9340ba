//! Options, faults, and help.

use super::{Place, fails};
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
        fails(&place.run(arguments), 2, says);
    }
}

#[test]
fn cli_14_what_cannot_be_done_is_one_line_and_status_1() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let missing = place.beside("missing");
    let in_use = format!("port {port} is in use already");
    fails(&place.run(&[&port]), 1, &in_use);
    let in_use = format!("port {port} of 127.0.0.1 is in use already");
    fails(&place.run(&[&port, "-b", "127.0.0.1"]), 1, &in_use);
    let gone = format!("cannot serve {missing}: No such file or directory");
    fails(&place.run(&["0", "-d", &missing]), 1, &gone);
    fails(
        &place.run(&["0", "-d", "a.txt"]),
        1,
        "cannot serve a.txt: Not a directory",
    );
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
    let unwritable = format!("cannot write to {file}: No such file or directory");
    fails(&place.run(&["0", "--log-file", &file]), 1, &unwritable);
    fails(
        &place.run(&["--unix", "a.txt"]),
        1,
        "cannot listen on a.txt: ",
    );
}

#[test]
fn limits_are_set_and_shown() {
    let place = Place::new();
    let output = place.run(&[
        "--print-limits",
        "--max-threads",
        "7",
        "--max-connections",
        "9",
    ]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains(" max_threads: 7,") && text.contains(" max_connections: 9,"),
        "{text}"
    );
    assert!(!text.contains("CgiLimits"));
    let output = place.run(&["--print-limits", "--cgi"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("CgiLimits") && text.contains("max_scripts: 8,"));
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
