use doget::{Params, Query, handler};
use std::time::Instant;

#[derive(Params)]
struct Paging {
    page: u32,
}

#[derive(Params)]
struct Search {
    since: Instant,
    paging: Paging,
    #[param(flatten)]
    q: String,
}

struct Plain;

struct S;

#[handler]
impl S {
    fn do_GET(&self, Query(_): Query<Plain>) -> &'static str {
        ""
    }

    #[route("/single")]
    fn do_GET_single(&self, #[query] since: Instant) -> String {
        format!("{since:?}")
    }
}

fn main() {}
