//! Files, scripts and methods of one's own, side by side. On Unix.
//!
//! ```text
//! mkdir -p site/cgi-bin
//! printf '#!/bin/sh\necho "Content-Type: text/plain"; echo; echo "Hello, $QUERY_STRING"\n' >site/cgi-bin/hello
//! chmod +x site/cgi-bin/hello
//! cargo run --release --example cgi -- 8000 site
//! curl -i 'http://127.0.0.1:8000/cgi-bin/hello?Ada'
//! ```

#[cfg(unix)]
fn main() -> std::io::Result<()> {
    use doget::{CgiHandler, CgiLimits, HttpServer, handler};
    use std::time::Duration;

    struct Site {
        scripts: CgiHandler,
    }

    #[handler(base(self.scripts: CgiHandler))]
    impl Site {
        #[route("/health")]
        fn do_GET_health(&self) -> &'static str {
            "well\n"
        }
    }

    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().unwrap_or("8000".to_owned());
    let directory = arguments.next().unwrap_or(".".to_owned());
    let limits = CgiLimits::new()
        .max_scripts(4)
        .idle_timeout(Duration::from_secs(10));
    let scripts = CgiHandler::new(directory)?
        .cgi_directories(["/cgi-bin"])?
        .variable("LANG", "C.UTF-8")
        .limits(limits);
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Site { scripts })
}

#[cfg(not(unix))]
fn main() {
    println!("there is no CGI here");
}
