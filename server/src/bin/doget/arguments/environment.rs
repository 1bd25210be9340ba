//! Options in the environment: `DOGET_IDLE_TIMEOUT=60` is `--idle-timeout 60`. The command line comes first.

use clap::builder::ArgAction;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};
use std::collections::BTreeMap;
use std::ffi::OsString;

const PREFIX: &str = "DOGET_";

/// What is done and ends, and is no setting.
const TASKS: [&str; 6] = [
    "completions",
    "hash-password",
    "help",
    "man",
    "print-limits",
    "version",
];

/// Reads the command line again, with what the environment says of options that it does not have.
pub(super) fn add(
    command: &mut Command,
    matches: ArgMatches,
    words: Vec<OsString>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<ArgMatches, clap::Error> {
    let mut found = BTreeMap::new();
    for (name, value) in variables {
        if name.as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            found.insert(name, value);
        }
    }
    let mut added = Vec::new();
    let mut mistake = None;
    for option in command.get_arguments() {
        let Some((name, value)) = found.remove_entry(&*OsString::from(variable_of(option))) else {
            continue;
        };
        let id = option.get_id().as_str();
        let is_said = matches.value_source(id) == Some(ValueSource::CommandLine);
        if is_said || value.is_empty() || TASKS.contains(&id) {
            continue;
        }
        match words_of(option, &value) {
            Ok(words) => added.extend(words),
            Err(words) => {
                mistake = Some(format!("{}: {words}", name.to_string_lossy()));
            }
        }
    }
    if let Some(words) = mistake {
        return Err(command.error(ErrorKind::ValueValidation, words));
    }
    #[cfg(not(unix))]
    if let Some(words) = found.keys().find_map(unix_alone) {
        return Err(command.error(ErrorKind::UnknownArgument, words));
    }
    if let Some((name, _)) = found.first_key_value() {
        let words = format!(
            "there is no option for the variable {}: write {PREFIX} and the name of an option, as in \
             {PREFIX}IDLE_TIMEOUT for --idle-timeout",
            name.to_string_lossy()
        );
        return Err(command.error(ErrorKind::UnknownArgument, words));
    }
    if added.is_empty() {
        return Ok(matches);
    }
    let mut words = words.into_iter();
    let program = words.next().unwrap_or_else(|| "doget".into());
    let all = std::iter::once(program).chain(added).chain(words);
    command.try_get_matches_from_mut(all)
}

/// A variable for an option that there is on Unix alone, and why it is not there.
#[cfg(not(unix))]
fn unix_alone(variable: &OsString) -> Option<String> {
    let variable = variable.to_str()?;
    let name = variable.strip_prefix(PREFIX)?.replace('_', "-");
    let reason = super::unix_alone::reason(&name.to_ascii_lowercase())?;
    Some(format!("{variable}: {reason}"))
}

/// `DOGET_NO_LISTING` for `--no-listing`, `DOGET_PORT` for the port.
fn variable_of(option: &Arg) -> String {
    let name = option.get_long().unwrap_or(option.get_id().as_str());
    format!("{PREFIX}{}", name.replace('-', "_").to_ascii_uppercase())
}

/// What would stand on the command line: of an option that can be repeated, a line for each time.
fn words_of(option: &Arg, value: &OsString) -> Result<Vec<OsString>, &'static str> {
    let Some(long) = option.get_long() else {
        return Ok(vec![value.clone()]);
    };
    if matches!(option.get_action(), ArgAction::SetTrue) {
        return match value.to_str() {
            Some("1" | "true" | "yes" | "on") => Ok(vec![format!("--{long}").into()]),
            Some("0" | "false" | "no" | "off") => Ok(Vec::new()),
            _ => Err("write 1 or 0"),
        };
    }
    let word = |value: &str| OsString::from(format!("--{long}={value}"));
    match (option.get_action(), value.to_str()) {
        (ArgAction::Append, Some(lines)) => Ok(lines
            .lines()
            .filter(|line| !line.is_empty())
            .map(word)
            .collect()),
        _ => {
            let mut word = word("");
            word.push(value);
            Ok(vec![word])
        }
    }
}
