//! Errors are values: `?` sends them as error pages with the status and the reason, and the server goes on. A panic is
//! a 500.
//!
//! ```text
//! cargo run --release --example robust
//! curl 'http://127.0.0.1:8000/divide?a=7&b=0'
//! ```

use doget::{Error, HttpServer, Pairs, Result, handler};

struct Calculator;

fn number(query: &Pairs<'_>, name: &str) -> Result<i64> {
    let text = query
        .get(name)
        .ok_or_else(|| Error::new(400).explain(format!("the number {name} is missing")))?;
    text.parse()
        .map_err(|error| Error::new(400).explain(format!("{name} is not a number: {error}")))
}

#[handler]
impl Calculator {
    #[route("/divide")]
    fn do_GET_divide(&self, query: Pairs<'_>) -> Result<String> {
        let (a, b) = (number(&query, "a")?, number(&query, "b")?);
        let quotient = a
            .checked_div(b)
            .ok_or_else(|| Error::new(400).explain(format!("{a} cannot be divided by {b}")))?;
        Ok(format!("{quotient}\n"))
    }

    #[route("/panic")]
    fn do_GET_panic(&self) -> &'static str {
        panic!("a fault in the program")
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Calculator)
}
