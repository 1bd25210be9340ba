//! Live connections behind nginx and HAProxy: sockets are upgraded, and what is published comes at once.

use crate::networks;
use crate::real::{PROXY, Proxy, haproxy, nginx, nginx_with};
use doget::live::{Events, Live, Text, Topic, WebSocket};
use doget::{Health, HttpServer, Limits, Log, Running, Trust, handler};
use doget_tests::live::{Ws, handshake};
use doget_tests::{Client, eventually, eventually_is};

#[derive(Clone, Default)]
struct Site {
    chat: Topic<Text>,
}

#[handler]
impl Site {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }

    #[route("/chat")]
    fn do_GET_chat(&self, socket: WebSocket) -> Live {
        let chat = self.chat.clone();
        socket
            .follow(&self.chat)
            .each(move |_, message| message.text().map(|text| chat.publish(text)))
    }

    #[route("/events")]
    fn do_GET_events(&self, events: Events) -> Live {
        events.follow(&self.chat)
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

/// The server's answer to this begins with the first text and has the second as a line; HAProxy writes the names of
/// fields in small letters.
fn ask(proxy: &Proxy, request: &str, status: &str, line: &str) -> Ws {
    let mut client = Client::connect(proxy.address);
    client.send(request);
    let mut asked = Ws::raw(client);
    let head = asked.head().to_lowercase();
    assert!(head.starts_with(&format!("http/1.1 {status} ")), "{head}");
    let line = format!("\r\n{line}\r\n").to_lowercase();
    assert!(head.contains(&line), "{head}");
    asked
}

fn socket(proxy: &Proxy) -> Ws {
    let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
    ask(proxy, &handshake("/chat", ""), "101", accept)
}

fn stream(proxy: &Proxy) -> Ws {
    let request = "GET /events HTTP/1.1\r\nHost: a.example\r\n\r\n";
    ask(proxy, request, "200", "Content-Type: text/event-stream")
}

#[test]
fn s15_sockets_and_streams_pass_nginx_and_haproxy() {
    let site = Site::default();
    let running = serve(&site);
    let address = running.local_addr().unwrap();
    let proxies = [nginx(address), haproxy(&[address], &[])];
    let (mut sockets, mut streams) = (Vec::new(), Vec::new());
    for proxy in proxies.iter().flatten() {
        is_up(proxy);
        let (mut socket, mut stream) = (socket(proxy), stream(proxy));
        let all = 2 * sockets.len() + 2;
        eventually_is("receivers", all, || site.chat.stats().receivers);
        // Nothing is published before all have what was published last.
        for words in ["one", "two", "three"] {
            socket.text(words);
            assert_eq!(socket.receive_text(), words);
            stream.until(&format!("\ndata: {words}\n\n"));
        }
        sockets.push(socket);
        streams.push(stream);
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
    eventually_is("receivers", 1, || site.chat.stats().receivers);
    for words in ["one", "two", "three"] {
        site.chat.publish(words);
        stream.until(&format!("\ndata: {words}\n\n"));
    }
}
