//! Ctrl-C and Ctrl-Break on Windows, and under wine (`.ci/systems`): both end the command gracefully.
#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use doget_tests::Client;
use std::io::{BufRead as _, BufReader};
use std::os::windows::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// A console of its own, so that the event reaches nobody else.
const CREATE_NEW_CONSOLE: u32 = 0x10;

const CTRL_C: u32 = 0;
const CTRL_BREAK: u32 = 1;

/// Tells the process that sends: the event, and whose console it goes to.
const EVENT: &str = "DOGET_CONSOLE_EVENT";

unsafe extern "system" {
    safe fn FreeConsole() -> i32;
    safe fn AttachConsole(process: u32) -> i32;
    safe fn SetConsoleCtrlHandler(handler: usize, add: i32) -> i32;
    safe fn GenerateConsoleCtrlEvent(event: u32, group: u32) -> i32;
}

#[test]
fn ctrl_c_ends_the_command_gracefully() {
    ends_by(CTRL_C);
}

#[test]
fn ctrl_break_ends_the_command_gracefully() {
    ends_by(CTRL_BREAK);
}

/// Not a test: the sender, which gives up its console for that of the command.
#[test]
#[ignore = "runs as a process of its own, started by the others"]
fn sender() {
    let told = std::env::var(EVENT).unwrap();
    let (event, process) = told.split_once(' ').unwrap();
    FreeConsole();
    assert_ne!(AttachConsole(process.parse().unwrap()), 0, "attached");
    // What it sends reaches itself too.
    SetConsoleCtrlHandler(0, 1);
    let sent = GenerateConsoleCtrlEvent(event.parse().unwrap(), 0);
    assert_ne!(sent, 0, "sent");
}

fn ends_by(event: u32) {
    let test = std::env::current_exe().unwrap();
    // This test is TARGET/PROFILE/deps/console-HASH.exe; `cargo build -p doget --features cli` makes the command.
    let program = test.ancestors().nth(2).unwrap().join("doget.exe");
    let mut command = Command::new(program);
    // Variables that choose tests are no options of the command.
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"DOGET_") {
            command.env_remove(name);
        }
    }
    command.args(["0", "-b", "127.0.0.1", "-d", "."]);
    command
        .creation_flags(CREATE_NEW_CONSOLE)
        .stdout(Stdio::piped());
    let mut doget = Running(command.spawn().unwrap());
    let mut said = String::new();
    let mut output = BufReader::new(doget.0.stdout.take().unwrap());
    output.read_line(&mut said).unwrap();
    let port = said.split(" port ").nth(1).unwrap();
    let port: u16 = port.split(' ').next().unwrap().parse().unwrap();
    // It can be pasted: no backslash of it is doubled.
    let mut directory = String::new();
    output.read_line(&mut directory).unwrap();
    let expected = std::env::current_dir().unwrap();
    assert_eq!(
        directory.trim_end(),
        format!("Directory: {}", expected.display())
    );
    let mut client = Client::connect(([127, 0, 0, 1], port).into());
    client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    let sender = Command::new(&test)
        .args(["--ignored", "--exact", "sender"])
        .env(EVENT, format!("{event} {}", doget.0.id()))
        .status();
    assert!(sender.unwrap().success(), "the event is sent");
    assert_eq!(doget.ended().code(), Some(0));
}

/// Dropped, it is ended.
struct Running(Child);

impl Running {
    fn ended(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "it has not ended");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
