//! Connections: many, too many, none left, and where they come from.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::testing::Clock;
use doget::{HttpServer, Limits, Log, Peer, handler};
use doget_tests::{Child, Client, Gate, Process, Server, answers, eventually};
use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_doget-test-server");

fn hello(limits: Limits) -> Server {
    Server::built(
        |server| server.loops(1).limits(limits),
        answers(|request, response| response.reply(request.target())),
    )
}

/// The same, with a clock that the test moves.
fn hello_by(clock: &Clock, limits: Limits) -> Server {
    Server::built(
        |server| server.loops(1).limits(limits).clock(clock),
        answers(|request, response| response.reply(request.target())),
    )
}

#[test]
fn a20_two_thousand_idle_connections_and_an_active_one() {
    let child = Child::start(PROGRAM, &["idle_timeout=600000", "head_timeout=600000"]);
    let mut active = child.connect();
    active.get("/");
    let (threads, memory) = (child.process().threads(), child.process().memory());
    // Half of them have been served.
    let mut idle: Vec<_> = (0..2000)
        .map(|n| {
            let mut client = child.connect();
            if n % 2 == 0 {
                client.get("/");
            }
            client
        })
        .collect();
    for _ in 0..500 {
        assert_eq!(active.get("/").text(), "hello\n");
    }
    assert!(child.process().threads() <= threads + 1);
    let more = child.process().memory().saturating_sub(memory);
    assert!(more < 8 << 20, "{more} bytes");
    assert!(idle.iter_mut().all(|client| client.is_quiet()));
    for client in &mut idle {
        assert_eq!(client.get("/").text(), "hello\n");
    }
}

#[test]
fn a20_at_the_cap_the_connection_that_was_idle_for_longest_goes() {
    let clock = Clock::new();
    let server = hello_by(&clock, Limits::new().max_connections(16));
    let mut clients: Vec<_> = (0..16)
        .map(|_| {
            let mut client = server.connect();
            client.get("/");
            // Deadlines are told apart by ticks.
            clock.advance(Duration::from_millis(40));
            client
        })
        .collect();
    // The first is used again: the second is now the oldest.
    clients[0].get("/");
    for n in 1..=5 {
        let mut new = server.connect();
        assert_eq!(new.get("/new").text(), "/new");
        clients[n].is_closed();
        clients.push(new);
        clock.advance(Duration::from_millis(40));
    }
    for n in (0..1).chain(6..21) {
        assert_eq!(clients[n].get("/still").text(), "/still", "connection {n}");
    }
}

/// The reserve for what is idle must not cost those that are at work their deadlines.
#[test]
fn a20_room_is_made_many_times_beside_connections_that_are_at_work() {
    let (clock, limit) = (Clock::new(), Duration::from_secs(60));
    let limits = Limits::new().max_connections(16).head_timeout(limit);
    let server = hello_by(&clock, limits.idle_timeout(100 * limit));
    let mut slow: Vec<_> = (0..8)
        .map(|_| {
            let mut client = server.connect();
            client.send("GET / HT");
            client
        })
        .collect();
    // Another client's answer: by then, those before are known to the server.
    server.connect().get("/");
    let since = clock.now();
    let mut kept = Vec::new();
    let mut rounds = 0;
    while slow.iter_mut().any(|client| client.is_quiet()) {
        let mut client = server.connect();
        assert_eq!(client.get("/").text(), "/");
        kept.push(client);
        kept.drain(..kept.len().saturating_sub(20));
        rounds += 1;
        clock.advance(limit / 100);
        let time = clock.now().duration_since(since);
        assert!(
            time < 3 * limit,
            "deadlines are put off: {time:?}, after {rounds} rounds"
        );
    }
    let time = clock.now().duration_since(since);
    assert!(time >= limit * 9 / 10, "{time:?}");
    for client in &mut slow {
        assert_eq!(client.answer().status, 408);
    }
}

#[test]
fn a20_at_the_cap_with_none_idle_new_ones_wait_for_their_turn() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = Server::with(
        Limits::new().max_connections(16),
        answers(move |_, response| {
            handler.wait();
            response.reply("x")
        }),
    );
    let mut clients: Vec<_> = (0..64)
        .map(|_| {
            let mut client = server.connect();
            client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
            client
        })
        .collect();
    eventually("sixteen at once", || gate.waiting() >= 16);
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(gate.waiting(), 16);
    gate.pass(1);
    eventually("one more", || gate.arrived() >= 17);
    gate.open();
    for client in &mut clients {
        assert_eq!(client.answer().text(), "x");
    }
    assert_eq!(gate.arrived(), 64);
}

