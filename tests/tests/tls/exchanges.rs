//! Requests and responses in records.

#[cfg(target_os = "linux")]
use super::PROGRAM;
use super::{Place, SHORT, both, configs, content, hello, patient, served};
#[cfg(unix)]
use doget::HttpServer;
use doget::{ByHost, FileHandler, Limits, handler};
#[cfg(target_os = "linux")]
use doget_tests::Child;
use doget_tests::answers;
use doget_tests::tls::{self, AUTHORITY};
use doget_tests::{Client, Framing, Gate, Server, eventually_is};
use rustls::version::TLS13;
use std::fs;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

#[test]
fn a_connection_is_kept_and_pipelined_requests_are_answered() {
    let server = served(patient(), |request, response| {
        let path = request.target().to_owned();
        response.reply(path)
    });
    for config in configs() {
        let mut client = server.connect().secure(&config);
        for number in 0..20 {
            let path = format!("/{number}");
            assert_eq!(client.get(&path).text(), path);
        }
        let all: String = (0..1000)
            .map(|number| format!("GET /{number} HTTP/1.1\r\nHost: a\r\n\r\n"))
            .collect();
        client.send(all);
        for number in 0..1000 {
            assert_eq!(client.answer().text(), format!("/{number}"));
        }
    }
}

/// Whichever name the handshake had, the host of each request says which site is asked.
#[test]
fn sites_by_host() {
    let site = |name: &'static str| answers(move |_, response| response.reply(name));
    let sites = ByHost::new()
        .host("a.example", site("a"))
        .host("*.b.example", site("b"));
    let server = Server::built(|server| server.limits(patient()).tls(tls::server()), sites);
    for config in configs() {
        let mut client = server.connect().secure(&config);
        let mut ask = |host: &str| {
            client.send(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            client.answer()
        };
        assert_eq!(ask("a.example").text(), "a");
        assert_eq!(ask("x.b.example:443").text(), "b");
        assert_eq!(ask("c.example").status, 421);
        assert_eq!(ask("A.Example").text(), "a");
    }
}

/// Bytes of the handshake and of the first request one by one, and many requests in segments that end anywhere.
#[test]
fn records_may_come_in_pieces() {
    let server = hello(patient());
    let mut client = server.connect();
    let mut connection = tls::connection(&both());
    let send = |client: &mut Client, connection: &mut rustls::ClientConnection, size: usize| {
        let mut bytes = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut bytes).unwrap();
        }
        for piece in bytes.chunks(size) {
            client.send(piece);
        }
    };
    while connection.is_handshaking() {
        send(&mut client, &mut connection, 1);
        if connection.wants_read() && connection.is_handshaking() {
            let bytes = client.read_some(16 << 10).unwrap();
            assert!(!bytes.is_empty());
            connection.read_tls(&mut &*bytes).unwrap();
            connection.process_new_packets().unwrap();
        }
    }
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for size in [1, 7, 100, 5000] {
        for _ in 0..100 {
            connection.writer().write_all(request).unwrap();
        }
        send(&mut client, &mut connection, size);
        let mut got = Vec::new();
        while got.windows(5).filter(|part| part == b"hello").count() < 100 {
            let bytes = client.read_some(16 << 10).unwrap();
            assert!(!bytes.is_empty());
            let mut rest = &*bytes;
            while !rest.is_empty() {
                connection.read_tls(&mut rest).unwrap();
                connection.process_new_packets().unwrap();
                let mut plain = vec![0; 64 << 10];
                if let Ok(size) = connection.reader().read(&mut plain) {
                    got.extend_from_slice(&plain[..size]);
                }
            }
        }
    }
}

