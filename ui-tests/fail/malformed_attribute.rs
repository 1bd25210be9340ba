use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route(users)]
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    #[method(7)]
    fn put(&self) -> &'static str {
        "put"
    }

    #[blocking(true)]
    fn do_POST(&self) -> &'static str {
        "post"
    }
}

pub struct Typed;

#[handler]
impl Typed {
    #[answers]
    fn do_GET(&self) -> &'static str {
        "hello"
    }

    #[takes_body(yes)]
    fn do_PUT(&self) -> &'static str {
        "put"
    }
}

#[derive(doget::Fault)]
pub enum ShopError {
    #[status("409")]
    SoldOut,
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
