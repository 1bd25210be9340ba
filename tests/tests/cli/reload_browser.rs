//! `--reload` in Chromium: it loads pages again, takes new style sheets, and comes back after a restart.
//!
//! Where there is no Chromium the test says that it did not run; with `CI=true` that is a failure.

use super::{Doget, Place};
use doget_tests::browser::Browser;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Generous: what happens decides, not how fast.
const PATIENCE: Duration = Duration::from_secs(120);

/// A page that tells in the server's log what it shows. Once it goes away and comes back.
fn page(text: &str, goes_away: bool) -> String {
    format!(
        r#"<!DOCTYPE html>
<title>page</title>
<link rel="stylesheet" href="app.css">
<p id="text">{text}</p>
<script>
const tell = what => fetch("a.txt?told=" + what);
const color = () => getComputedStyle(document.getElementById("text")).color.replace(/[^0-9]+/g, ".");
addEventListener("load", () => {{
    tell("{text}" + color());
    let last = color();
    setInterval(() => {{
        if (color() !== last) {{
            last = color();
            tell("color" + last);
        }}
    }}, 20);
    if ({goes_away} && !sessionStorage.getItem("away")) {{
        sessionStorage.setItem("away", "yes");
        setTimeout(() => location.href = "away.html", 0);
    }}
}});
addEventListener("pageshow", event => event.persisted && tell("restored"));
</script>
"#
    )
}

/// What pages have told, in order.
struct Told {
    sender: Sender<String>,
    lines: Receiver<String>,
}

impl Told {
    fn listen(&self, doget: &mut Doget) {
        let log = BufReader::new(doget.child.stderr.take().unwrap());
        let sender = self.sender.clone();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("told=") {
                    let _ = sender.send(rest.split(' ').next().unwrap().to_owned());
                }
            }
        });
    }

    #[track_caller]
    fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).expect("the page tells")
    }
}

#[test]
fn chromium_loads_pages_again() {
    let place = Place::new();
    let red = "p { color: rgb(255, 0, 0) }";
    let green = "p { color: rgb(0, 255, 0) }";
    place.file("app.css", red);
    place.file("index.html", &page("one", false));
    place.file(
        "away.html",
        "<script>onload = () => setTimeout(() => history.back(), 0)</script>",
    );
    let mut doget = place.serve_by_address(&["--reload"]);
    let (sender, lines) = channel();
    let told = Told { sender, lines };
    told.listen(&mut doget);
    let address = doget.address();
    let profile = place.beside("profile");
    let Some(browser) = Browser::open(&format!("http://{address}/"), Path::new(&profile)) else {
        let demanded = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!demanded, "there is no Chromium, and CI demands it");
        eprintln!("left out: no Chromium here (Debian: apt-get install chromium)");
        return;
    };
    assert_eq!(told.next(), "one.255.0.0.");
    place.file("index.html", &page("two", false));
    assert_eq!(told.next(), "two.255.0.0.");
    // A style sheet alone: the page stays.
    place.file("app.css", green);
    assert_eq!(told.next(), "color.0.255.0.");

    // Files that stay the same over a restart are no reason to load; those that change are.
    drop(doget);
    let port = address.port().to_string();
    let command = place.command(&[&port, "-b", "127.0.0.1", "--reload"]);
    let mut doget = Doget::start(command);
    told.listen(&mut doget);
    place.file("index.html", &page("three", true));
    assert_eq!(told.next(), "three.0.255.0.");
    // It went away and back: kept by the browser, it stays as it is; else it was loaded.
    match &*told.next() {
        "restored" => {}
        "three.0.255.0." => eprintln!("the browser kept no page to go back to"),
        other => panic!("{other}"),
    }
    place.file("index.html", &page("four", false));
    assert_eq!(told.next(), "four.0.255.0.");

    // While a page is gone its last version stays, and it comes back by itself.
    std::fs::remove_file(place.root().join("index.html")).unwrap();
    place.file("dir/b.foo", "b and more");
    place.file("index.html", &page("five", false));
    assert_eq!(told.next(), "five.0.255.0.");
    drop(browser);
}
