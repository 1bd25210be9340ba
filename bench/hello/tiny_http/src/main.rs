use tiny_http::{Response, Server};

fn main() {
    let server = Server::http("localhost:8000").expect("bind");
    for request in server.incoming_requests() {
        let _ = request.respond(Response::from_string("Hello, World!"));
    }
}
