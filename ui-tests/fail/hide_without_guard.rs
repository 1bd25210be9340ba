use doget::handler;

struct S;

#[handler(hide)]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