/// A client of TLS 1.3 sends its request together with the end of the handshake, and then waits for the answer alone.
/// The tickets, which nobody waits for, were a packet of their own before it.
#[test]
fn tickets_come_with_the_first_answer() {
    let gate = Gate::new();
    let server = {
        let gate = gate.clone();
        served(patient(), move |_, response| {
            gate.wait();
            response.reply("hello")
        })
    };
    let mut client = server.connect();
    let config = tls::client(&[&TLS13]);
    let mut connection = tls::connection(&Arc::new(config));
    let read = |client: &mut Client, connection: &mut rustls::ClientConnection| {
        let bytes = client.read_some(16 << 10).unwrap();
        assert!(!bytes.is_empty());
        connection.read_tls(&mut &*bytes).unwrap();
        connection.process_new_packets().unwrap();
    };
    let send = |client: &mut Client, connection: &mut rustls::ClientConnection| {
        let mut bytes = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut bytes).unwrap();
        }
        client.send(bytes);
    };
    send(&mut client, &mut connection);
    while connection.is_handshaking() {
        read(&mut client, &mut connection);
    }
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    connection.writer().write_all(request).unwrap();
    send(&mut client, &mut connection);
    gate.has(1);
    assert!(client.is_quiet(), "something came before the answer");
    gate.open();
    let mut plain = Vec::new();
    while !plain.ends_with(b"hello") {
        read(&mut client, &mut connection);
        let _ = connection.reader().read_to_end(&mut plain);
    }
    assert_eq!(connection.tls13_tickets_received(), 2);
}

#[test]
fn bodies_are_uploaded_collected_and_streamed() {
    let body = content(1 << 20);
    let server = served(patient(), |request, response| {
        if request.path() == "/sum" {
            // Read beside what the loop has read ahead.
            let mut sum = 0u64;
            let mut piece = [0; 1000];
            loop {
                match request.body().read(&mut piece)? {
                    0 => return response.reply(sum.to_string()),
                    size => {
                        sum += piece[..size]
                            .iter()
                            .map(|&byte| u64::from(byte))
                            .sum::<u64>()
                    }
                }
            }
        }
        let mut body = Vec::new();
        request.body().read_to_end(&mut body)?;
        response.reply(body)
    });
    let sum: u64 = body.iter().map(|&byte| u64::from(byte)).sum();
    for config in configs() {
        let mut client = server.connect().secure(&config);
        let head = |path: &str, framing: &str| {
            format!("POST {path} HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n").into_bytes()
        };
        let length = format!("Content-Length: {}", body.len());
        for _ in 0..2 {
            client.send([head("/echo", &length), body.clone()].concat());
            assert!(client.answer().body == body);
        }
        let mut chunked = head("/sum", "Transfer-Encoding: chunked");
        for chunk in body.chunks(30_000) {
            chunked.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            chunked.extend_from_slice(chunk);
            chunked.extend_from_slice(b"\r\n");
        }
        chunked.extend_from_slice(b"0\r\n\r\n");
        client.send(chunked);
        assert_eq!(client.answer().text(), sum.to_string());
        // The client waits for the server to want the body.
        client.send(head("/echo", "Content-Length: 5\r\nExpect: 100-continue"));
        assert_eq!(client.answer().status, 100);
        client.send("12345");
        assert_eq!(client.answer().text(), "12345");
    }
}

struct Collects;

