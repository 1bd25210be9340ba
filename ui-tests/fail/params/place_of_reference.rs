use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, #[query] name: &str) -> String {
        name.to_owned()
    }
}

fn main() {}
