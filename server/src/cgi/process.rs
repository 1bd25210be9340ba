//! A script as a process: started in a group of its own, and never left behind.

use crate::cgi::stdin::ScriptInput;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where the system tells of the end of a process only when it is asked, it is asked this often.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// How long a killed process may take to go, before it is left to [`STRAYS`].
const GO: Duration = Duration::from_secs(5);

/// How long what was adopted of a killed group may take to go, before it is left to [`STRAYS`].
const ADOPTED_GO: Duration = Duration::from_millis(100);

/// Killed processes that had not gone yet, such as those that wait for a network drive. They are asked for again with
/// every new one.
static STRAYS: Mutex<Vec<Stray>> = Mutex::new(Vec::new());

/// See [`STRAYS`].
enum Stray {
    Script(Child),
    /// What is left of a group whose script has been reaped.
    Group(Pid),
}

/// A running script. Dropped, its group is killed.
#[derive(Debug)]
pub(super) struct Process {
    child: Option<Child>,
    group: Pid,
    /// Ready to be read when the script has ended.
    #[cfg(target_os = "linux")]
    handle: Option<OwnedFd>,
    pub(super) input: Option<OwnedFd>,
    pub(super) output: Option<OwnedFd>,
    pub(super) errors: Option<OwnedFd>,
}

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Code,
    Signal(i32),
    /// It was stopped.
    Stopped,
}

impl Process {
    pub(super) fn start(mut command: Command, input: &ScriptInput) -> io::Result<Self> {
        bury_strays();
        let mut child = command
            .stdin(input.stdin()?)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let group = Pid::from_child(&child);
        let [input, output, errors] = [
            child.stdin.take().map(OwnedFd::from),
            child.stdout.take().map(OwnedFd::from),
            child.stderr.take().map(OwnedFd::from),
        ];
        let process = Self {
            child: Some(child),
            group,
            #[cfg(target_os = "linux")]
            handle: rustix::process::pidfd_open(group, rustix::process::PidfdFlags::empty()).ok(),
            input,
            output,
            errors,
        };
        for pipe in [&process.input, &process.output, &process.errors]
            .into_iter()
            .flatten()
        {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        Ok(process)
    }

    /// What to wait on for its end; `None` where it has to be asked for.
    pub(super) fn handle(&self) -> Option<BorrowedFd<'_>> {
        #[cfg(target_os = "linux")]
        return self.handle.as_ref().map(rustix::fd::AsFd::as_fd);
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Whether the script has ended. It is not reaped yet, so that the number of its group stays its own.
    pub(super) fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        match waitid(WaitId::Pid(self.group), options) {
            Ok(status) => status.is_some(),
            Err(Errno::INTR) => false,
            // It is nobody's child any more: somebody reaped it for us.
            Err(_) => true,
        }
    }

    /// Ends the script and everything in its group: at once what is left when it `has_ended`, else by `SIGTERM`, and
    /// by `SIGKILL` after this time. Says with which code it ended, below 0 by a signal; `None` if it does not go.
    pub(super) fn end(&mut self, has_ended: bool, patience: Duration) -> Option<i32> {
        // Its output stays open: a script that has last words is not to end by them.
        self.input = None;
        let mut child = self.child.take()?;
        if !has_ended {
            self.signal(Signal::TERM);
            self.wait(patience);
        }
        // Its group is there as long as it is not reaped, so this reaches nobody else.
        self.signal(Signal::KILL);
        if has_ended || self.wait(GO) {
            let status = child.wait().ok()?;
            self.reap_adopted();
            return Some(
                status
                    .code()
                    .unwrap_or_else(|| -status.signal().unwrap_or(0)),
            );
        }
        lock().push(Stray::Script(child));
        None
    }

    /// Reaps what the script left behind, where that has become ours: the children of a process that ends are adopted
    /// by process 1, which this one is in many a container. Anywhere else the first question finds that there are none.
    ///
    /// The group was killed, so this takes a moment; and its number is nobody else's as long as one of it is left.
    fn reap_adopted(&self) {
        let begun = Instant::now();
        while reap(self.group) {
            if begun.elapsed() >= ADOPTED_GO {
                lock().push(Stray::Group(self.group));
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn signal(&self, signal: Signal) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // Where a program reaps all children, or ignores them, the number may be another group's by now.
        if !matches!(waitid(WaitId::Pid(self.group), options), Err(Errno::CHILD)) {
            let _ = kill_process_group(self.group, signal);
        }
    }

    /// Waits for its end, at most this long.
    fn wait(&self, most: Duration) -> bool {
        let begun = Instant::now();
        loop {
            if self.has_ended() {
                return true;
            }
            let left = most.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return false;
            }
            match self.handle() {
                Some(handle) => {
                    let mut fds = [PollFd::from_borrowed_fd(handle, PollFlags::IN)];
                    let _ = poll(&mut fds, Some(&timespec(left)));
                }
                None => std::thread::sleep(LOOK.min(left)),
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let has_ended = self.has_ended();
        self.end(has_ended, Duration::ZERO);
    }
}

pub(super) fn timespec(time: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: time.subsec_nanos().into(),
    }
}

/// Reaps all children of a group that have ended; says whether others are left.
fn reap(group: Pid) -> bool {
    loop {
        match waitid(
            WaitId::Pgid(Some(group)),
            WaitIdOptions::EXITED | WaitIdOptions::NOHANG,
        ) {
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Ok(None) => return true,
            Err(_) => return false,
        }
    }
}

fn lock() -> std::sync::MutexGuard<'static, Vec<Stray>> {
    STRAYS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn bury_strays() {
    lock().retain_mut(|stray| match stray {
        Stray::Script(child) => match child.try_wait() {
            Ok(None) => true,
            Ok(Some(_)) => {
                let group = Pid::from_child(child);
                let is_left = reap(group);
                *stray = Stray::Group(group);
                is_left
            }
            Err(_) => false,
        },
        Stray::Group(group) => reap(*group),
    });
}
