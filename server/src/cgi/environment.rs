//! The variables of a request (RFC 3875 section 4.1). Nothing of the server's own environment
//! is among them but `PATH`.

use crate::Handler;
use crate::Request;
use crate::cgi::CgiCredentials;
use crate::cgi::path::Script;
use crate::cgi::reached::{self, Reached};
use crate::semantics::base64;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

/// Where programs are looked for if the server does not know better.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Fields that have variables of their own, or that speak of the connection; and `Proxy`, which as `HTTP_PROXY` would
/// send the requests of the script itself to whom the client likes.
const WITHHELD: [&str; 16] = [
    "Authorization",
    "Connection",
    "Content-Length",
    "Content-Type",
    "Expect",
    "Forwarded",
    "HTTP2-Settings",
    "Keep-Alive",
    "Proxy",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "X-Real-IP",
];

/// Whether a field tells of the body of a request, or asks for one: a request that is sent on has none.
pub(super) fn is_about_body(name: &str) -> bool {
    name.get(..8)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("Content-"))
        || ["Expect", "TE", "Trailer", "Transfer-Encoding"]
            .iter()
            .any(|own| own.eq_ignore_ascii_case(name))
}

/// The server's `PATH`.
pub(super) fn search_path() -> OsString {
    std::env::var_os("PATH")
        .filter(|path| !path.is_empty())
        .unwrap_or_else(|| USUAL_PATH.into())
}

/// All variables for this script and request; `length` is that of the body, if there is one.
pub(super) fn of(
    request: &Request<'_>,
    script: &Script,
    hooks: &dyn Handler,
    length: Option<u64>,
    credentials: CgiCredentials,
) -> Vec<(OsString, OsString)> {
    let mut variables = Variables(Vec::with_capacity(32));
    let client = request
        .client()
        .map_or(String::new(), |client| client.to_string());
    variables.text("GATEWAY_INTERFACE", "CGI/1.1");
    variables.text("SERVER_SOFTWARE", &hooks.version_string());
    let reached = Reached::by(request);
    variables.text("SERVER_NAME", &reached.name);
    variables.text("SERVER_PORT", &reached.port.to_string());
    variables.text(
        "SERVER_PROTOCOL",
        reached::protocol(request, hooks.settings().protocol_version),
    );
    variables.text("REQUEST_METHOD", request.method());
    let mount = percent_encoding::percent_decode_str(request.mount()).collect();
    variables.bytes("SCRIPT_NAME", [mount, script.path().to_vec()].concat());
    variables.bytes("PATH_INFO", script.info().to_vec());
    if let Some(translated) = script.translated() {
        variables
            .0
            .push(("PATH_TRANSLATED".into(), translated.into()));
    }
    variables.bytes("QUERY_STRING", latin1(request.query_string()));
    variables.text("REMOTE_ADDR", &client);
    variables.text("REMOTE_HOST", &client);
    let kind = request.headers().get_bytes("Content-Type");
    variables.bytes("CONTENT_TYPE", kind.unwrap_or(b"text/plain").to_vec());
    if let Some(length) = length {
        variables.text("CONTENT_LENGTH", &length.to_string());
    }
    if request.scheme() == "https" {
        // In no standard, and what programs look for.
        variables.text("HTTPS", "on");
    }
    authorize(request, credentials, &mut variables);
    variables.fields(request);
    variables.0
}

/// The bytes of the request line.
fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .flat_map(|c| match u8::try_from(u32::from(c)) {
            Ok(byte) => vec![byte],
            Err(_) => c.to_string().into_bytes(),
        })
        .collect()
}

/// Sets `AUTH_TYPE` and `REMOTE_USER` as far as the program asked for them: nobody has verified the credentials, and
/// scripts take these variables for verified.
///
/// A user whom the handler has verified is told in any case (RFC 3875 sections 4.1.1 and 4.1.11).
fn authorize(request: &Request<'_>, credentials: CgiCredentials, variables: &mut Variables) {
    let verified = request.exchange.user();
    if let Some(user) = verified {
        variables.text("AUTH_TYPE", user.scheme);
        variables.text("REMOTE_USER", &user.name);
    }
    let Some(value) = request.headers().get("Authorization") else {
        return;
    };
    match credentials {
        CgiCredentials::Withheld => {}
        CgiCredentials::Claimed if verified.is_some() => {}
        CgiCredentials::Passed => variables.text("HTTP_AUTHORIZATION", value),
        CgiCredentials::Claimed => {
            let words: Vec<&str> = value.split_ascii_whitespace().collect();
            if let [scheme, token] = words[..] {
                variables.text("AUTH_TYPE", scheme);
                if scheme.eq_ignore_ascii_case("Basic")
                    && let Some(user) = user_of(token)
                {
                    variables.bytes("REMOTE_USER", user);
                }
            }
        }
    }
}

