//! HTTPS: what holds without TLS holds with it, and what TLS adds is bounded too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use doget::{FileHandler, HttpServer, Limits, Parsing, Request, Response, Tls, TlsError, handler};
use doget_tests::tls::{
    self, AUTHORITY, CERTIFICATE, KEY, KEY_DES3, KEY_ENCRYPTED, KEY_LEGACY, KEY_SEC1,
    RSA_CERTIFICATE, RSA_KEY,
};
use doget_tests::{Child, Client, End, Framing, Gate, Server, answers, eventually, eventually_is};
use rustls::client::Resumption;
use rustls::crypto::cipher::{
    MessageEncrypter, OutboundChunks, OutboundPlainMessage, Tls13AeadAlgorithm,
};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CipherSuite, ClientConfig, ConnectionTrafficSecrets, ContentType, HandshakeKind,
    ProtocolVersion, SupportedCipherSuite,
};
use std::fs;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_doget-test-server");

const SHORT: Duration = Duration::from_millis(300);

/// For deadlines that must not be the one that passes.
const LONG: Duration = Duration::from_secs(600);

/// Only the deadlines that a test names are short.
fn patient() -> Limits {
    Limits {
        handshake: LONG,
        head_time: LONG,
        idle: LONG,
        body_progress: LONG,
        body_grace: LONG,
        write_progress: LONG,
        write_grace: LONG,
        linger: LONG,
        ..Limits::default()
    }
}

fn both() -> Arc<ClientConfig> {
    Arc::new(tls::client(&[&TLS13, &TLS12]))
}

fn configs() -> [Arc<ClientConfig>; 2] {
    [&TLS13, &TLS12].map(|version| Arc::new(tls::client(&[version])))
}

#[track_caller]
fn secure(server: &Server) -> Client {
    server.connect().secure(&both())
}

fn served<F>(limits: Limits, answer: F) -> Server
where
    F: Fn(&mut Request<'_>, Response<'_>) -> doget::Result<doget::Sent> + Send + Sync + 'static,
{
    Server::built(
        |server| server.limits(limits).tls(tls::server()),
        answers(answer),
    )
}

fn hello(limits: Limits) -> Server {
    served(limits, |_, response| response.reply("hello"))
}

fn content(length: usize) -> Vec<u8> {
    (0..length as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect()
}

/// A directory that goes with the test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("doget-tls-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn get(tls: Tls) -> String {
    let server = Server::built(
        |server| server.tls(tls),
        answers(|request, response| {
            let text = format!("{} {}", request.scheme(), request.path());
            response.reply(text)
        }),
    );
    secure(&server).get("/path").text().to_owned()
}

#[test]
fn tls_01_a_certificate_a_key_and_a_password() {
    let place = Place::new();
    let pem = |certificate: &str, key: &str, password| {
        Tls::from_pem(certificate.as_bytes(), Some(key.as_bytes()), password).unwrap()
    };
    for key in [KEY, KEY_SEC1] {
        assert_eq!(get(pem(CERTIFICATE, key, None)), "https /path");
    }
    assert_eq!(get(pem(RSA_CERTIFICATE, RSA_KEY, None)), "https /path");
    assert_eq!(
        get(pem(CERTIFICATE, KEY_ENCRYPTED, Some("secret"))),
        "https /path"
    );
    // A password for a key that needs none, and line ends of another system.
    let windows = KEY.replace('\n', "\r\n");
    assert_eq!(get(pem(CERTIFICATE, &windows, Some("x"))), "https /path");

    let certificate = place.file("cert.pem", format!("{CERTIFICATE}{AUTHORITY}"));
    let key = place.file("key.pem", KEY);
    assert_eq!(
        get(Tls::from_pem_files(&certificate, &key).unwrap()),
        "https /path"
    );
    // Without a key file the key is beside the certificate, before it or behind it.
    for text in [
        format!("{KEY_ENCRYPTED}{CERTIFICATE}"),
        format!("{CERTIFICATE}{KEY_ENCRYPTED}"),
    ] {
        let both = place.file("both.pem", text);
        let tls = Tls::load(&both, None, Some("secret")).unwrap();
        assert_eq!(get(tls), "https /path");
    }
}

