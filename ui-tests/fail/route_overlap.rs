use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/{x}/b")]
    fn do_GET_b(&self, x: String) -> String {
        x
    }

    #[route("/a/{y}")]
    fn do_GET_a(&self, y: String) -> String {
        y
    }

    #[route("/a/{*rest}")]
    fn do_GET_rest(&self, rest: String) -> String {
        rest
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
