//! The directory itself: given by a link, replaced, turned to another one.

use crate::site::Site;
#[cfg(unix)]
use doget::FileHandler;
#[cfg(unix)]
use doget_tests::test_server::TestServer;
use std::fs;
#[cfg(unix)]
use std::os::unix::fs::symlink;
#[cfg(unix)]
use std::path::Path;

#[cfg(unix)]
fn serve(root: &Path) -> TestServer {
    TestServer::new(FileHandler::new(root).unwrap())
}

/// A link in the directory may name it as its owner does.
#[cfg(unix)]
#[test]
fn fil_08_a_link_by_another_name_of_the_directory_stays_inside() {
    let site = Site::usual();
    let out = site.outside();
    fs::write(out.join("secret.txt"), "outside").unwrap();
    symlink("root", out.join("www")).unwrap();
    symlink(out.join("www"), out.join("www2")).unwrap();
    let absolute = |name: &str| out.join(name);
    site.link(absolute("www/a.txt"), "alias");
    site.link(absolute("www2/dir/b.txt"), "second");
    site.link(absolute("www/dir"), "folder");
    // Inside over every hop: this one leaves for a moment.
    site.link(absolute("./www/./../www/a.txt"), "winding");
    site.link(absolute("www"), "itself");
    site.link(absolute("www/../secret.txt"), "out");
    site.link(absolute("www2/../www/../secret.txt"), "further-out");
    site.link(absolute("www/dir/../../secret.txt"), "round");
    site.link(absolute("secret.txt"), "beside");
    site.link(absolute("www/out"), "second-out");
    for root in ["www", "www2", "root"] {
        let server = serve(&out.join(root));
        for (path, text) in [
            ("/alias", "hello\n"),
            ("/second", "b"),
            ("/folder/b.txt", "b"),
            ("/itself/a.txt", "hello\n"),
        ] {
            assert_eq!(server.get(path).text(), text, "{root} {path}");
        }
        for path in [
            "/winding",
            "/out",
            "/further-out",
            "/round",
            "/beside",
            "/second-out",
        ] {
            assert_eq!(server.get(path).status, 404, "{root} {path}");
        }
    }
}

#[test]
fn fil_01_a_directory_that_was_removed_and_made_anew_is_served() {
    let site = Site::usual();
    let server = site.serve();
    assert_eq!(server.get("/a.txt").text(), "hello\n");
    fs::remove_dir_all(site.root()).unwrap();
    assert_eq!(server.get("/a.txt").status, 404);
    fs::create_dir(site.root()).unwrap();
    site.file("a.txt", "new");
    site.file("other.txt", "other");
    assert_eq!(server.get("/a.txt").text(), "new");
    assert_eq!(server.get("/other.txt").text(), "other");
    assert!(server.get("/").text().contains("other.txt"));
    let log = server.end().join("\n");
    let line = format!("{} is another directory now", site.root().display());
    // Without handles of directories there is nothing to change to.
    let told = usize::from(cfg!(unix));
    assert_eq!(log.matches(&line).count(), told, "{log}");
}

#[cfg(unix)]
#[test]
fn fil_01_a_release_link_that_is_turned_is_followed() {
    let site = Site::new();
    let out = site.outside().to_owned();
    for release in ["one", "two"] {
        fs::create_dir_all(out.join(release).join("dir")).unwrap();
        fs::write(out.join(release).join("a.txt"), release).unwrap();
        symlink("../secret.txt", out.join(release).join("out")).unwrap();
        symlink(out.join("current/a.txt"), out.join(release).join("alias")).unwrap();
    }
    fs::write(out.join("secret.txt"), "outside").unwrap();
    symlink("one", out.join("current")).unwrap();
    let server = serve(&out.join("current"));
    for release in ["one", "two", "one"] {
        symlink(release, out.join("new")).unwrap();
        fs::rename(out.join("new"), out.join("current")).unwrap();
        assert_eq!(server.get("/a.txt").text(), release);
        assert_eq!(server.get("/alias").text(), release);
        // Confined as before.
        assert_eq!(server.get("/out").status, 404);
    }
    // A link that leads nowhere, or to a file, is no directory to serve.
    for target in ["nothing", "secret.txt"] {
        symlink(target, out.join("new")).unwrap();
        fs::rename(out.join("new"), out.join("current")).unwrap();
        assert_eq!(server.get("/a.txt").text(), "one");
    }
    assert_eq!(
        server
            .end()
            .iter()
            .filter(|line| line.contains("another directory"))
            .count(),
        2
    );
}

/// Without handles of directories it is served by its name alone.
#[cfg(unix)]
#[test]
fn fil_01_a_directory_that_is_renamed_is_served_until_another_is_there() {
    let site = Site::usual();
    let server = site.serve();
    let away = site.outside().join("away");
    fs::rename(site.root(), &away).unwrap();
    assert_eq!(server.get("/a.txt").text(), "hello\n");
    fs::create_dir(site.root()).unwrap();
    assert_eq!(server.get("/a.txt").status, 404);
}
