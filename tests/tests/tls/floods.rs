//! Records and messages that are not worth anything.

use super::{SHORT, hello, patient, secure, served};
use doget_tests::tls;
use doget_tests::{Client, End, eventually};
use rustls::crypto::cipher::{
    MessageEncrypter, OutboundChunks, OutboundPlainMessage, Tls13AeadAlgorithm,
};
use rustls::version::TLS13;
use rustls::{
    CipherSuite, ClientConfig, ConnectionTrafficSecrets, ContentType, ProtocolVersion,
    SupportedCipherSuite,
};
use std::io::Read;
use std::sync::Arc;
use std::time::Instant;

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
    let server = hello(patient().idle_timeout(SHORT).max_linger_time(SHORT));
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
    let server = served(patient().max_linger_time(SHORT), |request, response| {
        let mut body = Vec::new();
        request.body().read_to_end(&mut body)?;
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
    let server = hello(patient().max_linger_time(SHORT));
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
