#[derive(doget::Fault)]
pub enum ShopError {
    #[status(409)]
    SoldOut,
    Closed,
}

fn main() {}
