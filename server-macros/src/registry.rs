//! The names that a block is compared with: HTTP methods, hooks and consts.

/// The methods of the IANA registry (RFC 9110, section 16.1.1), with `PRI` and `*`, which are
/// reserved and never dispatched, left out.
///
/// This crate has a list of its own, as it has its own idea of a token: it runs while `doget` is not
/// compiled yet, and an expansion can name nothing but markers that exist. A test compares both with
/// those of the library.
pub(crate) const METHODS: &[&str] = &[
    "ACL",
    "BASELINE-CONTROL",
    "BIND",
    "CHECKIN",
    "CHECKOUT",
    "CONNECT",
    "COPY",
    "DELETE",
    "GET",
    "HEAD",
    "LABEL",
    "LINK",
    "LOCK",
    "MERGE",
    "MKACTIVITY",
    "MKCALENDAR",
    "MKCOL",
    "MKREDIRECTREF",
    "MKWORKSPACE",
    "MOVE",
    "OPTIONS",
    "ORDERPATCH",
    "PATCH",
    "POST",
    "PROPFIND",
    "PROPPATCH",
    "PUT",
    "QUERY",
    "REBIND",
    "REPORT",
    "SEARCH",
    "TRACE",
    "UNBIND",
    "UNCHECKOUT",
    "UNLINK",
    "UNLOCK",
    "UPDATE",
    "UPDATEREDIRECTREF",
    "VERSION-CONTROL",
];

/// Methods in wide use that were never registered: caches and UPnP. They are never a spelling
/// mistake of a registered one, and never the suggestion for one.
const UNREGISTERED: &[&str] = &[
    "BAN",
    "M-SEARCH",
    "NOTIFY",
    "PURGE",
    "SUBSCRIBE",
    "UNSUBSCRIBE",
];

/// Methods that other frameworks have an attribute for: `#[get("/x")]`.
pub(crate) const WITH_ATTRIBUTES: &[&str] = &[
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

/// Hooks of the `Handler` trait, each with the hooks and consts that its default stands on.
pub(crate) const HOOKS: &[(&str, &[&str])] = &[
    ("version_string", &["SERVER_VERSION", "SYS_VERSION"]),
    ("date_time_string", &[]),
    ("log_date_time_string", &[]),
    ("address_string", &[]),
    ("handle_expect_100", &[]),
    (
        "send_error",
        &[
            "log_error",
            "responses",
            "ERROR_MESSAGE_FORMAT",
            "ERROR_CONTENT_TYPE",
        ],
    ),
    ("end_headers", &[]),
    ("responses", &[]),
    ("log_request", &["log_message"]),
    ("log_error", &["log_message"]),
    ("log_message", &["address_string", "log_date_time_string"]),
];

/// Consts of the `Handler` trait that a block may override.
pub(crate) const CONSTS: &[&str] = &[
    "SERVER_VERSION",
    "SYS_VERSION",
    "PROTOCOL_VERSION",
    "PARSING",
    "ERROR_MESSAGE_FORMAT",
    "ERROR_CONTENT_TYPE",
];

/// What `#[handler]` itself writes. One of these in the block would look as if it were used.
pub(crate) const RESERVED: &[&str] = &["METHODS", "dispatch"];

/// Keys of `#[handler(..)]`, as they are written.
pub(crate) const ARGUMENTS: &[(&str, &str)] = &[
    ("methods", "methods(GET, HEAD)"),
    ("base", "base(self.files: FileHandler)"),
    ("inherits", "inherits(GET, HEAD)"),
    ("mount", "mount(\"/api\" = self.api: Api)"),
    ("layers", "layers(self.cors, self.gzip)"),
    ("guard", "guard(User)"),
    ("hide", "hide"),
    ("exact", "exact"),
    ("problem", "problem"),
    ("tag", "tag = \"Users\""),
    ("described", "described"),
    ("crate", "crate = some::path"),
];

pub(crate) fn registered(token: &str) -> bool {
    METHODS.contains(&token)
}

pub(crate) fn known(token: &str) -> bool {
    registered(token) || UNREGISTERED.contains(&token)
}

pub(crate) fn hook(name: &str) -> bool {
    HOOKS.iter().any(|(hook, _)| *hook == name)
}

/// The name of the marker type in `doget::method`.
pub(crate) fn marker(token: &str) -> Option<String> {
    registered(token).then(|| token.replace('-', "_"))
}

/// RFC 9110, section 9.1: a method is a token (section 5.6.2).
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}
