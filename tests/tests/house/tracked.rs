//! The files of the repository, as git knows them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tree::Files;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The paths of all files that are tracked, or would be with `git add`.
pub(crate) fn paths() -> Vec<String> {
    // The owner of a checkout may be another than who runs the tests; git would refuse to read it.
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "-C"])
        .arg(root())
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .output()
        .expect("git, which the checks of the whole repository need");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let listing = String::from_utf8(output.stdout).expect("paths in UTF-8");
    let paths: Vec<String> = listing
        .split_terminator('\0')
        .filter(|path| root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    assert!(
        paths.iter().any(|path| path == "server/src/lib.rs"),
        "git names no files of doget"
    );
    paths
}

/// Those files whose path passes.
pub(crate) fn files(wanted: impl Fn(&str) -> bool) -> Files {
    let read = |path: &String| fs::read_to_string(root().join(path)).expect("a text in UTF-8");
    let wanted = paths().into_iter().filter(|path| wanted(path));
    wanted.map(|path| (path.clone(), read(&path))).collect()
}
