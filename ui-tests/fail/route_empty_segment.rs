use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/users//{id}")]
    fn do_GET_0(&self, id: u64) -> &'static str {
        let _ = id;
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
