#[derive(doget::Fault)]
pub enum ShopError {
    #[fault]
    SoldOut,
    #[fault]
    Both(doget::Error, doget::Error),
}

fn main() {}
