//! Sends a directory as an archive.

use crate::files::FileHandler;
use crate::files::archive::{
    Archives, Fault, Item, PIECE, ROOT, Shown, Walk, attachment, copy, tar,
};
use crate::files::path::UrlPath;
use crate::files::root::{Directory, Opened};
use crate::{Error, Request, Response, Result, Sent, StatusCode};
use std::io::{self, Write};

impl FileHandler {
    /// Sends what listings show from this directory on. It is walked twice: first to count, since there is no way to
    /// refuse once the head is out.
    pub(super) fn send_archive(
        &self,
        archives: &Archives,
        directory: Directory,
        path: &UrlPath,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let Some(_turn) = archives.turn() else {
            return Err(self.exhausted(request).header("Retry-After", "5"));
        };
        let limits = &archives.limits;
        let shown = Shown {
            root: &self.root,
            index: &self.index,
            hidden: self.hidden,
        };
        let counted = Walk::new(shown, limits).run(directory, path, &mut |_, _| Ok(()));
        counted.map_err(|error| self.not_archived(&error, request))?;
        let name = match path.name() {
            b"" => ROOT.as_bytes(),
            name => name,
        };
        let handler = response.handler();
        let headers = self
            .begin(request, response, StatusCode::OK)
            .send_header("Content-Type", "application/x-tar")
            .send_header("Content-Disposition", attachment(name))
            .send_header("Accept-Ranges", "none");
        let headers = [
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        .into_iter()
        .fold(headers, |headers, (name, value)| {
            self.own(headers, name, value)
        });
        let mut body = self.extra(headers).end_headers()?;
        if request.method() == "HEAD" {
            return body.finish();
        }
        // Perhaps another one by now.
        let again = self.root.open(path.as_bytes());
        let Ok(Opened::Directory(directory)) = again else {
            return Err(Error::internal("the directory of the archive is gone"));
        };
        let mut left_out = 0_u32;
        let mut piece = vec![0; PIECE];
        let sent = Walk::new(shown, limits).run(directory, path, &mut |item, below| {
            let full = [name, b"/", below].concat();
            match item {
                Item::Directory(modified) => {
                    body.write_all(&tar::directory(&full, modified))?;
                }
                Item::File(found) => match self.root.open_file(found) {
                    Ok((file, facts)) => {
                        body.write_all(&tar::file(&full, facts.length, facts.modified))?;
                        copy(file, facts.length, &mut body, &mut piece)?;
                    }
                    // Gone, or not to be read: a GET of it would give nothing either.
                    Err(_) => left_out += 1,
                },
            }
            Ok(())
        });
        let closed = sent.as_ref().map_or(0, |closed| *closed);
        if left_out > 0 || closed > 0 {
            handler.log_error(
                request,
                format_args!(
                    "{left_out} files and {closed} directories could not be read, and are not in the archive"
                ),
            );
        }
        sent.map_err(io::Error::from)?;
        body.write_all(&tar::END)?;
        body.finish()
    }

    fn not_archived(&self, error: &Fault, request: &Request<'_>) -> Error {
        match error {
            Fault::Beyond(words) => self
                .error(request, 413)
                .message("Too much for an archive")
                .explain(*words),
            Fault::Exhausted => self.exhausted(request),
            Fault::Io(_) => self.error(request, 500),
        }
    }
}
