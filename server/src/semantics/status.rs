//! Status codes and their texts.
//!
//! The texts are those of `http.server` as of Python 3.13: a short one, which is the reason phrase of
//! the status line, and a long one, which an error page shows.

use std::fmt;

/// The status code of a response, such as `404`.
///
/// Any number can be made into one, as with `http.server`; a number that no status line can carry is
/// refused when the head of the response is written.
///
/// ```
/// use doget::StatusCode;
///
/// let status = StatusCode::from(404);
/// assert_eq!(status, StatusCode::NOT_FOUND);
/// assert_eq!(status.to_string(), "404 Not Found");
/// assert!(status.is_client_error());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusCode(u16);

/// Makes the constants and the table of texts from one list, so that they cannot differ.
macro_rules! status_codes {
    ($($code:literal $name:ident $short:literal, $long:literal;)*) => {
        impl StatusCode {
            $(
                #[doc = concat!("`", $code, " ", $short, "`: ", $long, ".")]
                pub const $name: StatusCode = StatusCode($code);
            )*

            /// Every code that has a constant, in ascending order.
            #[cfg(test)]
            const ALL: &[StatusCode] = &[$(StatusCode::$name),*];
        }

        const fn texts(code: u16) -> Option<(&'static str, &'static str)> {
            match code {
                $($code => Some(($short, $long)),)*
                _ => None,
            }
        }
    };
}

status_codes! {
    100 CONTINUE "Continue", "Request received, please continue";
    101 SWITCHING_PROTOCOLS "Switching Protocols", "Switching to new protocol; obey Upgrade header";
    102 PROCESSING "Processing", "Server is processing the request";
    103 EARLY_HINTS "Early Hints", "Headers sent to prepare for the response";
    200 OK "OK", "Request fulfilled, document follows";
    201 CREATED "Created", "Document created, URL follows";
    202 ACCEPTED "Accepted", "Request accepted, processing continues off-line";
    203 NON_AUTHORITATIVE_INFORMATION "Non-Authoritative Information", "Request fulfilled from cache";
    204 NO_CONTENT "No Content", "Request fulfilled, nothing follows";
    205 RESET_CONTENT "Reset Content", "Clear input form for further input";
    206 PARTIAL_CONTENT "Partial Content", "Partial content follows";
    207 MULTI_STATUS "Multi-Status", "Response contains multiple statuses in the body";
    208 ALREADY_REPORTED "Already Reported", "Operation has already been reported";
    226 IM_USED "IM Used", "Request completed using instance manipulations";
    300 MULTIPLE_CHOICES "Multiple Choices", "Object has several resources -- see URI list";
    301 MOVED_PERMANENTLY "Moved Permanently", "Object moved permanently -- see URI list";
    302 FOUND "Found", "Object moved temporarily -- see URI list";
    303 SEE_OTHER "See Other", "Object moved -- see Method and URL list";
    304 NOT_MODIFIED "Not Modified", "Document has not changed since given time";
    305 USE_PROXY "Use Proxy", "You must use proxy specified in Location to access this resource";
    307 TEMPORARY_REDIRECT "Temporary Redirect", "Object moved temporarily -- see URI list";
    308 PERMANENT_REDIRECT "Permanent Redirect", "Object moved permanently -- see URI list";
    400 BAD_REQUEST "Bad Request", "Bad request syntax or unsupported method";
    401 UNAUTHORIZED "Unauthorized", "No permission -- see authorization schemes";
    402 PAYMENT_REQUIRED "Payment Required", "No payment -- see charging schemes";
    403 FORBIDDEN "Forbidden", "Request forbidden -- authorization will not help";
    404 NOT_FOUND "Not Found", "Nothing matches the given URI";
    405 METHOD_NOT_ALLOWED "Method Not Allowed", "Specified method is invalid for this resource";
    406 NOT_ACCEPTABLE "Not Acceptable", "URI not available in preferred format";
    407 PROXY_AUTHENTICATION_REQUIRED "Proxy Authentication Required", "You must authenticate with this proxy before \
                                       proceeding";
    408 REQUEST_TIMEOUT "Request Timeout", "Request timed out; try again later";
    409 CONFLICT "Conflict", "Request conflict";
    410 GONE "Gone", "URI no longer exists and has been permanently removed";
    411 LENGTH_REQUIRED "Length Required", "Client must specify Content-Length";
    412 PRECONDITION_FAILED "Precondition Failed", "Precondition in headers is false";
    413 CONTENT_TOO_LARGE "Content Too Large", "Content is too large";
    414 URI_TOO_LONG "URI Too Long", "URI is too long";
    415 UNSUPPORTED_MEDIA_TYPE "Unsupported Media Type", "Entity body in unsupported format";
    416 RANGE_NOT_SATISFIABLE "Range Not Satisfiable", "Cannot satisfy request range";
    417 EXPECTATION_FAILED "Expectation Failed", "Expect condition could not be satisfied";
    418 IM_A_TEAPOT "I'm a Teapot", "Server refuses to brew coffee because it is a teapot";
    421 MISDIRECTED_REQUEST "Misdirected Request", "Server is not able to produce a response";
    422 UNPROCESSABLE_CONTENT "Unprocessable Content", "Server is not able to process the contained instructions";
    423 LOCKED "Locked", "Resource of a method is locked";
    424 FAILED_DEPENDENCY "Failed Dependency", "Dependent action of the request failed";
    425 TOO_EARLY "Too Early", "Server refuses to process a request that might be replayed";
    426 UPGRADE_REQUIRED "Upgrade Required", "Server refuses to perform the request using the current protocol";
    428 PRECONDITION_REQUIRED "Precondition Required", "The origin server requires the request to be conditional";
    429 TOO_MANY_REQUESTS "Too Many Requests", "The user has sent too many requests in a given amount of time \
                           (\"rate limiting\")";
    431 REQUEST_HEADER_FIELDS_TOO_LARGE "Request Header Fields Too Large", "The server is unwilling to process the \
                                         request because its header fields are too large";
    451 UNAVAILABLE_FOR_LEGAL_REASONS "Unavailable For Legal Reasons", "The server is denying access to the resource \
                                       as a consequence of a legal demand";
    500 INTERNAL_SERVER_ERROR "Internal Server Error", "Server got itself in trouble";
    501 NOT_IMPLEMENTED "Not Implemented", "Server does not support this operation";
    502 BAD_GATEWAY "Bad Gateway", "Invalid responses from another server/proxy";
    503 SERVICE_UNAVAILABLE "Service Unavailable", "The server cannot process the request due to a high load";
    504 GATEWAY_TIMEOUT "Gateway Timeout", "The gateway server did not receive a timely response";
    505 HTTP_VERSION_NOT_SUPPORTED "HTTP Version Not Supported", "Cannot fulfill request";
    506 VARIANT_ALSO_NEGOTIATES "Variant Also Negotiates", "Server has an internal configuration error";
    507 INSUFFICIENT_STORAGE "Insufficient Storage", "Server is not able to store the representation";
    508 LOOP_DETECTED "Loop Detected", "Server encountered an infinite loop while processing a request";
    510 NOT_EXTENDED "Not Extended", "Request does not meet the resource access policy";
    511 NETWORK_AUTHENTICATION_REQUIRED "Network Authentication Required", "The client needs to authenticate to gain \
                                         network access";
}

