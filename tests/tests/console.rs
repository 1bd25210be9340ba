//! Ctrl-C and Ctrl-Break on Windows, and under wine (`.ci/systems`): both end the command gracefully.
#![cfg(windows)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use doget_tests::Client;
use doget_tests::console::{self, CTRL_BREAK, CTRL_C};
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn ctrl_c_ends_the_command_gracefully() {
    ends_by(CTRL_C);
}

#[test]
fn ctrl_break_ends_the_command_gracefully() {
    ends_by(CTRL_BREAK);
}

/// Not a test: the process that sends.
#[test]
#[ignore = "runs as a process of its own, started by the others"]
fn sender() {
    console::sender();
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
    console::own(&mut command);
    command.stdout(Stdio::piped());
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
    console::send(doget.0.id(), event);
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
