use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

doget::assert_methods!(S: GET, HEAD, PUT);
doget::assert_methods!(S: !GET);
doget::assert_methods!(S: "M-SEARCH");

fn main() {}
