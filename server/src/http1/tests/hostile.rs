//! Hostile input, told once: the tests of the parser feed it to the parser, and those of `tests/tests/abuse` send it
//! over sockets. So a case that is added here is tried on both levels.
//!
//! Header lines stand without their last line end; a request line stands alone.

/// A01: a length and a coding in one request are 400.
pub(crate) const LENGTH_AND_CODING: &[&str] = &[
    "Content-Length: 6\r\nTransfer-Encoding: chunked",
    "Content-Length: 0\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 6",
    "transfer-encoding: chunked\r\nContent-length: 0",
];

/// A02: more than one length is 400, equal or not.
pub(crate) const SEVERAL_LENGTHS: &[&str] = &[
    "Content-Length: 4\r\nContent-Length: 0",
    "Content-Length: 0\r\nContent-Length: 4",
    "Content-Length: 4\r\nContent-Length: 4",
    "Content-Length: 4\r\nX: y\r\nCONTENT-LENGTH: 4",
    "Content-Length: 4, 4",
    "Content-Length: 4,5",
    "Content-Length: 4,",
];

/// A03: values of `Content-Length` that are 400. A very long one is made by the test.
pub(crate) const MALFORMED_LENGTHS: &[&str] = &[
    "+4",
    "-1",
    "4 4",
    "0x4",
    "4_0",
    "",
    "4;",
    "\u{664}",
    "4.0",
    "1e3",
    "a",
    "\"4\"",
    "18446744073709551616",
    "99999999999999999999",
    "000000000000000000004",
];

/// A03: spellings of the length 4 that are taken.
pub(crate) const FOUR: &[&str] = &["4", " 4", " \t4\t ", "0004"];

/// A04: values of `Transfer-Encoding` that are 400.
pub(crate) const BAD_CODINGS: &[&str] = &[
    "chunked, identity",
    "chunked, chunked",
    "identity",
    "xchunked",
    "\"chunked\"",
    "chunked;q=1",
    "",
    "chunked,",
    ",chunked",
    "chunked\u{a0}",
    "chunke",
    "gzip",
    "deflate, gzip",
    "identity, chunked",
    "br, chunked",
    "gzip, br, chunked",
    "c hunked",
    "chunked gzip",
    "gzip;q=1, chunked",
    "\u{b}chunked",
    "chunked\0",
    "chunked\u{c}",
    "chunked\u{7f}",
];

/// A04: codings that exist and that this server does not read, before `chunked`: 501.
pub(crate) const OTHER_CODINGS: &[&str] = &[
    "gzip, chunked",
    "GZIP,chunked",
    "deflate, gzip, chunked",
    "deflate, chunked",
    "compress,chunked",
];

/// A04: lines about a coding that are 400.
pub(crate) const BAD_CODING_LINES: &[&str] = &[
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding : chunked",
    "Transfer-Encoding\t: chunked",
    "Transfer-Encoding\r\n: chunked",
    "Transfer-Encoding:\r\n chunked",
];

/// A04: a coding on HTTP/1.0 is 400.
pub(crate) const CODING_ON_HTTP_10: &str = "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A04: spellings of `chunked` that are taken.
pub(crate) const CHUNKED: &[&str] = &["chunked", "Chunked", " \tCHUNKED\t ", "\tchunked"];

/// A07: heads with a bare LF, 400 in the strict profile.
pub(crate) const BARE_LINE_FEEDS: &[&str] = &[
    "GET / HTTP/1.1\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\n\n",
    "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
];

/// A07: header lines with a bare CR, 400.
pub(crate) const BARE_CARRIAGE_RETURNS: &[&str] =
    &["A: b\rc: d", "A: b\r", "A: \rb", "A\r: b", "\rA: b", "A:\r"];

/// A07: a head that ends in CR CR LF.
pub(crate) const CR_CR_LF: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\r\n";