impl StatusCode {
    /// The status code of this number; the same as `From`, for constants.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// const ENHANCE_YOUR_CALM: StatusCode = StatusCode::from_u16(420);
    /// assert_eq!(ENHANCE_YOUR_CALM.as_u16(), 420);
    /// ```
    pub const fn from_u16(code: u16) -> StatusCode {
        StatusCode(code)
    }

    /// The number.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert_eq!(StatusCode::OK.as_u16(), 200);
    /// ```
    pub const fn as_u16(self) -> u16 {
        self.0
    }

    /// The short text, as on the status line; empty for a code without one.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert_eq!(StatusCode::NOT_FOUND.phrase(), "Not Found");
    /// assert_eq!(StatusCode::from(299).phrase(), "");
    /// ```
    pub const fn phrase(self) -> &'static str {
        match texts(self.0) {
            Some((short, _)) => short,
            None => "",
        }
    }

    /// The long text, as on an error page; empty for a code without one.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert_eq!(StatusCode::NOT_FOUND.description(), "Nothing matches the given URI");
    /// assert_eq!(StatusCode::from(299).description(), "");
    /// ```
    pub const fn description(self) -> &'static str {
        match texts(self.0) {
            Some((_, long)) => long,
            None => "",
        }
    }

    /// Whether this is an interim response: 100 to 199.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert!(StatusCode::CONTINUE.is_informational());
    /// ```
    pub const fn is_informational(self) -> bool {
        matches!(self.0, 100..=199)
    }

    /// Whether the request succeeded: 200 to 299.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert!(StatusCode::CREATED.is_success());
    /// ```
    pub const fn is_success(self) -> bool {
        matches!(self.0, 200..=299)
    }

    /// Whether the client has to look elsewhere, or in its cache: 300 to 399.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert!(StatusCode::NOT_MODIFIED.is_redirection());
    /// ```
    pub const fn is_redirection(self) -> bool {
        matches!(self.0, 300..=399)
    }

    /// Whether the request was at fault: 400 to 499.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert!(StatusCode::IM_A_TEAPOT.is_client_error());
    /// ```
    pub const fn is_client_error(self) -> bool {
        matches!(self.0, 400..=499)
    }

    /// Whether the server was at fault: 500 to 599.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert!(StatusCode::BAD_GATEWAY.is_server_error());
    /// ```
    pub const fn is_server_error(self) -> bool {
        matches!(self.0, 500..=599)
    }

    /// Whether a response with this code may have a body: not 1xx, 204, 205 or 304.
    ///
    /// ```
    /// use doget::StatusCode;
    ///
    /// assert!(StatusCode::NOT_FOUND.allows_body());
    /// assert!(!StatusCode::NO_CONTENT.allows_body());
    /// ```
    pub const fn allows_body(self) -> bool {
        // RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5. Below 200, not only 100 to 199, as in
        // `http.server`: an impossible code gets no page either.
        self.0 >= 200 && !matches!(self.0, 204 | 205 | 304)
    }
}

