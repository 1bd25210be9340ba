//! What scripts hear of a client behind a proxy.

use super::site::Scripts;
use doget::{Networks, Trust};
use doget_tests::answer::Answer;
use doget_tests::test_server::TestServer;

const FIELDS: &str = "X-Forwarded-For: 198.51.100.9, 192.0.2.7\r\nX-Forwarded-Proto: https\r\n\
    X-Forwarded-Host: b.example\r\nX-Real-IP: 198.51.100.9\r\nForwarded: for=198.51.100.9\r\n";

fn ask(server: &TestServer) -> Answer {
    server.one(format!(
        "GET /cgi-bin/env HTTP/1.1\r\nHost: a.example\r\n{FIELDS}\r\n"
    ))
}

fn variables(answer: &Answer, names: &[&str]) -> Vec<Option<String>> {
    let value = |name: &&str| {
        let prefix = format!("{name}=");
        let mut lines = answer.text().lines();
        let line = lines.find_map(|line| line.strip_prefix(&prefix));
        line.map(str::to_owned)
    };
    names.iter().map(value).collect()
}

const NAMES: [&str; 5] = [
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "HTTPS",
    "SERVER_NAME",
    "SERVER_PORT",
];

#[test]
fn scripts_hear_of_the_client_by_a_trusted_proxy_alone_and_see_no_field_of_it() {
    let scripts = Scripts::usual();
    let server = scripts.serve();
    let port = server.address().port().to_string();
    let answer = ask(&server);
    let some = |text: &str| Some(text.to_owned());
    let own = [
        some("127.0.0.1"),
        some("127.0.0.1"),
        None,
        some("a.example"),
        some(&port),
    ];
    assert_eq!(variables(&answer, &NAMES), own);
    assert!(!answer.text().contains("FORWARDED") && !answer.text().contains("REAL_IP"));

    let networks = Networks::new(["127.0.0.1"]).unwrap();
    let server = TestServer::with(scripts.handler(), |server| {
        server.trust(Trust::x_forwarded(networks).host())
    });
    let answer = ask(&server);
    let told = [
        some("192.0.2.7"),
        some("192.0.2.7"),
        some("on"),
        some("b.example"),
        some("443"),
    ];
    assert_eq!(variables(&answer, &NAMES), told);
    assert!(!answer.text().contains("FORWARDED") && !answer.text().contains("REAL_IP"));
}
