//! The program in the documentation of `doget::tower`; a test compares them.

use doget_shop::Shop;

use doget::tower;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    lambda_http::run(tower::service(Shop).https(true).inline()).await
}
