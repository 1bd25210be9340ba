use doget::handler;

pub struct S;

pub struct Session;

impl Session {
    fn name(&self) -> String {
        String::new()
    }
}

#[handler]
impl S {
    fn do_GET(&self, session: Session) -> String {
        session.name()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
