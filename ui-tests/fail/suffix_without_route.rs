use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET_user(&self) -> &'static str {
        "hello"
    }

    fn do_M_SEARCH(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler) {}
    serve(S);
    S.do_GET_user();
}

fn main() {}
