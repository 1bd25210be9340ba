//! The PROXY protocol: required where it is expected, not looked for elsewhere.

use crate::{Who, networks};
use doget::testing::Clock;
use doget::{Limits, Peer, Request, Trust, handler};
use doget_tests::test_server::TestServer;
use doget_tests::{Client, End, FastClock, Process, Server, eventually, tls};
use rustls::version::{TLS12, TLS13};
use std::sync::Arc;
use std::time::Duration;

const GET: &str = "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n";
const LINE: &[u8] = b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n";

/// Longer than any test.
const LONG: Duration = Duration::from_secs(600);

/// Closed without a word. What nobody has read is a reset where the system has it.
#[track_caller]
fn gone(client: &mut Client) {
    let (End::Closed(bytes) | End::Reset(bytes)) = client.end();
    assert_eq!(bytes, b"");
}

fn expecting() -> TestServer {
    TestServer::with(Who, |server| {
        server.proxy_protocol(networks(&["127.0.0.1"]))
    })
}

/// A header of version 2.
fn binary(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    header.extend([command, family]);
    header.extend(u16::try_from(addresses.len()).unwrap().to_be_bytes());
    header.extend(addresses);
    header
}

fn v4() -> Vec<u8> {
    binary(
        0x21,
        0x11,
        &[192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 0x04, 1, 187],
    )
}

