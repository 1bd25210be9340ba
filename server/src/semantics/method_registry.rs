//! The methods of the IANA registry as types, to write bounds such as [`Handles<GET>`](crate::Handles) with.

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

// RFC 9110 section 16.1.1, without `PRI` and `*`, which are reserved. `doget-macros` has the same names, and a test
// that compares them.
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
