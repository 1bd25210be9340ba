//! What is answered where nothing is: the page of a single-page application, the site's 404 page, or the server's.

use crate::files::path::UrlPath;
use crate::files::root::Refusal;
use crate::files::whole_file::send_whole;
use crate::files::{FileHandler, NotFound, Plain, name_of};
use crate::semantics::accept::Weights;
use crate::{Request, Response, Result, Sent};

impl FileHandler {
    /// Nothing is there: the application's page, or the site's, or the server's.
    pub(super) fn missing(
        &self,
        path: Option<&UrlPath>,
        why: Option<&'static str>,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        if let (Some(spa), Some(path)) = (&self.spa, path)
            && is_page(path, request)
            && let Some(plain) = self.own_file(spa, request)?
        {
            return self.send_file(plain, request, response);
        }
        let page = match &self.not_found {
            NotFound::Usual => Some("404.html"),
            NotFound::Named(name) => Some(&**name),
            NotFound::Own => None,
        };
        if let Some(name) = page
            && let Some(plain) = self.own_file(name, request)?
        {
            if let Some(why) = why.filter(|_| self.reasons) {
                // By the hooks of whoever stands on this handler.
                let hooks = response.handler();
                hooks.log_error(request, format_args!("not found: {why}"));
            }
            let media = self.types.of(name_of(&plain.path));
            let headers = response.send_response_with(404, "File not found");
            let headers = self
                .open_to(request, headers)
                .send_header("Content-Type", &media.kind);
            if let Some(page) = self.marked(&plain) {
                return headers.finish_with_ranges(plain.file, page.body);
            }
            return send_whole(headers, plain.file, plain.facts.length, request);
        }
        let error = self.error(request, 404).message("File not found");
        Err(match why {
            Some(why) if self.reasons => error.caused_by(why),
            _ => error,
        })
    }

    /// A file that the handler's owner named.
    fn own_file(&self, name: &str, request: &Request<'_>) -> Result<Option<Plain>> {
        let path = own_path(name);
        match self.root.open_file(&path) {
            Ok((file, facts)) => Ok(Some(Plain { path, file, facts })),
            Err(Refusal::Exhausted) => Err(self.exhausted(request)),
            Err(_) => Ok(None),
        }
    }
}

/// The path of a file that the handler's owner named.
pub(super) fn own_path(name: &str) -> Vec<u8> {
    name.trim_start_matches('/').as_bytes().to_vec()
}

/// Whether a path that leads to nothing may be one of an application's pages.
pub(super) fn is_page(path: &UrlPath, request: &Request<'_>) -> bool {
    !path.name().contains(&b'.')
        || Weights::read(request.headers().get_all("Accept")).names("text/html")
}