#[handler]
impl Collects {
    fn do_POST(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

#[test]
fn a_body_that_the_loop_collects() {
    let server = Server::built(
        |server| server.limits(patient()).tls(tls::server()),
        Collects,
    );
    let body = content(1 << 20);
    for config in configs() {
        let mut client = server.connect().secure(&config);
        for size in [0, 1, 16 << 10, 100_000, 1 << 20] {
            let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n");
            client.send(head);
            client.send(&body[..size]);
            assert!(client.answer().body == body[..size]);
        }
    }
}

/// The end of a body and the next requests come in one record, and a handler on a thread of its own reads no more than
/// the body.
#[test]
fn a_request_in_the_last_record_of_a_body_is_not_forgotten() {
    let gate = Gate::new();
    let stops = gate.clone();
    let server = served(patient(), move |request, response| {
        if request.path() == "/next" {
            return response.reply("next");
        }
        let mut first = [0; 10];
        request.body().read_exact(&mut first)?;
        stops.wait();
        let mut rest = Vec::new();
        let mut byte = [0];
        while request.body().read(&mut byte)? > 0 {
            rest.extend_from_slice(&byte);
        }
        response.reply(rest.len().to_string())
    });
    let length = 200_000;
    for config in configs() {
        let mut client = server.connect().secure(&config);
        let head = format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        client.send(head + &"x".repeat(10));
        gate.has(1);
        client.send("x".repeat(length - 100));
        let next = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
        client.send("x".repeat(90) + next + next);
        gate.pass(1);
        assert_eq!(client.answer().text(), (length - 10).to_string());
        assert_eq!(client.answer().text(), "next");
        assert_eq!(client.answer().text(), "next");
    }
}

#[test]
fn large_responses_reach_slow_readers_whole() {
    let body = content(10 << 20);
    let (sent, streamed) = (body.clone(), body.clone());
    let server = served(patient(), move |request, response| {
        if request.path() == "/stream" {
            let mut out = response.send_response(200).end_headers()?;
            for piece in streamed.chunks(50_000) {
                out.write_all(piece)?;
            }
            return out.finish();
        }
        response.reply(sent.clone())
    });
    for config in configs() {
        for path in ["/bytes", "/stream"] {
            let mut client = Client::connect_narrow(server.address()).secure(&config);
            client.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"));
            let answer = client.answer();
            assert!(answer.body == body, "{path}");
            let chunked = answer.framing == Framing::Chunked;
            assert_eq!(chunked, path == "/stream");
            // The connection is still in step.
            assert!(client.get("/bytes").body == body);
            // Nothing is lost at its end.
            let last = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            client.send(last);
            assert!(client.answer().body == body, "{path}");
            client.is_closed();
        }
    }
}

#[test]
fn a_response_that_nobody_takes_is_cut_at_its_deadline() {
    let server = served(patient().send_timeout(SHORT), |_, response| {
        response.reply(vec![b'x'; 50 << 20])
    });
    let mut client = Client::connect_narrow(server.address()).secure(&both());
    client.send("GET / HTTP/1.0\r\n\r\n");
    eventually_is("a line of it", 1, || {
        server.log().count("\"GET / HTTP/1.0\" 200")
    });
    assert!(client.try_answer_to("GET").is_err());
}

#[test]
fn files_and_their_ranges() {
    let place = Place::new();
    let large = content(3 << 20);
    place.file("large.bin", &large);
    place.file("small.txt", "0123456789");
    place.file("empty", "");
    let server = Server::built(
        |server| server.limits(patient()).tls(tls::server()),
        FileHandler::new(&place.0).unwrap(),
    );
    let range = |client: &mut Client, path: &str, range: &str| {
        client.send(format!(
            "GET {path} HTTP/1.1\r\nHost: a\r\nRange: bytes={range}\r\n\r\n"
        ));
        client.answer()
    };
    for config in configs() {
        let mut client = Client::connect_narrow(server.address()).secure(&config);
        assert!(client.get("/large.bin").body == large);
        assert_eq!(client.get("/empty").text(), "");
        let answer = range(&mut client, "/large.bin", "1000000-1999999");
        assert_eq!(answer.status, 206);
        assert!(answer.body == large[1_000_000..2_000_000]);
        assert_eq!(range(&mut client, "/small.txt", "-3").text(), "789");
        let parts = range(&mut client, "/large.bin", "0-9,2000000-2000009");
        let kind = parts.header("Content-Type").unwrap();
        assert!(kind.starts_with("multipart/byteranges"), "{kind}");
        for part in [&large[..10], &large[2_000_000..2_000_010]] {
            assert!(parts.body.windows(10).any(|bytes| bytes == part));
        }
        assert_eq!(range(&mut client, "/small.txt", "50-").status, 416);
        // Errors and redirects are the same as without TLS.
        assert_eq!(client.get("/missing").status, 404);
        fs::create_dir_all(place.0.join("dir")).unwrap();
        let redirect = client.get("/dir");
        assert_eq!(redirect.status, 301);
        assert!(redirect.header("Location").unwrap().ends_with("dir/"));
    }
}

#[test]
fn a_handler_may_block_on_many_connections() {
    let server = served(patient(), |_, response| {
        std::thread::sleep(Duration::from_millis(20));
        response.reply("slept")
    });
    let config = both();
    let mut clients: Vec<_> = (0..20).map(|_| server.connect().secure(&config)).collect();
    for _ in 0..5 {
        for client in &mut clients {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2));
        }
        for client in &mut clients {
            assert_eq!(client.answer().text(), "slept");
            assert_eq!(client.answer().text(), "slept");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_unix_domain_socket_speaks_it_too() {
    let place = Place::new();
    let path = place.0.join("socket");
    let running = HttpServer::bind_unix(&path)
        .unwrap()
        .log(doget::Log::off())
        .tls(tls::server())
        .spawn(answers(|request, response| {
            if request.path() == "/fails" {
                response.send_response(200).end_headers()?.flush()?;
                return Err(doget::Error::new(500));
            }
            let peer = request.client_address().to_string();
            response.reply(format!("{} {peer}", request.scheme()))
        }))
        .unwrap();
    let mut client = Client::connect_unix(&path).secure(&both());
    assert_eq!(client.get("/").text(), "https unix");
    let mut plain = Client::connect_unix(&path);
    assert_eq!(plain.get("/").status, 400);
    // There is no reset here: what is not whole is known by the missing alert alone.
    client.send("GET /fails HTTP/1.0\r\n\r\n");
    assert!(client.try_answer_to("GET").is_err());
    drop(running);
}

/// Connections whose clients take nothing: some records of each are held, not its response.
#[cfg(target_os = "linux")]
#[test]
fn a_response_that_nobody_takes_holds_a_few_records() {
    let child = Child::start(PROGRAM, &["tls=1", "loops=1", "send_timeout=600000"]);
    let config = both();
    let ask = || {
        let mut client = Client::connect_narrow(child.address()).secure(&config);
        client.send("GET /file/100000000 HTTP/1.1\r\nHost: a\r\n\r\n");
        client.read_some(1).unwrap();
        client
    };
    let _first: Vec<_> = (0..10).map(|_| ask()).collect();
    let before = child.process().memory();
    let many = 100;
    let _clients: Vec<_> = (0..many).map(|_| ask()).collect();
    let grown = child.process().memory().saturating_sub(before);
    assert!(grown < many * (160 << 10), "{} each", grown / many);
}

/// Memory is touched as it is needed, whatever a head's first records have said.
#[cfg(target_os = "linux")]
#[test]
fn half_a_head_in_two_records_holds_little_memory() {
    let limits = ["head_timeout=600000", "idle_timeout=600000"];
    let child = Child::start(PROGRAM, &[&["tls=1", "loops=1"], &limits[..]].concat());
    let config = both();
    let mut other = child.connect().secure(&config);
    // There is one loop: what was sent before is read before these are answered.
    let mut settle = || (0..3).for_each(|_| assert_eq!(other.get("/").text(), "hello\n"));
    let many = 200;
    let mut clients: Vec<_> = (0..many)
        .map(|_| {
            let mut client = child.connect().secure(&config);
            client.get("/");
            client.send("GET / HTTP/1");
            client
        })
        .collect();
    settle();
    let before = child.process().memory();
    for client in &mut clients {
        client.send(".1\r\nHost: a");
    }
    settle();
    let grown = child.process().memory().saturating_sub(before);
    assert!(grown < many * (16 << 10), "{} each", grown / many);
    for client in &mut clients {
        client.send("\r\n\r\n");
        assert_eq!(client.answer().text(), "hello\n");
    }
}

#[test]
fn curl_trusts_the_authority_and_is_served() {
    if Command::new("curl").arg("--version").output().is_err() {
        eprintln!("left out: no curl here");
        return;
    }
    let place = Place::new();
    let body = content(1 << 20);
    let authority = place.file("ca.pem", AUTHORITY);
    let upload = place.file("upload", &body);
    let server = served(Limits::default(), |request, response| {
        let mut body = Vec::new();
        request.body().read_to_end(&mut body)?;
        response.reply(body)
    });
    let url = format!("https://localhost:{}/", server.address().port());
    let curl = |arguments: &[&str]| {
        Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "60", "--ipv4"])
            .args(arguments)
            .arg(&url)
            .output()
            .unwrap()
    };
    let authority = authority.to_str().unwrap();
    let data = format!("@{}", upload.display());
    for version in ["--tlsv1.3", "--tlsv1.2", "--tls-max=1.2"] {
        let version = version.split('=').collect::<Vec<_>>();
        let all = [
            &["--cacert", authority, "--data-binary", &data],
            &version[..],
        ]
        .concat();
        let output = curl(&all);
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words}");
        assert!(output.stdout == body);
    }
    // Who does not trust the authority refuses, and nobody else notices.
    assert_eq!(curl(&[]).status.code(), Some(60));
    assert!(curl(&["--cacert", authority]).status.success());
}
