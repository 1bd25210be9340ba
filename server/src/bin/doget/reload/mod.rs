//! `--reload`: pages load themselves again when a file changes.

#[cfg(target_os = "linux")]
mod inotify;
mod notices;
mod tree;
mod watcher;

use super::announce;
use super::arguments::{Arguments, Protocol, Reach};
use super::bind;
use super::error::CommandError;
use doget::live::{Lag, Text, Topic, WebSocket};
use doget::{
    FileHandler, FromRequest as _, HttpServer, Layer, Request, Response, Result, Sent, StatusCode,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tree::{Change, Tree};
use watcher::Watcher;

/// A layer with the script that pages load, and the socket by which they hear of changes.
pub(crate) struct Reload {
    script: String,
    socket: String,
    changes: Topic<Text>,
    version: Arc<AtomicU64>,
    /// Until it has a thread.
    watcher: Option<Watcher>,
}

const SCRIPT: &str = include_str!("reload.js");

impl Layer for Reload {
    const GATED: bool = false;

    fn around(
        &self,
        request: &mut Request<'_>,
        response: Response<'_>,
        next: impl FnOnce(&mut Request<'_>, Response<'_>) -> Result<Sent>,
    ) -> Result<Sent> {
        if !self.is_own(request) {
            return next(request, response);
        }
        if request.path() == self.script {
            return response
                .send_response(StatusCode::OK)
                .send_header("Content-Type", "text/javascript; charset=utf-8")
                .send_header("Cache-Control", "no-cache")
                .finish_with(SCRIPT);
        }
        let socket = WebSocket::from_request(request)?;
        response.reply(socket.follow(&self.changes).only())
    }

    fn is_logged(&self, request: &Request<'_>, _: StatusCode) -> bool {
        !self.is_own(request)
    }
}

impl Reload {
    fn is_own(&self, request: &Request<'_>) -> bool {
        matches!(request.method(), "GET" | "HEAD")
            && (request.path() == self.script || request.path() == self.socket)
    }

    /// Begins to wait for changes. Call it after the signals are seen to, since it starts a thread.
    ///
    /// # Errors
    ///
    /// There is no thread to be had.
    pub(crate) fn start(mut self) -> std::result::Result<Self, CommandError> {
        if let Some(watcher) = self.watcher.take() {
            let (version, changes) = (Arc::clone(&self.version), self.changes.clone());
            // It ends with the process.
            std::thread::Builder::new()
                .name("doget-reload".to_owned())
                .spawn(move || watch(watcher, &version, &changes))
                .map_err(|error| CommandError::of("cannot start a thread", &error))?;
        }
        Ok(self)
    }
}

/// Looks at the files, if the command line asks for it, and has the script put into pages. Call it before anything is
/// said.
///
/// # Errors
///
/// Others than the users of this machine could hear of changes, or no socket can be had.
pub(crate) fn open(
    files: FileHandler,
    server: &HttpServer,
    arguments: &Arguments,
) -> std::result::Result<(FileHandler, Option<Reload>), CommandError> {
    let Some(reach) = arguments.reload else {
        return Ok((files, None));
    };
    if !bind::is_alone(server, arguments) && reach == Reach::Loopback {
        return Err(CommandError::usage(
            "--reload: others can reach this server, and would keep a socket open; listen on -b 127.0.0.1, or say \
             --reload=force",
        ));
    }
    if arguments.protocol == Protocol::Http10 {
        return Err(CommandError::usage(
            "--reload: pages hear of changes by a WebSocket, which HTTP/1.0 does not have",
        ));
    }
    let base = arguments.base.as_deref().unwrap_or_default();
    let tree = Tree::new(
        &arguments.directory,
        arguments.hidden,
        arguments.log_file.as_deref(),
    );
    let watcher = Watcher::new(tree);
    let reload = Reload {
        script: format!("{base}/.doget/reload.js"),
        socket: format!("{base}/.doget/reload"),
        changes: Topic::new().keeping(1).lagging(Lag::Latest),
        version: Arc::new(AtomicU64::new(watcher.version())),
        watcher: None,
    };
    let (script, version) = (reload.script.clone(), Arc::clone(&reload.version));
    let files = files.head_markup(move || {
        let version = version.load(Ordering::SeqCst);
        format!("<script async src=\"{script}?{version:016x}\"></script>")
    });
    let version = watcher.version();
    reload
        .changes
        .publish(format!("page {version:016x} {version:016x}"));
    let watcher = Some(watcher);
    Ok((files, Some(Reload { watcher, ..reload })))
}

fn watch(mut watcher: Watcher, version: &AtomicU64, changes: &Topic<Text>) {
    loop {
        if let Some(complaint) = watcher.complaint() {
            announce::warn(&format!("--reload: {complaint}"));
        }
        let before = watcher.version();
        let what = match watcher.next() {
            Change::Styles => "styles",
            Change::Other => "page",
        };
        let now = watcher.version();
        // A page that is sent in between has the older version, and is loaded once more.
        changes.publish(format!("{what} {now:016x} {before:016x}"));
        version.store(now, Ordering::SeqCst);
    }
}
