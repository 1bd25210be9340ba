use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/users/{idd}")]
    fn do_GET_user(&self, id: u64) -> String {
        id.to_string()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
