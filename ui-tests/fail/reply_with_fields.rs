#[derive(doget::Reply)]
pub enum Saved {
    Now(String, String),
    #[status(202)]
    Later { text: String, page: String },
}

fn main() {}
