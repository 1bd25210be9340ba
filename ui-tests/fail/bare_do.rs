use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler) {}
    serve(S);
    S.do_();
}

fn main() {}
