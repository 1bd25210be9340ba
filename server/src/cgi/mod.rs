//! [`CgiHandler`]: serves files as [`FileHandler`] does, and runs the scripts below some of its directories (RFC
//! 3875), as
//! `http.server`'s `CGIHTTPRequestHandler` did.

mod arguments;
mod credentials;
mod environment;
mod header;
mod limits;
mod path;
mod process;
mod reached;
mod relay;
mod response;
mod semaphore;
mod settings;
mod stderr;
mod stdin;
mod user;

pub use credentials::CgiCredentials;
pub use limits::CgiLimits;

use crate::handler::Route;
use crate::handler::allow;
use crate::handler::registry::{MethodInfo, MethodSet};
use crate::handler::settings::Settings;
use crate::http1::{
    self, BodyDecoder, Head, Parsing, Progress, RequestFraming, Scan, TargetForm, repr,
};
use crate::request::body::BodyReader;
use crate::semantics::method_registry::{GET, HEAD, OPTIONS, POST};
use crate::{Declared, Error, FileHandler, Handler, Handles, Request, Response, Result, Sent};
use path::{Missing, Script};
use process::Process;
use relay::Relay;
use response::{bad, close, read_head, read_status_line, send};
use semaphore::Semaphore;
use std::ffi::OsString;
use std::io::Write as _;
use std::sync::atomic::Ordering;
use stdin::ScriptInput;
use user::Identity;

/// Serves the files of a directory, and runs the scripts below some directories in it.
///
/// | request | answer |
/// | --- | --- |
/// | `GET`, `HEAD` or `POST` of a path below a script directory | what the script answers |
/// | `GET` or `HEAD` of another path | as [`FileHandler`] |
/// | `POST` of another path | 501, as `http.server` has it |
/// | another method | as [`FileHandler`]: 405 with `Allow`, or 501 if it is in no registry |
///
/// A script is an executable file, or a file `.py` that is executable and has no `#!` line, which `python3 -u` runs.
/// What follows its name in the path is `PATH_INFO`. No shell is involved, and nothing of a request becomes an
/// argument unless [`arguments`](Self::arguments) says so. Nothing in the script directories is ever sent as a file.
///
/// Its answer begins with a header: `Content-Type`, `Status`, `Location` and others (RFC 3875 section 6). The header
/// is read whole before anything is sent: one that is faulty is 502, one that does not come in time 504. The body is
/// sent as it comes. The name of a script that writes a whole HTTP response begins with `nph-`.
///
/// A script runs in its own directory and process group, with an environment of its own: `PATH`, the variables of RFC
/// 3875, and what [`variable`](Self::variable) adds. If the server is root, it runs as `nobody`. It costs one thread
/// while it runs; [`CgiLimits`] has the bounds.
///
/// On Unix alone.
///
/// It is a handler like any other: serve it as it is, or build on it.
///
/// ```no_run
/// use doget::{CgiHandler, HttpServer};
///
/// let scripts = CgiHandler::new("public")?; // runs what lies below public/cgi-bin and public/htbin
/// HttpServer::bind("localhost:8000")?.serve_forever(scripts)?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// ```
/// use doget::{CgiHandler, handler};
///
/// struct Site {
///     scripts: CgiHandler,
/// }
///
/// #[handler(base(self.scripts: CgiHandler))]
/// impl Site {
///     #[route("/health")]
///     fn do_GET_health(&self) -> &'static str {
///         "well"
///     }
/// }
/// ```
#[derive(Debug)]
pub struct CgiHandler {
    files: FileHandler,
    /// Relative to the root, without a slash at either end.
    directories: Vec<Vec<u8>>,
    variables: Vec<(OsString, OsString)>,
    arguments: bool,
    credentials: CgiCredentials,
    identity: Option<Identity>,
    limits: CgiLimits,
    slots: Semaphore,
}

impl Declared for CgiHandler {
    const SETTINGS: &'static Settings = &FileHandler::SETTINGS.methods(
        const {
            &[
                MethodInfo::new("GET", "do_GET")
                    .doc("Runs the script, or sends the file or the listing."),
                MethodInfo::new("HEAD", "do_HEAD").doc("As GET, without the body."),
                MethodInfo::new("POST", "do_POST").doc("Runs the script."),
                MethodInfo::new("OPTIONS", "do_OPTIONS")
                    .doc("Says what is allowed; of a file as the file handler does."),
            ]
        },
    );
}

