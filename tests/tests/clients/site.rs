//! What the clients are pointed at.

use doget::{Error, Redirect, Request, Response, Result, Sent, handler};
use doget_tests::Gate;
use doget_tests::test_server::TestServer;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// A little of everything.
pub(crate) struct Site(pub(crate) Gate);

#[handler]
impl Site {
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        match request.path() {
            "/hello" => response.reply("hello\n"),
            "/empty" => response.send_response(204).finish(),
            "/stream" => {
                let mut wfile = response
                    .send_response(200)
                    .send_header("Content-Type", "text/plain")
                    .end_headers()?;
                for line in 0..10_000 {
                    writeln!(wfile, "line {line}")?;
                }
                wfile.finish()
            }
            "/moved" => response.reply(Redirect::permanent("/hello")),
            "/see" => response.reply(Redirect::see_other("/hello")),
            "/loop" => response.reply(Redirect::temporary("/loop")),
            "/secret" => Err(Error::new(401).header("WWW-Authenticate", "Basic realm=\"a\"")),
            "/wait" => {
                self.0.wait();
                response.reply("waited\n")
            }
            _ => Err(Error::new(404).message("File not found")),
        }
    }

    fn do_POST(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        if request.path() == "/see" {
            return response.reply(Redirect::see_other("/hello"));
        }
        if request.path() == "/temporary" {
            return response.reply(Redirect::temporary("/echo"));
        }
        let mut body = Vec::new();
        request.body().read_to_end(&mut body)?;
        response.reply(body)
    }

    fn do_PUT(&self, request: &mut Request<'_>) -> Result<String> {
        let mut size = 0_u64;
        let mut piece = [0; 10_000];
        loop {
            match request.body().read(&mut piece)? {
                0 => return Ok(format!("{size} bytes\n")),
                read => size += read as u64,
            }
        }
    }

    fn handle_expect_100(&self, request: &Request<'_>) -> Result<()> {
        match request.path() {
            "/refused" => Err(Error::new(417)),
            _ => Ok(()),
        }
    }
}

/// A server of that.
pub(crate) fn site() -> (TestServer, Gate) {
    let gate = Gate::new();
    (TestServer::new(Site(gate.clone())), gate)
}

/// Whether a program is there. If it is not, that is said, and on CI it is a failure.
pub(crate) fn has(program: &str) -> bool {
    let found = Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "{program} is not installed"
        );
        eprintln!("skipped: {program} is not installed");
    }
    found
}

/// Runs a program with this input; its exit code and its output.
pub(crate) fn run(program: &str, args: &[&str], input: &[u8]) -> (Option<i32>, Vec<u8>) {
    let mut child = Command::new(program)
        .args(args)
        .env_remove("http_proxy")
        .env("NO_PROXY", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a program that starts");
    let mut stdin = child.stdin.take().expect("its input");
    let output = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that needs no input may be over already.
            let _ = stdin.write_all(input);
        });
        child.wait_with_output().expect("its output")
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    if !errors.is_empty() {
        eprintln!("{program}: {errors}");
    }
    (output.status.code(), output.stdout)
}
