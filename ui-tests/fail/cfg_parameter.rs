use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_PUT(&self, #[cfg(all())] text: String) -> String {
        text
    }
}

fn main() {}
