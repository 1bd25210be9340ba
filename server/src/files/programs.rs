//! Files for handlers that decide themselves what is sent.

use crate::extract::file_name::Names;
use crate::files::path::{PathError, UrlPath};
use crate::files::root::Refusal;
use crate::files::{FileHandler, Found, Plain, name_of};
use crate::{Request, Response, Result, Sent};
use std::time::SystemTime;

/// A regular file that lies below the directory of a [`FileHandler`], open: [`send`](FileHandler::send) sends it.
#[derive(Debug)]
pub struct FoundFile(Plain);

impl FoundFile {
    /// Its length in bytes.
    pub fn length(&self) -> u64 {
        self.0.facts.length
    }

    /// When it was last changed, to the second.
    pub fn modified(&self) -> SystemTime {
        self.0.facts.modified.to_the_second()
    }
}

/// Files for handlers that decide themselves what is sent.
impl FileHandler {
    /// The file that the path of a request leads to, as it was sent and with the [`prefix`](Self::prefix): an index
    /// page too, if it ends with a slash. `None` if there is none that may be served, so that the handler can answer
    /// otherwise.
    ///
    /// ```
    /// use doget::{FileHandler, Request, Response, Result, Sent, handler};
    ///
    /// struct Wiki {
    ///     files: FileHandler,
    /// }
    ///
    /// #[handler]
    /// impl Wiki {
    ///     fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
    ///         match self.files.find(request.path())? {
    ///             Some(file) => self.files.send(file, request, response),
    ///             None => response.reply("a page that is made now"),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// A 400 if the percent-encoding is wrong, and a 503 if the process has no descriptor left.
    pub fn find(&self, path: &str) -> Result<Option<FoundFile>> {
        let Some(below) = self.below_prefix(path) else {
            return Ok(None);
        };
        self.root.follow();
        match UrlPath::parse(below, Names::HERE) {
            Ok(path) if self.hidden || !path.is_hidden() => match self.look_up(&path) {
                Ok(Found::File(plain)) => Ok(Some(FoundFile(plain))),
                Err(Refusal::Exhausted) => Err(exhausted()),
                _ => Ok(None),
            },
            Err(PathError::Malformed) => {
                Err(crate::Error::new(400).message("Bad percent-encoding in the path"))
            }
            _ => Ok(None),
        }
    }

    /// The file of this name, relative to the directory and with slashes; nothing is decoded. It may come from a
    /// request: what leads out, what is hidden and what is no regular file is `None`, as if nothing were there.
    ///
    /// ```
    /// use doget::{FileHandler, Request, Response, Result, Sent};
    ///
    /// fn report(files: &FileHandler, year: u16, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
    ///     match files.open(&format!("reports/{year}.pdf"))? {
    ///         Some(file) => files.send(file, request, response),
    ///         None => response.send_error(404, "There is no such report", None),
    ///     }
    /// }
    ///
    /// let files = FileHandler::new("src")?;
    /// assert!(files.open("lib.rs").is_ok_and(|file| file.is_some()));
    /// assert!(files.open("../Cargo.toml").is_ok_and(|file| file.is_none()));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A 503 if the process has no descriptor left.
    pub fn open(&self, name: &str) -> Result<Option<FoundFile>> {
        self.root.follow();
        let Some(path) = UrlPath::plain(name, Names::HERE) else {
            return Ok(None);
        };
        if path.has_slash() || (path.is_hidden() && !self.hidden) {
            return Ok(None);
        }
        let path = path.as_bytes().to_vec();
        match self.root.open_file(&path) {
            Ok((file, facts)) => Ok(Some(FoundFile(Plain { path, file, facts }))),
            Err(Refusal::Exhausted) => Err(exhausted()),
            Err(_) => Ok(None),
        }
    }

    /// Sends a file as the handler does: with its media type, validators and headers, in the form that the client
    /// accepts, and to a GET or HEAD by the request's conditions and ranges.
    ///
    /// # Errors
    ///
    /// A 412 or 416 by the request, or what writing gives.
    pub fn send(
        &self,
        file: FoundFile,
        request: &Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        self.send_file(file.0, request, response)
    }

    /// The media type of a file of this name: what was [said](Self::content_type) of its extension, else what
    /// [`media_type`](crate::media_type) says.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.content_type("log", "text/plain")?;
    /// assert_eq!(files.media_type("today.log"), "text/plain");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn media_type(&self, name: &str) -> String {
        self.types.of(name_of(name.as_bytes())).kind.into_owned()
    }
}

fn exhausted() -> crate::Error {
    crate::Error::new(503).header("Retry-After", "1")
}
