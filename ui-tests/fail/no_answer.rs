use doget::{Response, handler};

pub struct S;

#[handler]
impl S {
    fn do_GET(&self) {
        
    }

    fn do_PUT(&self) -> () {
        
    }

    fn do_POST(&self, response: Response<'_>) {
        drop(response);
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
