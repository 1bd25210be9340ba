use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, #[query] #[header] name: String) -> String {
        name
    }
}

fn main() {}
