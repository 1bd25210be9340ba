use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

#[handler]
impl S {
    fn do_PUT(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
