use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/{a}/{a}")]
    fn do_GET_0(&self, a: String) -> &'static str {
        let _ = a;
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
