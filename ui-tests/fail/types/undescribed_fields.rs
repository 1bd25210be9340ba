use doget::{Form, Params, Query, handler};

#[derive(Params)]
pub struct Paging {
    /// Which page.
    page: u32,
    limit: u32,
}

#[derive(Params)]
pub struct Search {
    /// Words to look for.
    q: String,
    #[param(flatten)]
    paging: Paging,
}

pub struct S;

#[handler(described)]
impl S {
    /// What is found.
    #[route("/search")]
    fn do_GET_search(&self, Query(search): Query<Search>) -> String {
        format!("{} {} {}", search.q, search.paging.page, search.paging.limit)
    }

    /// It may be left out.
    #[route("/page")]
    fn do_POST_page(&self, paging: Option<Form<Paging>>) -> String {
        paging.map_or_else(String::new, |Form(paging)| paging.page.to_string())
    }

    /// In no document.
    #[route("/hidden")]
    #[doc(hidden)]
    fn do_GET_hidden(&self, Query(paging): Query<Paging>) -> String {
        paging.limit.to_string()
    }
}

fn main() {}
