use doget::handler;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    fn log_mesage(&self) {
        
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler) {}
    serve(S);
    S.log_mesage();
}

fn main() {}
