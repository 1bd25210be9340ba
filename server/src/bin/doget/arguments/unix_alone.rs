//! Options that the command has on Unix alone: who asks for one elsewhere is told why it is not there.

use clap::error::{ContextKind, ContextValue};

const SCRIPTS: &str = "scripts are run on Unix alone";
const FILES: &str = "files of clients are taken on Unix alone";

const OPTIONS: [(&str, &str); 9] = [
    ("cgi", SCRIPTS),
    ("cgi-as-root", SCRIPTS),
    ("cgi-dir", SCRIPTS),
    ("cgi-env", SCRIPTS),
    ("drain-delay", "there is SIGTERM on Unix alone"),
    ("drop", FILES),
    ("drop-anonymous", FILES),
    ("unix", "there are Unix sockets on Unix alone"),
    ("upload", FILES),
];

/// The option that clap does not know, if it is one of Unix, and why it is not there.
pub(super) fn words(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let option = option.split('=').next()?;
    Some(format!("{option}: {}", reason(option.strip_prefix("--")?)?))
}

/// Why an option of this name is not there, if it is one of Unix.
pub(super) fn reason(name: &str) -> Option<&'static str> {
    let (_, reason) = OPTIONS.iter().find(|(option, _)| *option == name)?;
    Some(reason)
}
