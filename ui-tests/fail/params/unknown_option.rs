#[derive(doget::Params)]
#[params(exakt)]
pub struct Search {
    #[param(defualt = 1)]
    page: u32,
    #[param(colour = "red")]
    limit: u32,
}

fn main() {}
