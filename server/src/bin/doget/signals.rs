//! Ctrl-C and SIGTERM: the first ends the server gracefully, the second at once. SIGHUP and SIGUSR1, as log rotation
//! and renewals of certificates send them: log file and certificate are read anew.

use super::announce;
use super::arguments::TlsFiles;
use doget::{Log, Shutdown, Tls};
use std::io;
use std::time::Duration;

/// How the server ends.
#[derive(Clone, Copy)]
pub(crate) struct Manners {
    pub(crate) quiet: bool,
    /// How long it leaves before it drains, at SIGTERM.
    pub(crate) delay: Duration,
    pub(crate) grace: Duration,
}

/// What SIGHUP renews.
#[cfg_attr(not(unix), allow(dead_code, reason = "there is no such signal"))]
pub(crate) struct Renewed {
    pub(crate) log_file: Option<Log>,
    pub(crate) tls: Option<(Tls, TlsFiles)>,
}

#[cfg(unix)]
impl Renewed {
    fn is_empty(&self) -> bool {
        self.log_file.is_none() && self.tls.is_none()
    }

    /// What cannot be renewed stays as it is, and that is said.
    fn renew(&self) {
        if let Some(Err(error)) = self.log_file.as_ref().map(Log::reopen) {
            announce::not_reopened(&error);
        }
        if let Some((tls, files)) = &self.tls {
            match super::tls::load(files) {
                Ok(renewed) => tls.replace(&renewed),
                Err(error) => announce::not_renewed(&error),
            }
        }
    }
}

/// Call it before any other thread is started: threads inherit that these signals are not for them.
///
/// Without a log file and a certificate SIGHUP does what it does to every program: it ends the command with its
/// terminal, and does nothing below `nohup`. SIGUSR1 never ends it.
#[cfg(unix)]
pub(crate) fn end(shutdown: &Shutdown, manners: Manners, renewed: Renewed) -> io::Result<()> {
    use nix::sys::signal::{SigSet, Signal};

    let mut signals = SigSet::empty();
    signals.add(Signal::SIGINT);
    signals.add(Signal::SIGTERM);
    signals.add(Signal::SIGUSR1);
    if !renewed.is_empty() {
        signals.add(Signal::SIGHUP);
    }
    signals.thread_block()?;
    let shutdown = shutdown.clone();
    std::thread::Builder::new()
        .name("doget-signals".to_owned())
        .spawn(move || {
            while let Ok(signal) = signals.wait() {
                match signal {
                    Signal::SIGHUP | Signal::SIGUSR1 => renewed.renew(),
                    signal => end_by(&shutdown, signal == Signal::SIGINT, manners),
                }
            }
        })?;
    Ok(())
}

/// `interrupted`: by Ctrl-C, by somebody who waits.
fn end_by(shutdown: &Shutdown, interrupted: bool, manners: Manners) {
    use doget::ShutdownStage;

    /// How long connections are given to be cut.
    const CUT: Duration = Duration::from_secs(1);

    /// Whoever is not through by then is waited for, and that is said.
    const PROMPT: Duration = Duration::from_millis(200);

    if shutdown.stage() > ShutdownStage::Serving {
        shutdown.now();
        // A read of a file may hang, on a network drive for example.
        if !shutdown.wait(CUT) {
            std::process::exit(0);
        }
        return;
    }
    if interrupted && !manners.quiet {
        announce::interrupted();
    }
    if !interrupted && !manners.delay.is_zero() {
        shutdown.leave(manners.delay);
        return;
    }
    shutdown.graceful();
    if !shutdown.wait(PROMPT) && !manners.quiet {
        announce::waits(manners.grace);
    }
}

/// Ctrl-C, Ctrl-Break, or the end of the console: which one is not told, and each is taken for Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn end(shutdown: &Shutdown, manners: Manners, _renewed: Renewed) -> io::Result<()> {
    let shutdown = shutdown.clone();
    ctrlc::set_handler(move || end_by(&shutdown, true, manners)).map_err(io::Error::other)
}
