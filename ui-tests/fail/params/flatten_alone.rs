use doget::Params;

#[derive(Params)]
pub struct Paging {
    page: u32,
}

#[derive(Params)]
pub struct Search {
    #[param(flatten, name = "p")]
    paging: Paging,
}

fn main() {}
