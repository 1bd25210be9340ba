use doget::handler;

macro_rules! methods {
    () => {
        fn do_GET(&self) -> &'static str {
            "hello"
        }
    };
}

pub struct S;

#[handler]
impl S {
    methods!();
}

fn use_it() {
    S.do_GET();
}

fn main() {}
