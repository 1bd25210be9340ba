use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/users/{id}")]
    fn do_GET_user(&self, id: u64) -> String {
        id.to_string()
    }

    #[route("/users/{name}")]
    fn do_GET_named(&self, name: String) -> String {
        name
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
