use doget::{Request, StatusCode, handler};

struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    #[blocking]
    fn log_request(&self, _: &Request<'_>, _: StatusCode, _: u64) {}
}

fn main() {}
