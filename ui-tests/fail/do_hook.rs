use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    fn do_SEND_ERROR(&self) -> &'static str {
        "sorry"
    }

    fn do_log_message(&self) {}
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
