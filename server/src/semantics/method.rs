//! HTTP methods: markers to write bounds with, and the names that are registered.

use crate::http1::is_tchar;

/// An HTTP method as a type: the markers of [`method`](mod@crate::method), and what [`method!`](crate::method!)
/// declares.
pub trait Method {
    /// The method as it is on the wire.
    const NAME: &'static str;
}

/// Declares markers for methods that are in no registry, to write `#[method(PURGE)]` with.
///
/// ```
/// use doget::{Handles, assert_methods, handler};
///
/// doget::method!(pub PURGE = "PURGE"; pub M_SEARCH = "M-SEARCH");
///
/// struct Cache;
///
/// #[handler]
/// impl Cache {
///     #[method(PURGE)]
///     fn purge(&self) -> doget::StatusCode {
///         doget::StatusCode::NO_CONTENT
///     }
/// }
///
/// fn mount<H: Handles<PURGE>>(_: H) {}
/// mount(Cache);
/// assert_methods!(Cache: PURGE);
/// ```
#[macro_export]
macro_rules! method {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $wire:literal);+ $(;)?) => {
        $(
            $(#[$meta])*
            #[doc = concat!("`", $wire, "`")]
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            #[derive(Clone, Copy, Debug)]
            $vis struct $name;

            impl $crate::Method for $name {
                const NAME: &'static str = $wire;
            }

            const _: &str = $crate::__private::method_token($wire);
        )+
    };
}

/// The name, if it is a token (RFC 9110 section 5.6.2): for [`method!`](crate::method!).
///
/// # Panics
///
/// While compiling, if it is none.
#[doc(hidden)]
#[must_use]
pub const fn method_token(name: &'static str) -> &'static str {
    let bytes = name.as_bytes();
    assert!(!bytes.is_empty(), "a method has a name");
    let mut position = 0;
    while position < bytes.len() {
        assert!(
            is_tchar(bytes[position]),
            "not a method token (RFC 9110, section 9.1): letters, digits and !#$%&'*+-.^_`|~ only"
        );
        position += 1;
    }
    name
}
