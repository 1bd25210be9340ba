//! Programs that read listings, ours and Python's.

use crate::python::ask;
use crate::site::{Site, links};
use crate::{Python, has};
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn python_lists_the_same_names_in_the_same_order() {
    if !has("python3") {
        return;
    }
    let site = Site::new();
    for name in [
        "b", "A", "c&d", "e f", "g'h", "i:j", "\u{e4}", "<x>", "%41", "#", "?",
    ] {
        site.file(Path::new("listed").join(name), "");
    }
    site.link("A", "listed/link");
    let (python, server) = (Python::serve(&site.root()), site.serve());
    let theirs = ask(python.address, "GET", "/listed/", "").unwrap();
    let theirs: Vec<_> = theirs
        .text()
        .split("<li><a href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let ours = server.get("/listed/");
    assert_eq!(links(ours.text()), theirs);
}

/// Prints the target and the text of each link on the two pages of these URLs, as a program that reads listings sees
/// them.
const LINKS: &str = "
import html.parser, sys, urllib.request

class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.found, self.inside = [], False
    def handle_starttag(self, tag, attributes):
        if tag == 'a':
            self.found.append([dict(attributes)['href'], ''])
            self.inside = True
    def handle_endtag(self, tag):
        if tag == 'a':
            self.inside = False
    def handle_data(self, text):
        if self.inside:
            self.found[-1][1] += text

for url in sys.argv[1:]:
    links = Links()
    links.feed(urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url).read().decode())
    print(ascii(links.found))
";

#[test]
fn dir_07_a_program_reads_the_listing_as_it_reads_pythons() {
    if !has("python3") {
        return;
    }
    let site = Site::new();
    for name in [
        "b",
        "A",
        "c&d",
        "e f",
        "i:j",
        "\u{e4}",
        "<x>",
        "%41",
        "\u{5d0}\u{5d1}.txt",
    ] {
        site.file(Path::new("listed").join(name), "");
    }
    site.file("listed/sub/deep/x", "");
    let (python, server) = (Python::serve(&site.root()), site.serve());
    for path in ["/listed/", "/listed/sub/", "/listed/sub/deep/", "/"] {
        let output = Command::new("python3")
            .args(["-c", LINKS])
            .arg(format!("http://{}{path}", python.address))
            .arg(format!("{}{path}", server.url()))
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lists: Vec<&str> = text.lines().collect();
        let (ours, theirs) = (lists.pop().unwrap(), lists.pop().unwrap());
        let sorted = |list: &str| {
            // Python puts directories among the files.
            let mut links: Vec<_> = list
                .split("], [")
                .map(|link| link.trim_matches(['[', ']']).to_owned())
                .collect();
            links.sort();
            links
        };
        assert_eq!(sorted(ours), sorted(theirs), "{path} {output:?}");
    }
}

/// One page for each directory, whatever else a person can click.
#[test]
fn dir_08_wget_fetches_the_same_files_as_from_python() {
    if !has("wget") || !has("python3") {
        return;
    }
    let site = Site::new();
    for name in [
        "a.txt",
        "b c.txt",
        "sub/d.txt",
        "sub/deep/e.txt",
        "empty/f",
        "i:j",
    ] {
        site.file(Path::new("tree").join(name), name);
    }
    let (python, server) = (Python::serve(&site.root()), site.serve());
    // Python's server closes each connection, and wget finds that out too late now and then.
    let fetched = |origin: &str, into: &str, tries: &str| {
        let into = site.outside().join(into);
        fs::create_dir(&into).unwrap();
        let done = Command::new("wget")
            .args([
                "--no-verbose",
                "--recursive",
                "--level=inf",
                "--no-host-directories",
                "--no-proxy",
            ])
            .args(["--tries", tries, "--timeout=60"])
            .arg(format!("{origin}/tree/"))
            .current_dir(&into)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}: {said}", done.status);
        let mut found = Vec::new();
        let mut left = vec![into.clone()];
        while let Some(directory) = left.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    left.push(path);
                } else {
                    found.push(path.strip_prefix(&into).unwrap().to_owned());
                }
            }
        }
        found.sort();
        found
    };
    let theirs = fetched(&format!("http://{}", python.address), "theirs", "9");
    assert_eq!(theirs.len(), 10, "{theirs:?}");
    assert_eq!(fetched(&server.url(), "ours", "1"), theirs);
}
