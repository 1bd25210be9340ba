#[derive(doget::Reply)]
pub enum Saved {
    Now(String),
    Later,
}

fn main() {}
