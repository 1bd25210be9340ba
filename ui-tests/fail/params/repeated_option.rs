#[derive(doget::Params)]
#[params(exact, exact)]
pub struct Search {
    #[param(default = 1, default = 2)]
    page: u32,
}

fn main() {}
