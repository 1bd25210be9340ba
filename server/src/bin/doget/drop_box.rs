//! `--drop DIR`: what clients send is kept in a directory that nobody is shown.

use super::arguments::Arguments;
use super::bind;
use super::error::CommandError;
use super::uploads;
use doget::{Declared, DropDirectory, Html, HttpServer, Request, Result, StatusCode, handler};

/// What its base answers, and files to keep at `/drop/`. That no page of another site sends them sees the layer
/// [`SameOrigin`](doget::SameOrigin), before anything of a body is read.
pub(crate) struct DropBox<H> {
    base: H,
    kept: DropDirectory,
}

/// A form without a script: the browser shows how far it is.
const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Drop files</title>
<h1>Drop files</h1>
<form method="post" enctype="multipart/form-data">
<input type="file" name="file" multiple required>
<button>Send</button>
</form>
<p>Or by a program: <code>curl -T FILE</code> and the address of this page.
"#;

#[handler(base(self.base: H))]
impl<H: Declared> DropBox<H> {
    #[route("/drop/")]
    fn do_GET_drop(&self) -> Html<&'static str> {
        Html(PAGE)
    }

    #[route("/drop/{name}")]
    #[blocking]
    fn do_PUT_drop(&self, name: &str, request: &mut Request<'_>) -> Result<(StatusCode, String)> {
        self.kept.put(name, request)?;
        Ok((StatusCode::CREATED, format!("kept {name}\n")))
    }

    /// The files of the form, one after the other: those before one that is refused are kept.
    #[route("/drop/")]
    #[blocking]
    fn do_POST_drop(&self, request: &mut Request<'_>) -> Result<(StatusCode, String)> {
        let names = self.kept.post(request)?;
        let said = names.iter().map(|name| format!("kept {name}\n")).collect();
        Ok((StatusCode::CREATED, said))
    }
}

impl<H> DropBox<H> {
    pub(crate) fn around(base: H, kept: DropDirectory) -> Self {
        Self { base, kept }
    }
}

/// The directory that the command line asks for. Call it before anything is said.
///
/// # Errors
///
/// The directory cannot be used, or others than the users of this machine could fill it.
pub(crate) fn open(
    server: &HttpServer,
    arguments: &Arguments,
) -> std::result::Result<Option<DropDirectory>, CommandError> {
    let Some(directory) = &arguments.drop else {
        return Ok(None);
    };
    let is_known = arguments.auth_file.is_some() || arguments.drop_anonymous;
    if !is_known && !bind::is_alone(server, arguments) {
        return Err(CommandError::usage(
            "--drop: others can reach this server, and anybody could fill the directory; listen on -b 127.0.0.1, \
             ask for passwords with --auth-file, or add --drop-anonymous",
        ));
    }
    uploads::check_drop(directory, arguments)?;
    DropDirectory::open(directory, arguments.limits.upload.clone())
        .map(Some)
        .map_err(|error| {
            CommandError::of(format_args!("cannot use {}", directory.display()), &error)
        })
}
