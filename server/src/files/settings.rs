//! How a [`FileHandler`] is set up.

use crate::error::attempt;
use crate::files::archive::{ArchiveLimits, Archives};
use crate::files::cache::Cache;
use crate::files::cors::Cors;
use crate::files::head_markup::HeadMarkup;
use crate::files::listing::ListingMemory;
use crate::files::media::MediaTypes;
use crate::files::not_found::own_path;
use crate::files::root::{Root, Symlinks};
use crate::files::setting_error::SettingError;
use crate::files::{FileHandler, NotFound, listing};
use crate::http1;
use std::io;
use std::path::Path;

/// Construction and settings; each setting takes the handler and gives it back.
impl FileHandler {
    /// A handler that serves this directory.
    ///
    /// # Errors
    ///
    /// The directory is missing, is not a directory, or may not be read. The words of the error name it, and its
    /// `source` is the error of the system.
    ///
    /// ```
    /// use doget::FileHandler;
    ///
    /// assert!(FileHandler::new(".").is_ok());
    /// let error = FileHandler::new("/no/such/directory").unwrap_err();
    /// assert!(error.to_string().starts_with("cannot open the directory /no/such/directory: "));
    /// ```
    pub fn new(directory: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self {
            root: Root::new(directory.as_ref()).map_err(|error| {
                let directory = directory.as_ref().display();
                attempt::failed(format_args!("cannot open the directory {directory}"), error)
            })?,
            prefix: String::new(),
            index: vec!["index.html".to_owned(), "index.htm".to_owned()],
            listing: true,
            listing_memory: ListingMemory::default(),
            max_listed_entries: listing::USUAL,
            hidden: false,
            archives: None,
            precompressed: true,
            takes_uploads: false,
            types: MediaTypes::default(),
            cache: Cache::default(),
            headers: Vec::new(),
            cors: Cors::default(),
            spa: None,
            not_found: NotFound::Usual,
            head_markup: None,
            reasons: false,
        })
    }

    /// Serves the directory below this path: with `/static` its `app.css` is found at `/static/app.css`, and other
    /// paths are 404. Redirects lead below it too. Default is none. It is compared segment by segment, in every
    /// spelling, as a route is.
    ///
    /// ```
    /// use doget::{FileHandler, handler, testing};
    ///
    /// struct Site {
    ///     files: FileHandler,
    /// }
    ///
    /// #[handler(base(self.files: FileHandler))]
    /// impl Site {
    ///     #[route("/")]
    ///     fn do_GET_home(&self) -> &'static str {
    ///         "home"
    ///     }
    /// }
    ///
    /// let site = Site { files: FileHandler::new("src")?.prefix("/source") };
    /// let get = |path: &str| testing::exchange(&site, format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes());
    /// assert!(get("/").ends_with(b"home"));
    /// assert!(get("/source/lib.rs").starts_with(b"HTTP/1.1 200 "));
    /// assert!(get("/lib.rs").starts_with(b"HTTP/1.1 404 "));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn prefix(mut self, path: &str) -> Self {
        self.prefix = match path.trim_matches('/') {
            "" => String::new(),
            plain => format!("/{plain}"),
        };
        self
    }

    /// The names of index pages: the first that is there is sent for its directory. Default is `index.html`,
    /// `index.htm`.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.index(["default.html"]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn index<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.index = names.into_iter().map(Into::into).collect();
        self
    }

    /// Whether a directory without an index page is listed; if not, it is 404. Default is true.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.listing(false);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn listing(mut self, on: bool) -> Self {
        self.listing = on;
        self
    }

    /// How many bytes the listings that are being sent may hold together: a client that reads a large one slowly holds
    /// its entries for as long. Beyond it a listing is 503 with `Retry-After: 1`; one below 64 KiB is always sent.
    /// Default is 64 MiB.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.listing_memory(16 << 20);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn listing_memory(mut self, bytes: usize) -> Self {
        self.listing_memory = ListingMemory::new(bytes);
        self
    }

    /// How many entries a listing has at most; one with more says so. Default is 10,000, which come to 3.4 MB where
    /// their names are long: a listing is whole in memory until its client has taken it.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.max_listed_entries(100_000);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn max_listed_entries(mut self, entries: usize) -> Self {
        self.max_listed_entries = entries;
        self
    }

    /// Lets clients have a directory and what is below it as one tar archive, at `?archive=tar` of its path with the
    /// slash; listings have a button for it. Default is not.
    ///
    /// It holds what listings show, in the order of the names: no hidden files, no directories behind links, of a
    /// directory with an index page that page alone; and for a link to a file, the file. The archive is made while it
    /// is sent, so it has no ranges and, unless it is small, no length; it takes a thread, and needs a few bytes of
    /// memory for each entry that is still to come. An archive that goes beyond its limits is 413; where a file becomes
    /// shorter while it is sent, the connection is cut, as with a file that is sent by itself.
    ///
    /// ```
    /// use doget::{ArchiveLimits, FileHandler};
    ///
    /// let files = FileHandler::new(".")?.archives(ArchiveLimits::new().max_size(1 << 30));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn archives(mut self, limits: ArchiveLimits) -> Self {
        self.archives = Some(Archives::new(limits));
        self
    }

    /// Whether names that begin with a dot are served and listed. Default is false; `/.well-known` is always served
    /// (RFC 8615). Nothing else makes a file hidden: the attributes that Windows has for it do not count.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.hidden(true);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn hidden(mut self, shown: bool) -> Self {
        self.hidden = shown;
        self
    }

    /// Which symbolic links are followed. Default is [`Symlinks::Inside`].
    ///
    /// ```
    /// use doget::{FileHandler, Symlinks};
    ///
    /// let files = FileHandler::new(".")?.symlinks(Symlinks::None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn symlinks(mut self, which: Symlinks) -> Self {
        self.root.set_symlinks(which);
        self
    }

    /// Whether compressed siblings are looked for. Default is true.
    ///
    /// Types that can be compressed are then sent with `Vary: Accept-Encoding`. A sibling that is older than the plain
    /// file is not used. A difference as small as pigz, brotli, Node and Python make when they copy a file's time does
    /// not count.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.precompressed(false);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn precompressed(mut self, on: bool) -> Self {
        self.precompressed = on;
        self
    }

    /// The value of `Cache-Control` for files. Default is `no-cache`: a client may keep a file, but asks each time
    /// whether the file has changed. With an empty value the field is not sent.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.cache_control("public, max-age=3600")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It cannot be the value of a header.
    pub fn cache_control(mut self, value: &str) -> Result<Self, SettingError> {
        check_value("Cache-Control", value)?;
        self.cache.set_usual(value.to_owned());
        Ok(self)
    }

    /// The value of `Cache-Control` for files that match a pattern. The first pattern that matches counts, in the order
    /// of the calls; [`cache_control`](Self::cache_control) is for the others.
    ///
    /// In a pattern `*` stands for any characters and `?` for one. A pattern without a slash is compared with the last
    /// name, one with a slash with the whole path below the directory. On Windows and macOS the case of letters from A
    /// to Z does not count, as it does not in names of files there.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?
    ///     .cache("*.html", "no-cache")?
    ///     .cache("assets/*", "max-age=31536000, immutable")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The value cannot be that of a header.
    pub fn cache(mut self, pattern: &str, value: &str) -> Result<Self, SettingError> {
        check_value("Cache-Control", value)?;
        self.cache.add(pattern, value);
        Ok(self)
    }

    /// The media type of names with this extension, as `http.server`'s `extensions_map`. It goes before the tables; the
    /// extension `""` is for names without one.
    ///
    /// The type is sent as it is. Only text types of the tables get `charset=utf-8`: write it as part of your own type
    /// if you want it.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?
    ///     .content_type("foo", "application/x-foo")?
    ///     .content_type("html", "text/html; charset=iso-8859-1")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The type cannot be the value of a header.
    pub fn content_type(mut self, extension: &str, kind: &str) -> Result<Self, SettingError> {
        check_value("Content-Type", kind)?;
        self.types.say(extension, kind);
        Ok(self)
    }

    /// The media type of names that no table knows. Default is `application/octet-stream`.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.default_content_type("text/plain")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It cannot be the value of a header.
    pub fn default_content_type(mut self, kind: &str) -> Result<Self, SettingError> {
        check_value("Content-Type", kind)?;
        self.types.set_unknown(kind);
        Ok(self)
    }

    /// A header to send with every file and listing, ranges included, but not with redirects, 304 and errors.
    ///
    /// The header replaces a field of that name that the handler would send itself, such as `Cache-Control`; `Vary` is
    /// sent in addition. If the same name is given twice, both headers are sent.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?
    ///     .header("Cross-Origin-Opener-Policy", "same-origin")?
    ///     .header("Cross-Origin-Embedder-Policy", "require-corp")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The name or the value cannot stand in a header; or it says what only the server knows, such as `Content-Length`;
    /// or it lets every page of the web read with credentials.
    pub fn header(
        mut self,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<Self, SettingError> {
        let (name, value) = (name.into(), value.into());
        if http1::field(&mut Vec::new(), &name, "").is_err() {
            return Err(SettingError::new(format!(
                "a header cannot have the name {name:?}: use letters, digits and hyphens"
            )));
        }
        if let Some(own) = OWN.iter().find(|own| own.eq_ignore_ascii_case(&name)) {
            return Err(SettingError::new(format!(
                "the header {own} is the server's own to send: leave it out{}",
                if *own == "Content-Type" {
                    ", and name the media type of an extension instead"
                } else {
                    ""
                }
            )));
        }
        check_value(&name, &value)?;
        self.headers.push((name, value));
        self.check_credentials()
    }

    /// Lets pages of this origin (`https://example.org`, or `*` for all) read the files, and answers the browser's
    /// question beforehand (a preflight). Called again, it adds an origin. Default is none.
    ///
    /// Credentials are not allowed, so a page reads what anybody could.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.cors("*")?;
    /// let files = FileHandler::new(".")?
    ///     .cors("https://example.org")?
    ///     .cors("http://localhost:3000")?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The text is not an origin.
    pub fn cors(mut self, origin: &str) -> Result<Self, SettingError> {
        if !self.cors.allow(origin) {
            return Err(SettingError::new(format!(
                "{origin:?} is no origin: write it as a browser does, https://example.org or http://localhost:3000, \
                 without a path, or * for all"
            )));
        }
        self.check_credentials()
    }

    /// Sends this file, with 200, where nothing is found and a page was asked for: for applications that route in the
    /// browser.
    ///
    /// A page is what a browser navigates to (`Accept` names `text/html`), or a path whose last name has no dot. A
    /// missing image or script stays 404.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.spa("index.html");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn spa(mut self, file: impl Into<String>) -> Self {
        self.spa = Some(file.into());
        self
    }

    /// The file to send with 404, relative to the directory. Default is `404.html`, if it is there; `None` is always
    /// the handler's own error page.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.not_found(Some("errors/missing.html"));
    /// let files = files.not_found(None);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn not_found(mut self, file: Option<&str>) -> Self {
        self.not_found = match file {
            Some(file) => NotFound::Named(file.to_owned()),
            None => NotFound::Own,
        };
        self
    }

    /// Puts markup into each HTML page, early in its head: what the function gives, which is asked for each page and
    /// must not block. Default is none.
    ///
    /// Such a page has an entity tag of its own, which tells its markup too. It has no ranges, and no compressed
    /// sibling is sent for it. A page in UTF-16, a file that is compressed itself and a listing stay as they are.
    ///
    /// ```
    /// use doget::{FileHandler, testing};
    ///
    /// # let directory = std::env::temp_dir().join(format!("doget-head-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory)?;
    /// std::fs::write(directory.join("index.html"), "<!DOCTYPE html>\n<title>Home</title>")?;
    /// let files = FileHandler::new(&directory)?.head_markup(|| r#"<script src="/dev.js"></script>"#.to_owned());
    /// let page = testing::get("/").send(&files);
    /// assert_eq!(page.text(), "<!DOCTYPE html><script src=\"/dev.js\"></script>\n<title>Home</title>");
    /// # std::fs::remove_dir_all(&directory)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn head_markup(mut self, markup: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.head_markup = Some(HeadMarkup::new(markup));
        self
    }

    /// Whether the log says why something was not found that is there: it is hidden, behind a link that is not
    /// followed, not readable, or no regular file; and why a compressed sibling is not used. Default is false, since it
    /// costs a second look at the path.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let files = FileHandler::new(".")?.log_reasons(true);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn log_reasons(mut self, on: bool) -> Self {
        self.reasons = on;
        self
    }

    /// Checks that the files are there which [`spa`](Self::spa) and [`not_found`](Self::not_found) name. Without them
    /// the handler serves all the same, as if they were not named: a program whose pages are built later need not ask.
    ///
    /// ```
    /// # use doget::FileHandler;
    /// let error = FileHandler::new(".")?.spa("no-such.html").check().unwrap_err();
    /// assert!(error.to_string().starts_with("no-such.html is no file in the directory"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// One of these files is missing, or may not be served.
    pub fn check(&self) -> Result<(), SettingError> {
        let named = match &self.not_found {
            NotFound::Named(name) => Some(name),
            NotFound::Usual | NotFound::Own => None,
        };
        for name in self.spa.iter().chain(named) {
            if self.root.open_file(&own_path(name)).is_err() {
                return Err(SettingError::new(format!(
                    "{name} is no file in the directory that is served: name it relative to that directory"
                )));
            }
        }
        Ok(())
    }

    /// A page that may read everything, together with credentials, could read whatever a visitor may see.
    fn check_credentials(self) -> Result<Self, SettingError> {
        let says = |name: &str, value: &str| {
            let mut configured = self.headers.iter();
            configured.any(|(known, text)| known.eq_ignore_ascii_case(name) && text.trim() == value)
        };
        let all = self.cors == Cors::Any || says("Access-Control-Allow-Origin", "*");
        if all && says("Access-Control-Allow-Credentials", "true") {
            return Err(SettingError::new(
                "every origin (*) together with credentials is refused by browsers: name the origins".to_owned(),
            ));
        }
        Ok(self)
    }
}

/// Names of headers that the server writes itself, or for which there is a setting.
const OWN: [&str; 12] = [
    "Accept-Ranges",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "Date",
    "ETag",
    "Last-Modified",
    "Location",
    "Server",
    "Transfer-Encoding",
];

pub(super) fn check_value(name: &str, value: &str) -> Result<(), SettingError> {
    if http1::field(&mut Vec::new(), name, value).is_ok() {
        return Ok(());
    }
    Err(SettingError::new(format!(
        "the header {name} cannot have the value {value:?}: a value is one line, without control characters and \
         without characters above U+00FF"
    )))
}
