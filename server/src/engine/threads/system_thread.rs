//! What the system knows of a thread: its number, and whether it has the processor.

/// Whether a thread may be computing, or waiting for a processor to do so: then its turn may be over soon, and the
/// kernel shares the processors meanwhile.
#[cfg(target_os = "linux")]
pub(crate) fn may_compute(tid: u32) -> bool {
    use std::io::Read;
    let mut stat = [0; 64];
    let Ok(size) = std::fs::File::open(format!("/proc/self/task/{tid}/stat"))
        .and_then(|mut file| file.read(&mut stat))
    else {
        return false;
    };
    // `TID (name) S ...`, and the name may hold anything.
    let stat = stat.get(..size).unwrap_or_default();
    let state = stat
        .iter()
        .rposition(|&byte| byte == b')')
        .and_then(|at| stat.get(at + 2));
    state == Some(&b'R')
}

/// Elsewhere none tells without `unsafe` that another thread waits for a processor. So each may: to take one for stuck
/// that waits for its processor, on a busy machine, costs a thread of the reserve.
#[cfg(not(target_os = "linux"))]
pub(crate) fn may_compute(_tid: u32) -> bool {
    true
}

/// The calling thread, as the system numbers it; 0 if it does not say.
#[cfg(target_os = "linux")]
pub(crate) fn thread_id() -> u32 {
    // Of the form `1234/task/1235`. A crate that has the system call would cost every build more than this costs.
    let link = std::fs::read_link("/proc/thread-self").unwrap_or_default();
    link.file_name()
        .and_then(|id| id.to_str()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn thread_id() -> u32 {
    0
}
