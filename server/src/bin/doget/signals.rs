//! Ctrl-C and SIGTERM: the first ends the server gracefully, the second at once. SIGHUP and SIGUSR1, as log rotation
//! sends them: the log file is opened anew.

use doget::{Log, Shutdown};
use std::io;
use std::time::Duration;

/// Call it before any other thread is started: threads inherit that these signals are not for them.
///
/// Without a log file SIGHUP does what it does to every program: it ends the command with its terminal, and does
/// nothing below `nohup`. SIGUSR1 never ends it.
#[cfg(unix)]
pub(crate) fn end(
    shutdown: &Shutdown,
    quiet: bool,
    grace: Duration,
    log_file: Option<Log>,
) -> io::Result<()> {
    use doget::ShutdownStage;
    use nix::sys::signal::{SigSet, Signal};

    /// How long connections are given to be cut.
    const CUT: Duration = Duration::from_secs(1);

    /// Whoever is not through by then is waited for, and that is said.
    const PROMPT: Duration = Duration::from_millis(200);

    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGUSR1);
    if log_file.is_some() {
        signals.add(Signal::SIGHUP);
    }
    signals.thread_block()?;
    let shutdown = shutdown.clone();
    std::thread::Builder::new()
        .name("doget-signals".to_owned())
        .spawn(move || {
            while let Ok(signal) = signals.wait() {
                if matches!(signal, Signal::SIGHUP | Signal::SIGUSR1) {
                    if let Some(Err(error)) = log_file.as_ref().map(Log::reopen) {
                        super::announce::not_reopened(&error);
                    }
                    continue;
                }
                if shutdown.stage() == ShutdownStage::Serving {
                    if signal == Signal::SIGINT && !quiet {
                        super::announce::interrupted();
                    }
                    shutdown.graceful();
                    if !shutdown.wait(PROMPT) && !quiet {
                        super::announce::waits(grace);
                    }
                    continue;
                }
                shutdown.now();
                // A read of a file may hang, on a network drive for example.
                if !shutdown.wait(CUT) {
                    std::process::exit(0);
                }
            }
        })?;
    Ok(())
}

/// Which signal it was is not known here.
#[cfg(not(unix))]
pub(crate) fn end(
    shutdown: &Shutdown,
    _quiet: bool,
    _grace: Duration,
    _log_file: Option<Log>,
) -> io::Result<()> {
    shutdown.on_signals()
}
