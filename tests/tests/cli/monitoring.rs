//! What monitors and balancers ask the command, and the path that it stands below.

use super::{Place, fails};
use doget_tests::{Client, eventually};
use std::net::{SocketAddr, TcpListener};

fn status(address: SocketAddr, host: &str, path: &str) -> u16 {
    let mut client = Client::connect(address);
    client.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    client.answer().status
}

#[test]
fn probes_are_answered_before_hosts_are_looked_at_and_not_logged() {
    let place = Place::new();
    // SIGTERM, for which it stays, is of Unix.
    let leaves = cfg!(unix);
    let options = ["--health", "/livez,/readyz", "--drain-delay", "1000"];
    let doget = place.serve_by_address(&options[..if leaves { 4 } else { 2 }]);
    let address = doget.address();
    // A balancer names the server by its address, which is no name that the command answers to.
    assert_eq!(status(address, "10.0.0.7", "/a.txt"), 421);
    assert_eq!(status(address, "10.0.0.7", "/livez"), 200);
    assert_eq!(status(address, "10.0.0.7", "/readyz"), 200);
    if leaves {
        doget.terminate();
        eventually("leaving", || status(address, "10.0.0.7", "/readyz") == 503);
        assert_eq!(status(address, "10.0.0.7", "/livez"), 200);
        assert_eq!(status(address, "localhost", "/a.txt"), 200);
    }
    doget.terminate();
    let (code, _, log) = doget.ended();
    assert_eq!(code, Some(0));
    assert!(!log.contains("livez") && !log.contains("readyz"), "{log}");
    // Without the option they are paths as others.
    let doget = place.serve(&[]);
    assert_eq!(doget.get("/livez").status, 404);
    for wrong in ["/livez", "livez,readyz", "/a,/b?c"] {
        fails(&place.run(&["--health", wrong]), 2, "two paths");
    }
}

#[test]
fn figures_are_served_on_an_address_of_their_own() {
    let place = Place::new();
    // A port that is free now; whoever takes it before the command does makes it say so and end.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let page = free.local_addr().unwrap();
    drop(free);
    let doget = place.serve(&["--metrics", &format!(":{}", page.port())]);
    doget.get("/a.txt");
    doget.get("/nothing");
    assert_eq!(doget.get("/metrics").status, 404);
    eventually("figures", || {
        let Ok(mut client) = Client::try_connect(page) else {
            return false;
        };
        let text = client.get("/metrics").text().to_owned();
        let line = |code: &str, count: u8| {
            text.lines().any(|line| {
                line.starts_with("http_requests_total{method=\"GET\"")
                    && line.ends_with(&format!("code=\"{code}\"}} {count}"))
            })
        };
        line("2xx", 1) && line("4xx", 2)
    });
    fails(&place.run(&["--metrics", "nonsense"]), 2, "127.0.0.1:9100");
}

#[test]
fn everything_stands_below_a_base() {
    let place = Place::new();
    let mut doget = place.serve(&["--base", "/docs/v1/"]);
    doget.next_line();
    let open = doget.next_line();
    assert!(open.ends_with("/docs/v1/"), "{open}");
    assert_eq!(doget.get("/docs/v1/a.txt").text(), "hello\n");
    assert_eq!(doget.get("/a.txt").status, 404);
    assert_eq!(doget.get("/").status, 404);
    for (path, location) in [("/docs/v1", "/docs/v1/"), ("/docs/v1/dir", "/docs/v1/dir/")] {
        let answer = doget.get(path);
        assert_eq!(
            (answer.status, answer.header("Location")),
            (301, Some(location))
        );
    }
    assert!(doget.get("/docs/v1/").text().contains("a.txt"));
    for wrong in ["docs", "/", "/a//b", "/a/../b", "/a%20b", "/a?b"] {
        fails(&place.run(&["--base", wrong]), 2, "write a path");
    }
    #[cfg(unix)]
    fails(
        &place.run(&["--base", "/a", "--cgi"]),
        2,
        "cannot be used with",
    );
}

#[test]
fn the_address_is_shown_as_a_code_for_a_phone() {
    let place = Place::new();
    let mut doget = place.serve(&["--qr"]);
    // The directory, the address, and the margin of the code.
    for _ in 0..3 {
        doget.next_line();
    }
    assert!(doget.next_line().contains('\u{2588}'));
}
