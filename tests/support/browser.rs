//! Chromium. `$CHROMIUM` names another browser.

use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A browser without a window; dropped, it is ended.
#[derive(Debug)]
pub struct Browser(Child);

impl Browser {
    /// Opens an address; `None` where there is no browser.
    pub fn open(url: &str, profile: &Path) -> Option<Self> {
        let named = std::env::var("CHROMIUM").ok();
        let programs = match &named {
            Some(program) => vec![&**program],
            None => vec!["chromium", "chromium-browser", "google-chrome"],
        };
        programs.into_iter().find_map(|program| {
            let started = Command::new(program)
                .args([
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                ])
                .args([
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-dev-shm-usage",
                ])
                .args(["--disable-component-update", "--disable-sync"])
                .args([
                    "--autoplay-policy=no-user-gesture-required",
                    "--no-proxy-server",
                    // A host that is no `localhost`: over plain HTTP a browser trusts it less.
                    "--host-resolver-rules=MAP lan.example 127.0.0.1",
                ])
                .arg("--remote-debugging-port=0")
                .arg(format!("--user-data-dir={}", profile.display()))
                .arg(url)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            started.ok().map(Self)
        })
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked first, so that it ends its own processes, which write to the profile.
        if let Some(pid) = Pid::from_raw(self.0.id().cast_signed()) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end && matches!(self.0.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
