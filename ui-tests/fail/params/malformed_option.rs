#[derive(doget::Params)]
#[params(exact = true)]
pub struct Search {
    #[param(name = 7)]
    page: u32,
    #[param(range = 5)]
    limit: u32,
    #[param(example = 10 * 10)]
    size: u32,
}

fn main() {}