/// The short and the long text of a code, or `None` for one that the table lacks.
pub(crate) const fn responses(code: StatusCode) -> Option<(&'static str, &'static str)> {
    texts(code.0)
}

impl From<u16> for StatusCode {
    fn from(code: u16) -> StatusCode {
        StatusCode(code)
    }
}

impl From<StatusCode> for u16 {
    fn from(code: StatusCode) -> u16 {
        code.0
    }
}

impl PartialEq<u16> for StatusCode {
    fn eq(&self, other: &u16) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for StatusCode {
    /// The number and the short text; the number alone where there is no text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match texts(self.0) {
            Some((short, _)) => write!(f, "{} {short}", self.0),
            None => write!(f, "{}", self.0),
        }
    }
}

impl fmt::Debug for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatusCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_62_codes_in_order_each_with_both_texts() {
        assert_eq!(StatusCode::ALL.len(), 62);
        assert!(StatusCode::ALL.is_sorted_by(|a, b| a < b));
        for &code in StatusCode::ALL {
            assert!(!code.phrase().is_empty(), "{code}");
            assert!(!code.description().is_empty(), "{code}");
            assert_eq!(responses(code), Some((code.phrase(), code.description())));
        }
    }

    #[test]
    fn codes_without_a_text() {
        for code in [0, 99, 306, 419, 420, 427, 430, 509, 600, 999, u16::MAX] {
            let code = StatusCode::from(code);
            assert_eq!(responses(code), None);
            assert_eq!((code.phrase(), code.description()), ("", ""));
        }
    }

    #[test]
    fn texts_that_changed_between_versions_are_the_newest() {
        let phrases = [
            (413, "Content Too Large"),
            (414, "URI Too Long"),
            (416, "Range Not Satisfiable"),
            (422, "Unprocessable Content"),
        ];
        for (code, phrase) in phrases {
            assert_eq!(StatusCode::from(code).phrase(), phrase);
        }
        assert_eq!(
            StatusCode::IM_A_TEAPOT.description(),
            "Server refuses to brew coffee because it is a teapot"
        );
        assert_eq!(
            StatusCode::TOO_MANY_REQUESTS.description(),
            "The user has sent too many requests in a given amount of time (\"rate limiting\")"
        );
    }

    #[test]
    fn every_code_is_in_the_class_of_its_first_digit() {
        for number in 0..=u16::MAX {
            let code = StatusCode::from(number);
            let classes = [
                code.is_informational(),
                code.is_success(),
                code.is_redirection(),
                code.is_client_error(),
                code.is_server_error(),
            ];
            for (class, is) in (1..).zip(classes) {
                assert_eq!(is, number / 100 == class, "{number}");
            }
        }
    }

    #[test]
    fn codes_without_a_body() {
        let without: Vec<u16> = (0..1000)
            .filter(|&code| !StatusCode::from(code).allows_body())
            .collect();
        let expected: Vec<u16> = (0..200).chain([204, 205, 304]).collect();
        assert_eq!(without, expected);
    }

    #[test]
    fn text_forms() {
        assert_eq!(StatusCode::NOT_FOUND.to_string(), "404 Not Found");
        assert_eq!(StatusCode::from(299).to_string(), "299");
        assert_eq!(format!("{:?}", StatusCode::OK), "StatusCode(200 OK)");
        assert_eq!(u16::from(StatusCode::OK), 200);
        assert_eq!(StatusCode::OK, 200);
    }
}
