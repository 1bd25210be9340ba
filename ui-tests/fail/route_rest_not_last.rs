use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/{*path}/edit")]
    fn do_GET_0(&self, path: String) -> &'static str {
        let _ = path;
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