/// A08: blanks around names, folded lines, names that are no token, control characters in values: 400.
pub(crate) const BAD_LINES: &[&str] = &[
    "A : b",
    "A\t: b",
    " A: b",
    "\tA: b",
    "A: b\r\n c",
    "A: b\r\n\tc",
    "A: b\r\n \r\nB: c",
    ": x",
    ":",
    "A(: b",
    "A b: c",
    "\u{e9}: b",
    "\u{80}: b",
    "no colon",
    "A\0: b",
    "A: b\0c",
    "A: \u{1}",
    "A: \u{7f}",
    "\"A\": b",
    "A;: b",
    "{A}: b",
    "From x",
];

/// A08: the same at the first line behind the request line.
pub(crate) const BAD_FIRST_LINES: &[&str] = &[
    "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
];

/// A09: heads without one good host, 400 in the strict profile.
pub(crate) const BAD_HOSTS: &[&str] = &[
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a/../b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: :80\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: \u{e9}\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n",
    "GET / HTTP/1.0\r\nHost: a b\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\n\r\n",
    "GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n",
];

/// A09: hosts that differ, 400 in both profiles.
pub(crate) const DIFFERENT_HOSTS: &str = "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n";

/// A09: absolute targets without a good host, 400 in both profiles.
pub(crate) const BAD_AUTHORITIES: &[&str] = &[
    "http://u@a/",
    "http://u:p@a/",
    "http:///x",
    "http://",
    "http://a b/",
    "http://a:x/",
    "https://[::1/",
    "http://a,b/",
    "http://@/",
];

/// A10: request lines, and the status in the strict profile.
pub(crate) const REQUEST_LINES: &[(&str, u16)] = &[
    ("GET  / HTTP/1.1", 400),
    ("GET /  HTTP/1.1", 400),
    (" GET / HTTP/1.1", 400),
    ("GET / HTTP/1.1 ", 400),
    ("GET\t/\tHTTP/1.1", 400),
    ("GET /\tHTTP/1.1", 400),
    ("GET / a HTTP/1.1", 400),
    ("GET /", 400),
    ("GET", 400),
    (" ", 400),
    ("GET / HTTP/1.10", 400),
    ("GET / HTTP/01.1", 400),
    ("GET / http/1.1", 400),
    ("GET / HTTP/1", 400),
    ("GET / HTTP/1.", 400),
    ("GET / HTTP/0.9", 400),
    ("GET / HTTP/1.1\r", 400),
    ("GET / FTP/1.1", 400),
    ("GET / HTTP/2.0", 505),
    ("GET / HTTP/3.1", 505),
    ("PRI * HTTP/2.0", 505),
    ("GET / HTTP/20.0", 505),
    ("G(T / HTTP/1.1", 400),
    ("G\u{1}T / HTTP/1.1", 400),
    ("G\u{e9}T / HTTP/1.1", 400),
    ("GET /\u{e9} HTTP/1.1", 400),
    ("GET /\u{e9}?a HTTP/1.1", 400),
    ("GET /#\u{e9} HTTP/1.1", 400),
    ("GET http://\u{e9}/ HTTP/1.1", 400),
    ("GET http://\u{e9}/?a HTTP/1.1", 400),
    ("CONNECT a:1?\u{e9} HTTP/1.1", 400),
    ("GET /?\u{7f} HTTP/1.1", 400),
    ("GET /?\u{e9}\u{1} HTTP/1.1", 400),
    ("GET /?\u{e9}\tb HTTP/1.1", 400),
    ("GET /\u{1} HTTP/1.1", 400),
    ("GET /\0 HTTP/1.1", 400),
    ("GET /a\u{b}b HTTP/1.1", 400),
    ("GET a.txt HTTP/1.1", 400),
    ("GET * HTTP/1.1", 400),
    ("GET ftp://a/ HTTP/1.1", 400),
    ("GET ?x HTTP/1.1", 400),
    ("CONNECT / HTTP/1.1", 400),
    ("CONNECT a HTTP/1.1", 400),
    ("CONNECT a: HTTP/1.1", 400),
    ("CONNECT http://a/ HTTP/1.1", 400),
];
