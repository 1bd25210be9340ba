use doget::handler;

struct S;

#[handler]
impl S {
    #[open]
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
