//! doget: each message is sent back by a closure; what is posted is published to all who follow.

use doget::live::{Bytes, Live, Topic, WebSocket};
use doget::{HttpServer, Limits, Log, handler};
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::OwnedFd;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::time::{Duration, Instant};

struct Echo {
    room: Topic<Bytes>,
    /// Wakes a thread that does nothing.
    sleeper: OwnedFd,
    /// The load's core, for publishers that are no loop.
    publishers: Option<usize>,
}

/// So long a loop has had nothing to do that it sleeps.
const UNTIL_ASLEEP: Duration = Duration::from_millis(3);

impl Echo {
    /// How many nanoseconds something takes on another core than the loop's, which sleeps.
    fn apart(&self, work: impl FnOnce()) -> std::io::Result<String> {
        let before = sched_getaffinity(None)?;
        if let Some(core) = self.publishers {
            let mut cores = CpuSet::new();
            cores.set(core);
            sched_setaffinity(None, &cores)?;
        }
        std::thread::sleep(UNTIL_ASLEEP);
        let start = Instant::now();
        work();
        let took = start.elapsed();
        sched_setaffinity(None, &before)?;
        Ok(took.as_nanos().to_string())
    }
}

#[handler]
impl Echo {
    fn do_GET(&self, socket: WebSocket) -> Live {
        socket
            .limit(16 << 20)
            .each(|peer, message| peer.send(message))
    }

    #[route("/plaintext")]
    fn do_GET_plaintext(&self) -> &'static str {
        "Hello, World!"
    }

    #[route("/room")]
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        socket.follow(&self.room).only()
    }

    /// Publishes the body once, and answers how many nanoseconds that took.
    #[route("/room")]
    fn do_POST_room(&self, body: Vec<u8>) -> String {
        let start = Instant::now();
        self.room.publish(body);
        start.elapsed().as_nanos().to_string()
    }

    /// The same from a thread that is no loop, while the loop sleeps.
    #[route("/asleep")]
    #[blocking]
    fn do_POST_asleep(&self, body: Vec<u8>) -> std::io::Result<String> {
        self.apart(|| self.room.publish(body))
    }

    /// What it takes at least to wake a thread: one write to what its epoll waits for.
    #[route("/wake")]
    #[blocking]
    fn do_POST_wake(&self, _body: Vec<u8>) -> std::io::Result<String> {
        self.apart(|| {
            let _ = rustix::io::write(&self.sleeper, &1_u64.to_ne_bytes());
        })
    }
}

fn sleeper() -> std::io::Result<OwnedFd> {
    let (epoll, waker) = (
        epoll::create(epoll::CreateFlags::CLOEXEC)?,
        eventfd(0, EventfdFlags::CLOEXEC)?,
    );
    let flags = EventFlags::IN | EventFlags::ET;
    epoll::add(&epoll, &waker, EventData::new_u64(0), flags)?;
    std::thread::spawn(move || {
        let mut events = Vec::with_capacity(1);
        while epoll::wait(&epoll, rustix::buffer::spare_capacity(&mut events), None).is_ok() {
            events.clear();
        }
    });
    Ok(waker)
}

fn main() -> std::io::Result<()> {
    let mut words = std::env::args().skip(1);
    let port: u16 = words.next().unwrap_or_default().parse().unwrap();
    let publishers = words.next().map(|core| core.parse().unwrap());
    let mut limits = Limits::default();
    limits.live.max_connections = 40_000;
    // The load answers no pings.
    limits.live.ping_interval = std::time::Duration::from_secs(3600);
    HttpServer::bind(("127.0.0.1", port))?
        .log(Log::off())
        .limits(limits)
        .serve_forever(Echo {
            room: Topic::new(),
            sleeper: sleeper()?,
            publishers,
        })
}
