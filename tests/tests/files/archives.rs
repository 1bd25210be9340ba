//! Directories as tar archives: what is in them, read back by GNU tar and by Python (on Windows by a reader of the
//! tests' own), and their bounds.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod site;
#[cfg(windows)]
mod unpack;

use doget::{ArchiveLimits, Deadline, FileHandler, ResponseHead, Symlinks, handler, testing};
use doget_tests::test_server::TestServer;
use doget_tests::{eventually, is_below_wine};
use site::{Site, get, head};
use std::fs::{self, File};
#[cfg(unix)]
use std::io::Write;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::{Command, Stdio};
use std::time::Duration;

fn files(site: &Site) -> FileHandler {
    site.handler().archives(ArchiveLimits::new())
}

fn serve(site: &Site) -> TestServer {
    TestServer::new(files(site))
}

/// Unpacks an archive into a new directory beside the root.
#[cfg(windows)]
fn unpacked(site: &Site, archive: &[u8]) -> PathBuf {
    let into = site.outside().join("unpacked");
    let _ = fs::remove_dir_all(&into);
    fs::create_dir(&into).unwrap();
    unpack::unpack(archive, &into);
    into
}

/// Unpacks an archive with GNU tar, which must not complain, into a new directory beside the root.
#[cfg(unix)]
fn unpacked(site: &Site, archive: &[u8]) -> PathBuf {
    let into = site.outside().join("unpacked");
    let _ = fs::remove_dir_all(&into);
    fs::create_dir(&into).unwrap();
    let mut tar = Command::new("tar")
        .args(["-x", "-C"])
        .arg(&into)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    tar.stdin.take().unwrap().write_all(archive).unwrap();
    let output = tar.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    // It does not know how to say that a name is no text, and takes it as it is; and it wonders at old times.
    let is_known = |line: &&str| line.contains("'hdrcharset'") || line.contains("implausibly old");
    let complaints = said.lines().filter(|line| !is_known(line));
    assert_eq!(complaints.collect::<Vec<_>>(), [""; 0]);
    assert!(output.status.success());
    into
}

/// Python reads archives on Unix.
#[cfg(windows)]
fn by_python(_: &[u8]) -> Option<String> {
    None
}

