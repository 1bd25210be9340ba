//! The certificate of the command line, with its key and its password.

use super::arguments::TlsFiles;
use super::error::CommandError;
use doget::{Tls, TlsError};
use std::path::Path;

/// The file with the private key.
pub(crate) fn key(files: &TlsFiles) -> &Path {
    files.key.as_deref().unwrap_or(&files.certificate)
}

/// Reads the files.
pub(crate) fn load(files: &TlsFiles) -> Result<Tls, CommandError> {
    let password = files.password.as_ref().map(std::fs::read_to_string);
    let password = password.transpose().map_err(|error| {
        let path = files.password.as_deref().unwrap_or(&files.certificate);
        CommandError::of(
            format_args!("cannot read the TLS password file {}", path.display()),
            &error,
        )
    })?;
    let loaded = Tls::load(
        &files.certificate,
        files.key.as_deref(),
        password.as_deref().map(str::trim),
    );
    loaded.map_err(|error| match error {
        TlsError::Unreadable(path, error) => {
            CommandError::of(format_args!("cannot read {}", path.display()), &error)
        }
        error => {
            let option = match error {
                TlsError::NoKey => " (--tls-key)",
                TlsError::PasswordNeeded => " (--tls-password-file)",
                _ => "",
            };
            let certificate = files.certificate.display();
            CommandError::new(format!(
                "cannot serve HTTPS with {certificate}: {error}{option}"
            ))
        }
    })
}
