//! hyper with nothing above it, on tokio's multi-threaded runtime; `TCP_NODELAY` is on. `--tls CERTIFICATE KEY`:
//! tokio-rustls, with the cryptography that rustls has by default. `--stream`: without `pipeline_flush`, as it is by
//! default, since with it a body that always has more is gathered without end.

mod answers;
mod tls;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (acceptor, gather, port) = match &*words {
        [flag, certificate, key, port] if flag == "--tls" => {
            (Some(tls::acceptor(certificate, key)), true, port)
        }
        [flag, port] if flag == "--stream" => (None, false, port),
        [port] => (None, true, port),
        _ => panic!("usage: peer-hyper [--stream | --tls CERTIFICATE KEY] PORT"),
    };
    let address = format!("127.0.0.1:{port}");
    let listener = tokio::net::TcpListener::bind(address).await.expect("bind");
    let mut http = http1::Builder::new();
    // `pipeline_flush` gathers the answers to pipelined requests: without it hyper writes each by itself.
    http.timer(TokioTimer::new()).pipeline_flush(gather);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let service = service_fn(answers::handle);
        if let Some(acceptor) = acceptor.clone() {
            let http = http.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                }
            });
            continue;
        }
        let connection = http.serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            let _ = connection.await;
        });
    }
}
