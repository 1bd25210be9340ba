use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&mut self) -> &'static str {
        "hello"
    }

    fn do_PUT(self: &mut Self) -> &'static str {
        "hello"
    }

    fn log_message(&mut self, _: &doget::Request<'_>, _: std::fmt::Arguments<'_>) {}
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