/// Who waits for a place does not wait for a connection to end, where one has nothing to do any more.
#[test]
fn a20_at_the_cap_a_connection_makes_room_as_soon_as_it_is_idle() {
    for loops in [1, 3] {
        let gate = Gate::new();
        let handler = gate.clone();
        let limits = Limits::new().max_connections(1);
        let server = Server::built(
            |server| server.loops(loops).limits(limits),
            answers(move |request, response| {
                if request.path() == "/gate" {
                    handler.wait();
                }
                response.reply(request.target())
            }),
        );
        let mut first = server.connect();
        first.send("GET /gate HTTP/1.1\r\nHost: test\r\n\r\n");
        gate.has(1);
        let mut second = server.connect();
        second.send("GET /second HTTP/1.1\r\nHost: test\r\n\r\n");
        // Long enough for the server to have found no room.
        std::thread::sleep(Duration::from_millis(200));
        assert!(second.is_quiet());
        gate.open();
        assert_eq!(first.answer().text(), "/gate");
        assert_eq!(second.answer().text(), "/second");
        first.is_closed();
    }
}

/// The limit of the process is reached, and passes.
#[test]
fn a21_without_descriptors_the_server_neither_ends_nor_spins_and_recovers() {
    let log = std::env::temp_dir().join(format!("doget-test-{}-a21", std::process::id()));
    let argument = format!("log={}", log.display());
    let mut child = Child::start(PROGRAM, &["loops=1", &argument]);
    let mut active = child.connect();
    active.get("/");
    let used = child.process().descriptors() as u64;
    child.tell(&format!("descriptors {}", used + 20));
    let clients: Vec<_> = (0..64).map(|_| child.connect()).collect();
    // Those that are there are served on.
    assert_eq!(active.get("/").text(), "hello\n");
    let (before, since) = (child.process().processor(), Instant::now());
    while since.elapsed() < Duration::from_secs(2) {
        std::thread::sleep(Duration::from_millis(100));
    }
    let time = child.process().processor() - before;
    assert!(
        time < Duration::from_millis(300),
        "{time:?} of processor time"
    );
    assert_eq!(active.get("/").text(), "hello\n");
    // Nobody waits for ever: those beyond are closed one by one, and the first are served.
    let mut clients = clients.into_iter();
    for mut client in clients.by_ref().take(10) {
        assert_eq!(client.get("/").text(), "hello\n");
    }
    drop(clients);
    eventually("room again", || {
        let mut client = child.connect();
        client
            .try_send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            .is_ok()
            && client.try_answer_to("GET").is_ok()
    });
    child.tell("descriptors 1024");
    for mut client in (0..64).map(|_| child.connect()).collect::<Vec<_>>() {
        assert_eq!(client.get("/").text(), "hello\n");
    }
    let text = std::fs::read_to_string(&log).unwrap();
    let _ = std::fs::remove_file(&log);
    let lines = text
        .lines()
        .filter(|line| line.contains("cannot accept"))
        .count();
    assert!((1..=5).contains(&lines), "{lines} lines:\n{text}");
}

/// A23: reset before the server has accepted it.
#[test]
fn a22_connections_that_are_gone_before_they_are_accepted() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = Server::with(
        Limits::new().max_connections(1),
        answers(move |request, response| {
            if request.path() == "/block" {
                handler.wait();
            }
            response.reply("x")
        }),
    );
    let mut first = server.connect();
    first.send("GET /block HTTP/1.1\r\nHost: test\r\n\r\n");
    gate.has(1);
    for n in 0..50 {
        let client = server.connect();
        if n % 2 == 0 {
            client.reset()
        } else {
            drop(client)
        }
    }
    gate.open();
    first.answer();
    drop(first);
    assert_eq!(server.connect().get("/").text(), "x");
}

struct Counter {
    requests: Cell<u32>,
    peer: Peer,
}

#[handler]
impl Counter {
    fn do_GET(&self) -> String {
        self.requests.set(self.requests.get() + 1);
        format!("{} {}", self.peer, self.requests.get())
    }
}

#[test]
fn a_handler_for_each_connection_keeps_its_state() {
    let server = Server::spawned(
        |server| server,
        |server| {
            server.spawn_with(|peer: &Peer| Counter {
                requests: Cell::new(0),
                peer: *peer,
            })
        },
    );
    let mut clients: Vec<_> = (0..10).map(|_| server.connect()).collect();
    for round in 1..=3 {
        for client in &mut clients {
            let peer = client.local_addr();
            assert_eq!(client.get("/").text(), format!("{peer} {round}"));
        }
    }
}

