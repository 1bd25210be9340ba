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

#[handler(mount("/part" = self.one: Part))]
impl S {
    #[route("/part/{id}")]
    fn do_GET_part(&self, id: u32) -> String {
        id.to_string()
    }

    // Beside it, and less special than it.
    #[route("/{name}")]
    fn do_GET_name(&self, name: String) -> String {
        name
    }

    #[route("/part")]
    fn do_PUT_part(&self) -> &'static str {
        ""
    }

    #[route("/apart/x")]
    fn do_PUT_apart(&self) -> &'static str {
        ""
    }
}

fn use_it(s: S) {
    fn serve(_: impl doget::Handler) {}
    serve(s);
}

fn main() {}
