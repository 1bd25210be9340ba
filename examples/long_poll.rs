//! Long polls: a client asks for a result, and the answer comes when there is one, or 204 after 25 seconds.
//!
//! ```text
//! cargo run --release --example long_poll
//! curl -i http://127.0.0.1:8000/result/7 &
//! curl -d 42 http://127.0.0.1:8000/result/7
//! curl -i http://127.0.0.1:8000/news &
//! curl -d 'it rains' http://127.0.0.1:8000/news
//! ```

use doget::live::{Live, Park, Parked, Text, Topic};
use doget::{HttpServer, StatusCode, handler};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[derive(Default)]
struct Board {
    waiting: Mutex<HashMap<u64, Parked>>,
    news: Topic<Text>,
}

#[handler]
impl Board {
    #[route("/result/{id}")]
    fn do_GET_result(&self, id: u64, park: Park) -> Live {
        let (live, parked) = park.within(Duration::from_secs(25));
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever waited for the same before gets 204.
        waiting.insert(id, parked);
        live
    }

    #[route("/result/{id}")]
    fn do_POST_result(&self, id: u64, result: String) -> StatusCode {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.remove(&id).map(|parked| parked.reply(result)) {
            Some(Ok(())) => StatusCode::NO_CONTENT,
            Some(Err(_)) | None => StatusCode::GONE,
        }
    }

    #[route("/news")]
    fn do_GET_news(&self, park: Park) -> Live {
        park.next_of(&self.news)
    }

    #[route("/news")]
    fn do_POST_news(&self, text: String) -> StatusCode {
        self.news.publish(text);
        StatusCode::NO_CONTENT
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args()
        .nth(1)
        .map_or(Ok(8000), |port| port.parse())?;
    let server = HttpServer::bind(("127.0.0.1", port))?;
    server.shutdown_handle().on_signals()?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Board::default())?;
    Ok(())
}