/// It may open a database for each, and that may take its time.
#[test]
fn a_function_that_makes_handlers_and_blocks_does_not_hold_its_loop() {
    let gate = Gate::new();
    let handler = gate.clone();
    let server = Server::spawned(
        |server| server.loops(1),
        |server| {
            let count = AtomicUsize::new(0);
            server.spawn_with(move |peer: &Peer| {
                if count.fetch_add(1, Ordering::SeqCst) % 2 == 1 {
                    handler.wait();
                }
                Counter {
                    requests: Cell::new(0),
                    peer: *peer,
                }
            })
        },
    );
    let mut first = server.connect();
    assert_eq!(first.get("/").status, 200);
    let mut blocked = Vec::new();
    for n in 1..=5 {
        let mut client = server.connect();
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        blocked.push(client);
        gate.has(n);
        assert_eq!(first.get("/").status, 200);
        assert_eq!(server.connect().get("/").status, 200);
    }
    gate.open();
    for client in &mut blocked {
        assert_eq!(client.answer().status, 200);
    }
}

#[test]
fn several_addresses_are_one_server() {
    let server = HttpServer::bind("127.0.0.1:0")
        .unwrap()
        .listen("127.0.0.2:0")
        .unwrap()
        .log(Log::writer(Box::new(std::io::sink())));
    let addresses: Vec<_> = server.local_addrs().collect();
    assert_eq!(addresses.len(), 2);
    let running = server
        .spawn(answers(|_, response| response.reply("x")))
        .unwrap();
    for address in addresses {
        assert_eq!(Client::connect(address).get("/").text(), "x");
    }
    drop(running);
}

#[test]
fn a_listener_that_somebody_else_has_bound() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // Connections that came before.
    let mut early = Client::connect(address);
    let running = HttpServer::from_listener(listener)
        .unwrap()
        .log(Log::writer(Box::new(std::io::sink())))
        .spawn(answers(|_, response| response.reply("x")))
        .unwrap();
    assert_eq!(running.local_addr(), Some(address));
    assert_eq!(early.get("/").text(), "x");
    assert_eq!(Client::connect(address).get("/").text(), "x");
}

#[cfg(unix)]
mod unix {
    use super::*;
    use doget_tests::End;
    use std::net::TcpStream;
    use std::os::unix::net::UnixListener;
    use std::path::PathBuf;
    use std::process::{Command, Stdio};

    struct Name(PathBuf);

    impl Name {
        fn new(what: &str) -> Self {
            let name = format!("doget-test-{}-{what}.socket", std::process::id());
            Self(std::env::temp_dir().join(name))
        }
    }

    impl Drop for Name {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn bind(name: &Name) -> std::io::Result<HttpServer> {
        Ok(HttpServer::bind_unix(&name.0)?.log(Log::writer(Box::new(std::io::sink()))))
    }

    #[test]
    fn a_unix_domain_socket_is_served_and_goes_with_its_server() {
        let name = Name::new("serve");
        let running = bind(&name)
            .unwrap()
            .spawn(answers(|request, response| {
                response.reply(format!("{:?}", request.client_address().ip()))
            }))
            .unwrap();
        let mut clients: Vec<_> = (0..20).map(|_| Client::connect_unix(&name.0)).collect();
        for _ in 0..2 {
            for client in &mut clients {
                assert_eq!(client.get("/").text(), "None");
            }
        }
        let mut half = Client::connect_unix(&name.0);
        half.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        half.finish();
        assert_eq!(half.answer().status, 200);
        half.is_closed();
        drop(running);
        assert!(
            clients
                .iter_mut()
                .all(|client| matches!(client.end(), End::Closed(_)))
        );
        assert!(!name.0.exists());
    }

    #[test]
    fn a_stale_socket_is_replaced_and_anything_else_is_not() {
        let name = Name::new("stale");
        drop(UnixListener::bind(&name.0).unwrap());
        assert!(name.0.exists());
        let running = bind(&name)
            .unwrap()
            .spawn(answers(|_, response| response.reply("x")))
            .unwrap();
        assert_eq!(Client::connect_unix(&name.0).get("/").text(), "x");
        assert_eq!(
            bind(&name).unwrap_err().kind(),
            std::io::ErrorKind::AddrInUse
        );
        assert_eq!(Client::connect_unix(&name.0).get("/").text(), "x");
        drop(running);
        std::fs::write(&name.0, "a file").unwrap();
        assert!(bind(&name).is_err());
        assert_eq!(std::fs::read_to_string(&name.0).unwrap(), "a file");
    }

