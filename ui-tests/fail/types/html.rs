use doget::{Html, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> Html<u64> {
        Html(1)
    }
}

fn main() {}
