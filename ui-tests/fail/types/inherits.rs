use doget::handler;

pub struct Base;

#[handler]
impl Base {
    fn do_GET(&self) -> &'static str {
        "base"
    }
}

pub struct S(Base);

#[handler(base(self.0: Base), inherits(GET, DELETE))]
impl S {
    fn do_PUT(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
