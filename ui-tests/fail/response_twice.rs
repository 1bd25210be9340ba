use doget::{Response, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, one: Response<'_>, two: Response<'_>) -> doget::Result<doget::Sent> {
        drop(two);
        one.reply("hello")
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
