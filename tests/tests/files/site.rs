//! A directory to serve, of one test's own.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test binary uses a part; a panic is how a test fails"
)]

use doget::FileHandler;
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When the files of a site were changed, unless a test says otherwise.
pub(crate) const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
/// The second before.
pub(crate) const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
/// The second after.
pub(crate) const AFTER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";

/// [`THEN`] as a time.
pub(crate) fn then() -> SystemTime {
    UNIX_EPOCH + Duration::new(784_111_777, 500_000_000)
}

/// A directory `root` and what lies beside it; gone at the end.
pub(crate) struct Site {
    path: PathBuf,
}

impl Site {
    /// An empty one.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("doget-files-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("root")).unwrap();
        Self { path }
    }

    /// With a few files.
    pub(crate) fn usual() -> Self {
        let site = Self::new();
        site.file("a.txt", "hello\n");
        site.file("dir/b.txt", "b");
        site.file("dir/sub/c.html", "<p>c");
        site.file("indexed/index.html", "<p>index");
        site.file("indexed/other.txt", "other");
        site.file("both/index.htm", "<p>second");
        site.file("both/index.html", "<p>first");
        fs::create_dir_all(site.root().join("odd/index.html")).unwrap();
        site.file("odd/index.htm", "<p>a file");
        site.file(".secret", "secret");
        site.file(".well-known/acme", "token");
        site.file("digits", "0123456789");
        site.file("empty", "");
        site
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path.join("root")
    }

    /// What lies beside the root.
    pub(crate) fn outside(&self) -> &Path {
        &self.path
    }

    /// Writes a file, and the directories on the way.
    pub(crate) fn file(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        changed(&path, then());
        path
    }

    /// Makes a symbolic link.
    #[cfg(unix)]
    pub(crate) fn link(&self, target: impl AsRef<Path>, path: impl AsRef<Path>) {
        std::os::unix::fs::symlink(target, self.root().join(path)).unwrap();
    }

    pub(crate) fn handler(&self) -> FileHandler {
        FileHandler::new(self.root()).unwrap()
    }

    /// Serves it as it is by default.
    pub(crate) fn serve(&self) -> TestServer {
        TestServer::new(self.handler())
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Sets when a file was changed.
pub(crate) fn changed(path: &Path, when: SystemTime) {
    let file = File::options().append(true).open(path).unwrap();
    file.set_modified(when).unwrap();
}

/// The answer to a GET with these header lines, each with its line end.
#[track_caller]
pub(crate) fn get(server: &TestServer, path: &str, lines: &str) -> Answer {
    server.one(format!("GET {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n"))
}

/// The same with HEAD.
#[track_caller]
pub(crate) fn head(server: &TestServer, path: &str, lines: &str) -> Answer {
    server.one(format!("HEAD {path} HTTP/1.1\r\nHost: a\r\n{lines}\r\n"))
}

/// The links of a listing, in order: it has none but those to its entries.
pub(crate) fn links(page: &str) -> Vec<&str> {
    let links = page.split("<a href=\"").skip(1);
    links.filter_map(|rest| rest.split('"').next()).collect()
}
