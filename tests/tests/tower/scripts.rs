//! Scripts, which wait for descriptors: they run below another engine too.

use crate::executor::{Fed, ask, get, head, post};
use doget::{CgiHandler, Limits, Log, tower};
use doget_tests::eventually;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use tower_service::Service as _;

/// A directory with scripts; dropped, it is removed.
struct Scripts(PathBuf);

impl Scripts {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("doget-tower-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("cgi-bin")).unwrap();
        // The scripts of a server that is root run as nobody.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(&folder, open).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join("cgi-bin").join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn service(&self, limits: Limits) -> tower::Service {
        let handler = CgiHandler::new(&self.0).unwrap();
        tower::service(handler).log(Log::off()).limits(limits)
    }
}

impl Drop for Scripts {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const ECHO: &str =
    "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n%s ' \"$REQUEST_METHOD\"\ncat\n";

#[test]
fn scripts_run_and_get_their_bodies() {
    let scripts = Scripts::new("echo");
    scripts.write("echo", ECHO);
    let service = scripts.service(Limits::new());
    assert_eq!(ask(&service, get("/cgi-bin/echo")).2, "GET ");
    assert_eq!(ask(&service, post("/cgi-bin/echo", "body")).2, "POST body");
    // Fed while the script waits.
    let service = scripts.service(Limits::new().body_buffer_size(0));
    let fed = Fed::default();
    let request = http::Request::post("/cgi-bin/echo")
        .header("Host", "a")
        .header("Content-Length", "12")
        .body(fed.clone())
        .unwrap();
    let feeder = std::thread::spawn(move || {
        for word in ["one ", "two ", "six "] {
            eventually("the body is asked for", || fed.polls() > 0);
            fed.data(word);
        }
        fed.end();
    });
    assert_eq!(ask(&service, request).2, "POST one two six ");
    feeder.join().unwrap();
}

#[test]
fn a_script_whose_client_leaves_ends() {
    let scripts = Scripts::new("leave");
    let ended = scripts.0.join("ended");
    std::fs::create_dir(&ended).unwrap();
    std::fs::set_permissions(&ended, std::fs::Permissions::from_mode(0o777)).unwrap();
    let text = format!(
        "#!/bin/sh\ntrap 'touch {}/now; exit' TERM\nprintf 'Content-Type: text/plain\\n\\nbegun'\n\
         while :; do sleep 0.05; done\n",
        ended.display()
    );
    scripts.write("sleep", &text);
    let service = scripts.service(Limits::new());
    let response = head(&service, get("/cgi-bin/sleep"));
    assert_eq!(response.status(), 200);
    drop(response);
    eventually("the script was told to end", || ended.join("now").exists());
}

#[test]
fn scripts_end_with_the_service() {
    let scripts = Scripts::new("end");
    scripts.write("sleep", "#!/bin/sh\nsleep 60\n");
    let service = scripts.service(Limits::new());
    let shutdown = service.shutdown_handle();
    let mut other = service.clone();
    let waits = std::thread::spawn(move || {
        let Ok(response) = crate::executor::wait(other.call(get("/cgi-bin/sleep")));
        response.status().as_u16()
    });
    eventually("it is cut, whenever it begins", || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        shutdown.now();
        waits.is_finished()
    });
    assert!(waits.join().unwrap() >= 500);
}
