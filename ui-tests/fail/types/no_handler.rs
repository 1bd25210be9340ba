pub struct S;

impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    doget::testing::exchange(&S, b"");
    S.do_GET();
}

fn main() {}
