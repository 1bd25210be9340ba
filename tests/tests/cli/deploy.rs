//! The command as the files of `deploy/` start it: their options and variables are ones that it has.

use super::{Doget, Place};
use doget_tests::eventually;
use rustix::process::Signal;
use std::process::Command;

fn deployed(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy");
    std::fs::read_to_string(path.join(name)).unwrap()
}

/// Answers probes and files, and at SIGTERM says that it is not ready before it ends, if it has a delay.
#[track_caller]
fn serves(mut command: Command, leaves: bool) {
    command.env("DOGET_ALLOW_HOST", "test");
    let doget = Doget::start(command);
    for path in ["/livez", "/readyz", "/a.txt"] {
        assert_eq!(doget.get(path).status, 200, "{path}");
    }
    doget.signal(Signal::TERM);
    if leaves {
        eventually("leaving", || doget.get("/readyz").status == 503);
        doget.signal(Signal::TERM);
    }
    let (code, _, log) = doget.ended();
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn variables_of_the_image_and_of_kubernetes_are_options() {
    // `ENV DOGET_HEALTH=/livez,/readyz DOGET_..`
    let image = deployed("Dockerfile");
    let image: Vec<(&str, &str)> = image
        .lines()
        .filter_map(|line| line.strip_prefix("ENV "))
        .flat_map(|line| line.split(' '))
        .map(|word| word.split_once('=').unwrap())
        .collect();
    // `- { name: DOGET_HEALTH, value: "/livez,/readyz" }`
    let pods = deployed("kubernetes.yaml");
    let pods: Vec<(&str, &str)> = pods
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- { name: "))
        .map(|line| line.strip_suffix(" }").unwrap())
        .map(|line| line.split_once(", value: ").unwrap())
        .map(|(name, value)| (name, value.trim_matches('"')))
        .collect();
    for variables in [image, pods] {
        assert!(variables.len() >= 4, "{variables:?}");
        let place = Place::new();
        let mut command = place.command(&["0", "-b", "127.0.0.1"]);
        command.envs(variables);
        command.env("DOGET_DIRECTORY", place.root());
        serves(command, true);
    }
}

/// By `systemd-analyze`; where that is not there, this is left out, and says so.
#[cfg(target_os = "linux")]
#[test]
fn systemd_takes_the_units() {
    let place = Place::new();
    let program = crate::program().to_str().unwrap();
    let units = ["doget.service", "doget.socket"].map(|name| {
        let unit = place.root().join(name);
        let text = deployed(name).replace("/usr/local/bin/doget", program);
        std::fs::write(&unit, text).unwrap();
        unit
    });
    let verified = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .args(&units)
        .output();
    let Ok(verified) = verified else {
        eprintln!("left out: there is no systemd-analyze here");
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr);
    assert!(verified.status.success() && said.is_empty(), "{said}");
}

#[test]
fn options_of_the_unit_are_options() {
    let unit = deployed("doget.service");
    let start = |line: &str| line.strip_prefix("ExecStart=").map(str::to_owned);
    let line = unit.lines().find_map(start).unwrap();
    let place = Place::new();
    let root = place.root().display().to_string();
    let words = line.split(' ').skip(1);
    let words = words.map(|word| if word == "/srv/www" { &root } else { word });
    let all: Vec<&str> = words.chain(["0", "-b", "127.0.0.1"]).collect();
    serves(place.command(&all), false);
}
