use doget::handler;

pub struct S;

#[handler]
impl S {
    fn doPOST(&self) -> &'static str {
        "hello"
    }

    fn DO_GET(&self) -> &'static str {
        "hello"
    }

    fn do__PUT(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler) {}
    serve(S);
    S.doPOST();
}

fn main() {}
