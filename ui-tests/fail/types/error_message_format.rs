use doget::handler;

pub struct S;

#[handler]
impl S {
    const ERROR_MESSAGE_FORMAT: &str = "<p>{cod}</p>";

    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

pub struct T;

#[handler]
impl T {
    const ERROR_MESSAGE_FORMAT: &str = "p { color: red }";

    fn do_GET(&self) -> &'static str {
        "hello"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
