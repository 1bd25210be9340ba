use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/100%")]
    fn do_GET_0(&self) -> &'static str {
        "hello"
    }

    #[route("/%ff")]
    fn do_GET_1(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
