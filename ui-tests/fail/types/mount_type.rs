use doget::handler;

pub struct Part;

#[handler]
impl Part {
    fn do_GET(&self) -> &'static str {
        "part"
    }
}

pub struct S(String);

#[handler(mount("/part" = self.0: Part))]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

pub struct T(String);

#[handler(mount("/part" = self.0: String))]
impl T {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
