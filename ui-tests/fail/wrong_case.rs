use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_get(&self) -> &'static str {
        "hello"
    }

    #[route("/a")]
    fn do_Put_a(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler) {}
    serve(S);
    S.do_get();
}

fn main() {}
