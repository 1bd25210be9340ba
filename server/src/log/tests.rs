#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Instant;

use crate::log::*;

const LONG: Duration = Duration::from_secs(20);

/// A sink that the test can look into.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn lines(&self) -> Vec<String> {
        let text = self.text();
        assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
        text.lines().map(str::to_owned).collect()
    }
}

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A sink that does as the test says, one step a write, and then as `Memory`.
struct Scripted {
    steps: std::vec::IntoIter<Step>,
    memory: Memory,
}

enum Step {
    Accept(usize),
    Fail(io::ErrorKind),
}

impl Scripted {
    fn log(steps: Vec<Step>) -> (Log, Memory) {
        let memory = Memory::default();
        let sink = Scripted {
            steps: steps.into_iter(),
            memory: memory.clone(),
        };
        let log = Log::start(Box::new(sink), CAPACITY, Warn::Never, None);
        (log, memory)
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.steps.next() {
            Some(Step::Accept(count)) => self.memory.write(&bytes[..count.min(bytes.len())]),
            Some(Step::Fail(kind)) => Err(kind.into()),
            None => self.memory.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A sink that is stuck until the test opens it. It says when a write has begun, and when it ends.
struct Gate {
    open: Arc<(Mutex<bool>, Condvar)>,
    begun: Sender<()>,
    ended: Arc<AtomicBool>,
    memory: Memory,
}

struct GateKey {
    open: Arc<(Mutex<bool>, Condvar)>,
    begun: Receiver<()>,
    ended: Arc<AtomicBool>,
    memory: Memory,
}

impl Gate {
    fn new() -> (Gate, GateKey) {
        let (sender, receiver) = mpsc::channel();
        let gate = Gate {
            open: Arc::default(),
            begun: sender,
            ended: Arc::default(),
            memory: Memory::default(),
        };
        let key = GateKey {
            open: Arc::clone(&gate.open),
            begun: receiver,
            ended: Arc::clone(&gate.ended),
            memory: gate.memory.clone(),
        };
        (gate, key)
    }
}

impl GateKey {
    fn open(&self) {
        *self.open.0.lock().unwrap() = true;
        self.open.1.notify_all();
    }
}

impl Write for Gate {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.begun.send(());
        let open = self.open.0.lock().unwrap();
        drop(self.open.1.wait_while(open, |open| !*open).unwrap());
        self.memory.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
    }
}

fn wait_until(what: impl Fn() -> bool) {
    let start = Instant::now();
    while !what() {
        assert!(start.elapsed() < LONG, "waited in vain");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn lines_of_many_threads_are_whole_and_in_order() {
    let memory = Memory::default();
    let log = Log::writer(Box::new(memory.clone()));
    thread::scope(|scope| {
        for name in 0..4 {
            let log = log.clone();
            scope.spawn(move || {
                for number in 0..2000 {
                    log.line(format_args!("thread {name} says {number}"));
                }
            });
        }
    });
    assert!(log.flush(LONG));
    let lines = memory.lines();
    assert_eq!(lines.len(), 8000);
    for name in 0..4 {
        let prefix = format!("thread {name} says ");
        let numbers: Vec<usize> = lines
            .iter()
            .filter_map(|line| line.strip_prefix(&prefix))
            .map(|number| number.parse().unwrap())
            .collect();
        assert!(numbers.into_iter().eq(0..2000));
    }
    assert_eq!(log.dropped(), 0);
}

#[test]
fn a_line_is_written_without_a_flush_also_after_a_pause() {
    let memory = Memory::default();
    let log = Log::writer(Box::new(memory.clone()));
    for count in 1..=3 {
        log.line(format_args!("line {count}"));
        wait_until(|| memory.lines().len() == count);
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn lines_that_come_fast_are_written_in_batches() {
    struct Count(Arc<AtomicUsize>);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let writes = Arc::new(AtomicUsize::new(0));
    let log = Log::writer(Box::new(Count(Arc::clone(&writes))));
    let start = Instant::now();
    for number in 0..10_000 {
        log.line(format_args!("{number}"));
    }
    assert!(log.flush(LONG));
    // One each 5 ms, and the first and the last.
    let most = start.elapsed().as_millis() / 5 + 3;
    assert!(writes.load(Ordering::SeqCst) as u128 <= most);
}

#[test]
fn a_stuck_sink_holds_nobody_up_and_what_is_missing_is_told() {
    let (gate, key) = Gate::new();
    let log = Log::with_capacity(Box::new(gate), 100);
    log.line(format_args!("in the hands of the writer"));
    key.begun.recv().unwrap();

    let start = Instant::now();
    for number in 0..1000 {
        // Ten bytes with the end of the line: ten of them fit.
        log.line(format_args!("number {number:02}"));
    }
    let missing = log.dropped();
    assert_eq!(missing, 990);
    assert!(!log.flush(Duration::from_millis(10)));
    assert!(start.elapsed() < Duration::from_secs(5));

    key.open();
    assert!(log.flush(LONG));
    log.line(format_args!("after"));
    assert!(log.flush(LONG));
    let mut expected = vec!["in the hands of the writer".to_owned()];
    expected.extend((0..10).map(|number| format!("number {number:02}")));
    expected.push("990 log lines dropped".to_owned());
    expected.push("after".to_owned());
    assert_eq!(key.memory.lines(), expected);
    assert_eq!(log.dropped(), 990);
}

#[test]
fn a_line_that_can_never_fit_is_dropped_and_told() {
    let memory = Memory::default();
    let log = Log::with_capacity(Box::new(memory.clone()), 8);
    log.line(format_args!("1234567"));
    assert!(log.flush(LONG));
    log.line(format_args!("12345678"));
    assert!(log.flush(LONG));
    assert_eq!(memory.lines(), ["1234567", "1 log line dropped"]);
    assert_eq!(log.dropped(), 1);
}

#[test]
fn dropping_the_log_writes_what_is_left_and_ends_the_thread() {
    let (gate, key) = Gate::new();
    key.open();
    let log = Log::writer(Box::new(gate));
    for number in 0..100 {
        log.clone().line(format_args!("{number}"));
    }
    drop(log);
    assert_eq!(key.memory.lines().len(), 100);
    assert!(key.ended.load(Ordering::SeqCst));
}

#[test]
fn dropping_a_log_without_lines_drops_its_sink() {
    let (gate, key) = Gate::new();
    drop(Log::writer(Box::new(gate)));
    assert!(key.ended.load(Ordering::SeqCst));
}

#[test]
fn dropping_the_log_waits_a_second_for_a_stuck_sink_and_no_longer() {
    let (gate, key) = Gate::new();
    let log = Log::writer(Box::new(gate));
    log.line(format_args!("stuck"));
    let start = Instant::now();
    drop(log);
    assert!(start.elapsed() >= Duration::from_millis(900));
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(!key.ended.load(Ordering::SeqCst));
    // The thread ends when it can.
    key.open();
    wait_until(|| key.ended.load(Ordering::SeqCst));
    assert_eq!(key.memory.lines(), ["stuck"]);
}

#[test]
fn a_sink_may_drop_the_last_log() {
    struct Holder(Arc<Mutex<Option<Log>>>, Arc<AtomicBool>);
    impl Write for Holder {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let log = self.0.lock().unwrap().take();
            drop(log);
            self.1.store(true, Ordering::SeqCst);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let held = Arc::new(Mutex::new(None));
    let done = Arc::new(AtomicBool::new(false));
    let log = Log::writer(Box::new(Holder(Arc::clone(&held), Arc::clone(&done))));
    let weak = Arc::downgrade(&log.owner.as_ref().unwrap().shared);
    *held.lock().unwrap() = Some(log.clone());
    log.line(format_args!("the end"));
    drop(log);
    wait_until(|| done.load(Ordering::SeqCst) && weak.strong_count() == 0);
}

#[test]
fn a_sink_that_fails_costs_its_lines_and_nothing_else() {
    let (log, memory) = Scripted::log(vec![
        Step::Fail(io::ErrorKind::StorageFull),
        Step::Fail(io::ErrorKind::StorageFull),
    ]);
    log.line(format_args!("one"));
    assert!(!log.flush(LONG));
    assert_eq!(log.dropped(), 1);
    log.line(format_args!("two"));
    assert!(!log.flush(LONG));
    assert_eq!(log.dropped(), 2);
    log.line(format_args!("three"));
    assert!(log.flush(LONG));
    log.line(format_args!("four"));
    assert!(log.flush(LONG));
    assert_eq!(memory.lines(), ["three", "2 log lines dropped", "four"]);
    assert_eq!(log.dropped(), 2);
}

#[test]
fn a_flush_tells_of_what_failed_before_it() {
    let (log, _) = Scripted::log(vec![Step::Fail(io::ErrorKind::StorageFull)]);
    log.line(format_args!("lost"));
    wait_until(|| log.dropped() == 1);
    assert!(!log.flush(LONG));
    assert!(log.flush(LONG));
}

#[test]
fn after_half_a_line_the_next_one_is_whole() {
    let (log, memory) = Scripted::log(vec![
        Step::Accept(3),
        Step::Fail(io::ErrorKind::StorageFull),
        Step::Fail(io::ErrorKind::StorageFull),
    ]);
    log.line(format_args!("broken"));
    assert!(!log.flush(LONG));
    log.line(format_args!("lost"));
    assert!(!log.flush(LONG));
    log.line(format_args!("whole"));
    assert!(log.flush(LONG));
    assert_eq!(memory.lines(), ["bro", "whole", "2 log lines dropped"]);
}

#[test]
fn a_sink_that_takes_little_gets_the_rest() {
    let (log, memory) = Scripted::log(vec![
        Step::Accept(1),
        Step::Fail(io::ErrorKind::Interrupted),
        Step::Accept(2),
        Step::Fail(io::ErrorKind::WouldBlock),
        Step::Fail(io::ErrorKind::WouldBlock),
        Step::Accept(1),
    ]);
    log.line(format_args!("all of it"));
    assert!(log.flush(LONG));
    assert_eq!(memory.lines(), ["all of it"]);
    assert_eq!(log.dropped(), 0);
}

#[test]
fn a_sink_that_takes_nothing_has_failed() {
    let (log, memory) = Scripted::log(vec![Step::Accept(0)]);
    log.line(format_args!("none of it"));
    assert!(!log.flush(LONG));
    assert_eq!(memory.text(), "");
    assert_eq!(log.dropped(), 1);
}

#[test]
fn a_sink_that_would_always_block_does_not_keep_the_thread() {
    struct Busy(Arc<AtomicBool>);
    impl Write for Busy {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::WouldBlock.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    impl Drop for Busy {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    let ended = Arc::new(AtomicBool::new(false));
    let log = Log::start(
        Box::new(Busy(Arc::clone(&ended))),
        CAPACITY,
        Warn::Never,
        None,
    );
    log.line(format_args!("never"));
    assert!(!log.flush(Duration::from_millis(10)));
    drop(log);
    wait_until(|| ended.load(Ordering::SeqCst));
}

#[test]
fn a_sink_that_panics_ends_the_log_but_not_the_program() {
    struct Panics;
    impl Write for Panics {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            panic!("a panic on purpose")
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let log = Log::writer(Box::new(Panics));
    log.line(format_args!("one"));
    assert!(!log.flush(LONG));
    wait_until(|| log.dropped() == 1);
    log.line(format_args!("two"));
    assert!(!log.flush(LONG));
    assert_eq!(log.dropped(), 2);
}

#[test]
fn a_display_may_log_panic_or_fail() {
    struct Logs<'a>(&'a Log);
    impl fmt::Display for Logs<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.line(format_args!("inner"));
            f.write_str("outer")
        }
    }
    struct Panics;
    impl fmt::Display for Panics {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("a panic on purpose")
        }
    }
    struct Fails;
    impl fmt::Display for Fails {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Err(fmt::Error)
        }
    }

    let memory = Memory::default();
    let log = Log::writer(Box::new(memory.clone()));
    log.line(format_args!("{}", Logs(&log)));
    let panicking = log.clone();
    let line = move || panicking.line(format_args!("not seen{Panics}"));
    assert!(thread::spawn(line).join().is_err());
    log.line(format_args!("half{Fails}not seen"));
    assert!(log.flush(LONG));
    assert_eq!(memory.lines(), ["inner", "outer", "half"]);
}

#[test]
fn an_idle_writer_sleeps() {
    let log = Log::writer(Box::new(io::sink()));
    log.line(format_args!("a line"));
    let shared = &log.owner.as_ref().unwrap().shared;
    wait_until(|| shared.is_asleep());
}

#[test]
fn flush_of_nothing_is_done_at_once() {
    assert!(Log::off().flush(Duration::ZERO));
    assert!(Log::stderr().flush(Duration::ZERO));
}

#[test]
fn a_log_can_be_shared() {
    fn assert_shared<T: Send + Sync + 'static>() {}
    assert_shared::<Log>();
}

#[test]
fn off_takes_nothing() {
    let log = Log::off();
    log.line(format_args!("not seen"));
    assert!(log.is_off());
    assert_eq!(log.dropped(), 0);
}

#[test]
fn a_file_is_created_and_appended_to() {
    let name = format!("doget-log-test-{}.log", std::process::id());
    let path = std::env::temp_dir().join(name);
    for line in ["one", "two"] {
        let log = Log::file(&path).unwrap();
        log.line(format_args!("{line}"));
    }
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(text, "one\ntwo\n");
    assert!(Log::file(path.join("not a folder")).is_err());
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk() {
    let log = Log::file("/dev/full").unwrap();
    for number in 0..1000 {
        log.line(format_args!("{number}"));
    }
    assert!(!log.flush(LONG));
    assert_eq!(log.dropped(), 1000);
}

#[test]
fn a_closed_pipe() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let log = Log::writer(Box::new(writer));
    for number in 0..1000 {
        log.line(format_args!("{number}"));
    }
    assert!(!log.flush(LONG));
    assert_eq!(log.dropped(), 1000);
}

#[test]
fn a_pipe_that_nobody_reads_until_it_is_read() {
    use std::io::Read;

    let (mut reader, writer) = io::pipe().unwrap();
    let log = Log::with_capacity(Box::new(writer), 1000);
    let text = "x".repeat(99);
    let start = Instant::now();
    // More than any pipe holds by default.
    for _ in 0..20_000 {
        log.line(format_args!("{text}"));
    }
    assert!(start.elapsed() < Duration::from_secs(5));
    let reading = thread::spawn(move || {
        let mut all = String::new();
        reader.read_to_string(&mut all).unwrap();
        all
    });
    assert!(log.flush(LONG));
    let dropped = log.dropped();
    drop(log);
    let all = reading.join().unwrap();
    let (lines, reports): (Vec<&str>, Vec<&str>) = all.lines().partition(|line| *line == text);
    let told: u64 = reports
        .iter()
        .map(|report| report.split(' ').next().unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(told, dropped);
    assert_eq!(lines.len() as u64 + dropped, 20_000);
}

/// Lines from before go to the file that was moved away, later ones to the new one; nothing is lost.
#[test]
fn a_file_is_opened_anew() {
    let directory = std::env::temp_dir().join(format!("doget-log-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir(&directory).unwrap();
    let (path, moved) = (directory.join("log"), directory.join("log.1"));
    let log = Log::file(&path).unwrap();
    log.line(format_args!("one"));
    assert!(log.flush(LONG));
    std::fs::rename(&path, &moved).unwrap();
    log.line(format_args!("two"));
    assert!(log.flush(LONG));
    log.reopen().unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    log.line(format_args!("three"));
    assert!(log.flush(LONG));
    assert_eq!(std::fs::read_to_string(&moved).unwrap(), "one\ntwo\n");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "three\n");
    // Where there is no place for a new one, the old one stays.
    let kept = directory.join("log.2");
    std::fs::rename(&path, &kept).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert!(log.reopen().is_err());
    log.line(format_args!("four"));
    assert!(log.flush(LONG));
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "three\nfour\n");
    // Windows removes no directory with an open file in it.
    drop(log);
    std::fs::remove_dir_all(&directory).unwrap();
    assert!(Log::stderr().reopen().is_ok() && Log::off().reopen().is_ok());
}