    /// The shell knows the number of the process that it becomes, as systemd does.
    fn with_inherited(listener: std::os::fd::OwnedFd) -> Child {
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg("LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" 3<&0 0</dev/zero")
            .arg(PROGRAM)
            .stdin(Stdio::from(listener));
        Child::spawn(command)
    }

    #[test]
    fn an_inherited_listener_is_served() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut early = Client::connect(address);
        let child = with_inherited(listener.try_clone().unwrap().into());
        assert_eq!(child.address(), address);
        assert_eq!(early.get("/").text(), "hello\n");
        assert_eq!(child.connect().get("/").text(), "hello\n");
        // The socket is the parent's as well: it outlives the server.
        drop(child);
        TcpStream::connect(address).unwrap();
    }

    #[test]
    fn an_inherited_unix_listener_is_served_and_its_file_stays() {
        let name = Name::new("inherited");
        let listener = UnixListener::bind(&name.0).unwrap();
        let child = with_inherited(listener.try_clone().unwrap().into());
        assert_eq!(Client::connect_unix(&name.0).get("/").text(), "hello\n");
        drop(child);
        assert!(name.0.exists());
    }

    #[test]
    fn without_the_variables_nothing_is_inherited() {
        assert!(HttpServer::inherited().unwrap().is_none());
    }
}

#[test]
fn a_port_in_use_is_an_error_that_says_so() {
    let server = hello(Limits::default());
    let error = HttpServer::bind(server.address()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    let says = error.to_string();
    assert!(
        says.starts_with(&format!("cannot listen on {}: ", server.address())),
        "{says}"
    );
    // The system's own error is there, with its number.
    let source = error.get_ref().and_then(std::error::Error::source);
    let system = source.and_then(|source| source.downcast_ref::<std::io::Error>());
    assert!(system.is_some_and(|error| error.raw_os_error().is_some()));
}

#[test]
fn a_server_that_ended_leaves_its_port_its_threads_and_its_descriptors() {
    // Other tests share the process: a child that does nothing else would hide what the library keeps.
    let address: SocketAddr = {
        let server = hello(Limits::default());
        server.connect().get("/");
        server.address()
    };
    assert_ne!(address.port(), 0);
    let again = HttpServer::bind((Ipv4Addr::LOCALHOST, address.port()));
    assert!(again.is_ok(), "{again:?}");
    assert!(Process::own().descriptors() < 5000);
}

/// A file that takes many turns of its connection, to a client that takes it as fast as it comes, with others beside
/// it: it is whole, and what was asked behind it comes behind it.
#[test]
fn a_file_of_many_turns_is_whole_and_others_have_theirs() {
    const SIZE: u64 = 40 << 20;
    let path = std::env::temp_dir().join(format!("doget-turns-{}", std::process::id()));
    let pattern: Vec<u8> = (0..SIZE / 4)
        .flat_map(|number| (number as u32).to_le_bytes())
        .collect();
    std::fs::write(&path, &pattern).unwrap();
    let file = path.clone();
    let server = Server::built(
        |server| server.loops(1),
        answers(move |request, response| match request.path() {
            "/file" => {
                response
                    .send_response(200)
                    .finish_with_file(std::fs::File::open(&file)?, 0, SIZE)
            }
            path => response.reply(path),
        }),
    );
    std::thread::scope(|scope| {
        for _ in 0..3 {
            let (mut client, pattern) = (server.connect(), &pattern);
            scope.spawn(move || {
                client.send(
                    "GET /file HTTP/1.1\r\nHost: a\r\n\r\nGET /behind HTTP/1.1\r\nHost: a\r\n\r\n",
                );
                let answer = client.answer();
                assert!(answer.body == *pattern, "{} bytes", answer.body.len());
                assert_eq!(client.answer().text(), "/behind");
            });
        }
        let mut other = server.connect();
        for _ in 0..50 {
            assert_eq!(other.get("/quick").text(), "/quick");
        }
    });
    std::fs::remove_file(path).unwrap();
}

/// Several loops hear of one client; room for it is made once, and not at its own cost.
#[test]
fn room_is_made_once_for_each_client() {
    let limits = Limits::new().max_connections(1);
    let server = Server::built(
        |server| server.loops(8).limits(limits),
        answers(|request, response| response.reply(request.target())),
    );
    let mut previous = server.connect();
    previous.get("/first");
    for number in 0..200 {
        let mut next = server.connect();
        // It was accepted; now it says nothing for a moment.
        previous.is_closed();
        let path = format!("/{number}");
        assert_eq!(next.get(&path).text(), path);
        previous = next;
    }
}
