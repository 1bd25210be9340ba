#![deny(warnings)]

use doget::{Declared, handler};

#[allow(non_camel_case_types)]
pub struct r#struct {
    r#type: Base,
}

pub struct Base;

#[handler]
impl Base {
    fn r#do_GET(&self) -> &'static str {
        "hello"
    }
}

#[handler(base(self.r#type: Base))]
impl r#struct {
    #[route("/{type}/{r#fn}")]
    fn do_PUT_type(&self, r#type: String, r#fn: u8) -> String {
        format!("{type} {fn}", r#type = r#type, r#fn = r#fn)
    }

    #[method("POST")]
    fn r#match(&self, r#in: String) -> String {
        r#in
    }

    fn r#log_error(&self, r#ref: &doget::Request<'_>, r#as: std::fmt::Arguments<'_>) {
        doget::hooks::log_error(self, r#ref, r#as);
    }
}

fn main() {
    let names: Vec<_> = r#struct::METHODS.iter().map(|info| info.function).collect();
    assert_eq!(names, ["do_PUT_type", "match", "do_GET", "do_GET", ""]);
}
