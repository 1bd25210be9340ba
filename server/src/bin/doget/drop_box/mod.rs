//! `--drop DIR`: what clients send is kept in a directory that nobody is shown.

mod name;
mod place;
mod store;

use super::arguments::Arguments;
use super::error::CommandError;
use doget::{
    Declared, Error, Html, HttpServer, MultipartLimits, Request, Result, StatusCode, handler,
};
use std::io::Read;
pub(crate) use store::Store;

/// What its base answers, and files to keep at `/drop/`. That no page of another site sends them sees the layer
/// [`SameOrigin`](doget::SameOrigin), before anything of a body is read.
pub(crate) struct DropBox<H> {
    base: H,
    store: Store,
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
        let announced = request.headers().get("Content-Length");
        let announced = announced.and_then(|length| length.parse().ok());
        let _turn = self.store.turn()?;
        self.store.keep(name, announced, request.body())?;
        Ok((StatusCode::CREATED, format!("kept {name}\n")))
    }

    /// The files of the form, one after the other: those before one that is refused are kept.
    #[route("/drop/")]
    #[blocking]
    fn do_POST_drop(&self, request: &mut Request<'_>) -> Result<(StatusCode, String)> {
        let _turn = self.store.turn()?;
        let most = self.store.limits().max_file_size;
        let limits = MultipartLimits::new()
            .max_size(self.store.limits().max_total_size)
            .max_file_size(most);
        let mut parts = request.multipart_within(limits)?;
        let mut said = String::new();
        while let Some(mut part) = parts.next()? {
            let Some(name) = part.file_name() else {
                continue;
            };
            // One byte more than may be, so that the store is the one that refuses.
            part.set_limit(most.saturating_add(1));
            self.store.keep(&name, None, &mut part as &mut dyn Read)?;
            said += &format!("kept {name}\n");
        }
        if said.is_empty() {
            return Err(Error::bad_request().explain("there is no file in the form"));
        }
        Ok((StatusCode::CREATED, said))
    }
}

impl<H> DropBox<H> {
    pub(crate) fn around(base: H, store: Store) -> Self {
        Self { base, store }
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
) -> std::result::Result<Option<Store>, CommandError> {
    let Some(directory) = &arguments.drop else {
        return Ok(None);
    };
    let own = |address: std::net::SocketAddr| address.ip().to_canonical().is_loopback();
    let is_alone = server.local_addrs().all(own)
        && arguments.behind.is_none()
        && arguments.proxy_protocol.is_none();
    if !is_alone && !arguments.drop_anonymous && arguments.auth_file.is_none() {
        return Err(CommandError::usage(
            "--drop: others can reach this server, and anybody could fill the directory; listen on -b 127.0.0.1, \
             ask for passwords with --auth-file, or add --drop-anonymous",
        ));
    }
    place::check(directory, arguments)?;
    Store::open(directory, arguments.limits.drop.clone()).map(Some)
}
