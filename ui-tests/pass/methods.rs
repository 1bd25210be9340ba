#![deny(warnings)]
//! Names of methods that are no mistake.

use doget::{Declared, assert_methods, handler, method};

doget::method! {
    pub PURGE = "PURGE";
    pub M_SEARCH = "M-SEARCH"
}

pub struct S;

#[handler(methods(GET, HEAD, "get", PSOT, PURGE, M_SEARCH, VERSION_CONTROL, BASELINE_CONTROL, NOTIFY, INVITE, SET))]
impl S {
    fn do_GET(&self) -> &'static str {
        "GET"
    }

    #[method("get")]
    fn do_get(&self) -> &'static str {
        "get"
    }

    #[method("PSOT")]
    fn do_PSOT(&self) -> &'static str {
        "PSOT"
    }

    #[method(PURGE)]
    fn purge(&self) -> &'static str {
        "PURGE"
    }

    #[route("/{id}")]
    #[method(M_SEARCH)]
    fn search(&self, id: u8) -> String {
        id.to_string()
    }

    fn do_VERSION_CONTROL(&self) -> &'static str {
        "VERSION-CONTROL"
    }

    #[route("/baseline")]
    fn do_BASELINE_CONTROL_it(&self) -> &'static str {
        "BASELINE-CONTROL"
    }

    fn do_NOTIFY(&self) -> &'static str {
        "NOTIFY"
    }

    fn do_INVITE(&self) -> &'static str {
        "INVITE"
    }

    fn do_SET(&self) -> &'static str {
        "SET"
    }

    // Helpers.
    fn done(&self) {}
    fn double(x: u8) -> u8 {
        x + x
    }
    fn render(&mut self) {}
    fn dock<T>(&self, _: T) {}
}

assert_methods!(S: GET, "get", PSOT, "M-SEARCH", "VERSION-CONTROL", NOTIFY);

fn main() {
    fn mount(_: impl doget::Handles<method::VERSION_CONTROL> + doget::Handles<PURGE> + doget::Handles<M_SEARCH>) {}
    mount(S);
    S.done();
    S.render();
    S.dock(S::double(1));
    assert_eq!(S::METHODS.len(), 12);
}
