//! How a [`CgiHandler`] is set up.

use crate::cgi::semaphore::Semaphore;
use crate::cgi::{CgiCredentials, CgiHandler, CgiLimits, path, user};
use crate::{FileHandler, SettingError};
use std::ffi::OsString;
use std::io;
use std::path::Path;

/// Construction and settings; each setting takes the handler and gives it back.
impl CgiHandler {
    /// Serves this directory, and runs the scripts below its `cgi-bin` and `htbin`.
    ///
    /// # Errors
    ///
    /// As [`FileHandler::new`].
    ///
    /// ```
    /// use doget::CgiHandler;
    ///
    /// assert!(CgiHandler::new(".").is_ok());
    /// assert!(CgiHandler::new("/no/such/directory").is_err());
    /// ```
    pub fn new(directory: impl AsRef<Path>) -> io::Result<Self> {
        Ok(Self::with_files(FileHandler::new(directory)?))
    }

    /// Serves files as this handler does.
    ///
    /// ```
    /// use doget::{CgiHandler, FileHandler};
    ///
    /// let scripts = CgiHandler::with_files(FileHandler::new(".")?.listing(false));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn with_files(files: FileHandler) -> Self {
        let limits = CgiLimits::default();
        let handler = Self {
            files,
            directories: Vec::new(),
            variables: Vec::new(),
            arguments: false,
            credentials: CgiCredentials::default(),
            identity: user::unprivileged(),
            slots: Semaphore::new(limits.max_scripts),
            limits,
        };
        handler.set_directories(vec![b"cgi-bin".to_vec(), b"htbin".to_vec()])
    }

    /// The directories below which everything is a script, as paths of URLs. Default is `/cgi-bin`, `/htbin`. One
    /// that is not there is no fault.
    ///
    /// ```
    /// # use doget::CgiHandler;
    /// let scripts = CgiHandler::new(".")?.cgi_directories(["/scripts", "/tools/cgi"])?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// One is the root itself, or not written plainly: `..`, `//` and the like.
    pub fn cgi_directories<D: AsRef<str>>(
        self,
        directories: impl IntoIterator<Item = D>,
    ) -> Result<Self, SettingError> {
        let read = |path: D| {
            path::directory(path.as_ref()).ok_or_else(|| {
                SettingError::new(format!(
                    "{:?} is no directory for scripts: write the path of a directory below the root, such as \
                     \"/cgi-bin\"",
                    path.as_ref()
                ))
            })
        };
        let directories = directories
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()?;
        Ok(self.set_directories(directories))
    }

    fn set_directories(mut self, directories: Vec<Vec<u8>>) -> Self {
        self.files.root.close(directories.clone());
        self.directories = directories;
        self
    }

    /// Whether this is the path of a directory that [`cgi_directories`](Self::cgi_directories) takes.
    ///
    /// ```
    /// use doget::CgiHandler;
    ///
    /// assert!(CgiHandler::is_directory("/cgi-bin"));
    /// assert!(!CgiHandler::is_directory("/"));
    /// ```
    #[must_use]
    pub fn is_directory(path: &str) -> bool {
        path::directory(path).is_some()
    }

    /// Adds a variable to the environment of scripts. The variables of RFC 3875 win over it.
    ///
    /// ```
    /// # use doget::CgiHandler;
    /// let scripts = CgiHandler::new(".")?.variable("GIT_PROJECT_ROOT", "/srv/git");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Whether a query without `=` becomes the arguments of the script, split at `+` and decoded (RFC 3875 section
    /// 4.4). Default is false: with `?-s`, a client would choose the options of programs that were not written for
    /// it.
    ///
    /// ```
    /// # use doget::CgiHandler;
    /// let scripts = CgiHandler::new(".")?.arguments(true);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn arguments(mut self, on: bool) -> Self {
        self.arguments = on;
        self
    }

    /// What scripts are told of the `Authorization` of a request. Default is [`CgiCredentials::Withheld`].
    ///
    /// ```
    /// use doget::{CgiCredentials, CgiHandler};
    ///
    /// let scripts = CgiHandler::new(".")?.credentials(CgiCredentials::Passed);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn credentials(mut self, credentials: CgiCredentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// Whether scripts run as root if the server does. Default is false: they run as `nobody` then, or, if the system
    /// does not let them, not at all.
    ///
    /// ```
    /// # use doget::CgiHandler;
    /// let scripts = CgiHandler::new(".")?.as_root(true);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn as_root(mut self, allowed: bool) -> Self {
        self.identity = if allowed { None } else { user::unprivileged() };
        self
    }

    /// The bounds of scripts.
    ///
    /// ```
    /// use doget::{CgiHandler, CgiLimits};
    ///
    /// let scripts = CgiHandler::new(".")?.limits(CgiLimits::new().max_scripts(32));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn limits(mut self, limits: CgiLimits) -> Self {
        self.slots = Semaphore::new(limits.max_scripts);
        self.limits = limits;
        self
    }
}
