//! A login form: 200 for the right password, 401 for a wrong one, 415 for a body that is no form.
//!
//! ```text
//! cargo run --release --example form
//! curl -d 'user=ada&password=lovelace' http://127.0.0.1:8000/
//! ```

use doget::{Error, Form, Html, HttpServer, Result, handler};

struct Login;

#[handler]
impl Login {
    fn do_GET(&self) -> Html<&'static str> {
        Html(
            r#"<!DOCTYPE html>
<title>Log in</title>
<form method="post">
    <input name="user" placeholder="ada">
    <input name="password" type="password" placeholder="lovelace">
    <button>Log in</button>
</form>
"#,
        )
    }

    fn do_POST(&self, form: Form) -> Result<String> {
        match (form.get("user"), form.get("password")) {
            (Some("ada"), Some("lovelace")) => Ok("Welcome, ada!\n".to_owned()),
            _ => Err(Error::new(401)
                .explain("wrong user or password")
                .header("WWW-Authenticate", "FormBased")),
        }
    }
}

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or("8000".to_owned());
    let server = HttpServer::bind(format!("127.0.0.1:{port}"))?;
    println!("http://{}/", server.local_addr()?);
    server.serve_forever(Login)
}
