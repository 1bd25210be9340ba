//! Ctrl-C and Ctrl-Break on Windows: events of a console, which all processes that share it hear.

use std::os::windows::process::CommandExt as _;
use std::process::Command;

/// What Ctrl-C sends.
pub const CTRL_C: u32 = 0;

/// What Ctrl-Break sends.
pub const CTRL_BREAK: u32 = 1;

const CREATE_NEW_CONSOLE: u32 = 0x10;

/// Tells the process that sends: the event, and whose console it goes to.
const EVENT: &str = "DOGET_CONSOLE_EVENT";

unsafe extern "system" {
    safe fn FreeConsole() -> i32;
    safe fn AttachConsole(process: u32) -> i32;
    safe fn SetConsoleCtrlHandler(handler: usize, add: i32) -> i32;
    safe fn GenerateConsoleCtrlEvent(event: u32, group: u32) -> i32;
}

/// Gives a command a console of its own, so that its events reach nobody else.
pub fn own(command: &mut Command) {
    command.creation_flags(CREATE_NEW_CONSOLE);
}

/// Sends the event to the console of a process. A process has one console, so another one sends: the test program
/// itself, whose ignored test `sender` calls [`sender`].
///
/// # Panics
///
/// The process is gone.
#[track_caller]
pub fn send(process: u32, event: u32) {
    let test = std::env::current_exe().unwrap();
    let sender = Command::new(test)
        .args(["--quiet", "--ignored", "--exact", "sender"])
        .env(EVENT, format!("{event} {process}"))
        .output()
        .unwrap();
    assert!(sender.status.success(), "the event is sent: {sender:?}");
}

/// Gives up the own console for that of the process, and sends.
///
/// # Panics
///
/// The event cannot be sent.
pub fn sender() {
    let told = std::env::var(EVENT).unwrap();
    let (event, process) = told.split_once(' ').unwrap();
    FreeConsole();
    assert_ne!(AttachConsole(process.parse().unwrap()), 0, "attached");
    // What it sends reaches itself too.
    SetConsoleCtrlHandler(0, 1);
    let sent = GenerateConsoleCtrlEvent(event.parse().unwrap(), 0);
    assert_ne!(sent, 0, "sent");
}
