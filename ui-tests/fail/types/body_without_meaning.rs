use doget::{Form, handler};

type Text = Option<String>;

pub struct S;

#[handler]
impl S {
    fn do_GET(&self, form: Form) -> String {
        form.get("name").unwrap_or_default().to_owned()
    }

    #[route("/note")]
    fn do_DELETE_note(&self, why: Text) -> String {
        why.unwrap_or_default()
    }

    #[route("/search")]
    #[takes_body]
    fn do_GET_search(&self, question: String) -> String {
        question
    }
}

pub struct Boxed<T>(T);

#[handler]
impl<T: for<'c> doget::FromRequest<'c>> Boxed<T> {
    fn do_TRACE(&self, value: T) -> &'static str {
        drop(value);
        "traced"
    }
}

pub fn serve() {
    let boxed: &dyn doget::Handler = &Boxed(String::new());
    drop(boxed.settings());
}

fn main() {}
