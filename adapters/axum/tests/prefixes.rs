//! Where a handler stands below a prefix of axum's: who has to know of it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a panic is how a test fails"
)]

use axum::Router;
use doget::{FileHandler, Log, Mount, tower};
use std::io::{Read as _, Write as _};

/// The answers of an application to these paths, each as text.
fn answers(app: Router, paths: &[&str]) -> Vec<String> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(async move { axum::serve(listener, app).await });
    let ask = |path: &&str| {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(std::time::Duration::from_secs(60)))
            .unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    paths.iter().map(ask).collect()
}

fn files() -> FileHandler {
    FileHandler::new(env!("CARGO_MANIFEST_DIR")).unwrap()
}

/// What the documentation says to do.
#[test]
fn a_mount_knows_its_prefix_below_routes_of_axum() {
    let service = tower::service(Mount::new("/shop", files())).log(Log::off());
    let app = Router::new()
        .route_service("/shop/", service.clone())
        .route_service("/shop/{*rest}", service);
    let [redirect, listing, file] = &answers(app, &["/shop/src", "/shop/", "/shop/Cargo.toml"])[..]
    else {
        panic!("three answers");
    };
    assert!(
        redirect.starts_with("HTTP/1.1 301") && redirect.contains("location: /shop/src/\r\n"),
        "{redirect}"
    );
    assert!(
        listing.contains("Directory listing for /shop/"),
        "{listing}"
    );
    assert!(file.contains("name = \"doget-on-axum\""), "{file}");
}

/// What it warns of.
#[test]
fn a_nested_service_does_not_know_its_prefix() {
    let service = tower::service(files()).log(Log::off());
    let app = Router::new().nest_service("/shop", service);
    let [redirect, listing, file] = &answers(app, &["/shop/src", "/shop/", "/shop/Cargo.toml"])[..]
    else {
        panic!("three answers");
    };
    assert!(redirect.contains("location: /src/\r\n"), "{redirect}");
    assert!(listing.contains("Directory listing for /<"), "{listing}");
    assert!(file.contains("name = \"doget-on-axum\""), "{file}");
}
