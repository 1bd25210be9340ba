use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET<T: Default>(&self) -> &'static str {
        "hello"
    }

    fn do_PUT<'a, const N: usize>(&'a self) -> &'a str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
