use doget::{Params, handler};

const MOST: u32 = 100;

#[derive(Params)]
pub struct Listing {
    #[param(default = 200, range = 1..=MOST)]
    limit: u32,
    #[param(default = 1.5, range = 0.0..1.0)]
    share: f64,
}

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, #[query(default = 0, range = 1..)] page: u32) -> String {
        format!("page {page}")
    }
}

fn main() {}
