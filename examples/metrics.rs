//! A metrics endpoint in a program that does something else: a thread works, and Prometheus asks how it is going.
//!
//! ```text
//! cargo run --release --example metrics
//! curl http://127.0.0.1:8000/metrics
//! ```

use doget::{HttpServer, Response, Result, Sent, handler};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

#[derive(Default)]
struct Counters {
    done: AtomicU64,
    failed: AtomicU64,
}

struct Metrics(Arc<Counters>);

#[handler]
impl Metrics {
    #[route("/metrics")]
    fn do_GET_metrics(&self, response: Response<'_>) -> Result<Sent> {
        let text = format!(
            "# HELP jobs_total Jobs that have ended.
# TYPE jobs_total counter
jobs_total{{result=\"done\"}} {}
jobs_total{{result=\"failed\"}} {}
",
            self.0.done.load(Ordering::Relaxed),
            self.0.failed.load(Ordering::Relaxed),
        );
        response
            .send_response(200)
            .send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            .finish_with(text)
    }
}

/// What the program is for.
fn work(counters: &Counters) -> ! {
    for job in 1_u64.. {
        let counter = match job % 10 {
            0 => &counters.failed,
            _ => &counters.done,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(10));
    }
    unreachable!("there are more jobs than time")
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let counters = Arc::new(Counters::default());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    // Serves until it is dropped.
    let _running = server.spawn(Metrics(Arc::clone(&counters)))?;
    work(&counters)
}
