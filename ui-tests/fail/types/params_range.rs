use doget::Params;

type Limit = u32;

const LARGEST: Limit = 100;

#[derive(Params)]
struct Search {
    #[param(default = 200, range = 1..=LARGEST)]
    limit: Limit,
    #[param(range = 5..5)]
    nothing: i8,
    #[param(default = 300)]
    small: u8,
    #[param(default = f64::NAN, range = 0.0..)]
    price: f64,
    // These are sound.
    #[param(default = 5, range = ..=5)]
    last: u8,
    #[param(range = 1..=2)]
    some: Option<Limit>,
    #[param(range = 1..=2)]
    list: Vec<i64>,
}

fn main() {}
