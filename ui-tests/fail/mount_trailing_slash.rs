use doget::handler;

pub struct Part;

#[handler]
impl Part {
    fn do_GET(&self) -> &'static str {
        "part"
    }
}

pub struct S {
    one: Part,
    two: Part,
}

#[handler(mount("/one/" = self.one: Part))]
impl S {}

fn use_it(s: S) {
    fn serve(_: impl doget::Handler) {}
    serve(s);
}

fn main() {}
