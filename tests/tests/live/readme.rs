//! What the README shows of live connections, word for word: it compiles, and does what is said beside it.

use doget::handler;
use doget::live::{Event, Events, Live, Park, Parked, Text, Topic, WebSocket};
use doget_tests::live::Ws;
use doget_tests::{Client, Server, eventually};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

struct Site {
    room: Topic<Text>,
    progress: Topic<Event>,
    waiting: Arc<Mutex<HashMap<u64, Parked>>>,
}

#[rustfmt::skip]
mod shown {
    use super::*;

#[handler]
impl Site {
    #[route("/echo")]
    fn do_GET_echo(&self, socket: WebSocket) -> Live {
        socket.each(|peer, message| peer.send(message))
    }

    #[route("/room")] // a chat: what one says, all get
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        let room = self.room.clone();
        socket.follow(&self.room).each(move |_, message| {
            room.publish(message.text()?);
            Ok(())
        })
    }

    #[route("/progress")] // elsewhere: progress.publish(Event::data(50))
    fn do_GET_progress(&self, events: Events) -> Live {
        events.follow(&self.progress)
    }

    #[route("/result/{id}")] // elsewhere: parked.reply(Json(result)); 204 if nobody does
    fn do_GET_result(&self, id: u64, park: Park) -> Live {
        let (live, parked) = park.within(Duration::from_secs(25));
        self.waiting.lock().unwrap().insert(id, parked);
        live
    }
}
}

#[test]
fn the_readme_shows_what_is_compiled_here() {
    let part = |text: &str| {
        let (_, rest) = text
            .split_once("#[handler]\nimpl Site {\n    #[route(\"/echo\")]")
            .unwrap();
        rest.split_once("\n}\n").unwrap().0.to_owned()
    };
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md"));
    assert_eq!(part(&readme.unwrap()), part(include_str!("readme.rs")));
}

#[test]
fn what_the_readme_shows_works() {
    let (progress, waiting) = (Topic::new(), Arc::default());
    let server = Server::new(Site {
        room: Topic::new(),
        progress: progress.clone(),
        waiting: Arc::clone(&waiting),
    });
    let mut echo = Ws::connect(server.address(), "/echo");
    echo.text("hello");
    assert_eq!(echo.receive_text(), "hello");

    let mut room = [0; 2].map(|_| Ws::connect(server.address(), "/room"));
    room[0].text("to all");
    for member in &mut room {
        assert_eq!(member.receive_text(), "to all");
    }

    let mut stream = Ws::raw(server.connect());
    stream.send("GET /progress HTTP/1.1\r\nHost: test\r\n\r\n");
    stream.head();
    eventually("it follows", || progress.stats().receivers == 1);
    progress.publish(Event::data(50));
    stream.until("data: 50\n\n");

    let mut client: Client = server.connect();
    client.send("GET /result/7 HTTP/1.1\r\nHost: test\r\n\r\n");
    let mut parked = None;
    eventually("it is parked", || {
        parked = waiting.lock().unwrap().remove(&7);
        parked.is_some()
    });
    parked.unwrap().reply("42").unwrap();
    assert_eq!(client.answer().text(), "42");
}
