use doget::{Params, Query, handler};

#[derive(Params)]
pub struct Listing {
    page: u32,
}

pub struct S;

#[handler]
impl S {
    #[route("/pages/{page}")]
    fn do_GET_page(&self, page: u32, #[query(name = "page")] other: u32) -> String {
        format!("{page} {other}")
    }

    fn do_GET(&self, listing: Query<Listing>, #[query] page: u32) -> String {
        format!("{} {page}", listing.0.page)
    }

    fn do_PUT(&self, #[header] if_match: String, #[header(name = "IF-MATCH")] tag: String) -> String {
        if_match + &tag
    }

    fn do_POST(&self, #[header] accept: String, #[query] if_match: String) -> String {
        accept + &if_match
    }
}

fn main() {}
