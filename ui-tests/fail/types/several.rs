use doget::handler;

pub struct S;

#[handler(strict)]
impl S {
    const SERVER_VERSON: &str = "S/1.0";

    #[route("users")]
    fn do_GET_users(&self) -> &'static str {
        "hello"
    }

    fn do_PUT(&mut self) -> &'static str {
        "hello"
    }

    fn do_psot(&self) -> &'static str {
        "hello"
    }

    fn do_GET(&self) -> u64 {
        7
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET> + doget::Handles<doget::method::PUT>) {}
    serve(S);
    S.do_psot();
}

fn main() {}
