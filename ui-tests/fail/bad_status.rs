use doget::{Fault, Reply};

#[derive(Fault)]
pub enum ShopError {
    #[status(200)]
    SoldOut,
    #[status(99999)]
    Closed,
}

#[derive(Reply)]
pub enum Saved {
    #[status(100)]
    Later,
}

fn main() {}
