//! The progress of a job, as Server-Sent Events: a page with a bar that whoever opens it sees move.
//!
//! ```text
//! cargo run --release --example progress
//! curl -N http://127.0.0.1:8000/progress &
//! curl -X POST http://127.0.0.1:8000/start
//! ```

use doget::live::{Event, Events, Lag, Live, Topic};
use doget::{Html, HttpServer, StatusCode, handler};
use std::time::Duration;

struct Jobs {
    progress: Topic<Event>,
}

#[handler]
impl Jobs {
    #[route("/")]
    fn do_GET_page(&self) -> Html<&'static str> {
        Html(PAGE)
    }

    #[route("/progress")]
    fn do_GET_progress(&self, events: Events) -> Live {
        events.follow(&self.progress)
    }

    #[route("/start")]
    fn do_POST_start(&self) -> StatusCode {
        let progress = self.progress.clone();
        std::thread::spawn(move || {
            for step in 0..=100 {
                std::thread::sleep(Duration::from_millis(10));
                progress.publish(Event::data(step));
            }
        });
        StatusCode::ACCEPTED
    }
}

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Progress</title>
<h1>Progress</h1>
<p><progress id="bar" max="100" value="0"></progress> <output id="step"></output></p>
<button onclick="fetch('/start', { method: 'POST' })">Start</button>
<script>
new EventSource("/progress").onmessage = event => {
    document.getElementById("bar").value = event.data;
    document.getElementById("step").value = event.data + " %";
};
</script>
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args()
        .nth(1)
        .map_or(Ok(8000), |port| port.parse())?;
    let server = HttpServer::bind(("127.0.0.1", port))?;
    server.shutdown_handle().on_signals()?;
    println!("http://{}/", server.local_addr()?);
    // Whoever comes late gets the last step; whoever is slow gets the newest.
    let progress = Topic::new().keeping(1).lagging(Lag::Latest);
    server.serve_forever(Jobs { progress })?;
    Ok(())
}
