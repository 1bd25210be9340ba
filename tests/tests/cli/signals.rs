//! How it ends.

use super::Place;
use doget_tests::{Client, eventually};
#[cfg(unix)]
use rustix::process::Signal;
use std::fs;

#[test]
fn cli_13_ctrl_c_and_sigterm_end_it_with_status_0() {
    let place = Place::new();
    for (interrupts, words) in [
        (true, "\nKeyboard interrupt received, exiting.\n"),
        #[cfg(unix)]
        (false, ""),
    ] {
        let doget = place.serve(&[]);
        doget.get("/a.txt");
        if interrupts {
            doget.interrupt();
        } else {
            doget.terminate();
        }
        let (code, out, err) = doget.ended();
        assert_eq!(code, Some(0));
        assert!(out.ends_with(words), "{out:?}");
        assert_eq!(out.contains("interrupt"), interrupts);
        assert!(err.ends_with("\"GET /a.txt HTTP/1.1\" 200 6\n"), "{err}");
    }
}

/// Case A28: what is being sent is finished after one signal, and cut by a second.
#[test]
fn a28_a_second_signal_ends_it_at_once() {
    let place = Place::new();
    let large = fs::File::create(place.root().join("large")).unwrap();
    large.set_len(256 << 20).unwrap();
    let doget = place.serve(&[]);
    let mut client = Client::connect_narrow(doget.address());
    client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.read_some(10).unwrap(), b"HTTP/1.1 2");
    let address = doget.address();
    doget.terminate();
    eventually("no more connections", || {
        Client::try_connect(address).is_err()
    });
    let mut doget = doget;
    assert!(
        doget.child.try_wait().unwrap().is_none(),
        "it waits for the client"
    );
    doget.interrupt();
    let (code, _, err) = doget.ended();
    assert_eq!(code, Some(0));
    assert!(
        err.contains("doget: waiting up to 5 s ") && err.contains("a second Ctrl-C ends them"),
        "{err}"
    );
}

/// Half a head is waited for as long as the rest of one that is on its way may need, and not for the grace of 5 s.
#[test]
fn half_a_head_does_not_hold_up_the_end() {
    let place = Place::new();
    let doget = place.serve(&[]);
    let mut client = Client::connect(doget.address());
    client.send("GET /a.txt HTTP/1.1\r\nHo");
    doget.terminate();
    let since = std::time::Instant::now();
    let (code, _, _) = doget.ended();
    assert_eq!(code, Some(0));
    assert!(since.elapsed() < std::time::Duration::from_secs(4));
}

/// As `logrotate` and its like do it: the file is moved away, and the server told.
#[cfg(unix)]
#[test]
fn sighup_and_sigusr1_open_the_log_file_anew() {
    let place = Place::new();
    let (log, moved) = (place.beside("log"), place.beside("log.1"));
    let doget = place.serve(&["--log-file", &log]);
    let lines = |path: &str| fs::read_to_string(path).unwrap_or_default().lines().count();
    for (round, signal) in [Signal::HUP, Signal::USR1].into_iter().enumerate() {
        assert_eq!(doget.get("/a.txt").status, 200);
        eventually("the line is written", || lines(&log) == 1);
        fs::rename(&log, &moved).unwrap();
        doget.signal(signal);
        eventually("a new file", || fs::exists(&log).unwrap());
        assert_eq!((lines(&log), lines(&moved)), (0, 1), "{round}");
    }
    // Where no file can be, the server goes on with the old one.
    fs::remove_file(&log).unwrap();
    fs::create_dir(&log).unwrap();
    doget.signal(Signal::HUP);
    assert_eq!(doget.get("/a.txt").status, 200);
    doget.signal(Signal::TERM);
    let (code, _, err) = doget.ended();
    assert_eq!(code, Some(0));
    assert!(
        err.starts_with("doget: the log file cannot be opened anew"),
        "{err}"
    );
}

/// There is nothing to open anew, and nothing to end for.
#[cfg(unix)]
#[test]
fn without_a_log_file_sigusr1_is_nothing() {
    let place = Place::new();
    let doget = place.serve(&[]);
    doget.signal(Signal::USR1);
    assert_eq!(doget.get("/a.txt").status, 200);
}
