//! On Windows what is ready is reported as often as it is asked for: a loop that asks for what it does not use up never
//! rests. No client sees that, but the process's time does.

#![cfg(windows)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::live::{Live, Park, Parked, Text, Topic, WebSocket};
use doget::{Limits, handler};
use doget_tests::live::{Ws, handshake};
use doget_tests::test_server::TestServer;
use doget_tests::{Client, eventually, eventually_is};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Messages of a mebibyte: more than the system takes for a follower that reads nothing.
const MESSAGES: usize = 32;

/// A time in units of 100 ns: the low half, and the high one.
type FileTime = [u32; 2];

#[link(name = "kernel32")]
unsafe extern "system" {
    fn GetCurrentProcess() -> isize;
    fn GetProcessTimes(
        process: isize,
        creation: *mut FileTime,
        exit: *mut FileTime,
        kernel: *mut FileTime,
        user: *mut FileTime,
    ) -> i32;
}

/// Processor time of this process.
fn processor_time() -> Duration {
    let (mut creation, mut exit) = Default::default();
    let (mut kernel, mut user) = Default::default();
    // SAFETY: this process's handle needs no closing, and the four places are there while it writes to them.
    let told = unsafe {
        GetProcessTimes(
            GetCurrentProcess(),
            &raw mut creation,
            &raw mut exit,
            &raw mut kernel,
            &raw mut user,
        )
    };
    assert_ne!(told, 0, "{}", std::io::Error::last_os_error());
    let units = |[low, high]: FileTime| u64::from(high) << 32 | u64::from(low);
    Duration::from_nanos((units(kernel) + units(user)) * 100)
}

#[derive(Clone)]
struct Site {
    room: Topic<Text>,
    waiting: Arc<Mutex<Vec<Parked>>>,
}

#[handler]
impl Site {
    #[route("/")]
    fn do_GET_page(&self) -> &'static str {
        "a page"
    }

    #[route("/park")]
    fn do_GET_park(&self, park: Park) -> Live {
        let (live, parked) = park.within(Duration::from_secs(60));
        self.waiting.lock().unwrap().push(parked);
        live
    }

    #[route("/room")]
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        socket.follow(&self.room).only()
    }

    #[route("/large")]
    fn do_GET_large(&self) -> Vec<u8> {
        vec![b'x'; 16 << 20]
    }
}

/// One test, since the time is the process's.
#[test]
fn nothing_spins() {
    let site = Site {
        room: Topic::new().capacity(8 * MESSAGES << 20),
        waiting: Arc::default(),
    };
    let server = TestServer::limited(site.clone(), Limits::new());
    let address = server.address();
    // A request behind one that is answered later.
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut behind = Client::connect(address);
    behind.send(get("/park"));
    eventually("it is parked", || !site.waiting.lock().unwrap().is_empty());
    behind.send(get("/"));
    // Two followers that read nothing, one of which sends.
    let mut followers = [(); 2].map(|()| {
        let mut client = Client::connect_narrow(address);
        client.send(handshake("/room", ""));
        let mut follower = Ws::raw(client);
        assert!(follower.head().starts_with("HTTP/1.1 101"));
        follower
    });
    eventually_is("receivers", 2, || site.room.stats().receivers);
    let long = "x".repeat(1 << 20);
    for _ in 0..MESSAGES {
        site.room.publish(long.as_str());
    }
    followers[0].text("unread");
    // A client that reads nothing of its answer, and asks again.
    let mut reader = Client::connect_narrow(address);
    reader.send(get("/large").repeat(2));
    // One that has sent half a head.
    let mut half = Client::connect(address);
    half.send("GET / HT");
    std::thread::sleep(Duration::from_millis(500));
    let before = processor_time();
    std::thread::sleep(Duration::from_secs(1));
    let spent = processor_time() - before;
    assert!(spent < Duration::from_millis(200), "{spent:?}");
    // All of them go on.
    let parked = site.waiting.lock().unwrap().pop().unwrap();
    parked.reply("first").unwrap();
    assert_eq!(behind.answer().text(), "first");
    assert_eq!(behind.answer().text(), "a page");
    for follower in &mut followers {
        for _ in 0..MESSAGES {
            assert_eq!(follower.receive_text(), long);
        }
    }
    for _ in 0..2 {
        assert_eq!(reader.answer().body.len(), 16 << 20);
    }
    half.send("TP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(half.answer().text(), "a page");
}
