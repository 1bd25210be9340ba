//! A metrics endpoint: a layer counts what the service does, and Prometheus asks on an address of its own.
//!
//! ```text
//! cargo run --release --example metrics
//! curl http://127.0.0.1:8000/items/7
//! curl http://127.0.0.1:9100/metrics
//! ```

use doget::{Health, HttpServer, Metrics, handler};

struct Shop;

#[handler]
impl Shop {
    #[route("/items/{id}")]
    fn do_GET_item(&self, id: u32) -> Option<String> {
        (id < 100).then(|| format!("item {id}\n"))
    }
}

fn main() -> std::io::Result<()> {
    let mut ports = std::env::args().skip(1);
    let port = ports.next().unwrap_or("8000".to_owned());
    let metrics_port = ports.next().unwrap_or("9100".to_owned());
    let metrics = Metrics::of::<Shop>();
    let page = HttpServer::bind(format!("127.0.0.1:{metrics_port}"))?;
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    println!("http://{}/metrics", page.local_addr()?);
    // Serves until it is dropped.
    let _page = page.spawn(metrics.page())?;
    server.serve_forever(doget::with(
        (Health::new("/livez", "/readyz"), metrics),
        Shop,
    ))
}
