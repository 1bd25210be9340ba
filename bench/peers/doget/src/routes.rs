//! doget with 10, 100 or 1,000 routes that have two placeholders each: `peer-doget-routes COUNT PORT`.

use doget::{Handler, HttpServer, Log, handler};

fn answer(id: u64, part: u64) -> String {
    format!("part {part} of {id}\n")
}

include!(concat!(env!("OUT_DIR"), "/routes.rs"));

fn serve(port: &str, routes: impl Handler + Send + Sync + 'static) -> std::io::Result<()> {
    HttpServer::bind(format!("127.0.0.1:{port}"))?
        .log(Log::off())
        .serve_forever(routes)
}

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match &*words {
        [count, port] if count == "10" => serve(port, Routes10),
        [count, port] if count == "100" => serve(port, Routes100),
        [count, port] if count == "1000" => serve(port, Routes1000),
        _ => panic!("usage: peer-doget-routes 10|100|1000 PORT"),
    }
}
