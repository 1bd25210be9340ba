use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/{a}{b}")]
    fn do_GET_0(&self) -> &'static str {
        "hello"
    }

    #[route("/v{major}")]
    fn do_GET_1(&self) -> &'static str {
        "hello"
    }

    #[route("/{}")]
    fn do_GET_2(&self) -> &'static str {
        "hello"
    }

    #[route("/{a b}")]
    fn do_GET_3(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
