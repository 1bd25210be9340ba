use doget::handler;

pub struct S;

pub struct Session;

#[handler]
impl S {
    fn do_GET(&self, session: Option<Session>) -> String {
        let _ = session;
        String::new()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
