#![deny(warnings)]

use doget::{assert_methods, handler};

doget::method!(pub PURGE = "PURGE");

pub struct S;

#[handler]
impl S {
    #[cfg(any())]
    fn do_POST(&self, never: ATypeThatIsNowhere) -> AnotherOne {
        never
    }

    #[cfg(any())]
    #[method(GONE)]
    fn gone(&self) -> ATypeThatIsNowhere {}

    /// Twins.
    #[cfg(all())]
    fn do_GET(&self) -> &'static str {
        "here"
    }

    #[cfg(not(all()))]
    fn do_GET(&self) -> &'static str {
        "there"
    }

    #[cfg_attr(all(), cfg(any()))]
    #[route("/{id}")]
    fn do_DELETE_id(&self, id: u64) -> String {
        id.to_string()
    }

    #[cfg_attr(any(), cfg(any()), doc = "not there")]
    #[method(PURGE)]
    fn purge(&self) -> &'static str {
        "purged"
    }

    #[cfg(any())]
    fn log_message(&self) {}

    #[cfg(any())]
    const SERVER_VERSION: u32 = 1;
}

assert_methods!(S: GET, HEAD, PURGE, !POST, !DELETE);

pub struct T(S);

#[handler(base(self.0: S))]
impl T {
    #[cfg(any())]
    fn log_message(&self) {}

    #[cfg(all())]
    fn version_string(&self) -> std::borrow::Cow<'_, str> {
        "T".into()
    }

    #[cfg(any())]
    const SYS_VERSION: u32 = 1;
}

fn main() {
    let methods: Vec<_> = <S as doget::Declared>::METHODS.iter().map(|info| info.method).collect();
    assert_eq!(methods, ["GET", "HEAD", "PURGE", "OPTIONS"]);
    assert_eq!(doget::Handler::route(&S, "PURGE", "/").index, 2);
}