/// The user of basic credentials (RFC 7617 section 2): up to the first colon.
fn user_of(token: &str) -> Option<Vec<u8>> {
    let mut pair = base64::decode(token)?;
    let colon = pair.iter().position(|&byte| byte == b':')?;
    pair.truncate(colon);
    (!pair.contains(&0)).then_some(pair)
}

struct Variables(Vec<(OsString, OsString)>);

impl Variables {
    fn text(&mut self, name: &str, value: &str) {
        self.0.push((name.into(), value.into()));
    }

    fn bytes(&mut self, name: &str, value: Vec<u8>) {
        self.0.push((name.into(), OsString::from_vec(value)));
    }

    /// `HTTP_*` of the fields that may pass. Fields of one name are one list (RFC 3875 section 4.1.18).
    fn fields(&mut self, request: &Request<'_>) {
        let first = self.0.len();
        for (name, value) in request.headers() {
            let Some(variable) = variable_of(name) else {
                continue;
            };
            let same = self
                .0
                .get_mut(first..)
                .and_then(|fields| fields.iter_mut().find(|(known, _)| *known == *variable));
            match same {
                Some((_, list)) => {
                    list.push(separator(&variable));
                    list.push(OsStr::from_bytes(value));
                }
                None => self.bytes(&variable, value.to_vec()),
            }
        }
        // Python's server sets `HTTP_ACCEPT` even without the field (CGI-17).
        if !self.0.iter().any(|(name, _)| name == "HTTP_ACCEPT") {
            self.text("HTTP_ACCEPT", "");
        }
    }
}

/// Between two values: cookies are no list of commas (RFC 6265 section 4.2.1).
fn separator(variable: &str) -> &'static str {
    match variable {
        "HTTP_COOKIE" => "; ",
        "HTTP_ACCEPT" => ",",
        _ => ", ",
    }
}

/// Fields by which a proxy tells of its clients are withheld too. Anybody can send them; what is believed of them is in
/// `REMOTE_ADDR`, `HTTPS` and `SERVER_NAME`.
fn is_withheld(name: &str) -> bool {
    let is_forwarded = name
        .get(..11)
        .is_some_and(|begin| begin.eq_ignore_ascii_case("X-Forwarded"));
    is_forwarded || WITHHELD.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// The variable of a field, if it may have one: letters, digits and hyphens alone, so that no two spellings become
/// one name.
fn variable_of(name: &str) -> Option<String> {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !plain || is_withheld(name) {
        return None;
    }
    let mut variable = String::with_capacity(5 + name.len());
    variable.push_str("HTTP_");
    for c in name.chars() {
        variable.push(if c == '-' {
            '_'
        } else {
            c.to_ascii_uppercase()
        });
    }
    Some(variable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a38_names_that_pass_and_those_that_do_not() {
        assert_eq!(
            variable_of("User-Agent").as_deref(),
            Some("HTTP_USER_AGENT")
        );
        assert_eq!(variable_of("x-2").as_deref(), Some("HTTP_X_2"));
        for name in [
            "Proxy",
            "PROXY",
            "pRoXy",
            "Content_Length",
            "User_Agent",
            "Authorization",
            "authorization",
            "Content-Length",
            "Content-Type",
            "Transfer-Encoding",
            "Connection",
            "A.B",
            "A!",
            "Forwarded",
            "X-Forwarded-For",
            "x-forwarded-proto",
            "X-Real-IP",
        ] {
            assert_eq!(variable_of(name), None, "{name}");
        }
    }

    #[test]
    fn cgi_15_the_user_of_basic_credentials() {
        assert_eq!(user_of("YWRhOnNlY3JldA==").as_deref(), Some(&b"ada"[..]));
        assert_eq!(user_of("YWRhOnNlOmNyZXQ=").as_deref(), Some(&b"ada"[..]));
        for none in ["", "YWRh", "YWR", "YWRhOg===", "!!!!", "=", "ADph"] {
            assert_eq!(user_of(none), None, "{none}");
        }
    }

    #[test]
    fn bytes_and_fields_of_bodies() {
        assert_eq!(latin1("a\u{e9}"), b"a\xe9");
        assert!(is_about_body("content-type") && !is_about_body("Accept"));
    }

    proptest! {
        #[test]
        fn a_variable_is_a_plain_name(name in "[!-~]{1,20}") {
            if let Some(variable) = variable_of(&name) {
                prop_assert!(variable.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_'));
                prop_assert!(variable != "HTTP_PROXY" && !name.contains('_'));
            }
        }
    }
}
