use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/users/{id}/{post}")]
    fn do_GET_post(&self, post: String) -> String {
        post
    }

    #[route("/{type}")]
    fn do_GET_type(&self) -> &'static str {
        "type"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