#[test]
fn tls_02_alpn_is_http_1_1_and_no_certificate_is_asked_for() {
    let server = hello(patient());
    for (asked, got) in [
        (&[&b"h2"[..], b"http/1.1"][..], Some(&b"http/1.1"[..])),
        (&[b"http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let mut config = tls::client(&[&TLS13, &TLS12]);
        config.alpn_protocols = asked.iter().map(|name| name.to_vec()).collect();
        // Its client has no certificate, and would fail if it were asked for one and had to have it.
        let mut client = server.connect().secure(&Arc::new(config));
        assert_eq!(client.tls().alpn_protocol(), got);
        assert_eq!(client.get("/").text(), "hello");
    }
    // Who knows only what the server does not is told so (RFC 7301 section 3.2).
    let mut config = tls::client(&[&TLS13]);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let failed = server.connect().try_secure(&Arc::new(config)).unwrap_err();
    assert!(
        failed.to_string().contains("NoApplicationProtocol"),
        "{failed}"
    );
    for (config, version) in configs()
        .iter()
        .zip([ProtocolVersion::TLSv1_3, ProtocolVersion::TLSv1_2])
    {
        let mut client = server.connect().secure(config);
        assert_eq!(client.tls().protocol_version(), Some(version));
    }
}

#[test]
fn tls_03_a_bad_certificate_fails_at_the_start() {
    let place = Place::new();
    let pem = |certificate: &str, key: &str, password| {
        Tls::from_pem(certificate.as_bytes(), Some(key.as_bytes()), password).unwrap_err()
    };
    let says = |error: TlsError, words: &str| {
        let text = error.to_string();
        assert!(text.contains(words), "{text}");
        assert!(!text.contains('\n'), "{text}");
        assert_eq!(io::Error::from(error).to_string(), text);
    };
    let error = pem("", KEY, None);
    assert!(matches!(error, TlsError::NoCertificate));
    says(error, "BEGIN CERTIFICATE");
    assert!(matches!(pem(KEY, KEY, None), TlsError::NoCertificate));
    let error = pem(CERTIFICATE, "", None);
    assert!(matches!(error, TlsError::NoKey));
    says(error, "BEGIN PRIVATE KEY");
    assert!(matches!(
        Tls::from_pem(CERTIFICATE.as_bytes(), None, None).unwrap_err(),
        TlsError::NoKey
    ));
    let error = pem(CERTIFICATE, RSA_KEY, None);
    assert!(matches!(error, TlsError::KeyMismatch));
    says(error, "does not belong to the certificate");
    // The authority's certificate first: the wrong order.
    let turned = format!("{AUTHORITY}{CERTIFICATE}");
    assert!(matches!(pem(&turned, KEY, None), TlsError::KeyMismatch));
    let error = pem(CERTIFICATE, KEY_ENCRYPTED, None);
    assert!(matches!(error, TlsError::PasswordNeeded));
    says(error, "give its password");
    for password in ["", "wrong", "Secret"] {
        let error = pem(CERTIFICATE, KEY_ENCRYPTED, Some(password));
        assert!(matches!(error, TlsError::WrongPassword), "{error:?}");
        says(error, "the password is not");
    }
    let error = pem(CERTIFICATE, KEY_LEGACY, Some("secret"));
    assert!(matches!(error, TlsError::LegacyEncryption));
    says(error, "openssl pkcs8 -topk8");
    let error = pem(CERTIFICATE, KEY_DES3, Some("secret"));
    assert!(matches!(error, TlsError::UnknownEncryption(_)), "{error:?}");
    says(error, "openssl pkcs8 -topk8");
    let damaged = KEY.replace("MIGH", "MIGI");
    let error = pem(CERTIFICATE, &damaged, None);
    assert!(matches!(error, TlsError::BadKey(_)), "{error:?}");
    let damaged = CERTIFICATE.replace("MII", "MIJ");
    let error = pem(&damaged, KEY, None);
    assert!(matches!(error, TlsError::BadCertificate(_)), "{error:?}");
    let damaged = CERTIFICATE.replace("MII", "M%I");
    let error = pem(&damaged, KEY, None);
    assert!(matches!(error, TlsError::BadCertificate(_)), "{error:?}");

    let certificate = place.file("cert.pem", CERTIFICATE);
    let missing = place.0.join("missing.pem");
    let error = Tls::from_pem_files(&certificate, &missing).unwrap_err();
    assert!(matches!(&error, TlsError::Unreadable(path, _) if *path == missing));
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::NotFound);
    assert_eq!(format!("{:?}", tls::server()), "Tls { .. }");
}

/// Case A40: a client that sends a byte of its handshake and stalls.
#[test]
fn tls_04_a_handshake_that_stalls_ends_at_its_deadline() {
    let server = hello(Limits {
        handshake: SHORT,
        ..patient()
    });
    for start in [&b""[..], b"\x16", &client_hello()[..40]] {
        let since = Instant::now();
        let mut client = server.connect();
        client.send(start);
        assert_eq!(client.end(), End::Closed(Vec::new()));
        assert!(since.elapsed() >= SHORT);
    }
    // The bound is absolute: bytes that come slowly move nothing.
    let mut client = server.connect();
    let mut reader = client.twin();
    let dripping = std::thread::spawn(move || {
        let endless = [&b"\x16\x03\x01\x3f\xff"[..], &[0; 4000]].concat();
        client.drip(endless, 1, Duration::from_millis(10))
    });
    let (End::Closed(_) | End::Reset(_)) = reader.end();
    drop(reader);
    assert!(!dripping.join().unwrap(), "all of it was taken");
    assert_eq!(server.log().text(), "");
}

/// With one loop: were the handshake to hold its thread, nobody else would be served.
#[test]
fn tls_04_two_hundred_stalled_handshakes_hold_nobody_up() {
    let child = Child::start(PROGRAM, &["tls=1", "loops=1", "handshake=600000"]);
    let config = both();
    let mut active = child.connect().secure(&config);
    assert_eq!(active.get("/").text(), "hello\n");
    let threads = child.process().threads();
    let stalled: Vec<_> = (0..200)
        .map(|number| {
            let mut client = child.connect();
            client.send(&client_hello()[..number % 60]);
            client
        })
        .collect();
    for _ in 0..50 {
        assert_eq!(active.get("/").text(), "hello\n");
        let mut fresh = child.connect().secure(&config);
        assert_eq!(fresh.get("/").text(), "hello\n");
    }
    assert!(child.process().threads() <= threads + 1);
    let mut stalled = stalled;
    assert!(stalled.iter_mut().all(Client::is_quiet));
}

/// Stalled handshakes and idle connections of TLS: waiting is not work.
#[cfg(target_os = "linux")]
#[test]
fn tls_04_a_handshake_that_waits_costs_no_context_switch() {
    let child = Child::start(
        PROGRAM,
        &[
            "tls=1",
            "handshake=600000",
            "idle=600000",
            "head_time=600000",
        ],
    );
    let config = both();
    let mut clients: Vec<_> = (0..20).map(|_| child.connect().secure(&config)).collect();
    for client in clients.iter_mut().step_by(2) {
        client.get("/");
    }
    let mut stalled: Vec<_> = (0..20).map(|_| child.connect()).collect();
    for client in &mut stalled {
        client.send(b"\x16");
    }
    let process = child.process();
    eventually("two seconds without a context switch", || {
        let before = (process.switches(), process.processor());
        std::thread::sleep(Duration::from_secs(2));
        before == (process.switches(), process.processor())
    });
}

/// The first flight of a client, as rustls writes it.
fn client_hello() -> Vec<u8> {
    let mut bytes = Vec::new();
    tls::connection(&both()).write_tls(&mut bytes).unwrap();
    bytes
}

#[test]
fn a40_plain_http_on_the_port_of_https_is_told_so() {
    let server = hello(patient());
    let mut client = server.connect();
    let answer = client.get("/secret?x");
    assert_eq!(
        (answer.status, answer.reason.as_str()),
        (400, "Plain HTTP on an HTTPS port")
    );
    assert!(answer.text().contains("this port speaks HTTPS"));
    assert!(answer.closes());
    client.finish();
    client.is_closed();
    eventually_is("a line of it", 1, || {
        server
            .log()
            .count("code 400, message Plain HTTP on an HTTPS port")
    });

    let mut client = server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    let answer = client.answer_to("HEAD");
    assert_eq!((answer.status, answer.framing), (400, Framing::None));
    client.is_closed();
    // What is no request either, and a request that has only begun.
    for text in ["hello?", "G", "GET / HTTP/1.1\r\nHost"] {
        let mut client = server.connect();
        client.send(text);
        assert_eq!(client.answer().status, 400, "{text}");
        client.is_closed();
    }
    // A large body behind the head does not take the answer with it.
    let mut client = server.connect();
    let upload = format!(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        50_000
    );
    client.send([upload.as_bytes(), &vec![b'x'; 50_000]].concat());
    assert_eq!(client.answer().status, 400);
}

#[test]
fn a40_rubbish_gets_an_alert_and_a_close() {
    let server = hello(patient());
    // A hello of TLS 1.1 without the extension that would name a later version (RFC 8446 section 4.2.1).
    let mut old = vec![0x16, 3, 1, 0, 47, 1, 0, 0, 43, 3, 2];
    old.extend([7; 32]);
    old.extend([0, 0, 4, 0xc0, 0x13, 0, 0x2f, 1, 0]);
    // A hello of SSL 2 (RFC 5246 appendix E.2).
    let mut oldest = vec![0x80, 46, 1, 0, 2, 0, 21, 0, 0, 0, 16];
    oldest.extend([9; 37]);
    let mut wrong = client_hello();
    wrong[43..].fill(0xff);
    for (bytes, alert) in [
        // There is nothing in it that the server could sign by.
        (old, Some(40)),
        (oldest, None),
        (vec![0; 100], None),
        (vec![0xff; 100_000], None),
        (b"\x16\x03\x01\xff\xff\x00".to_vec(), None),
        (b"\x17\x03\x03\x00\x01\x00".to_vec(), None),
        (b"\x16\x03\x01\x00\x00".to_vec(), None),
        (wrong, None),
    ] {
        let shown = bytes.get(..12).unwrap_or(&bytes).to_vec();
        let mut client = server.connect();
        // The server may have gone before it has all of this.
        let _ = client.try_send(&bytes);
        let _ = client.try_finish();
        let (End::Closed(got) | End::Reset(got)) = client.end();
        // An alert in plain text: its type, the version, its length, fatal, and why (RFC 8446 section 6).
        assert!(
            got.len() == 7 && got[0] == 0x15 && got[5] == 2,
            "{got:?} to {shown:?}"
        );
        if let Some(alert) = alert {
            assert_eq!(got[6], alert);
        }
    }
    // Failed handshakes leave no line (rule SRV-08).
    assert_eq!(server.log().text(), "");
    assert_eq!(secure(&server).get("/").text(), "hello");
}

#[test]
fn a_connection_is_kept_and_pipelined_requests_are_answered() {
    let server = served(patient(), |request, response| {
        let path = request.path().to_owned();
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

#[test]
fn bodies_are_uploaded_collected_and_streamed() {
    let body = content(1 << 20);
    let server = served(patient(), |request, response| {
        if request.path() == "/sum" {
            // Read beside what the loop has read ahead.
            let mut sum = 0u64;
            let mut piece = [0; 1000];
            loop {
                match request.rfile().read(&mut piece)? {
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
        request.rfile().read_to_end(&mut body)?;
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

/// The end of a body and the next requests come in one record, and a handler on a thread of its own reads no more than the body.
#[test]
fn a_request_in_the_last_record_of_a_body_is_not_forgotten() {
    let gate = Gate::new();
    let stops = gate.clone();
    let server = served(patient(), move |request, response| {
        if request.path() == "/next" {
            return response.reply("next");
        }
        let mut first = [0; 10];
        request.rfile().read_exact(&mut first)?;
        stops.wait();
        let mut rest = Vec::new();
        let mut byte = [0];
        while request.rfile().read(&mut byte)? > 0 {
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
    let server = served(
        Limits {
            write_progress: SHORT,
            ..patient()
        },
        |_, response| response.reply(vec![b'x'; 50 << 20]),
    );
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

/// The end of the connection without the alert that announces it may be an attacker's doing.
#[test]
fn an_end_without_close_notify_is_no_end_of_a_body() {
    let ends = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&ends);
    let server = served(patient(), move |request, response| {
        let mut body = Vec::new();
        let read = request.rfile().read_to_end(&mut body);
        noted.lock().unwrap().push((body.len(), read.is_ok()));
        read?;
        response.reply("whole")
    });
    for framing in ["Content-Length: 100000", "Transfer-Encoding: chunked"] {
        let mut client = secure(&server);
        let head =
            format!("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n{framing}\r\n\r\n");
        client.send(head);
        assert_eq!(client.answer().status, 100);
        client.send("5\r\n12345\r\n");
        let (mut below, _) = client.below_tls();
        below.finish();
        // No answer, but perhaps an alert.
        let (End::Closed(_) | End::Reset(_)) = below.end();
        eventually_is("a body that failed", Some(false), || {
            ends.lock().unwrap().pop().map(|(_, whole)| whole)
        });
    }
}

struct Old;

#[handler]
impl Old {
    const PARSING: Parsing = Parsing::Lenient;

    fn do_GET(&self) -> &'static str {
        "answered"
    }
}

/// Rules REQ-04 and HDR-13: in the lenient profile the end of input ends a head. It has to be the client's.
#[test]
fn an_end_without_close_notify_is_no_end_of_a_head() {
    let server = Server::built(|server| server.limits(patient()).tls(tls::server()), Old);
    let mut client = secure(&server);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    client.finish();
    assert_eq!(client.answer().text(), "answered");
    client.is_closed();
    let mut client = secure(&server);
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    let (mut below, _) = client.below_tls();
    below.finish();
    let (End::Closed(got) | End::Reset(got)) = below.end();
    // At most the session tickets, or an alert: no record of application data of a response's size.
    assert!(got.len() < 400, "{} bytes", got.len());
    let log = server.log().clone();
    server.end();
    assert_eq!(log.count("\"GET"), 1);
}

/// A client sees whether a response that ends with its connection is whole.
#[test]
fn a_response_is_whole_if_close_notify_follows_it() {
    let server = served(patient(), |request, response| {
        let path = request.path().to_owned();
        let mut body = response.send_response(200).end_headers()?;
        body.write_all(&vec![b'x'; 200_000])?;
        if path == "/fails" {
            return Err(doget::Error::new(500));
        }
        body.finish()
    });
    for config in configs() {
        let ask = |path: &str| {
            let mut client = server.connect().secure(&config);
            client.send(format!("GET {path} HTTP/1.0\r\n\r\n"));
            client.try_answer_to("GET")
        };
        let whole = ask("/works").unwrap();
        assert_eq!((whole.framing, whole.body.len()), (Framing::End, 200_000));
        assert!(ask("/fails").is_err());
    }
}

#[test]
fn a_half_closed_connection_gets_its_answers() {
    let server = hello(patient());
    for config in configs() {
        let mut client = server.connect().secure(&config);
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3));
        client.finish();
        for _ in 0..3 {
            assert_eq!(client.answer().text(), "hello");
        }
        client.is_closed();
        // The request and the end in one segment.
        let mut client = server.connect().secure(&config);
        let connection = client.tls();
        let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        connection.writer().write_all(request).unwrap();
        connection.send_close_notify();
        assert_eq!(client.answer().text(), "hello");
        client.is_closed();
    }
}

#[test]
fn sessions_are_resumed() {
    let server = hello(patient());
    for version in [&TLS13, &TLS12] {
        let mut config = tls::client(&[version]);
        config.resumption = Resumption::in_memory_sessions(8);
        let config = Arc::new(config);
        let mut kinds = Vec::new();
        for _ in 0..3 {
            let mut client = server.connect().secure(&config);
            assert_eq!(client.get("/").text(), "hello");
            kinds.push(client.tls().handshake_kind().unwrap());
        }
        let resumed = HandshakeKind::Resumed;
        assert_eq!(kinds, [HandshakeKind::Full, resumed, resumed]);
    }
}

#[test]
fn an_idle_connection_ends_with_close_notify() {
    let server = hello(Limits {
        idle: SHORT,
        ..patient()
    });
    for config in configs() {
        let mut client = server.connect().secure(&config);
        client.get("/");
        // An end without the alert would be an error, which `end` does not take.
        assert_eq!(client.end(), End::Closed(Vec::new()));
    }
}

#[test]
fn a_head_that_stalls_behind_the_handshake_is_408() {
    let server = hello(Limits {
        head_time: SHORT,
        ..patient()
    });
    let mut client = secure(&server);
    client.send("GET / HT");
    assert_eq!(client.answer().status, 408);
    let mut silent = secure(&server);
    silent.is_closed();
}

#[test]
fn a_graceful_end_finishes_what_runs() {
    let gate = Gate::new();
    let stops = gate.clone();
    let server = served(patient(), move |request, response| {
        if request.path() == "/gate" {
            stops.wait();
        }
        response.reply("done")
    });
    let (mut idle, mut busy) = (secure(&server), secure(&server));
    idle.get("/");
    busy.send("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
    gate.has(1);
    server.running().shutdown().graceful();
    assert_eq!(idle.end(), End::Closed(Vec::new()));
    gate.open();
    let answer = busy.answer();
    assert!(answer.closes() && answer.text() == "done");
    assert_eq!(busy.end(), End::Closed(Vec::new()));
    server.join();
}

#[test]
fn a_connection_makes_room_with_close_notify() {
    let server = hello(Limits {
        connections: 1,
        ..patient()
    });
    let mut first = secure(&server);
    first.get("/");
    let mut second = secure(&server);
    assert_eq!(second.get("/").text(), "hello");
    assert_eq!(first.end(), End::Closed(Vec::new()));
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

/// Responses of all sizes around that of the system's buffer: the last of their records may have to wait, and the close waits for it.
#[cfg(unix)]
#[test]
fn a_close_waits_for_the_last_record() {
    let place = Place::new();
    let path = place.0.join("socket");
    let running = HttpServer::bind_unix(&path)
        .unwrap()
        .log(doget::Log::off())
        .tls(tls::server())
        .spawn(answers(|request, response| {
            let size = request.path()[1..].parse().unwrap();
            response.reply(vec![b'x'; size])
        }))
        .unwrap();
    let config = both();
    for size in (100_000..400_000).step_by(10_000) {
        let mut client = Client::connect_unix(&path).secure(&config);
        client.send(format!(
            "GET /{size} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        ));
        // So that the server fills the buffer first.
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(client.answer().body.len(), size);
        client.is_closed();
    }
    drop(running);
}

/// The sending half of a connection of TLS 1.3, whose records are made by hand.
struct Sender {
    encrypter: Box<dyn MessageEncrypter>,
    number: u64,
}

impl Sender {
    /// Takes a connection over, once its handshake is done and nothing is on its way.
    fn new(client: Client) -> (Client, Self) {
        let (client, connection) = client.below_tls();
        let secrets = connection.dangerous_extract_secrets().unwrap();
        let (number, ConnectionTrafficSecrets::Aes128Gcm { key, iv }) = secrets.tx else {
            panic!("another cipher");
        };
        let suite = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
        let SupportedCipherSuite::Tls13(suite) = suite else {
            panic!("another version");
        };
        let algorithm: &'static dyn Tls13AeadAlgorithm = suite.aead_alg;
        let encrypter = algorithm.encrypter(key, iv);
        (client, Self { encrypter, number })
    }

    fn config() -> Arc<ClientConfig> {
        let mut provider = rustls::crypto::ring::default_provider();
        provider
            .cipher_suites
            .retain(|suite| suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256);
        let mut config = tls::client_of(provider, &[&TLS13]);
        config.enable_secret_extraction = true;
        Arc::new(config)
    }

    fn record(&mut self, kind: ContentType, payload: &[u8]) -> Vec<u8> {
        let message = OutboundPlainMessage {
            typ: kind,
            version: ProtocolVersion::TLSv1_2,
            payload: OutboundChunks::Single(payload),
        };
        let record = self.encrypter.encrypt(message, self.number).unwrap();
        self.number += 1;
        record.encode()
    }
}

/// Records without content move no deadline, and are no work that never ends.
#[test]
fn empty_records_do_not_keep_an_idle_connection() {
    let server = hello(Limits {
        idle: SHORT,
        ..patient()
    });
    let mut client = server.connect().secure(&Sender::config());
    assert_eq!(client.get("/").text(), "hello");
    let (mut client, mut sender) = Sender::new(client);
    // Fewer than end a connection by their number; none comes later than the deadline behind the one before.
    let mut reader = client.twin();
    let closed = std::thread::spawn(move || reader.end());
    let sent = (0..30).find(|_| {
        let _ = client.try_send(sender.record(ContentType::ApplicationData, b""));
        std::thread::sleep(2 * SHORT / 3);
        closed.is_finished()
    });
    assert!(sent.is_some(), "it is kept");
    // In bulk, between which others are served.
    let mut client = server.connect().secure(&Sender::config());
    assert_eq!(client.get("/").text(), "hello");
    let (mut client, mut sender) = Sender::new(client);
    let flooding = std::thread::spawn(move || {
        let deadline = Instant::now() + doget_tests::PATIENCE;
        loop {
            let bulk: Vec<u8> = (0..1000)
                .flat_map(|_| sender.record(ContentType::ApplicationData, b""))
                .collect();
            if client.try_send(bulk).is_err() {
                return;
            }
            assert!(Instant::now() < deadline, "it goes on and on");
        }
    });
    while !flooding.is_finished() {
        assert_eq!(secure(&server).get("/").text(), "hello");
    }
    flooding.join().unwrap();
}

#[test]
fn empty_records_do_not_keep_a_handler() {
    let server = served(patient(), |request, response| {
        let mut body = Vec::new();
        request.rfile().read_to_end(&mut body)?;
        response.reply("whole")
    });
    let mut client = server.connect().secure(&Sender::config());
    let head =
        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 500000\r\n\r\n";
    client.send(head);
    assert_eq!(client.answer().status, 100);
    let (mut client, mut sender) = Sender::new(client);
    let deadline = Instant::now() + doget_tests::PATIENCE;
    loop {
        let bulk: Vec<u8> = (0..1000)
            .flat_map(|_| sender.record(ContentType::ApplicationData, b""))
            .collect();
        if client.try_send(bulk).is_err() {
            break;
        }
        assert!(Instant::now() < deadline, "it goes on and on");
    }
    eventually("a line of it", || {
        server
            .log()
            .count("code 400, message Request body cut short")
            > 0
    });
}

/// Requests for new keys, one after the other; alerts that end the connection, again and again.
#[test]
fn floods_of_messages_end_the_connection() {
    let server = hello(patient());
    let mut client = server.connect().secure(&Arc::new(tls::client(&[&TLS13])));
    client.get("/");
    let deadline = Instant::now() + doget_tests::PATIENCE;
    loop {
        client.tls().refresh_traffic_keys().unwrap();
        if client.try_send("").is_err() {
            break;
        }
        assert!(Instant::now() < deadline, "it goes on and on");
    }

    let mut client = server.connect().secure(&Sender::config());
    client.get("/");
    let (mut client, mut sender) = Sender::new(client);
    let close_notify = (0..1000).flat_map(|_| sender.record(ContentType::Alert, &[1, 0]));
    let close_notify: Vec<u8> = close_notify.collect();
    let deadline = Instant::now() + doget_tests::PATIENCE;
    while client.try_send(&close_notify).is_ok() {
        assert!(Instant::now() < deadline, "it goes on and on");
    }
    // A record that nobody could have sent.
    let mut client = secure(&server);
    client.get("/");
    let (mut client, _) = client.below_tls();
    client.send([&[0x17, 3, 3, 0, 100][..], &[0; 100]].concat());
    let (End::Closed(_) | End::Reset(_)) = client.end();
    assert_eq!(secure(&server).get("/").text(), "hello");
}

/// Connections whose clients take nothing: some records of each are held, not its response.
#[cfg(target_os = "linux")]
#[test]
fn a_response_that_nobody_takes_holds_a_few_records() {
    let child = Child::start(PROGRAM, &["tls=1", "loops=1", "write_progress=600000"]);
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
        request.rfile().read_to_end(&mut body)?;
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
