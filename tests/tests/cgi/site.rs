//! A directory with scripts, of one test's own.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test binary uses a part; a panic is how a test fails"
)]

use super::files_site::Site;
use doget::{CgiHandler, CgiLimits};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// What tests wait for at most, where nothing is about time.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Prints the environment.
pub(crate) const ENV: &str = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nexec env\n";

/// Sends back what it reads.
pub(crate) const CAT: &str = "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\nexec cat\n";

/// A site, and scripts in it.
pub(crate) struct Scripts {
    pub(crate) site: Site,
}

impl Scripts {
    pub(crate) fn new() -> Self {
        let scripts = Self { site: Site::new() };
        // Scripts of root run as somebody else.
        open_to_all(scripts.site.outside(), 0o755);
        open_to_all(&scripts.site.root(), 0o755);
        fs::create_dir(scripts.notes()).unwrap();
        open_to_all(&scripts.notes(), 0o777);
        scripts
    }

    /// With scripts that most tests use: `env`, and `cat`.
    pub(crate) fn usual() -> Self {
        let scripts = Self::new();
        scripts.add("cgi-bin/env", ENV);
        scripts.add("cgi-bin/cat", CAT);
        scripts.site.file("a.txt", "hello\n");
        scripts
    }

    /// Where scripts may write; they know it as `$NOTES`.
    pub(crate) fn notes(&self) -> PathBuf {
        self.site.outside().join("notes")
    }

    /// What a script wrote there.
    pub(crate) fn note(&self, name: &str) -> String {
        fs::read_to_string(self.notes().join(name)).unwrap_or_default()
    }

    /// Adds an executable file.
    ///
    /// Another process writes it: of what this one has open for writing, a process that another test starts just now
    /// has a copy, and then the file cannot be run.
    pub(crate) fn add(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.site.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut writer = Command::new("sh")
            .args(["-c", "cat >\"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&path)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        writer
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_ref())
            .unwrap();
        assert!(writer.wait().unwrap().success());
        path
    }

    /// A shell script that begins with its header.
    pub(crate) fn shell(&self, path: &str, header: &str, rest: &str) -> PathBuf {
        let header = header.replace('\n', "\\n");
        self.add(
            path,
            format!("#!/bin/sh\nprintf '{header}\\n\\n'\n{rest}\n"),
        )
    }

    /// The handler, with time for everything.
    pub(crate) fn handler(&self) -> CgiHandler {
        CgiHandler::new(self.site.root())
            .unwrap()
            .variable("NOTES", self.notes())
            .limits(patient())
    }

    pub(crate) fn serve(&self) -> TestServer {
        TestServer::new(self.handler())
    }
}

/// Limits that no test comes to by being slow.
pub(crate) fn patient() -> CgiLimits {
    CgiLimits::new()
        .header_timeout(LONG)
        .idle_timeout(LONG)
        .exit_timeout(LONG)
        .half_close_timeout(LONG)
}

fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The value of a variable that the script `env` printed.
#[track_caller]
pub(crate) fn variable<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut lines = answer.text().lines();
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
}

/// The answer to a request with these header lines and this body.
#[track_caller]
pub(crate) fn ask(server: &TestServer, line: &str, lines: &str, body: &str) -> Answer {
    server.one(format!("{line} HTTP/1.1\r\nHost: a\r\n{lines}\r\n{body}"))
}

/// The answer to a POST of this body.
#[track_caller]
pub(crate) fn post(server: &TestServer, path: &str, body: &str) -> Answer {
    let length = format!("Content-Length: {}\r\n", body.len());
    ask(server, &format!("POST {path}"), &length, body)
}

/// Status and reason.
pub(crate) fn line(answer: &Answer) -> (u16, &str) {
    (answer.status, &answer.reason)
}

/// The handler with other limits than the patient ones.
pub(crate) fn bounded(
    scripts: &Scripts,
    bounds: impl FnOnce(CgiLimits) -> CgiLimits,
) -> CgiHandler {
    scripts.handler().limits(bounds(patient()))
}
