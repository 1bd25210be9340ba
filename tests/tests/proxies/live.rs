//! Live connections behind nginx and HAProxy: sockets are upgraded, and what is published comes at once.

use crate::networks;
use crate::real::{PROXY, Proxy, haproxy, nginx, nginx_with};
use doget::live::{Events, Live, Text, Topic, WebSocket};
use doget::{Health, HttpServer, Limits, Log, Running, Trust, handler};
use doget_tests::live::Ws;
use doget_tests::{Client, eventually, eventually_is};

#[derive(Clone, Default)]
struct Site {
    room: Topic<Text>,
}

#[handler]
impl Site {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }

    #[route("/room")]
    fn do_GET_room(&self, socket: WebSocket) -> Live {
        let room = self.room.clone();
        socket
            .follow(&self.room)
            .each(move |_, message| message.text().map(|text| room.publish(text)))
    }

    #[route("/events")]
    fn do_GET_events(&self, events: Events) -> Live {
        events.follow(&self.room)
    }
}

fn serve(site: &Site) -> Running {
    HttpServer::bind("127.0.0.1:0")
        .unwrap()
        .limits(Limits::behind_balancer())
        .log(Log::off())
        .trust(Trust::x_forwarded(networks(&[PROXY])))
        .spawn(doget::with(Health::new("/livez", "/readyz"), site.clone()))
        .unwrap()
}

fn is_up(proxy: &Proxy) {
    eventually("a server that is up", || proxy.ask("").0 == 200);
}

fn stream(proxy: &Proxy) -> Ws {
    let mut client = Client::connect(proxy.address);
    client.send("GET /events HTTP/1.1\r\nHost: a.example\r\n\r\n");
    let mut stream = Ws::raw(client);
    let head = stream.head();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(
        head.contains("\r\nContent-Type: text/event-stream\r\n"),
        "{head}"
    );
    stream
}

#[test]
fn s15_sockets_and_streams_pass_nginx_and_haproxy() {
    let site = Site::default();
    let running = serve(&site);
    let address = running.local_addr().unwrap();
    let proxies = [nginx(address), haproxy(&[address], &[])];
    let mut sockets = Vec::new();
    for proxy in proxies.iter().flatten() {
        is_up(proxy);
        let mut socket = Ws::connect(proxy.address, "/room");
        let mut stream = stream(proxy);
        let here = sockets.len() + 2;
        eventually_is("receivers", here, || site.room.stats().receivers);
        // Nothing is published before all have what was published last.
        for words in ["one", "two", "three"] {
            socket.text(words);
            assert_eq!(socket.receive_text(), words);
            stream.until(&format!("\ndata: {words}\n\n"));
        }
        drop(stream);
        eventually_is("receivers", here - 1, || site.room.stats().receivers);
        sockets.push(socket);
    }
    // What an earlier one heard of the others.
    let told = sockets.len().saturating_sub(1) * 3;
    if let Some(first) = sockets.first_mut() {
        (0..told).for_each(|_| drop(first.receive_text()));
    }
    running.shutdown().graceful();
    for socket in &mut sockets {
        socket.is_closed_with(1001);
    }
}

/// A proxy that gathers answers unless it is told otherwise, and speaks HTTP/1.0: nginx without those lines of ours.
#[test]
fn s15_a_stream_is_not_gathered_by_an_nginx_that_does_so() {
    let site = Site::default();
    let running = serve(&site);
    let changes = [
        ("proxy_buffering off;", "proxy_buffering on;"),
        ("proxy_http_version 1.1;", "proxy_http_version 1.0;"),
    ];
    let Some(proxy) = nginx_with(running.local_addr().unwrap(), &changes) else {
        return;
    };
    is_up(&proxy);
    let mut stream = stream(&proxy);
    eventually_is("receivers", 1, || site.room.stats().receivers);
    for words in ["one", "two", "three"] {
        site.room.publish(words);
        stream.until(&format!("\ndata: {words}\n\n"));
    }
}