impl Handler for CgiHandler {
    fn settings(&self) -> &'static Settings {
        Self::SETTINGS
    }

    fn route(&self, command: &str, path: &str) -> Route {
        let index = match command {
            "GET" => 0,
            "HEAD" => 1,
            "POST" => 2,
            "OPTIONS" => 3,
            _ => return Route::UNKNOWN,
        };
        if command != "OPTIONS" && path::is_script(path, &self.directories) {
            // With a key of its own: that scripts are slow says nothing of files.
            Route::UNKNOWN.blocking(true)
        } else {
            Route::new(index)
        }
    }

    fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.method() {
            "GET" | "HEAD" | "POST" => self.answer(request, response, 0),
            "OPTIONS" => self.options(request, response),
            _ => allow::refuse(self, request),
        }
    }

    fn allowed(&self, path: &str, set: &mut MethodSet) {
        set.insert("GET");
        set.insert("HEAD");
        if path::is_script(path, &self.directories) {
            set.insert("POST");
        }
        set.insert("OPTIONS");
        // As with files.
        set.set_routed();
    }
}

impl Handles<GET> for CgiHandler {}
impl Handles<HEAD> for CgiHandler {}
impl Handles<POST> for CgiHandler {}
impl Handles<OPTIONS> for CgiHandler {}

impl CgiHandler {
    fn options(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let path = request.path();
        if path == "*" || path::is_script(path, &self.directories) {
            return allow::options(self, request, response);
        }
        self.files.options(request, response)
    }

    /// `redirects`: how many scripts have sent the request on.
    fn answer(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        redirects: u8,
    ) -> Result<Sent> {
        self.files.follow_root(request, &response);
        match path::find(
            request.path(),
            &self.directories,
            &self.files.root,
            self.files.hidden,
        ) {
            Ok(Some(script)) => self.run(&script, request, response, redirects),
            Ok(None) if request.method() == "POST" => {
                Err(Error::new(501).message("Can only POST to CGI scripts"))
            }
            Ok(None) => self.files.answer(request, response),
            Err(Missing::Outside) => Err(Error::new(400).message("Bad path")),
            Err(Missing::Script(name)) => {
                Err(Error::new(404).message(format!("No such CGI script ({})", repr(&name))))
            }
            Err(Missing::PlainFile(name)) => Err(Error::new(403)
                .message(format!("CGI script is not a plain file ({})", repr(&name)))),
            Err(Missing::Executable(name)) => Err(not_executable(&name)),
            Err(Missing::Interpreter(name)) => Err(Error::internal(format!(
                "the script {name} is text without a #! line"
            ))),
            Err(Missing::Descriptor) => Err(Error::busy()),
        }
    }

    fn run(
        &self,
        script: &Script,
        request: &mut Request<'_>,
        response: Response<'_>,
        redirects: u8,
    ) -> Result<Sent> {
        let slot = self.slots.take().ok_or_else(Error::busy)?;
        let hooks = response.handler();
        let (mut relay, whole) = self.start(script, request, hooks)?;
        if !whole {
            request.body().invite()?;
        }
        if script.writes_head() {
            return self.pass_on(relay, request, response);
        }
        let (head, body) = match read_head(&mut relay, request, &self.limits) {
            Ok(read) => read,
            Err(unread) => return Err(unread.into_error(relay, request)),
        };
        let Some(target) = head.local_redirect() else {
            return send(head, body, relay, request, response);
        };
        let target = target.to_owned();
        let lost = head.lost_by_redirect();
        if !lost.is_empty() {
            let (script, lost) = (script.name(), lost.join(", "));
            hooks.log_error(
                request,
                format_args!("CGI script {script}: its local redirect loses {lost}"),
            );
        }
        let _ = relay.let_end(request);
        relay.end(request);
        drop(slot);
        self.redirect(&target, request, response, redirects + 1)
    }

