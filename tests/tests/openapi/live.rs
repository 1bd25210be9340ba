//! Live connections in a document.

use doget::live::{Event, Events, Live, Park, Text, Topic, WebSocket};
use doget::openapi::OpenApi;
use doget::{Response, Result, Sent, handler};
use serde_json::{Value, json};
use std::time::Duration;

struct Site {
    news: Topic<Event>,
    room: Topic<Text>,
}

/// Live connections.
#[handler]
impl Site {
    /// What is new.
    #[route("/news")]
    fn do_GET_news(&self, events: Events) -> Live {
        events.follow(&self.news)
    }

    /// The same by hand.
    #[route("/by-hand")]
    #[blocking]
    fn do_GET_by_hand(&self, events: Events, response: Response<'_>) -> Result<Sent> {
        events.open(response)?.finish()
    }

    /// A room.
    #[route("/room")]
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        socket.follow(&self.room).only()
    }

    /// A long poll.
    #[route("/poll")]
    fn do_GET_poll(&self, park: Park) -> Live {
        park.within(Duration::from_secs(1)).0
    }
}

fn operation(path: &str) -> Value {
    let api = OpenApi::of::<Site>("Site", "1.0");
    let document: Value = serde_json::from_str(&api.to_json()).unwrap();
    document["paths"][path]["get"].clone()
}

#[test]
fn a_stream_is_named_as_what_it_is() {
    let stream = json!({
        "description": "A stream of events, which does not end.",
        "content": { "text/event-stream": { "schema": { "type": "string" } } },
    });
    let news = operation("/news");
    assert_eq!(news["responses"], json!({ "200": stream }));
    let id = json!([{
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The id of the last event that the client has seen: the stream goes on behind it.",
        "schema": { "type": "string" },
    }]);
    assert_eq!(news["parameters"], id);
    assert_eq!(operation("/by-hand")["responses"]["200"], stream);
}

#[test]
fn a_socket_and_a_long_poll_are_described_as_far_as_a_document_has_words() {
    let statuses = |path| {
        let operation = operation(path);
        let responses = operation["responses"].as_object().unwrap();
        responses.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(statuses("/room"), ["101", "400", "403", "426", "503"]);
    assert_eq!(statuses("/poll"), ["204", "400", "431", "503", "default"]);
    let api = OpenApi::of::<Site>("Site", "1.0");
    let undescribed: Vec<String> = api.undescribed().map(|gap| gap.to_string()).collect();
    assert_eq!(
        undescribed,
        [
            "GET /by-hand: the answer `Result<Sent>` is not described",
            "GET /poll: what is answered later is not described: say it with `#[answers(..)]`",
        ]
    );
}
