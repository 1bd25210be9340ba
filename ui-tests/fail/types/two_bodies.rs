use doget::{Form, FromRequest, Request, handler};

type Payload = Option<String>;

/// Reads as it goes, so nothing is collected.
struct Lines;

impl<'c> FromRequest<'c> for Lines {
    const BODY: bool = true;

    fn from_request(_: &mut Request<'c>) -> doget::Result<Self> {
        Ok(Lines)
    }
}

pub struct S;

#[handler]
impl S {
    fn do_POST(&self, form: Form, raw: String) -> String {
        format!("{form:?} {raw}")
    }

    #[route("/{id}")]
    fn do_PUT_alias(&self, payload: Payload, id: u64, request: &Request<'_>, lines: Lines) -> String {
        let _ = (payload, lines, request);
        id.to_string()
    }

    fn do_PATCH(
        &self,
        one: Vec<u8>,
        two: doget::Pairs<'_>,
        three: Lines,
        four: Payload,
    ) -> String {
        let _ = (one, two, three, four);
        String::new()
    }

    fn do_REPORT(&self, raw: String, query: doget::Pairs<'_>, request: &mut Request<'_>) -> String {
        let _ = (raw, query, request);
        String::new()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::POST>) {}
    serve(S);
}

fn main() {}