/// The names that Python finds, escaped, with sizes.
#[cfg(unix)]
fn by_python(archive: &[u8]) -> Option<String> {
    let script = "
import sys, tarfile, os
with tarfile.open(fileobj=sys.stdin.buffer, mode='r|') as archive:
    for member in archive:
        name = ascii(os.fsencode(member.name))[2:-1]
        kind = 'd' if member.isdir() else 'f' if member.isfile() else '?'
        size = len(archive.extractfile(member).read()) if member.isfile() else 0
        print(kind, name, size, int(member.mtime), oct(member.mode), member.uid, repr(member.uname))
";
    let mut python = match Command::new("python3")
        .args(["-I", "-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
    {
        Ok(python) => python,
        Err(_) => {
            eprintln!("left out: there is no Python here");
            return None;
        }
    };
    python.stdin.take().unwrap().write_all(archive).unwrap();
    let output = python.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

/// All files below a directory, with their content.
fn contents(root: &Path) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().as_encoded_bytes().to_vec();
        assert!(!entry.file_type().unwrap().is_symlink());
        if entry.file_type().unwrap().is_dir() {
            let below = contents(&entry.path()).into_iter();
            found
                .extend(below.map(|(path, content)| ([&name, &b"/"[..], &path].concat(), content)));
            found.push(([&name, &b"/"[..]].concat(), Vec::new()));
        } else {
            found.push((name, fs::read(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

fn named(root: &Path) -> Vec<String> {
    let text = |(name, _): (Vec<u8>, _)| String::from_utf8(name).unwrap();
    contents(root).into_iter().map(text).collect()
}

#[test]
fn an_archive_holds_what_listings_show() {
    let site = Site::usual();
    #[cfg(unix)]
    for (target, link) in [
        ("../a.txt", "link"),
        ("sub", "directory-link"),
        ("../../outside", "out"),
        (".", "loop"),
    ] {
        site.link(target, Path::new("dir").join(link));
    }
    fs::write(site.outside().join("outside"), "outside").unwrap();
    let server = serve(&site);
    let answer = get(&server, "/?archive=tar", "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Content-Type"), Some("application/x-tar"));
    assert_eq!(
        answer.header("Content-Disposition"),
        Some("attachment; filename=\"files.tar\"")
    );
    let into = unpacked(&site, &answer.body);
    assert_eq!(
        named(&into),
        [
            "files/",
            "files/.well-known/",
            "files/.well-known/acme",
            "files/a.txt",
            // Of those with an index page that page alone, as a client finds it.
            "files/both/",
            "files/both/index.htm",
            "files/both/index.html",
            "files/digits",
            "files/dir/",
            "files/dir/b.txt",
            // To make links takes a privilege on Windows.
            #[cfg(unix)]
            "files/dir/link",
            "files/dir/sub/",
            "files/dir/sub/c.html",
            "files/empty",
            "files/indexed/",
            "files/indexed/index.html",
            "files/odd/",
            "files/odd/index.htm",
        ]
    );
    assert!(cfg!(windows) || fs::read(into.join("files/dir/link")).unwrap() == b"hello\n");
    assert_eq!(fs::read(into.join("files/digits")).unwrap(), b"0123456789");
    // One directory of them; without links where none are followed.
    let server = TestServer::new(files(&site).symlinks(Symlinks::None));
    let answer = get(&server, "/dir/?archive=tar", "");
    assert_eq!(
        answer.header("Content-Disposition"),
        Some("attachment; filename=\"dir.tar\"")
    );
    let into = unpacked(&site, &answer.body);
    assert_eq!(
        named(&into),
        ["dir/", "dir/b.txt", "dir/sub/", "dir/sub/c.html"]
    );
    if let Some(said) = by_python(&answer.body) {
        let mut lines: Vec<_> = said.lines().collect();
        // The directory was made now.
        lines.retain(|line| !line.starts_with("d "));
        assert_eq!(
            lines,
            [
                "f dir/b.txt 1 784111777 0o644 0 ''",
                "f dir/sub/c.html 4 784111777 0o644 0 ''"
            ]
        );
    }
}

#[test]
fn where_there_is_no_archive() {
    let site = Site::usual();
    let server = serve(&site);
    // A file, an index page, a directory without its slash, what is hidden, and what is no directory.
    assert_eq!(get(&server, "/a.txt?archive=tar", "").text(), "hello\n");
    assert_eq!(get(&server, "/indexed/?archive=tar", "").text(), "<p>index");
    let moved = get(&server, "/dir?archive=tar", "");
    assert_eq!(
        (moved.status, moved.header("Location")),
        (301, Some("/dir/?archive=tar"))
    );
    for path in [
        "/.hidden/?archive=tar",
        "/new/?archive=tar",
        "/../?archive=tar",
    ] {
        assert_eq!(get(&server, path, "").status, 404, "{path}");
    }
    let kind = |server: &TestServer, query: &str| {
        let answer = get(server, &format!("/dir/?{query}"), "");
        answer.header("Content-Type").unwrap().to_owned()
    };
    assert_eq!(kind(&server, "archive=zip"), "text/html; charset=utf-8");
    // Off unless asked for, and where nothing is listed.
    assert_eq!(
        kind(&site.serve(), "archive=tar"),
        "text/html; charset=utf-8"
    );
    assert!(
        server
            .get("/dir/")
            .text()
            .contains("name=\"archive\" value=\"tar\"")
    );
    assert!(!site.serve().get("/dir/").text().contains("archive"));
    let server = TestServer::new(files(&site).listing(false));
    assert_eq!(get(&server, "/dir/?archive=tar", "").status, 404);
}

#[test]
fn head_and_ranges() {
    let site = Site::usual();
    let server = serve(&site);
    let answer = head(&server, "/dir/?archive=tar", "");
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert_eq!(answer.header("Content-Type"), Some("application/x-tar"));
    let answer = get(&server, "/dir/?archive=tar", "Range: bytes=0-9\r\n");
    assert_eq!(
        (answer.status, answer.header("Accept-Ranges")),
        (200, Some("none"))
    );
    assert!(answer.body.len() > 10);
}

#[test]
fn long_names_odd_names_and_old_files_come_back_as_they_were() {
    let site = Site::new();
    for name in ["\u{e4}\u{65e5}\u{672c}", "-rf", " first", "100% = 'quoted'"] {
        site.file(name, "odd");
    }
    odd_on_unix(&site);
    // Wine tells no path with more than 260 characters.
    let (sizes, depth) = match is_below_wine() {
        true => (&[99, 100][..], 15),
        false => (&[99, 100, 101, 155, 156, 200, 255][..], 30),
    };
    for size in sizes {
        site.file("n".repeat(*size), "long");
        site.file(
            Path::new(&"d".repeat(*size)).join("f".repeat(*size)),
            "deep",
        );
    }
    let mut deep = PathBuf::new();
    for _ in 0..depth {
        deep.push("directory");
    }
    site.file(deep.join("file"), "far down");
    let old = File::options()
        .append(true)
        .open(site.root().join("-rf"))
        .unwrap();
    old.set_modified(std::time::UNIX_EPOCH - std::time::Duration::from_secs(5))
        .unwrap();
    let server = serve(&site);
    let answer = get(&server, "/?archive=tar", "");
    let into = unpacked(&site, &answer.body);
    assert_eq!(contents(&into.join("files")), contents(&site.root()));
    if let Some(said) = by_python(&answer.body) {
        assert_eq!(said.lines().count(), contents(&site.root()).len());
        assert!(said.contains("files/bad\\xff.txt 3 "), "{said}");
        assert!(said.contains("files/-rf 3 -5 "), "{said}");
    }
}

/// Names that Windows does not have.
fn odd_on_unix(_site: &Site) {
    #[cfg(unix)]
    for name in [
        &b"new\nline"[..],
        b"bad\xff.txt",
        b" ",
        b"back\\slash",
        b"\"quoted\"",
        b"100% = *?",
        &[&[0xff; 200][..], b"/x"].concat(),
    ] {
        use std::os::unix::ffi::OsStrExt;
        _site.file(std::ffi::OsStr::from_bytes(name), "odd");
    }
}

#[test]
fn archives_have_bounds() {
    let site = Site::usual();
    for (limits, says) in [
        (ArchiveLimits::new().max_entries(3), "too many files"),
        (ArchiveLimits::new().max_size(7), "too large together"),
        (ArchiveLimits::new().max_depth(2), "too many directories"),
    ] {
        let server = TestServer::new(site.handler().archives(limits));
        for answer in [
            get(&server, "/?archive=tar", ""),
            head(&server, "/?archive=tar", ""),
        ] {
            assert_eq!(answer.status, 413, "{says}");
            assert!(
                answer.body.is_empty() || answer.text().contains(says),
                "{}",
                answer.text()
            );
        }
    }
    let exact = ArchiveLimits::new().max_entries(3).max_size(5).max_depth(2);
    let server = TestServer::new(site.handler().archives(exact));
    assert_eq!(get(&server, "/dir/?archive=tar", "").status, 200);
}

/// Eight gigabytes without a block on the disk, of which nobody reads all.
fn sparse(site: &Site, name: &str, size: u64) {
    File::create(site.root().join(name))
        .unwrap()
        .set_len(size)
        .unwrap();
}

#[test]
fn two_at_once_and_a_third_is_told_to_come_again() {
    let site = Site::new();
    sparse(&site, "large", 9 << 30);
    let server = serve(&site);
    let ask = "GET /?archive=tar HTTP/1.1\r\nHost: a\r\n\r\n";
    let readers: Vec<_> = (0..2)
        .map(|_| {
            let mut reader = server.connect();
            reader.send(ask);
            let head = String::from_utf8(reader.until(b"\r\n\r\n")).unwrap();
            assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
            // More than eight gigabytes have no room in the old field.
            reader.until(b" size=9663676416\n");
            reader
        })
        .collect();
    let answer = get(&server, "/?archive=tar", "");
    assert_eq!(
        (answer.status, answer.header("Retry-After").is_some()),
        (503, true)
    );
    // Those that it sends to do not keep it from anything else.
    assert_eq!(get(&server, "/", "").status, 200);
    drop(readers);
    eventually("a turn", || {
        head(&server, "/?archive=tar", "").status == 200
    });
}

#[test]
fn a_file_that_grows_is_cut_and_one_that_shrinks_ends_the_archive() {
    const SIZE: u64 = 64 << 20;
    for (size, is_whole) in [(2 * SIZE, true), (SIZE / 2, false)] {
        let site = Site::new();
        sparse(&site, "large", SIZE);
        site.file("later", "later");
        let server = serve(&site);
        let mut reader = server.connect();
        reader.send("GET /?archive=tar HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        // The header of the file is out, and most of the file is not.
        reader.until(b"ustar");
        let file = File::options()
            .write(true)
            .open(site.root().join("large"))
            .unwrap();
        file.set_len(size).unwrap();
        let rest = reader.rest();
        assert_eq!(rest.ends_with(b"0\r\n\r\n"), is_whole);
        assert_eq!(
            rest.windows(11).any(|text| text == b"files/later"),
            is_whole
        );
        if is_whole {
            assert!((rest.len() as u64) < SIZE + (1 << 20));
        }
    }
}

/// What its owner has closed is left out, and the log says so.
#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_left_out_and_said() {
    use std::os::unix::fs::PermissionsExt;
    if rustix::process::geteuid().is_root() {
        eprintln!("left out: root reads everything");
        return;
    }
    let site = Site::usual();
    for name in ["digits", "dir/sub"] {
        fs::set_permissions(site.root().join(name), fs::Permissions::from_mode(0o000)).unwrap();
    }
    let server = serve(&site);
    let answer = get(&server, "/?archive=tar", "");
    let names = by_python(&answer.body).unwrap();
    assert!(!names.contains("digits") && names.contains("a.txt"));
    fs::set_permissions(
        site.root().join("dir/sub"),
        fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    assert!(
        server
            .log()
            .iter()
            .any(|line| line.contains("1 files and 1 directories could not be read"))
    );
}

/// So is what another program shares with nobody.
#[cfg(windows)]
#[test]
fn what_another_program_has_for_itself_is_left_out_and_said() {
    use std::os::windows::fs::OpenOptionsExt;
    let site = Site::usual();
    let _own = File::options()
        .read(true)
        .share_mode(0)
        .open(site.root().join("digits"))
        .unwrap();
    let server = serve(&site);
    let answer = get(&server, "/?archive=tar", "");
    let names = named(&unpacked(&site, &answer.body));
    let has = |name: &str| names.iter().any(|found| found == name);
    assert!(!has("files/digits") && has("files/a.txt"), "{names:?}");
    let log = server.log();
    let says = "1 files and 0 directories could not be read";
    assert!(log.iter().any(|line| line.contains(says)), "{log:?}");
}

/// Files whose answers take longer than they may.
struct Late {
    files: FileHandler,
    brief: Deadline,
    clock: testing::Clock,
}

#[handler(base(self.files: FileHandler), layers(self.brief))]
impl Late {
    fn end_headers<'c>(&self, headers: ResponseHead<'c>) -> ResponseHead<'c> {
        self.clock.advance(Duration::from_secs(7200));
        headers
    }
}

/// As any other answer of which nothing has left.
#[test]
fn an_archive_that_comes_too_late_is_503() {
    let site = Site::new();
    sparse(&site, "large", 1 << 20);
    let late = Late {
        files: files(&site),
        brief: Deadline::after(Duration::from_secs(3600)),
        clock: testing::Clock::new(),
    };
    let exchange = testing::Exchange::new().clock(&late.clock);
    let answer = exchange.run(&late, b"GET /?archive=tar HTTP/1.1\r\nHost: a\r\n\r\n");
    let head = String::from_utf8_lossy(&answer.bytes);
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
}
