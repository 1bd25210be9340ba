#![deny(warnings)]

use std::fmt::Display;
use std::marker::PhantomData;

use doget::{FromRequest, Handler, Pairs, Request, Result, assert_methods, handler};

pub struct Wide<'h, T, const N: usize>
where
    T: ?Sized,
{
    name: &'h str,
    _marker: PhantomData<T>,
}

#[handler]
impl<'h, T, const N: usize> Wide<'h, T, N>
where
    T: Display + ?Sized,
    [u8; N]: Sized,
{
    const SERVER_VERSION: &'static str = "Wide/1";
    const PROTOCOL_VERSION: &'static str = "HTTP/1.0";

    fn do_GET(&self) -> &'h str {
        self.name
    }

    #[route("/{n}")]
    fn do_PUT_n(&self, n: <u8 as Numbered>::Number, query: Pairs<'_>) -> String {
        let _ = query;
        format!("{n} {N} {}", Self::SERVER_VERSION)
    }
}

pub trait Numbered {
    type Number: std::str::FromStr + Display;
}

impl Numbered for u8 {
    type Number = u64;
}

assert_methods!(Wide<'static, u8, 3>: GET, PUT);

pub struct Query<T>(pub T);

impl<'c, T: Default> FromRequest<'c> for Query<T> {
    fn from_request(_: &mut Request<'c>) -> Result<Self> {
        Ok(Query(T::default()))
    }
}

pub struct Taking<T>(T);

#[handler]
impl<T: Default + Display> Taking<T> {
    fn do_GET(&self, Query(n): Query<T>, Query(_): Query<Vec<T>>) -> String {
        format!("{n} {}", self.0)
    }
}

fn main() {
    fn serve(_: impl Handler) {}
    serve(Taking(1));
}