    /// Starts the script; says too whether nothing is left to be asked of the client.
    fn start<'r, 'h>(
        &'r self,
        script: &Script,
        request: &mut Request<'_>,
        hooks: &'h dyn Handler,
    ) -> Result<(Relay<'r, 'h>, bool)> {
        let input = ScriptInput::of(request, &self.limits)?;
        let mut command = script.command();
        if self.arguments {
            command.args(arguments::of(request));
        }
        command.env_clear().env("PATH", environment::search_path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.envs(environment::of(
            request,
            script,
            hooks,
            input.length(),
            self.credentials,
        ));
        if let Some(identity) = &self.identity {
            identity.assume(&mut command);
        }
        let whole = input.is_whole();
        let process = Process::start(command, &input).map_err(|error| {
            match error
                .raw_os_error()
                .map(rustix::io::Errno::from_raw_os_error)
            {
                Some(rustix::io::Errno::ACCESS) => {
                    let who = self
                        .identity
                        .as_ref()
                        .map_or(String::new(), Identity::words);
                    not_executable(script.name()).caused_by(format!(
                        "the script {} cannot be run{who}: {error}",
                        script.name()
                    ))
                }
                Some(
                    rustix::io::Errno::AGAIN
                    | rustix::io::Errno::NOMEM
                    | rustix::io::Errno::MFILE
                    | rustix::io::Errno::NFILE
                    // Somebody is writing it just now.
                    | rustix::io::Errno::TXTBSY,
                ) => Error::busy().caused_by(error),
                _ => Error::internal(format!(
                    "the script {} cannot be run: {error}",
                    script.name()
                )),
            }
        })?;
        let relay = Relay::new(process, input, script.name(), hooks, &self.limits);
        Ok((relay, whole))
    }

    /// The script writes the whole response (RFC 3875 section 5).
    fn pass_on(
        &self,
        mut relay: Relay<'_, '_>,
        request: &mut Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        let (status, begun) = match read_status_line(&mut relay, request, &self.limits) {
            Ok(read) => read,
            Err(unread) => return Err(unread.into_error(relay, request)),
        };
        response.writer.bare();
        let mut body = response.send_response(status).end_headers()?;
        // At once: nothing of it may be taken back, since an error page would stand there without a head.
        let written = body.write_all(&begun).and_then(|()| body.flush());
        if let Err(error) = written {
            relay.end(request);
            return Err(error.into());
        }
        let sent = relay.send(request, &mut body, None);
        close(sent, relay, request)?;
        body.finish()
    }

    /// Answers with another document of this server (RFC 3875 section 6.2.2), as a GET without a body.
    fn redirect(
        &self,
        target: &str,
        request: &mut Request<'_>,
        response: Response<'_>,
        redirects: u8,
    ) -> Result<Sent> {
        if redirects > self.limits.max_redirects {
            return Err(bad("the scripts redirect to each other without end"));
        }
        let mut bytes = Vec::with_capacity(target.len() + 512);
        let command = if request.method() == "HEAD" {
            "HEAD"
        } else {
            "GET"
        };
        let version = request.request_version();
        bytes.extend_from_slice(format!("{command} {target} {version}\r\n").as_bytes());
        // The host of an absolute target is said nowhere else.
        let host = request
            .authority()
            .filter(|_| request.target_form() == TargetForm::Absolute);
        if let Some(host) = host {
            let _ = http1::field_bytes(&mut bytes, "Host", host.as_bytes());
        }
        for (name, value) in request.headers() {
            let is_replaced = host.is_some() && name.eq_ignore_ascii_case("Host");
            if !is_replaced && !environment::is_about_body(name) {
                // It came in a request, so it can stand in one.
                let _ = http1::field_bytes(&mut bytes, name, value);
            }
        }
        bytes.extend_from_slice(b"\r\n");
        let mut head = Head::default();
        let limits = request.limits();
        let parsed = http1::parse(
            &bytes,
            true,
            Parsing::Lenient,
            &limits.lenient_head,
            &mut Scan::default(),
            &mut head,
        );
        if !matches!(parsed, Ok(Progress::Complete(_))) {
            return Err(bad("the script redirects to what is no path"));
        }
        let exchange = request.exchange;
        let unread = exchange.unread.load(Ordering::Relaxed);
        let nothing = BodyDecoder::new(RequestFraming::None, &limits.chunk);
        let body = BodyReader::new(Vec::new(), &[], nothing, exchange);
        // The client's own body is where it was.
        exchange.unread.store(unread, Ordering::Relaxed);
        let Some(length) = request.mount_of(head.path()) else {
            // The document is another handler's: the client asks for it.
            return response
                .send_response(302)
                .send_header("Location", target)
                .finish();
        };
        let mut request = Request::new(&head, &bytes, body, exchange, request.connection);
        request.below(length, |request| self.answer(request, response, redirects))
    }
}

fn not_executable(name: &str) -> Error {
    Error::new(403).message(format!("CGI script is not executable ({})", repr(name)))
}
