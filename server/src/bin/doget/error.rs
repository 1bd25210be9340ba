//! What ends the command, in one line.

use std::error::Error;
use std::fmt;
use std::io;

/// A line for the user.
#[derive(Debug)]
pub(crate) struct CommandError {
    line: String,
    /// The command was called in a wrong way: status 2, as for all mistakes in the options.
    usage: bool,
}

impl CommandError {
    pub(crate) fn new(line: impl Into<String>) -> Self {
        Self {
            line: line.into(),
            usage: false,
        }
    }

    /// An option that cannot be followed.
    pub(crate) fn usage(line: impl Into<String>) -> Self {
        Self {
            line: line.into(),
            usage: true,
        }
    }

    /// What is said: beside a mistake in the options also how the command is called, as other commands say it.
    pub(crate) fn message(&self) -> String {
        if self.usage {
            format!(
                "usage: doget [OPTIONS] [PORT]\ndoget: error: {}\nFor more information, try 'doget --help'.",
                self.line
            )
        } else {
            format!("doget: {}", self.line)
        }
    }

    /// The status that the command ends with.
    pub(crate) fn status(&self) -> u8 {
        if self.usage { 2 } else { 1 }
    }

    /// What was tried, and what the system said.
    pub(crate) fn of(what: impl fmt::Display, error: &io::Error) -> Self {
        Self::new(format!("{what}: {}", said(error)))
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

/// The words of the system's error without its number: what was tried the command says in its own words.
fn said(error: &io::Error) -> String {
    let system = error.get_ref().and_then(Error::source);
    let mut text = system.map_or_else(|| error.to_string(), ToString::to_string);
    if let Some(end) = text.find(" (os error ") {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_said_with_the_usage() {
        let mistake = CommandError::usage("no").message();
        assert!(mistake.starts_with("usage: doget [OPTIONS] [PORT]\ndoget: error: no\n"));
        assert_eq!(CommandError::new("no").message(), "doget: no");
    }

    #[test]
    fn a_fault_is_one_line_without_a_number() {
        let error = io::Error::from_raw_os_error(2);
        let fault = CommandError::of("cannot serve /x", &error).to_string();
        assert!(fault.starts_with("cannot serve /x: "), "{fault}");
        assert!(
            !fault.contains("os error") && !fault.contains('\n'),
            "{fault}"
        );
    }
}
