//! What other threads send by a socket's handle, and what does not fit.

use crate::limits;
use crate::ways::Ways;
use doget::handler;
use doget::live::{Handle, Live, SendError, WebSocket};
use doget_tests::eventually;
use doget_tests::live::Ws;
use doget_tests::test_server::TestServer;
use std::sync::{Arc, Mutex};

#[test]
fn a_handle_sends_from_another_thread() {
    Ways::new().each(|way| {
        let mut ws = way.connect("/handle");
        assert_eq!(ws.receive_text(), "before");
        way.site.gate.has(1);
        way.site.gate.pass(1);
        assert_eq!(ws.receive_text(), "later");
        assert_eq!(ws.receive(), Some((0x82, vec![1, 2, 3])));
        ws.is_closed_with(4000);
    });
}

/// Bytes that wait for a socket at most.
const QUEUE: usize = 10_000;

/// What a message counts beside its bytes.
const EACH: usize = 128;

/// A site whose handles the test has.
#[derive(Clone, Default)]
struct Handles {
    handles: Arc<Mutex<Vec<Handle>>>,
}

#[handler]
impl Handles {
    #[route("/")]
    fn do_GET_socket(&self, socket: WebSocket) -> Live {
        self.handles.lock().unwrap().push(socket.handle());
        socket.each(|peer, message| peer.send(message))
    }

    /// Nothing leaves before the method has returned: what fits until then is known to the byte.
    #[route("/early")]
    fn do_GET_early(&self, socket: WebSocket) -> Live {
        let handle = socket.handle();
        // Whatever its size, one message may wait.
        assert_eq!(handle.send(vec![0; QUEUE + 1]), Ok(()));
        assert_eq!(handle.send("x"), Err(SendError::Full));
        socket.only()
    }

    #[route("/full")]
    fn do_GET_full(&self, socket: WebSocket) -> Live {
        let handle = socket.handle();
        for _ in 0..4 {
            assert_eq!(handle.send("y".repeat(QUEUE / 4 - EACH)), Ok(()));
        }
        assert_eq!(handle.send(""), Err(SendError::Full));
        socket.only()
    }

    /// Messages of no bytes are no endless queue.
    #[route("/empty")]
    fn do_GET_empty(&self, socket: WebSocket) -> Live {
        let handle = socket.handle();
        let taken = (0..1000).take_while(|_| handle.send("").is_ok());
        assert_eq!(taken.count(), QUEUE / EACH);
        socket.only()
    }
}

fn server() -> (TestServer, Handles) {
    let handles = Handles::default();
    let limits = limits(|live| live.max_queue_size(QUEUE));
    (TestServer::limited(handles.clone(), limits), handles)
}

#[test]
fn more_than_the_queue_is_refused_and_what_was_taken_arrives() {
    let (server, _) = server();
    let mut ws = Ws::connect(server.address(), "/early");
    assert!(ws.receive() == Some((0x82, vec![0; QUEUE + 1])));
    let mut ws = Ws::connect(server.address(), "/full");
    for _ in 0..4 {
        assert_eq!(ws.receive_text().len(), QUEUE / 4 - EACH);
    }
    let mut ws = Ws::connect(server.address(), "/empty");
    for _ in 0..QUEUE / EACH {
        assert_eq!(ws.receive_text(), "");
    }
}

#[test]
fn a_queue_is_full_for_who_reads_nothing_and_then_goes_on() {
    let (server, site) = server();
    let client = doget_tests::Client::connect_narrow(server.address());
    let mut deaf = Ws::over(client, "/");
    let handle = site.handles.lock().unwrap().pop().unwrap();
    // More than the system holds for it: at last nothing is taken, however long one waits.
    let long = "x".repeat(2000);
    let (mut sent, mut refused) = (0, 0);
    eventually("the queue stays full", || {
        refused += 1;
        while handle.send(format!("{sent:08}{long}")).is_ok() {
            sent += 1;
            refused = 0;
        }
        refused > 20
    });
    // Others are served.
    let mut other = Ws::connect(server.address(), "/");
    other.text("hello");
    assert_eq!(other.receive_text(), "hello");
    for number in 0..sent {
        assert_eq!(deaf.receive_text()[..8], format!("{number:08}"));
    }
    eventually("there is room", || handle.send("more").is_ok());
    assert_eq!(deaf.receive_text(), "more");
    drop(deaf);
    eventually("it is gone", || handle.is_gone());
    assert_eq!(handle.send("x"), Err(SendError::Gone));
}
