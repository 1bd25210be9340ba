use doget::{Response, Sent, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, response: Response<'_>) -> doget::Result<Sent> {
        response.reply("one")?;
        response.reply("two")
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
