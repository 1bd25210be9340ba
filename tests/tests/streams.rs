//! Streams that have no end of their own: they end with their server, and when their client leaves.

use doget::{HttpServer, Limits, Log, Request, Response, Result, Running, Sent, handler};
use doget_tests::Client;
use std::io::Write;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// Longer than any of these tests takes.
const LONG: Duration = Duration::from_secs(600);

#[derive(Debug, PartialEq)]
enum Step {
    Ticked,
    Finished,
    Failed,
}

/// A stream with so much time between two ticks.
struct Ticks {
    between: Duration,
    steps: Mutex<Sender<Step>>,
}

impl Ticks {
    fn tell(&self, step: Step) {
        let _ = self.steps.lock().unwrap().send(step);
    }

    fn tick(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let shutdown = request.server().shutdown();
        let mut wfile = response.send_response(200).end_headers()?;
        loop {
            wfile.write_all(b"tick\n")?;
            wfile.flush()?;
            self.tell(Step::Ticked);
            if shutdown.wait_begun(self.between) {
                return wfile.finish();
            }
        }
    }
}

#[handler]
impl Ticks {
    #[blocking]
    fn do_GET(&self, request: &Request<'_>, response: Response<'_>) -> Result<Sent> {
        let sent = self.tick(request, response);
        self.tell(if sent.is_ok() {
            Step::Finished
        } else {
            Step::Failed
        });
        sent
    }
}

/// A server, and a client that has asked it for the stream.
fn start(between: Duration) -> (Running, Client, Receiver<Step>) {
    let (steps, told) = channel();
    let running = HttpServer::bind("127.0.0.1:0")
        .unwrap()
        .log(Log::off())
        .limits(Limits::new().shutdown_timeout(LONG))
        .spawn(Ticks {
            between,
            steps: Mutex::new(steps),
        })
        .unwrap();
    let mut client = Client::connect(running.local_addr().unwrap());
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(told.recv_timeout(LONG), Ok(Step::Ticked));
    (running, client, told)
}

#[test]
fn a_stream_ends_with_its_server() {
    let (running, mut client, told) = start(LONG);
    running.shutdown().graceful();
    assert_eq!(told.recv_timeout(LONG), Ok(Step::Finished));
    assert_eq!(client.answer().text(), "tick\n");
    drop(client);
    running.join();
}

#[test]
fn a_stream_ends_when_its_client_leaves() {
    let (running, client, told) = start(Duration::from_millis(1));
    drop(client);
    let last = told.iter().find(|step| *step != Step::Ticked);
    assert_eq!(last, Some(Step::Failed));
    drop(running);
}
