use doget::handler;

pub struct Base;

#[handler]
impl Base {
    fn do_GET(&self) -> &'static str {
        "base"
    }
}

pub struct S(String);

#[handler(base(self.0: Base))]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

pub struct T(String);

#[handler(base(self.0: String))]
impl T {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
