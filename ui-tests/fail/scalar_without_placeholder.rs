use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/q")]
    fn do_GET_q(&self, id: u64) -> String {
        id.to_string()
    }

    fn do_PUT(&self, name: &str) -> String {
        name.into()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
