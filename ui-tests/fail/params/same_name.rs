#[derive(doget::Params)]
pub struct Search {
    page: u32,
    #[param(name = "page")]
    other: u32,
}

fn main() {}
