use doget::handler;

pub struct S(u8);

#[handler(base(self.0), inherits(GET))]
impl S {}

fn use_it() {
    fn serve(_: impl doget::Handler) {}
    serve(S(1));
}

fn main() {}
