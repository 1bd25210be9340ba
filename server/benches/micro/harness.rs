//! Runs cases and prints a Markdown table.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Something that is measured.
pub(crate) struct Case {
    name: String,
    /// How many operations a call is.
    size: u64,
    /// Calls it so many times.
    run: Box<dyn FnMut(u64)>,
}

impl Case {
    pub(crate) fn new<R>(name: impl Into<String>, mut call: impl FnMut() -> R + 'static) -> Self {
        Self {
            name: name.into(),
            size: 1,
            run: Box::new(move |times| {
                for _ in 0..times {
                    black_box(call());
                }
            }),
        }
    }

    /// A call is this many operations; the table has the figures of one.
    pub(crate) fn of(self, size: u64) -> Self {
        Self { size, ..self }
    }
}

/// The system's allocator, with a count of what is asked for.
pub(crate) struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

impl Counting {
    /// Not exact with several threads, and for that nearly free.
    fn count() {
        let count = ALLOCATIONS.load(Ordering::Relaxed);
        ALLOCATIONS.store(count + 1, Ordering::Relaxed);
    }
}

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Runs of a case, and how long each should take.
const RUNS: usize = 41;
const RUN: Duration = Duration::from_millis(4);

/// What is taken as a word of ours, and not as a part of a name.
const COUNT: &str = "--count";
const INSTRUCTIONS: &str = "--instructions";

pub(crate) fn main(mut cases: Vec<Case>) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, name, times] = words.as_slice()
        && flag == COUNT
    {
        return once(&mut cases, name, times);
    }
    let has = |flag: &str| words.iter().any(|word| word == flag);
    // cargo bench says so; cargo test does not.
    if !has("--bench") {
        for case in &mut cases {
            (case.run)(2);
        }
        println!("{} cases work", cases.len());
        return ExitCode::SUCCESS;
    }
    let wanted = |case: &Case| {
        let mut parts = words
            .iter()
            .filter(|word| !word.starts_with("--"))
            .peekable();
        parts.peek().is_none() || parts.any(|part| case.name.contains(part.as_str()))
    };
    let counts = has(INSTRUCTIONS);
    let (head, rule) = match counts {
        true => (" instructions |", " ---: |"),
        false => ("", ""),
    };
    println!("| operation | ns, median | ns, least |{head} allocations |");
    println!("| --- | ---: | ---: |{rule} ---: |");
    for case in cases.iter_mut().filter(|case| wanted(case)) {
        let (median, least) = time(case);
        let instructions = match counts.then(|| instructions(case)) {
            None => String::new(),
            Some(Ok(count)) => format!(" {count:.0} |"),
            Some(Err(error)) => {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
        };
        let allocations = allocations(case);
        let name = &case.name;
        println!("| {name} | {median:.1} | {least:.1} |{instructions} {allocations} |");
    }
    ExitCode::SUCCESS
}

/// Nanoseconds of an operation: the median of many runs, and the least.
fn time(case: &mut Case) -> (f64, f64) {
    let mut calls = 1;
    let mut run = |calls| {
        let start = Instant::now();
        (case.run)(calls);
        start.elapsed()
    };
    while run(calls) < RUN {
        calls *= 2;
    }
    let mut times: Vec<Duration> = (0..RUNS).map(|_| run(calls)).collect();
    times.sort();
    let each = |time: Option<&Duration>| {
        time.map_or(0.0, Duration::as_secs_f64) * 1e9 / (calls * case.size) as f64
    };
    (each(times.get(RUNS / 2)), each(times.first()))
}

fn allocations(case: &mut Case) -> String {
    const CALLS: u64 = 64;
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    (case.run)(CALLS);
    let count = ALLOCATIONS.load(Ordering::Relaxed) - before;
    let each = count as f64 / (CALLS * case.size) as f64;
    match each.fract() {
        0.0 => format!("{each:.0}"),
        _ => format!("{each:.2}"),
    }
}

/// Instructions of an operation: this program runs again under valgrind, once with few calls and once with more, and
/// the difference is what the calls took.
fn instructions(case: &Case) -> Result<f64, String> {
    const CALLS: u64 = 100;
    let base = counted(case, 10)?;
    let more = counted(case, 10 + CALLS)?;
    Ok(more.saturating_sub(base) as f64 / (CALLS * case.size) as f64)
}

fn counted(case: &Case, calls: u64) -> Result<u64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no"])
        .arg("--cachegrind-out-file=/dev/null")
        .arg(program)
        .args([COUNT, &case.name, &calls.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    // ==1234== I   refs:      5,678,901
    let count = said.lines().find_map(|line| {
        let (before, count) = line.split_once("refs:")?;
        let digits = count.trim().replace(',', "");
        before.contains(" I ").then(|| digits.parse().ok())?
    });
    count.ok_or_else(|| format!("valgrind gave no count: {said}"))
}

/// What valgrind looks at.
fn once(cases: &mut [Case], name: &str, times: &str) -> ExitCode {
    let case = cases.iter_mut().find(|case| case.name == name);
    match (case, times.parse()) {
        (Some(case), Ok(times)) => {
            (case.run)(times);
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}
