use doget::{HasSessions, Session, Sessions, handler};

struct S;

#[handler]
impl S {
    #[route("/cart")]
    fn do_GET_cart(&self, _session: Session<'_, Vec<u32>>) -> &'static str {
        "cart"
    }
}

struct Other(Sessions<u32>);

impl HasSessions<u32> for Other {
    fn sessions(&self) -> &Sessions<u32> {
        &self.0
    }
}

#[handler]
impl Other {
    fn do_GET(&self, _session: Session<'_, String>) -> &'static str {
        "another type"
    }
}

fn main() {}
