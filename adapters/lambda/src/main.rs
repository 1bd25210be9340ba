//! Below Lambda's runtime it is a function. Anywhere else it is a server: also behind the web adapter, which starts it
//! as it is, and says by `PORT` where to listen.

use doget::HttpServer;
use doget_on_lambda::service;
use doget_shop::Shop;

fn main() -> Result<(), lambda_http::Error> {
    // The web adapter is an extension: the program itself talks to no runtime then.
    let behind_the_adapter = std::env::var_os("AWS_LWA_PORT").is_some()
        || std::env::var_os("AWS_LWA_READINESS_CHECK_PATH").is_some();
    if std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_none() || behind_the_adapter {
        let port = std::env::var("AWS_LWA_PORT").or_else(|_| std::env::var("PORT"));
        let port = port.as_deref().unwrap_or("8080").parse()?;
        let server = HttpServer::bind(("127.0.0.1", port))?;
        println!("listening {}", server.local_addr()?);
        server.serve_forever(Shop)?;
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(lambda_http::run(service()))
}
