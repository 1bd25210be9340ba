use doget::{Params, Query, handler};

#[derive(Params)]
#[params(exact)]
pub struct Search {
    q: String,
}

#[derive(Params)]
pub struct Paging {
    page: u32,
}

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, search: Query<Search>, paging: Query<Paging>) -> String {
        format!("{} {}", search.0.q, paging.0.page)
    }

    #[route("/one")]
    fn do_GET_one(&self, #[query] page: u32, search: Option<Query<Search>>) -> String {
        format!("{page} {}", search.is_some())
    }

    #[route("/headers")]
    fn do_GET_headers(&self, search: Query<Search>, #[header] user_agent: String) -> String {
        search.0.q + &user_agent
    }
}

fn main() {}
