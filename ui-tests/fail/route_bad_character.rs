use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/search?q={q}")]
    fn do_GET_0(&self, q: String) -> &'static str {
        let _ = q;
        "hello"
    }

    #[route("/page#top")]
    fn do_GET_1(&self) -> &'static str {
        "hello"
    }

    #[route("/a\tb")]
    fn do_GET_2(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
