use doget::{Params, handler};

#[derive(Params)]
pub struct Search {
    #[param(example = "20")]
    limit: u32,
    #[param(example = false)]
    small: Option<u8>,
    #[param(example = 5)]
    q: String,
    #[param(example = 1.5)]
    tags: Vec<i64>,
    // These are sound.
    #[param(example = "tea")]
    word: String,
    #[param(example = -7)]
    below: Vec<i8>,
    #[param(example = "127.0.0.1")]
    from: Option<std::net::Ipv4Addr>,
    #[param(example = true)]
    all: bool,
}

pub struct S;

#[handler]
impl S {
    fn do_GET(
        &self,
        #[query(example = "first")] page: u32,
        #[query(example = "::1")] from: Option<std::net::Ipv6Addr>,
    ) -> String {
        format!("page {page} {from:?}")
    }
}

fn main() {}
