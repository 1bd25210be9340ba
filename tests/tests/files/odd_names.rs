//! Names of files that are hard to tell of.

use std::path::Path;

/// Names that a page, a link or a terminal could take for something else.
#[cfg(unix)]
pub(crate) const ODD_NAMES: &[&[u8]] = &[
    b"<img src=x onerror=1>",
    b"\"'`",
    b"&amp;",
    b"javascript:x",
    b"a:b",
    b"new\nline",
    b"carriage\rreturn",
    "evil\u{202e}gpj.exe".as_bytes(),
    b"\xff\xfe",
    b"bad\xffname.txt",
    b"#",
    b"?",
    b"%41",
    b"%",
    b"index.html?x",
    b" ",
    b"  two  ",
    b"\\",
    b"..x",
    b"...",
    b"~",
    b"-rf",
    b"*",
    b"|",
    b"\x01\x7f",
    b"\x1b[31mred",
    "\u{e4}\u{65e5}\u{672c}".as_bytes(),
    "a\u{308}".as_bytes(),
    "\u{1f600}".as_bytes(),
    b"<title><script>alert(1)<script>",
];

/// The same, as far as Windows has such names.
#[cfg(windows)]
pub(crate) const ODD_NAMES: &[&[u8]] = &[
    b"'`",
    b"&amp;",
    "evil\u{202e}gpj.exe".as_bytes(),
    b"#",
    b"%41",
    b"%",
    b" first",
    b"..x",
    b"~",
    b"-rf",
    "\u{e4}\u{65e5}\u{672c}".as_bytes(),
    "a\u{308}".as_bytes(),
    "\u{1f600}".as_bytes(),
    b"javascript;alert(1)",
];

/// A name of these bytes.
pub(crate) fn name_of(bytes: &[u8]) -> &Path {
    #[cfg(unix)]
    return Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(bytes));
    #[cfg(windows)]
    return Path::new(std::str::from_utf8(bytes).unwrap());
}
