use doget::handler;

pub struct S;

#[handler]
impl S {
    fn help(&self) {}
}

fn use_it() {
    fn serve(_: impl doget::Handler) {}
    serve(S);
    S.help();
}

fn main() {}
