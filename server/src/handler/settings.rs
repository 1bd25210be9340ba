//! [`Settings`]: what a handler decides once and for all.

use crate::handler::checks::{check_error_format, check_protocol_version};
use crate::handler::registry::MethodInfo;
use crate::http1::Parsing;
use crate::response::error_page::{ERROR_CONTENT_TYPE, ERROR_MESSAGE_FORMAT};

/// The default of [`Settings::server_version`].
pub const SERVER_VERSION: &str = concat!("doget/", env!("CARGO_PKG_VERSION"));

/// The constant part of a handler: the consts of a `#[handler]` block, as data.
///
/// [`Handler::settings`](crate::Handler::settings) gives a reference that lives as long as the program, since
/// responses keep it; what is only known at run time can be leaked once with [`Box::leak`].
///
/// ```
/// use doget::{Handler, MethodInfo, Request, Response, Result, Sent, Settings};
///
/// struct Old;
///
/// const METHODS: &[MethodInfo] = &[MethodInfo::new("GET", "answer")];
///
/// impl Handler for Old {
///     fn settings(&self) -> &'static Settings {
///         const {
///             &Settings::new()
///                 .server_version("Old/1.0")
///                 .protocol_version("HTTP/1.0")
///                 .methods(METHODS)
///         }
///     }
///
///     fn dispatch(&self, _: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
///         response.reply("hello")
///     }
/// }
///
/// let answer = doget::testing::exchange(&Old, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n");
/// assert!(answer.starts_with(b"HTTP/1.0 200 OK\r\nServer: Old/1.0\r\n"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settings {
    /// The value of `Server`. If this and [`sys_version`](Self::sys_version) are empty, no `Server` is sent.
    pub server_version: &'static str,
    /// The second word of `Server`, behind [`server_version`](Self::server_version) and a blank, if it is not empty.
    pub sys_version: &'static str,
    /// The version of responses: `HTTP/1.1`, or `HTTP/1.0`, with which every connection closes after its first
    /// response, also if the client asks to keep it, and no body is chunked.
    pub protocol_version: &'static str,
    /// How request heads are read.
    pub parsing: Parsing,
    /// The template of error pages, with `{code}`, `{message}` and `{explain}`; a brace as text is written twice.
    pub error_message_format: &'static str,
    /// The media type of error pages.
    pub error_content_type: &'static str,
    /// Every method and route, in the order of the source, with what is derived from it.
    pub methods: &'static [MethodInfo],
    /// The hooks `version_string`, `date_time_string` and `responses` are the defaults: the first lines of a response
    /// are then formatted once a second, and the hooks are not asked for each response.
    pub standard_head: bool,
    /// The hooks `log_message`, `log_date_time_string` and `address_string` are the defaults: a line of the log is
    /// then put together without asking them.
    pub standard_log: bool,
}

impl Settings {
    /// The defaults: no methods, HTTP/1.1, strict parsing, the pages of `http.server`, and all hooks asked.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            server_version: SERVER_VERSION,
            sys_version: "",
            protocol_version: "HTTP/1.1",
            parsing: Parsing::Strict,
            error_message_format: ERROR_MESSAGE_FORMAT,
            error_content_type: ERROR_CONTENT_TYPE,
            methods: &[],
            standard_head: false,
            standard_log: false,
        }
    }

    /// Sets [`server_version`](#structfield.server_version).
    #[must_use]
    pub const fn server_version(mut self, text: &'static str) -> Self {
        self.server_version = text;
        self
    }

    /// Sets [`sys_version`](#structfield.sys_version).
    #[must_use]
    pub const fn sys_version(mut self, text: &'static str) -> Self {
        self.sys_version = text;
        self
    }

    /// Sets [`protocol_version`](#structfield.protocol_version).
    ///
    /// # Panics
    ///
    /// For another version than `HTTP/1.1` and `HTTP/1.0`: in a const, while the program is compiled.
    #[must_use]
    #[track_caller]
    pub const fn protocol_version(mut self, version: &'static str) -> Self {
        self.protocol_version = check_protocol_version(version);
        self
    }

    /// Sets [`parsing`](#structfield.parsing).
    #[must_use]
    pub const fn parsing(mut self, parsing: Parsing) -> Self {
        self.parsing = parsing;
        self
    }

    /// Sets [`error_message_format`](#structfield.error_message_format).
    ///
    /// # Panics
    ///
    /// For a template with a brace that is neither doubled nor part of a placeholder: in a const, while the program
    /// is compiled.
    #[must_use]
    #[track_caller]
    pub const fn error_message_format(mut self, template: &'static str) -> Self {
        self.error_message_format = check_error_format(template);
        self
    }

    /// Sets [`error_content_type`](#structfield.error_content_type).
    #[must_use]
    pub const fn error_content_type(mut self, media_type: &'static str) -> Self {
        self.error_content_type = media_type;
        self
    }

    /// Sets [`methods`](#structfield.methods).
    #[must_use]
    pub const fn methods(mut self, methods: &'static [MethodInfo]) -> Self {
        self.methods = methods;
        self
    }

    /// Sets [`standard_head`](#structfield.standard_head).
    #[must_use]
    pub const fn standard_head(mut self, standard: bool) -> Self {
        self.standard_head = standard;
        self
    }

    /// Sets [`standard_log`](#structfield.standard_log).
    #[must_use]
    pub const fn standard_log(mut self, standard: bool) -> Self {
        self.standard_log = standard;
        self
    }

    /// Whether answers are HTTP/1.1, with what only that has: kept connections, chunks, `100 Continue`.
    pub(crate) fn is_modern(&self) -> bool {
        self.protocol_version >= "HTTP/1.1"
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}
