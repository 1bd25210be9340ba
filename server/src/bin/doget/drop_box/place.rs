//! Where the box may be: away from everything that is served.

use crate::arguments::Arguments;
use crate::error::CommandError;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Refuses a box in or above a directory that is served, or with the certificate in it; and one that root would fill.
pub(super) fn check(directory: &Path, arguments: &Arguments) -> Result<(), CommandError> {
    if rustix::process::geteuid().is_root() {
        return Err(CommandError::new(
            "--drop does not run as root: what clients send would belong to root",
        ));
    }
    let told = || directory.display();
    let found = real(directory)?;
    if !found.1.is_dir() {
        return Err(CommandError::new(format!(
            "--drop {}: it is no directory",
            told()
        )));
    }
    let served = real(&arguments.directory)?;
    if is_below(&found.0, &served.1) || is_below(&served.0, &found.1) {
        return Err(CommandError::new(format!(
            "--drop {}: it has to be outside of the directory that is served, and not above it",
            told()
        )));
    }
    let files = arguments.tls.iter();
    let files = files.flat_map(|tls| {
        [
            Some(&tls.certificate),
            tls.key.as_ref(),
            tls.password.as_ref(),
        ]
    });
    for file in files.flatten().chain(arguments.log_file.as_ref()) {
        if is_below(&real(file)?.0, &found.1) {
            return Err(CommandError::new(format!(
                "--drop {}: {} lies in it",
                told(),
                file.display()
            )));
        }
    }
    Ok(())
}

/// The path without links, and what is there.
fn real(path: &Path) -> Result<(PathBuf, Metadata), CommandError> {
    let real = path.canonicalize();
    real.and_then(|path| path.metadata().map(|metadata| (path, metadata)))
        .map_err(|error| CommandError::of(format_args!("cannot use {}", path.display()), &error))
}

/// Whether a path is this directory or leads through it. Compared by what the system calls the same directory, since
/// one can be mounted in two places.
fn is_below(path: &Path, directory: &Metadata) -> bool {
    let mut steps = path.ancestors();
    steps.any(|step| {
        let same =
            |other: Metadata| (other.dev(), other.ino()) == (directory.dev(), directory.ino());
        step.metadata().is_ok_and(same)
    })
}
