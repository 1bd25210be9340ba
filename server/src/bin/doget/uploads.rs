//! Who may send files, and where they may come: not beside what the command itself reads, and not as root.

use crate::arguments::Arguments;
use crate::bind;
use crate::error::CommandError;
use doget::{FileHandler, HttpServer, UploadHandler};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// `--upload`: the files, and new ones into their directory. Call it before anything is said.
///
/// # Errors
///
/// Others than the users of this machine could send files without a password; the command runs as root; or what it
/// reads or writes itself lies in the directory.
pub(crate) fn take(
    files: FileHandler,
    server: &HttpServer,
    arguments: &Arguments,
) -> Result<UploadHandler, CommandError> {
    if arguments.auth_file.is_none() && !bind::is_alone(server, arguments) {
        return Err(CommandError::usage(
            "--upload: others can reach this server, and anybody could fill the directory; listen on -b 127.0.0.1, or \
             ask for passwords with --auth-file",
        ));
    }
    refuse_root("--upload")?;
    let directory = real(&arguments.directory)?.1;
    refuse_own_files("--upload", &arguments.directory, &directory, arguments)?;
    let files = UploadHandler::with_files(files);
    let files = files.map_err(|error| CommandError::usage(error.to_string()))?;
    Ok(files.limits(arguments.limits.upload.clone()))
}

/// Refuses a box in or above a directory that is served, or with files of the command in it.
pub(crate) fn check_drop(directory: &Path, arguments: &Arguments) -> Result<(), CommandError> {
    refuse_root("--drop")?;
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
    refuse_own_files("--drop", directory, &found.1, arguments)
}

fn refuse_root(option: &str) -> Result<(), CommandError> {
    if rustix::process::geteuid().is_root() {
        return Err(CommandError::new(format!(
            "{option} does not run as root: what clients send would belong to root"
        )));
    }
    Ok(())
}

/// What the command reads anew or writes on may be away for a moment, and then a client could give it.
fn refuse_own_files(
    option: &str,
    path: &Path,
    directory: &Metadata,
    arguments: &Arguments,
) -> Result<(), CommandError> {
    let files = arguments.tls.iter();
    let files = files.flat_map(|tls| {
        [
            Some(&tls.certificate),
            tls.key.as_ref(),
            tls.password.as_ref(),
        ]
    });
    let others = arguments.log_file.iter().chain(&arguments.auth_file);
    for file in files.flatten().chain(others) {
        if is_below(&real(file)?.0, directory) {
            return Err(CommandError::new(format!(
                "{option} {}: {} lies in it",
                path.display(),
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
