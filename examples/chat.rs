//! A chat: a page, and a WebSocket for each guest. Whoever is silent costs no thread.
//!
//! ```text
//! cargo run --release --example chat
//! ```
//!
//! Then open <http://127.0.0.1:8000/> twice.

use doget::live::{Close, Closed, Live, Message, Socket, SocketPeer, Text, Topic, WebSocket};
use doget::{Html, HttpServer, handler};

struct Chat {
    room: Topic<Text>,
}

/// A guest: the state of one socket.
struct Guest {
    name: String,
    room: Topic<Text>,
}

#[handler]
impl Chat {
    #[route("/")]
    fn do_GET_page(&self) -> Html<&'static str> {
        Html(PAGE)
    }

    #[route("/chat/{name}")]
    fn do_GET_chat(&self, socket: WebSocket, name: String) -> Live {
        let room = self.room.clone();
        socket.limit(4096).follow(&room).with(Guest {
            name,
            room: room.clone(),
        })
    }
}

impl Socket for Guest {
    fn on_open(&mut self, _peer: &mut SocketPeer<'_>) -> Result<(), Close> {
        self.room.publish(format!("* {} has come", self.name));
        Ok(())
    }

    fn on_message(
        &mut self,
        _peer: &mut SocketPeer<'_>,
        message: Message<'_>,
    ) -> Result<(), Close> {
        self.room
            .publish(format!("{}: {}", self.name, message.text()?));
        Ok(())
    }

    fn on_close(&mut self, _closed: &Closed) {
        self.room.publish(format!("* {} has left", self.name));
    }
}

const PAGE: &str = r#"<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<title>Chat</title>
<h1>Chat</h1>
<ol id="said"></ol>
<form id="say"><input id="text" autocomplete="off" autofocus><button>Say</button></form>
<script>
const name = new URLSearchParams(location.search).get("name") || "guest" + Math.floor(Math.random() * 1000);
const socket = new WebSocket(`${location.origin.replace("http", "ws")}/chat/${encodeURIComponent(name)}`);
socket.onmessage = event => {
    const line = document.createElement("li");
    line.textContent = event.data;
    document.getElementById("said").append(line);
};
document.getElementById("say").onsubmit = event => {
    event.preventDefault();
    const text = document.getElementById("text");
    socket.send(text.value);
    text.value = "";
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
    server.serve_forever(Chat { room: Topic::new() })?;
    Ok(())
}
