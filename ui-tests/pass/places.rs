#![deny(warnings)]
//! Blocks inside of functions, modules and macros.

use doget::{Handler, handler};

macro_rules! make {
    ($name:ident, $field:ident, $base:ty, $route:literal, $param:ident: $ty:ty) => {
        pub struct $name {
            $field: $base,
        }

        #[handler(base(self.$field: $base))]
        impl $name {
            #[route($route)]
            fn do_GET_it(&self, $param: $ty, request: &doget::Request<'_>) -> String {
                format!("{} {}", $param, request.target())
            }

            #[route("/fixed/{inner}")]
            fn do_GET_fixed(&self, inner: String) -> String {
                inner
            }
        }
    };
}

pub mod inside {
    pub struct Base;

    #[doget::handler]
    impl self::Base {
        pub(super) fn do_PUT(&self) -> &'static str {
            "put"
        }
    }
}

make!(Made, inner, inside::Base, "/{id}", id: u64);

fn main() {
    struct Local<'a>(&'a str);

    #[handler]
    impl Local<'_> {
        fn do_GET(&self) -> &str {
            self.0
        }
    }

    fn serve(_: impl Handler) {}
    serve(Local("a"));
    serve(Made { inner: inside::Base });
    assert_eq!(inside::Base.do_PUT(), "put");
}
