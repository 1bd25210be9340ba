use doget::Fault;

pub struct NoFault;

#[derive(Fault)]
pub enum ShopError {
    #[fault]
    Other(NoFault),
    #[status(409, "Only {left} are left")]
    SoldOut { count: u32 },
    #[status(500)]
    Lost(#[source] NoFault),
}

fn main() {}
