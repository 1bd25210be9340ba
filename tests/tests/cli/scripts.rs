//! CGI.

use super::{Doget, Place, fails};
use doget_tests::{Client, eventually};
use rustix::process::{Pid, Signal};
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn cgi_25_scripts_run_where_that_is_asked_for() {
    let place = Place::new();
    let shell = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; id -u; echo loud >&2\n";
    place.program("cgi-bin/shell", shell);
    place.program("tools/shell", shell);
    place.program(
        "cgi-bin/python.py",
        "print('Content-Type: text/plain\\n\\npython')\n",
    );
    place.file(
        "dir/program.c",
        "#include <stdio.h>\nint main(void) { puts(\"Content-Type: text/plain\\n\\nC\"); return 0; }\n",
    );
    let compiled = Command::new("cc")
        .arg("-o")
        .arg(place.root().join("cgi-bin/c"))
        .arg(place.root().join("dir/program.c"))
        .status();
    assert!(compiled.expect("cc").success());

    // Off unless asked for: the files are files.
    let doget = place.serve(&[]);
    assert!(doget.get("/cgi-bin/shell").text().starts_with("#!/bin/sh"));
    drop(doget);

    let is_root = rustix::process::geteuid().is_root();
    let own = rustix::process::geteuid().as_raw().to_string();
    let mut doget = place.serve(&["--cgi"]);
    doget.next_line();
    doget.next_line();
    let words = doget.next_line();
    let user = if is_root { ", as nobody" } else { "" };
    assert_eq!(
        words,
        format!(
            "CGI: everyone who reaches this server runs the programs in /cgi-bin and /htbin{user}."
        )
    );
    let id = doget.get("/cgi-bin/shell").text().trim().to_owned();
    assert_eq!(id != own, is_root);
    assert_ne!(id, "0");
    assert_eq!(doget.get("/cgi-bin/python.py").text(), "python\n");
    assert_eq!(doget.get("/cgi-bin/c").text(), "C\n");
    assert!(doget.get("/tools/shell").text().starts_with("#!/bin/sh"));
    assert_eq!(doget.get("/a.txt").text(), "hello\n");
    let log = doget.log();
    assert!(log.contains("] CGI script /cgi-bin/shell: loud\n"), "{log}");

    let doget = place.serve(&[
        "--cgi-dir",
        "/tools",
        "--cgi-as-root",
        "--log-format",
        "json",
    ]);
    assert_eq!(doget.get("/tools/shell").text().trim(), own);
    assert!(doget.get("/cgi-bin/shell").text().starts_with("#!/bin/sh"));
    let log = doget.log();
    assert!(
        log.contains("\"message\":\"CGI script /tools/shell: loud\""),
        "{log}"
    );

    fails(&place.run(&["--cgi-dir", "/"]), 2, "as in /cgi-bin");
}

#[test]
fn cgi_25_scripts_have_variables_and_time_that_are_said() {
    let place = Place::new();
    place.program(
        "cgi-bin/env",
        "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'; echo \"<$A><$B><$SERVER_NAME>\"\n",
    );
    place.program(
        "cgi-bin/slow",
        "#!/bin/sh\nsleep 1\nprintf 'Content-Type: text/plain\\n\\n'\n",
    );
    let options = [
        "0",
        "-b",
        "127.0.0.1",
        "--allow-host",
        "test",
        "--cgi",
        "--cgi-env",
        "A=b c=d",
    ];
    let options = [
        &options[..],
        &["--cgi-env", "B", "--cgi-env", "SERVER_NAME=x"],
    ]
    .concat();
    let mut command = place.command(&options);
    command.env("B", "inherited").env("C", "not passed");
    let doget = Doget::start(command);
    assert_eq!(
        doget.get("/cgi-bin/env").text(),
        "<b c=d><inherited><test>\n"
    );
    assert_eq!(doget.get("/cgi-bin/slow").status, 200);
    let doget = place.serve(&["--cgi", "--limit", "cgi.header_timeout=0.1"]);
    assert_eq!(doget.get("/cgi-bin/slow").status, 504);
}

#[test]
fn a38_signals_end_the_command_and_its_scripts() {
    let place = Place::new();
    let notes = place.beside("notes");
    fs::create_dir(&notes).unwrap();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(&notes, open).unwrap();
    place.program(
        "cgi-bin/deaf",
        &format!("#!/bin/sh\ntrap '' TERM INT\necho $$ >{notes}/$QUERY_STRING\nwhile :; do sleep 1000; done\n"),
    );
    for (name, signal) in [("interrupted", Signal::INT), ("ended", Signal::TERM)] {
        let doget = place.serve(&["--cgi"]);
        let mut client = Client::connect(doget.address());
        client.send(format!(
            "GET /cgi-bin/deaf?{name} HTTP/1.1\r\nHost: a\r\n\r\n"
        ));
        let pid = || -> Option<i32> {
            let text = fs::read_to_string(Path::new(&notes).join(name)).ok()?;
            text.trim().parse().ok()
        };
        eventually("the script runs", || pid().is_some());
        let pid = Pid::from_raw(pid().unwrap()).unwrap();
        doget.signal(signal);
        // Two that come at once may be one.
        eventually("it takes no others", || {
            std::net::TcpStream::connect(doget.address()).is_err()
        });
        doget.signal(signal);
        assert_eq!(doget.ended().0, Some(0), "{name}");
        eventually("the script is gone", || {
            rustix::process::test_kill_process_group(pid).is_err()
        });
    }
}
