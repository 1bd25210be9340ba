//! The command `doget` as its users start it: a process, real requests, and what it says and writes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod addresses;
mod auth;
mod content;
// Containers, Kubernetes and systemd are of Unix.
#[cfg(unix)]
mod deploy;
// So are files that clients send, and scripts: tests of `usage` show that they are refused elsewhere.
#[cfg(unix)]
mod drop_box;
mod https;
mod log;
mod monitoring;
mod proxies;
mod reload;
// The browser is started as on Unix.
#[cfg(unix)]
mod reload_browser;
#[cfg(unix)]
mod scripts;
mod signals;
#[cfg(unix)]
mod uploads;
mod usage;

use doget_tests::{Answer, Client, eventually};
#[cfg(unix)]
use rustix::process::{Pid, Signal, kill_process};
use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where the command is, built in the profile of this test.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // This test is TARGET/PROFILE/deps/cli-HASH.
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        let program = profile
            .join("doget")
            .with_extension(std::env::consts::EXE_EXTENSION);
        // Wine has no cargo, and `.ci/systems` has built it.
        if doget_tests::is_below_wine() {
            return program;
        }
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["build", "--quiet", "--package", "doget"])
            .args(["--features", "cli", "--bin", "doget", "--target-dir"])
            .arg(profile.parent().unwrap())
            .current_dir(env!("CARGO_MANIFEST_DIR"));
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success(), "the command is built");
        program
    })
}

/// What starts a program without the variables that choose tests (`DOGET_MIO`): the command takes each `DOGET_*` for
/// one of its options, and an unknown one for a mistake.
fn starts(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"DOGET_") {
            command.env_remove(name);
        }
    }
    command
}

/// A directory to serve, and beside it what a test writes.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("doget-cli-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("root/dir")).unwrap();
        let place = Self(path);
        place.file("a.txt", "hello\n");
        place.file("dir/b.foo", "b");
        place.file(".secret", "secret");
        place
    }

    fn root(&self) -> PathBuf {
        self.0.join("root")
    }

    fn beside(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, text: &str) {
        fs::write(self.root().join(name), text).unwrap();
    }

    /// The command, in the directory.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = starts(program());
        command
            .args(arguments)
            .current_dir(self.root())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Serves on a free port of the loopback interface, with these options, under the names that these tests use.
    #[track_caller]
    fn serve(&self, arguments: &[&str]) -> Doget {
        let all = [&["--allow-host", "test,a"], arguments].concat();
        self.serve_by_address(&all)
    }

    /// The same under the names that it chooses itself.
    #[track_caller]
    fn serve_by_address(&self, arguments: &[&str]) -> Doget {
        let all = [&["0", "-b", "127.0.0.1"], arguments].concat();
        Doget::start(self.command(&all))
    }

    /// Runs it to its end.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Adds an executable file. Another process writes it, since a file that somebody has open for writing is not run.
    #[cfg(unix)]
    fn program(&self, name: &str, text: &str) {
        let mut writer = Command::new("sh")
            .args([
                "-c",
                "mkdir -p \"${1%/*}\" && cat >\"$1\" && chmod 755 \"$1\"",
                "sh",
            ])
            .arg(self.root().join(name))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        std::io::Write::write_all(&mut writer.stdin.take().unwrap(), text.as_bytes()).unwrap();
        assert!(writer.wait().unwrap().success());
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running command; dropped, it is killed.
struct Doget {
    child: Child,
    output: BufReader<ChildStdout>,
    /// The first line.
    line: String,
}

impl Doget {
    #[track_caller]
    fn start(command: Command) -> Self {
        let mut doget = Self::start_quietly(command);
        doget.line = doget.next_line();
        doget
    }

    /// One that says nothing.
    #[track_caller]
    #[cfg_attr(unix, allow(unused_mut, reason = "Windows has consoles"))]
    fn start_quietly(mut command: Command) -> Self {
        #[cfg(windows)]
        doget_tests::console::own(&mut command);
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            child,
            output,
            line: String::new(),
        }
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end_matches('\n').to_owned()
    }

    /// What the first line says.
    #[track_caller]
    fn address(&self) -> SocketAddr {
        let url = self.line.split_once("://").expect(&self.line).1;
        url.split_once("/)").unwrap().0.parse().unwrap()
    }

    #[track_caller]
    fn get(&self, target: &str) -> Answer {
        Client::connect(self.address()).get(target)
    }

    /// Sends what Ctrl-C sends.
    #[track_caller]
    fn interrupt(&self) {
        #[cfg(unix)]
        self.signal(Signal::INT);
        #[cfg(windows)]
        doget_tests::console::send(self.child.id(), doget_tests::console::CTRL_C);
    }

    /// Sends SIGTERM; where there is none, what Ctrl-C sends.
    #[track_caller]
    fn terminate(&self) {
        #[cfg(unix)]
        self.signal(Signal::TERM);
        #[cfg(not(unix))]
        self.interrupt();
    }

    #[cfg(unix)]
    #[track_caller]
    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Waits for its end: the status, what else it said, and what it said on stderr.
    #[track_caller]
    fn ended(mut self) -> (Option<i32>, String, String) {
        let mut code = None;
        eventually("the end", || match self.child.try_wait().unwrap() {
            Some(status) => {
                code = status.code();
                true
            }
            None => false,
        });
        let (mut out, mut err) = (String::new(), String::new());
        self.output.read_to_string(&mut out).unwrap();
        if let Some(mut stderr) = self.child.stderr.take() {
            stderr.read_to_string(&mut err).unwrap();
        }
        (code, out, err)
    }

    /// Ends it, and says what it logged.
    #[track_caller]
    fn log(self) -> String {
        self.terminate();
        let (code, _, err) = self.ended();
        assert_eq!(code, Some(0), "{err}");
        err
    }
}

impl Drop for Doget {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test: the process that sends events of the console.
#[cfg(windows)]
#[test]
#[ignore = "runs as a process of its own, started by the others"]
fn sender() {
    doget_tests::console::sender();
}

/// What the system says of a file that is not there.
fn no_such_file(path: &str) -> String {
    if cfg!(unix) {
        return "No such file or directory".to_owned();
    }
    let error = fs::metadata(path).unwrap_err().to_string();
    error.split(" (os error ").next().unwrap().to_owned()
}

#[track_caller]
fn fails(output: &Output, status: i32, says: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{text}");
    assert!(text.contains(says), "{text}");
    assert!(
        !text.contains("panicked") && !text.contains("os error"),
        "{text}"
    );
    assert!(output.stdout.is_empty());
    if status == 1 {
        assert!(
            text.starts_with("doget: ") && text.lines().count() == 1,
            "{text}"
        );
    }
}
