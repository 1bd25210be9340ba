use doget::Params;

#[derive(Params)]
struct Search {
    #[param(range = 1..=64)]
    q: String,
    #[param(range = 0..1)]
    tags: Vec<String>,
}

fn main() {}