#[test]
fn a_header_says_who_the_client_is() {
    let mut v6 = [0; 36];
    v6[..4].copy_from_slice(&[0x20, 1, 0xd, 0xb8]);
    v6[15] = 7;
    for (header, client) in [
        (LINE.to_vec(), "192.0.2.1"),
        (
            b"PROXY TCP6 2001:db8::7 ::1 1 2\r\n".to_vec(),
            "2001:db8::7",
        ),
        (v4(), "192.0.2.1"),
        (binary(0x21, 0x21, &v6), "2001:db8::7"),
        // Extensions, such as the name that TLS was asked for, are skipped.
        (
            [&v4()[..14], &[0, 16], &v4()[16..], &[2, 0, 1, b'a']].concat(),
            "192.0.2.1",
        ),
        // The proxy's own connections.
        (b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
        (binary(0x20, 0, &[]), "127.0.0.1"),
        (binary(0x20, 0x11, &[9; 12]), "127.0.0.1"),
        (binary(0x21, 0, &[]), "127.0.0.1"),
    ] {
        let wire = expecting();
        let answer = wire.one([&header, GET.as_bytes()].concat());
        assert_eq!(answer.text(), format!("{client} http://a.example"));
        let lines = wire.end();
        assert!(lines[0].starts_with(client), "{lines:?}");
    }
}

#[test]
fn a_connection_that_begins_otherwise_is_closed_and_that_is_logged() {
    for bytes in [
        GET.as_bytes(),
        b"G",
        b"\x16\x03\x01\x02\x00",
        b"proxy TCP4 192.0.2.1 198.51.100.1 56324 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 x\r\n",
        b"PROXY TCP4 192.0.2.01 198.51.100.1 56324 443\r\n",
        b"PROXY TCP4 192.0.2.1 ::1 56324 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 65536\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n\r\n",
        &[b"PROXY UNKNOWN ", &[b'x'; 100][..], b"\r\n"].concat(),
        &binary(0x11, 0x11, &[1; 12]),
        &binary(0x22, 0x11, &[1; 12]),
        &binary(0x21, 0x11, &[1; 11]),
        &binary(0x21, 0x21, &[1; 12]),
        &binary(0x21, 0x51, &[1; 12]),
        &binary(0x21, 0x11, &[1; 4097]),
        b"\r\n\r\n\0\r\nQUIT\r",
    ] {
        let wire = expecting();
        let answer = wire.raw([bytes, GET.as_bytes()].concat());
        assert_eq!(answer, b"", "{}", bytes.escape_ascii());
        let lines = wire.end();
        let said = lines.iter().any(|line| line.contains("PROXY protocol"));
        assert!(said && lines.len() == 1, "{lines:?}");
    }
}

/// Checks of a balancer connect and say nothing, or little.
#[test]
fn a_connection_that_ends_before_its_header_is_closed_without_a_word() {
    for bytes in [&b""[..], b"PROXY", b"\r\n\r\n\0\r\nQUIT\n\x21"] {
        let wire = expecting();
        assert_eq!(wire.raw(bytes), b"");
        assert_eq!(wire.end(), [""; 0]);
    }
}

#[test]
fn from_elsewhere_a_header_is_not_looked_for() {
    let wire = TestServer::with(Who, |server| {
        server.proxy_protocol(networks(&["192.0.2.0/24", "unix"]))
    });
    assert_eq!(wire.one(GET).text(), "127.0.0.1 http://a.example");
    for header in [LINE.to_vec(), v4()] {
        let raw = wire.raw([&header, GET.as_bytes()].concat());
        assert!(raw.starts_with(b"HTTP/1.1 400 "), "{}", raw.escape_ascii());
        assert!(!raw.windows(12).any(|part| part == b"HTTP/1.1 200"));
    }
    let wire = TestServer::new(Who);
    let raw = wire.raw([LINE, GET.as_bytes()].concat());
    assert!(raw.starts_with(b"HTTP/1.1 400 "), "{}", raw.escape_ascii());
}

#[test]
fn a_header_may_come_byte_by_byte_and_before_requests_of_a_pipeline() {
    let wire = expecting();
    for header in [LINE.to_vec(), v4()] {
        let mut conn = wire.connect();
        conn.send_in(header, 1);
        conn.send(GET.repeat(2));
        for _ in 0..2 {
            assert_eq!(conn.answer("GET").text(), "192.0.2.1 http://a.example");
        }
        // One header for a connection: a second one is a malformed request.
        conn.send(LINE);
        assert_eq!(conn.answer("GET").status, 400);
    }
}

/// The header has the time of a handshake; the first head has its own, from there on.
#[test]
fn a_stalled_header_is_cut_at_its_deadline_and_holds_no_thread() {
    let short = Duration::from_secs(20);
    for bytes in [&b""[..], b"PROXY TCP4 192.0", &v4()[..20]] {
        let clock = FastClock::new();
        let limits = Limits::new()
            .handshake_timeout(short)
            .head_timeout(LONG)
            .idle_timeout(LONG);
        let server = Server::built(
            |server| {
                let server = server.limits(limits).clock(&clock).loops(1);
                server.proxy_protocol(networks(&["127.0.0.1"]))
            },
            Who,
        );
        let since = clock.now();
        let mut client = server.connect();
        client.send(bytes);
        gone(&mut client);
        clock.took(since, short);
    }
}

/// Bytes that have come on the server's side of a connection and were not read.
#[cfg(target_os = "linux")]
fn unread(server: &Server, client: &Client) -> u64 {
    let place = |address: std::net::SocketAddr| match address.ip() {
        std::net::IpAddr::V4(ip) => {
            format!(
                "{:08X}:{:04X}",
                u32::from_ne_bytes(ip.octets()),
                address.port()
            )
        }
        std::net::IpAddr::V6(_) => unreachable!("the tests' servers listen on 127.0.0.1"),
    };
    let ends = [place(server.address()), place(client.local_addr())];
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let mut rows = table
        .lines()
        .map(|row| row.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| row.len() > 4 && row[1] == ends[0] && row[2] == ends[1]);
    let queues = row.expect("the connection is open")[4];
    u64::from_str_radix(queues.split_once(':').unwrap().1, 16).unwrap()
}

/// A poller that reports what is there, and not what has come, reports bytes that stay in the socket at once again: a
/// loop that left them there would turn without an end, as it did on Windows.
#[test]
#[cfg(target_os = "linux")]
fn a_part_of_a_header_does_not_stay_in_the_socket() {
    for (part, rest) in [LINE.split_at(20), v4().split_at(20)] {
        let limits = Limits::new().handshake_timeout(LONG);
        let server = Server::built(
            |server| {
                let server = server.limits(limits).loops(1);
                server.proxy_protocol(networks(&["127.0.0.1"]))
            },
            Who,
        );
        let mut client = server.connect();
        client.send(part);
        eventually("the part is read", || unread(&server, &client) == 0);
        client.send([rest, GET.as_bytes()].concat());
        assert_eq!(client.answer().text(), "192.0.2.1 http://a.example");
    }
}

#[test]
fn two_hundred_stalled_headers_hold_nobody_up() {
    let clock = Clock::new();
    let limits = Limits::new().handshake_timeout(LONG);
    let server = Server::built(
        |server| {
            let server = server.limits(limits).clock(&clock).loops(1);
            server.proxy_protocol(networks(&["127.0.0.1"]))
        },
        Who,
    );
    let threads = Process::own().threads();
    let stalled: Vec<Client> = (0..200)
        .map(|_| {
            let mut client = server.connect();
            client.send("PROXY TCP4 192.0.2.1");
            client
        })
        .collect();
    let mut client = server.connect();
    client.send([LINE, GET.as_bytes()].concat());
    assert_eq!(client.answer().text(), "192.0.2.1 http://a.example");
    assert!(Process::own().threads() <= threads + 20);
    drop(client);
    // They hold up the end of the server as little.
    server.end();
    for mut client in stalled {
        gone(&mut client);
    }
}

#[test]
fn tls_begins_behind_the_header() {
    for version in [&TLS12, &TLS13] {
        let server = Server::built(
            |server| {
                server
                    .tls(tls::server())
                    .proxy_protocol(networks(&["127.0.0.1"]))
            },
            Who,
        );
        let config = Arc::new(tls::client(&[version]));
        for header in [LINE.to_vec(), v4()] {
            let mut client = server.connect();
            client.drip(header, 7, Duration::ZERO);
            let mut client = client.secure(&config);
            client.send(GET);
            assert_eq!(client.answer().text(), "192.0.2.1 https://a.example");
        }
        // Without a header, and with one behind the handshake's first byte.
        let mut client = server.connect();
        client.send(b"\x16\x03\x01");
        gone(&mut client);
        // A handshake that does not come.
        let mut client = server.connect();
        client.send([LINE, GET.as_bytes()].concat());
        assert_eq!(client.answer().status, 400);
    }
}

/// The handler of a connection of its own.
struct Own(Peer);

#[handler]
impl Own {
    fn do_GET(&self, request: &Request<'_>) -> String {
        assert_eq!(&self.0, request.client_address());
        self.0.to_string()
    }
}

#[test]
fn a_handler_of_a_connections_own_is_made_for_the_client() {
    let server = Server::spawned(
        |server| server.proxy_protocol(networks(&["127.0.0.1"])),
        |server| {
            server.spawn_with(|peer: &Peer| {
                assert_ne!(peer.port(), Some(13), "on purpose");
                Own(*peer)
            })
        },
    );
    for _ in 0..2 {
        let mut client = server.connect();
        client.send([LINE, GET.as_bytes()].concat());
        assert_eq!(client.answer().text(), "192.0.2.1:56324");
        client.send(GET);
        assert_eq!(client.answer().text(), "192.0.2.1:56324");
        // A handler that cannot be made costs its connection alone.
        let mut client = server.connect();
        client.send("PROXY TCP4 192.0.2.1 198.51.100.1 13 443\r\n");
        client.send(GET);
        gone(&mut client);
    }
}

/// A balancer of bytes before a proxy of requests.
#[test]
fn who_is_believed_is_asked_behind_the_header() {
    let wire = TestServer::with(Who, |server| {
        let server = server.proxy_protocol(networks(&["127.0.0.1"]));
        server.trust(Trust::x_forwarded(networks(&["192.0.2.1"])))
    });
    let field = "X-Forwarded-For: 203.0.113.9\r\n";
    let request = format!("GET / HTTP/1.1\r\nHost: a.example\r\n{field}\r\n");
    for (source, client) in [("192.0.2.1", "203.0.113.9"), ("192.0.2.2", "192.0.2.2")] {
        let header = format!("PROXY TCP4 {source} 198.51.100.1 1 2\r\n");
        let answer = wire.one(header + &request);
        assert_eq!(answer.text(), format!("{client} http://a.example"));
    }
}

/// All places are counted as ever, and given back.
#[test]
fn connections_without_a_header_give_their_places_back() {
    let server = Server::built(
        |server| {
            let server = server.limits(Limits::new().max_connections(4));
            server.proxy_protocol(networks(&["127.0.0.1"]))
        },
        Who,
    );
    for _ in 0..20 {
        let mut client = server.connect();
        client.send("nonsense");
        assert!(matches!(client.end(), End::Closed(_) | End::Reset(_)));
    }
    eventually("a place", || {
        let mut client = server.connect();
        client.send([LINE, GET.as_bytes()].concat());
        client.answer().status == 200
    });
}
