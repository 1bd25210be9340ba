use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_PSOT(&self) -> &'static str {
        "hello"
    }

    fn do_delet(&self) -> &'static str {
        "hello"
    }

    #[route("/a")]
    fn do_GTE_a(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler) {}
    serve(S);
    S.do_PSOT();
}

fn main() {}
