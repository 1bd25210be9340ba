#![deny(warnings)]
#![no_implicit_prelude]
#![allow(dead_code, non_camel_case_types)]
//! Names of the user's that are those of the standard library, of the crate and of the expansion.

extern crate doget as _;
extern crate std as real;

mod std {}
mod core {}
mod doget_mod {}

pub struct Result;
pub struct Option;
pub struct String;
pub struct Vec;
pub struct Some;
pub struct None;
pub struct Ok;
pub struct Err;
pub struct Request;
pub struct Response;
pub struct Handler;
pub struct Parts;
pub struct u32;
pub struct str;
pub struct bool;
pub struct usize;
pub fn take() {}
pub fn param() {}
pub fn __doget_find_() {}

pub struct S {
    base: B,
}

pub struct B;

#[::doget::handler]
impl B {
    fn do_GET(&self) -> &'static real::primitive::str {
        "hello"
    }
}

#[::doget::handler(base(self.base: B), inherits(GET))]
impl S {
    const SERVER_VERSION: &'static real::primitive::str = "S";

    #[route("/{parts}/{request}")]
    fn do_PUT_x(
        &self,
        parts: real::string::String,
        request: &real::primitive::str,
        response: ::doget::Response<'_>,
        base: real::vec::Vec<real::primitive::u8>,
    ) -> ::doget::Result<::doget::Sent> {
        let _ = (parts, request, base);
        response.reply("put")
    }

    fn log_message(&self, parts: &::doget::Request<'_>, base: real::fmt::Arguments<'_>) {
        ::doget::hooks::log_message(self, parts, base)
    }
}

::doget::assert_methods!(S: GET, PUT);

fn main() {}
