#![deny(warnings)]
//! Under another name, through a re-export.

mod web {
    pub mod server {
        pub use doget::*;
    }
}

use web::server::{Handles, assert_methods, handler, method};

pub struct S;

#[handler(crate = crate::web::server)]
impl S {
    const PROTOCOL_VERSION: &str = "HTTP/1.1";

    #[route("/{id}")]
    fn do_GET_id(&self, id: u64) -> String {
        id.to_string()
    }
}

pub struct T(S);

#[handler(crate = web::server, base(self.0: S), inherits(GET))]
impl T {}

assert_methods!(S: GET, HEAD);

fn main() {
    fn mount(_: impl Handles<method::GET>) {}
    mount(S);
    mount(T(S));
}
