use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/users/{id:int}")]
    fn do_GET_0(&self, id: u64) -> &'static str {
        let _ = id;
        "hello"
    }

    #[route("/files/{path...}")]
    fn do_GET_1(&self, path: String) -> &'static str {
        let _ = path;
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
