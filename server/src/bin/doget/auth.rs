//! `--auth-file`: everything that is served is for users with a password.

use super::arguments::Arguments;
use super::bind;
use super::error::CommandError;
use doget::{Basic, Declared, HttpServer, Passwords, Request, Result, Scheme, Verify, handler};
use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

/// What its base answers, to users that are known. Error pages and listings are among that.
pub(crate) struct Guarded<H> {
    base: H,
    passwords: Passwords,
    over_http: bool,
}

/// Somebody whose password was right.
struct User(String);

impl<H> Verify<User> for Guarded<H> {
    const SCHEME: Scheme = Scheme::Basic("doget");
    const BLOCKS: bool = true;

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        match Basic::of(request) {
            Some(basic) => {
                let is_right = self.passwords.verify(basic.name(), basic.password())?;
                Ok(is_right.then(|| User(basic.name().to_owned())))
            }
            None => Ok(None),
        }
    }

    fn allows_plain_http(&self) -> bool {
        self.over_http
    }

    fn user_name<'u>(&self, user: &'u User) -> Option<Cow<'u, str>> {
        Some(Cow::Borrowed(&user.0))
    }
}

#[handler(base(self.base: H), guard(User))]
impl<H: Declared> Guarded<H> {}

impl<H> Guarded<H> {
    pub(crate) fn around(base: H, passwords: Passwords, over_http: bool) -> Self {
        Self {
            base,
            passwords,
            over_http,
        }
    }
}

/// The users of the command line. Call it before anything is said.
///
/// # Errors
///
/// The file cannot be read, is readable by others, or is malformed; or passwords would cross a network in clear.
pub(crate) fn open(
    server: &HttpServer,
    arguments: &Arguments,
) -> std::result::Result<Option<Passwords>, CommandError> {
    let Some(path) = &arguments.auth_file else {
        return Ok(None);
    };
    let is_covered =
        server.is_https() || arguments.behind.is_some() || server.local_addrs().all(bind::is_own);
    if !is_covered && !arguments.auth_over_http {
        return Err(CommandError::usage(
            "--auth-file: passwords would cross the network in clear; serve HTTPS with --tls-cert, listen on -b \
             127.0.0.1, say --behind which proxy has HTTPS, or add --auth-over-http",
        ));
    }
    read(path).map(Some)
}

fn read(path: &Path) -> std::result::Result<Passwords, CommandError> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        CommandError::of(format_args!("cannot read {}", path.display()), &error)
    })?;
    #[cfg(unix)]
    if is_open_to_others(path) {
        return Err(CommandError::new(format!(
            "{} can be read by others: chmod 600 it",
            path.display()
        )));
    }
    let mut users = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match line.trim_end().split_once(':') {
            Some((name, hash)) if !name.is_empty() => users.push((name, hash)),
            _ => {
                return Err(CommandError::new(format!(
                    "{}, line {}: write NAME:HASH, with a hash of doget --hash-password",
                    path.display(),
                    index + 1
                )));
            }
        }
    }
    if users.is_empty() {
        return Err(CommandError::new(format!(
            "{} has no users",
            path.display()
        )));
    }
    Passwords::new(users).map_err(|error| {
        CommandError::new(format!(
            "{}: {error}; doget --hash-password makes them",
            path.display()
        ))
    })
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

/// The hash of the password that comes on standard input: on the command line every user of the machine could see it.
///
/// # Errors
///
/// There is none, or the system gives no random numbers.
pub(crate) fn hash() -> std::result::Result<Vec<u8>, CommandError> {
    let mut password = String::new();
    io::stdin()
        .lock()
        .take(4096)
        .read_to_string(&mut password)
        .map_err(|error| {
            CommandError::of("cannot read the password from standard input", &error)
        })?;
    let password = password.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(CommandError::new("there is no password on standard input"));
    }
    let hash = Passwords::hash(password).map_err(|error| CommandError::new(error.to_string()))?;
    Ok(format!("{hash}\n").into_bytes())
}
