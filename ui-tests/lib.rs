//! The cases are in `pass` and `fail`; `tests/ui.rs` runs them.
//!
//! What only a build shows stands here, since `cargo check` looks at no use of a generic type. Two parameters that read
//! the body, of which one is a parameter of the block:
//!
//! ```compile_fail,E0080
//! use doget::{FromRequest, handler};
//!
//! struct Generic<T>(T);
//!
//! #[handler]
//! impl<'a, T: for<'c> FromRequest<'c> + Send + Sync> Generic<&'a T> {
//!     fn do_POST(&self, one: T, two: String) -> String {
//!         let _ = one;
//!         two
//!     }
//! }
//!
//! doget::testing::exchange(&Generic(&Vec::<u8>::new()), b"");
//! ```
//!
//! The same block with a parameter that reads no body:
//!
//! ```
//! # use doget::{FromRequest, Request, handler};
//! # struct Generic<T>(T);
//! # #[handler]
//! # impl<'a, T: for<'c> FromRequest<'c> + Send + Sync> Generic<&'a T> {
//! #     fn do_POST(&self, one: T, two: String) -> String {
//! #         let _ = one;
//! #         two
//! #     }
//! # }
//! struct Nothing;
//!
//! impl<'c> FromRequest<'c> for Nothing {
//!     fn from_request(_: &mut Request<'c>) -> doget::Result<Self> {
//!         Ok(Nothing)
//!     }
//! }
//!
//! doget::testing::exchange(&Generic(&Nothing), b"");
//! ```
