//! A server in a process of its own, and what the system knows of a process.

use crate::{Client, PATIENCE};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// A child process that serves; dropped, it is killed. It ends by itself when its standard input ends, so that it never
/// outlives a test that was killed.
#[derive(Debug)]
pub struct Child {
    child: std::process::Child,
    input: Option<ChildStdin>,
    lines: mpsc::Receiver<String>,
    address: Option<SocketAddr>,
}

impl Child {
    /// Starts the test server, and waits until all its threads have started, so that they can be counted from then on.
    ///
    /// # Panics
    ///
    /// It does not start, or its first line is not `listening <address>`.
    #[track_caller]
    pub fn start(program: &str, args: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(args).stdin(Stdio::piped());
        let child = Self::spawn(command);
        let loops = args
            .iter()
            .find_map(|arg| arg.strip_prefix("loops=")?.parse().ok())
            .or(std::thread::available_parallelism().ok())
            .map_or(1, std::num::NonZero::get);
        // One owns each loop, and one is on stand-by for it. Where nobody tells the names of threads, a request in the
        // test's own time has to do.
        if !cfg!(target_os = "linux") {
            return child;
        }
        crate::eventually("all threads of the test server", || {
            let names = child.process().thread_names();
            let count = |name: &str| names.iter().filter(|other| *other == name).count();
            count("doget") >= 2 * loops && count("doget-watchdog") == 1 && count("commands") == 1
        });
        child
    }

    /// Starts a command; its standard output is read, and its standard input if it is piped.
    ///
    /// # Panics
    ///
    /// It does not start, or its first line is neither `listening <address>` nor `http://<address>/`.
    #[track_caller]
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .spawn()
            .expect("a child process");
        let input = child.stdin.take();
        let output = child.stdout.take().expect("its output");
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let mut child = Self {
            child,
            input,
            lines,
            address: None,
        };
        let line = child.line();
        let address = line
            .strip_prefix("listening ")
            .or_else(|| line.strip_prefix("http://")?.strip_suffix('/'))
            .expect("its first line");
        child.address = address.parse().ok();
        child
    }

    /// Where it listens.
    ///
    /// # Panics
    ///
    /// On a Unix domain socket only.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("an address")
    }

    /// A connection to it.
    #[track_caller]
    pub fn connect(&self) -> Client {
        Client::connect(self.address())
    }

    /// The next line that it says.
    ///
    /// # Panics
    ///
    /// None comes.
    #[track_caller]
    pub fn line(&mut self) -> String {
        self.lines
            .recv_timeout(PATIENCE)
            .expect("a line of its output")
    }

    /// Says a line to it, and waits for the answer `ok`.
    ///
    /// # Panics
    ///
    /// It is not there any more, or answers with something else.
    #[track_caller]
    pub fn tell(&mut self, line: &str) {
        let input = self.input.as_mut().expect("its input");
        writeln!(input, "{line}").expect("a child that listens");
        input.flush().expect("a child that listens");
        assert_eq!(self.line(), "ok", "to {line:?}");
    }

    /// What the system knows of it.
    pub fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// Waits for its end; says its exit code.
    ///
    /// # Panics
    ///
    /// It does not end.
    #[track_caller]
    pub fn ended(mut self) -> Option<i32> {
        let mut code = None;
        crate::eventually("the child's end", || match self.child.try_wait() {
            Ok(Some(status)) => {
                code = status.code();
                true
            }
            _ => false,
        });
        code
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process, by its number, as `/proc` shows it. On other systems than Linux everything is 0.
#[derive(Clone, Copy, Debug)]
pub struct Process(u32);

impl Process {
    /// The caller's own.
    pub fn own() -> Self {
        Self(std::process::id())
    }

    /// Sends it what Ctrl-C sends.
    ///
    /// # Panics
    ///
    /// It is gone.
    #[cfg(unix)]
    pub fn interrupt(self) {
        let pid = rustix::process::Pid::from_raw(self.0 as i32).expect("a process");
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal");
    }

    /// Open descriptors.
    pub fn descriptors(self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.0)).map_or(0, Iterator::count)
    }

    /// Threads.
    pub fn threads(self) -> usize {
        fs::read_dir(format!("/proc/{}/task", self.0)).map_or(0, Iterator::count)
    }

    /// What its threads are called.
    pub fn thread_names(self) -> Vec<String> {
        let threads = fs::read_dir(format!("/proc/{}/task", self.0));
        let names = threads.into_iter().flatten().flatten().map(|thread| {
            let name = fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
            name.trim_end().to_owned()
        });
        names.collect()
    }

    /// Processor time of all its threads that live.
    pub fn processor(self) -> Duration {
        Duration::from_nanos(self.tasks("schedstat", |text| text.split(' ').next()?.parse().ok()))
    }

    /// How often its threads were switched to another one, all together.
    pub fn switches(self) -> u64 {
        self.tasks("status", |text| {
            Some(
                text.lines()
                    .filter_map(|line| line.split_once("ctxt_switches:"))
                    .filter_map(|(_, count)| count.trim().parse::<u64>().ok())
                    .sum(),
            )
        })
    }

    /// How often its threads gave the processor up because they had to wait, all together but for the watchdog, which
    /// waits by the clock.
    pub fn waits(self) -> u64 {
        self.tasks("status", |text| {
            let line = |line: &str| {
                line.strip_prefix("voluntary_ctxt_switches:")?
                    .trim()
                    .parse()
                    .ok()
            };
            match text.contains("Name:\tdoget-watchdog\n") {
                true => Some(0),
                false => text.lines().find_map(line),
            }
        })
    }

    /// Memory that is its own or shared and resident, in bytes.
    pub fn memory(self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most of it that there ever was.
    pub fn peak_memory(self) -> u64 {
        self.status("VmHWM:")
    }

    /// A size of this name.
    fn status(self, name: &str) -> u64 {
        fs::read_to_string(format!("/proc/{}/status", self.0))
            .unwrap_or_default()
            .lines()
            .find_map(|line| {
                let kib = line.strip_prefix(name)?.trim().strip_suffix(" kB")?;
                kib.parse::<u64>().ok()
            })
            .unwrap_or(0)
            << 10
    }

    fn tasks(self, file: &str, read: impl Fn(&str) -> Option<u64>) -> u64 {
        let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", self.0)) else {
            return 0;
        };
        tasks
            .filter_map(Result::ok)
            .filter_map(|task| fs::read_to_string(task.path().join(file)).ok())
            .filter_map(|text| read(&text))
            .sum()
    }
}
