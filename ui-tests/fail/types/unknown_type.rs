use doget::handler;

pub struct S;

#[handler]
impl S {
    const SERVER_VERSION: Text = "S";

    #[route("/{id}")]
    fn do_GET_x(&self, id: Id, body: Nowhere) -> Elsewhere {
        Elsewhere(id, body)
    }

    fn log_message(&self, request: &Requested<'_>, args: std::fmt::Arguments<'_>) {
        let _ = (request, args);
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
