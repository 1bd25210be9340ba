use doget::{Response, handler};

type Answer<'c> = Response<'c>;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, one: Response<'_>, two: Answer<'_>) -> doget::Result<doget::Sent> {
        drop(two);
        one.reply("hello")
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
