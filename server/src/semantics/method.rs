//! HTTP methods: markers to write bounds with, entries of the registry, sets.

use crate::http1::is_tchar;
use std::fmt;

/// An HTTP method as a type: the markers of this module, and what [`method!`](crate::method!) declares.
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
        crate::method! { $(pub $name = $token);+ }

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

/// An entry of the registry, [`Handler::METHODS`](crate::Handler::METHODS).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodInfo {
    /// The method as it is on the wire.
    pub method: &'static str,
    /// The pattern of `#[route]`; `None` for a method that answers every path that no route takes.
    pub route: Option<&'static str>,
    /// The function that answers; empty for the derived `OPTIONS`.
    pub function: &'static str,
    /// The first line of its documentation, or nothing.
    pub doc: &'static str,
    /// Not written, but derived: `HEAD` from `GET`, and `OPTIONS`.
    pub derived: bool,
}

impl MethodInfo {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(
        method: &'static str,
        route: Option<&'static str>,
        function: &'static str,
        doc: &'static str,
        derived: bool,
    ) -> Self {
        Self {
            method,
            route,
            function,
            doc,
            derived,
        }
    }
}

/// The methods that a path allows, in the order of the registry: the value of `Allow` (RFC 9110 section 10.2.1).
///
/// ```
/// let mut set = doget::MethodSet::new();
/// set.insert("GET");
/// set.insert("PUT");
/// set.insert("GET");
/// assert_eq!(set.to_string(), "GET, PUT");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MethodSet {
    names: Vec<&'static str>,
    routed: bool,
}

impl MethodSet {
    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a method, if it is not there yet.
    pub fn insert(&mut self, method: &'static str) {
        if !self.contains(method) {
            self.names.push(method);
        }
    }

    /// Whether a method is in the set.
    #[must_use]
    pub fn contains(&self, method: &str) -> bool {
        self.names.contains(&method)
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The methods, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }

    /// A path that allows anything allows `OPTIONS` too, where that is derived.
    #[doc(hidden)]
    pub fn derive_options(&mut self) {
        if !self.is_empty() {
            self.insert("OPTIONS");
        }
    }

    /// Whether the path leads to a resource that is known to take these methods and no others: a pattern matched, or it belongs to a handler
    /// that answers for all its paths. Methods that a block has for every path say nothing of a path.
    pub(crate) fn is_routed(&self) -> bool {
        self.routed
    }

    pub(crate) fn set_routed(&mut self) {
        self.routed = true;
    }
}

impl fmt::Display for MethodSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, name) in self.names.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}
