#![deny(warnings)]
//! Mounts together with everything else: generic, with a base, layers, a guard, a cfg, and names that are taken.

use doget::{Declared, Handler, Layer, Limit, Mount, Request, Result, Scheme, Verify, With, assert_methods, handler};

struct Inner;

#[handler]
impl Inner {
    fn do_PUT(&self) -> &'static str {
        "inner"
    }
}

struct User;

struct Outer<H, L> {
    inner: Inner,
    parts: (H, With<Limit, Inner>),
    any: Mount<Box<dyn Handler + Send + Sync>>,
    layer: L,
}

impl<H, L> Verify<User> for Outer<H, L> {
    const SCHEME: Scheme = Scheme::Bearer("outer");
    const BLOCKS: bool = true;

    fn verify(&self, _: &Request<'_>) -> Result<Option<User>> {
        Ok(None)
    }
}

#[handler(
    base(self.inner: Inner),
    mount("/a" = self.parts.0: H, "/b%20c/d" = self.parts.1: With<Limit, Inner>,),
    layers(self.layer),
    guard(User),
    methods(GET, POST)
)]
impl<H: Declared, L: Layer> Outer<H, L> {
    #[cfg(all())]
    #[route("/{length}/{which}")]
    fn do_GET_two(&self, length: u8, which: u8) -> String {
        let _ = &self.any;
        format!("{length} {which}")
    }

    #[cfg(any())]
    fn do_POST(&self) -> u8 {
        0
    }
}

struct Only {
    inner: Inner,
}

#[handler(mount("/only" = self.inner: Inner), exact)]
impl Only {}

assert_methods!(Only: PUT, !GET);

fn main() {
    fn serve(_: impl Handler) {}
    serve(Only { inner: Inner });
    let any: Box<dyn Handler + Send + Sync> = Box::new(Inner);
    serve(Outer {
        inner: Inner,
        parts: (Inner, doget::with(Limit::per_second(1), Inner)),
        any: Mount::new("/x", any),
        layer: Limit::per_second(1),
    });
    assert_eq!(<Outer<Inner, Limit>>::METHODS.len(), 8);
}
