//! Lambda's runtime interface, on loopback: the binary asks it for events, and answers them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use doget::{HttpServer, Limits, Log, Request, Response, Result, Sent, handler};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// `events/NAME.json`: what each of Lambda's front doors sends, in the form that AWS's documentation shows, and the
/// whole answer, but for its date and the version of doget. Of a field that stands twice in a request of a REST API,
/// `lambda_http` passes on the last one.
fn cases() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/events");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let case = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        (
            name,
            serde_json::from_slice(&std::fs::read(path).unwrap()).expect("JSON"),
        )
    };
    files.map(case).collect()
}

/// The other side of the interface: one event after the other, and then nothing.
struct Runtime {
    events: Mutex<VecDeque<(String, String)>>,
    answers: Mutex<Sender<(String, Value)>>,
}

#[handler]
impl Runtime {
    #[route("/2018-06-01/runtime/invocation/next")]
    fn do_GET_next(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let next = self.events.lock().unwrap().pop_front();
        let Some((id, event)) = next else {
            // Lambda freezes the function here, until there is another event.
            request.server().shutdown().wait_begun(PATIENCE);
            return response.send_error(503, None, None);
        };
        response
            .send_response(200)
            .send_header("Content-Type", "application/json")
            .send_header("Lambda-Runtime-Aws-Request-Id", &id)
            .send_header("Lambda-Runtime-Deadline-Ms", "99999999999999")
            .send_header(
                "Lambda-Runtime-Invoked-Function-Arn",
                "arn:aws:lambda:eu-central-1:1:function:f",
            )
            .send_header(
                "Lambda-Runtime-Trace-Id",
                "Root=1-5759e988-bd862e3fe1be46a994272793",
            )
            .finish_with(event)
    }

    #[route("/2018-06-01/runtime/invocation/{id}/response")]
    fn do_POST_response(&self, id: &str, answer: String) -> (u16, &'static str) {
        // It is sent without a media type.
        let answer = serde_json::from_str(&answer).expect("JSON");
        let _ = self.answers.lock().unwrap().send((id.to_owned(), answer));
        (202, "{}")
    }

    #[route("/2018-06-01/runtime/invocation/{id}/error")]
    fn do_POST_error(&self, id: &str, error: String) -> (u16, &'static str) {
        let _ = self
            .answers
            .lock()
            .unwrap()
            .send((id.to_owned(), Value::String(error)));
        (202, "{}")
    }
}

/// The binary; dropped, it is ended.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program(variables: &[(&str, &str)]) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_doget-on-lambda"));
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    for (name, value) in variables {
        command.env(name, value);
    }
    Program(command.spawn().expect("the binary"))
}

#[test]
fn events_of_all_kinds_are_answered() {
    let cases = cases();
    let (answers, given) = channel();
    let events = cases
        .iter()
        .map(|(name, case)| (name.clone(), case["event"].to_string()));
    let runtime = Runtime {
        events: Mutex::new(events.collect()),
        answers: Mutex::new(answers),
    };
    let server = HttpServer::bind("127.0.0.1:0").unwrap().log(Log::off());
    let limits = Limits::new().shutdown_timeout(Duration::from_millis(100));
    let server = server.limits(limits).spawn(runtime).unwrap();
    let address = server.local_addr().unwrap().to_string();
    let _program = program(&[
        ("AWS_LAMBDA_RUNTIME_API", &address),
        ("AWS_LAMBDA_FUNCTION_NAME", "f"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "g"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "s"),
        // The stage of an API is where it stands, and no part of what the handler is asked for.
        ("AWS_LAMBDA_HTTP_IGNORE_STAGE_IN_PATH", "true"),
    ]);
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        let (id, mut answer) = given.recv_timeout(PATIENCE).expect("an answer");
        assert_eq!(&id, name);
        without_date_and_version(&mut answer);
        if answer != case["answer"] {
            wrong.push(format!("{name}: {answer:#}\nand not {:#}", case["answer"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 15, "{} events", cases.len());
}

/// Both are there; the one differs each time, the other with each release.
fn without_date_and_version(answer: &mut Value) {
    let mut dates = 0;
    for kind in ["headers", "multiValueHeaders"] {
        if let Some(fields) = answer[kind].as_object_mut() {
            dates +=
                usize::from(fields.remove("date").is_some() && fields.remove("server").is_some());
        }
    }
    assert!(dates > 0, "{answer}");
}

/// What the web adapter does: it waits until the program is up, and passes requests on as plain HTTP.
#[test]
fn the_same_binary_serves_behind_the_web_adapter() {
    let mut program = program(&[
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9"),
        ("AWS_LWA_READINESS_CHECK_PATH", "/readyz"),
        ("PORT", "0"),
    ]);
    let mut line = String::new();
    let output = program.0.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening ").expect("an address");
    for (path, body) in [("/readyz", "ready\n"), ("/items/7", "item 7\n")] {
        let mut client = TcpStream::connect(address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            client,
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200 ") && answer.ends_with(body),
            "{answer}"
        );
    }
}
