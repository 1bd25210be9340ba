//! HTTP methods: markers to write bounds with, and the names that are registered.

use crate::http1::is_tchar;

/// An HTTP method as a type: the markers of [`method`](mod@crate::method), and what [`method!`](crate::method!) declares.
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

/// The IANA registry, stated once: its markers, and whether a name is in it.
macro_rules! iana_registry {
    ($($name:ident = $token:literal;)+) => {
        /// The methods of the IANA registry as types, to write bounds such as [`Handles<GET>`](crate::Handles) with.
        pub mod markers {
            crate::method! { $(pub $name = $token);+ }
        }

        /// Whether a method is in the IANA registry, so that a resource can be said not to allow it.
        pub(crate) fn registered(name: &str) -> bool {
            matches!(name, $($token)|+)
        }
    };
}

// RFC 9110 section 16.1.1, without `PRI` and `*`, which are reserved. `doget-macros` has the same names, and a test that
// compares them.
iana_registry! {
    ACL = "ACL"; BASELINE_CONTROL = "BASELINE-CONTROL"; BIND = "BIND"; CHECKIN = "CHECKIN"; CHECKOUT = "CHECKOUT";
    CONNECT = "CONNECT"; COPY = "COPY"; DELETE = "DELETE"; GET = "GET"; HEAD = "HEAD"; LABEL = "LABEL";
    LINK = "LINK"; LOCK = "LOCK"; MERGE = "MERGE"; MKACTIVITY = "MKACTIVITY"; MKCALENDAR = "MKCALENDAR";
    MKCOL = "MKCOL"; MKREDIRECTREF = "MKREDIRECTREF"; MKWORKSPACE = "MKWORKSPACE"; MOVE = "MOVE";
    OPTIONS = "OPTIONS"; ORDERPATCH = "ORDERPATCH"; PATCH = "PATCH"; POST = "POST"; PROPFIND = "PROPFIND";
    PROPPATCH = "PROPPATCH"; PUT = "PUT"; QUERY = "QUERY"; REBIND = "REBIND"; REPORT = "REPORT"; SEARCH = "SEARCH";
    TRACE = "TRACE"; UNBIND = "UNBIND"; UNCHECKOUT = "UNCHECKOUT"; UNLINK = "UNLINK"; UNLOCK = "UNLOCK";
    UPDATE = "UPDATE"; UPDATEREDIRECTREF = "UPDATEREDIRECTREF"; VERSION_CONTROL = "VERSION-CONTROL";
}
