use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/{self}")]
    fn do_GET_me(&self) -> &'static str {
        "me"
    }

    #[route("/{super}/{name}")]
    fn do_PUT_name(&self, name: &str) -> String {
        name.to_owned()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
