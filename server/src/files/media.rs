//! Media types by the extension of a name.
//!
//! The table of `http.server`'s newest version comes first, with what it lacks for today's web; then the larger one of
//! `mime_guess`. Neither depends on the machine: a site that
//! works on one machine works on all.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// What a name says of the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Media<'m> {
    /// The value of `Content-Type`.
    pub(super) kind: Cow<'m, str>,
    /// The value of `Content-Encoding`, for a format that is defined as a compressed one.
    pub(super) coding: Option<&'static str>,
}

impl Media<'_> {
    /// Whether a browser may run scripts in content of this type.
    pub(super) fn is_document(&self) -> bool {
        let essence = self.kind.split(';').next().unwrap_or_default();
        let essence = essence.trim_end().to_ascii_lowercase();
        essence.contains("html") || essence.contains("xml") || essence.contains("xsl")
    }

    /// Whether content of this type gets smaller by compression, so that a compressed sibling is worth a look.
    pub(super) fn is_compressible(&self) -> bool {
        let essence = self.kind.split(';').next().unwrap_or_default().trim_end();
        self.coding.is_none()
            && (essence.starts_with("text/")
                || ["+json", "+xml", "json", "xml", "javascript", "wasm"]
                    .iter()
                    .any(|end| essence.ends_with(end))
                || matches!(
                    essence,
                    "application/toml"
                        | "application/yaml"
                        | "font/otf"
                        | "font/ttf"
                        | "image/bmp"
                        | "image/vnd.microsoft.icon"
                        | "application/vnd.ms-fontobject"
                        | "application/x-tar"
                ))
    }
}

/// The media type of a file of this name, by its extension, as [`FileHandler`](crate::FileHandler) sends it: text of
/// its table with `charset=utf-8`, and `application/octet-stream` for what is not known. The same on every machine.
///
/// ```
/// assert_eq!(doget::media_type("report.pdf"), "application/pdf");
/// assert_eq!(doget::media_type("a/b.CSS"), "text/css; charset=utf-8");
/// assert_eq!(doget::media_type("Makefile"), "application/octet-stream");
/// ```
pub fn media_type(name: &str) -> String {
    let types = MediaTypes::default();
    let name = name.rsplit('/').next().unwrap_or_default();
    types.of(name.as_bytes()).kind.into_owned()
}

/// The types of a file handler: what its user said, then the tables.
#[derive(Clone, Debug)]
pub(super) struct MediaTypes {
    /// By extension without its dot, in lower case; `""` is for names without one.
    said: BTreeMap<String, String>,
    unknown: String,
}

impl Default for MediaTypes {
    fn default() -> Self {
        Self {
            said: BTreeMap::new(),
            unknown: "application/octet-stream".to_owned(),
        }
    }
}

impl MediaTypes {
    /// Names with this extension are of this type, which is sent as it is.
    pub(super) fn say(&mut self, extension: &str, kind: &str) {
        let extension = extension.strip_prefix('.').unwrap_or(extension);
        let extension = extension.to_ascii_lowercase();
        self.said.insert(extension, kind.to_owned());
    }

    /// The type of everything that no table knows, which is sent as it is.
    pub(super) fn set_unknown(&mut self, kind: &str) {
        self.unknown = kind.to_owned();
    }

    /// The type of a file of this name, by its extension in lower case.
    pub(super) fn of(&self, name: &[u8]) -> Media<'_> {
        let unknown = Media {
            kind: Cow::Borrowed(&self.unknown),
            coding: None,
        };
        let mut room = [0; LONGEST];
        let Some(extension) = extension(name, &mut room) else {
            return unknown;
        };
        if let Some(kind) = self.said.get(extension) {
            return Media {
                kind: Cow::Borrowed(kind),
                coding: None,
            };
        }
        if extension.is_empty() {
            return unknown;
        }
        let known = TYPES.binary_search_by_key(&extension, |(known, _)| known);
        if let Some((_, kind)) = known.ok().and_then(|at| TYPES.get(at)) {
            return Media {
                kind: Cow::Borrowed(kind),
                // SVG 1.1 appendix C: an `.svgz` is an SVG in a gzip coding.
                coding: (extension == "svgz").then_some("gzip"),
            };
        }
        match mime_guess::from_ext(extension).first_raw() {
            Some(kind) => Media {
                kind: with_charset(kind),
                coding: None,
            },
            None => unknown,
        }
    }
}

/// No extension that any table knows is longer.
const LONGEST: usize = 24;

/// What follows the last dot, in lower case; empty if there is no dot but one at the start. `None` if no table can know
/// it.
fn extension<'r>(name: &[u8], room: &'r mut [u8; LONGEST]) -> Option<&'r str> {
    let start = name.iter().take_while(|&&byte| byte == b'.').count();
    let dot = name.iter().rposition(|&byte| byte == b'.');
    let extension = match dot {
        Some(dot) if dot >= start => name.get(dot + 1..)?,
        _ => b"",
    };
    let room = room.get_mut(..extension.len())?;
    room.copy_from_slice(extension);
    room.make_ascii_lowercase();
    std::str::from_utf8(room).ok()
}

/// Text without a parameter is UTF-8. XML says itself what it is (RFC 7303 section 3).
fn with_charset(kind: &str) -> Cow<'_, str> {
    if kind.starts_with("text/") && kind != "text/xml" && !kind.contains(';') {
        Cow::Owned(format!("{kind}; charset=utf-8"))
    } else {
        Cow::Borrowed(kind)
    }
}

/// Sorted by extension.
#[rustfmt::skip]
const TYPES: &[(&str, &str)] = &[
    ("3g2", "audio/3gpp2"),
    ("3gp", "audio/3gpp"),
    ("3gpp", "audio/3gpp"),
    ("3gpp2", "audio/3gpp2"),
    ("7z", "application/x-7z-compressed"),
    ("a", "application/octet-stream"),
    ("aac", "audio/aac"),
    ("adts", "audio/aac"),
    ("ai", "application/postscript"),
    ("aif", "audio/x-aiff"),
    ("aifc", "audio/x-aiff"),
    ("aiff", "audio/x-aiff"),
    ("apng", "image/apng"),
    ("ass", "audio/aac"),
    ("atom", "application/atom+xml"),
    ("au", "audio/basic"),
    ("avi", "video/vnd.avi"),
    ("avif", "image/avif"),
    ("bat", "text/plain; charset=utf-8"),
    ("bcpio", "application/x-bcpio"),
    ("bin", "application/octet-stream"),
    ("bmp", "image/bmp"),
    ("br", "application/octet-stream"),
    ("bz2", "application/x-bzip2"),
    ("c", "text/plain; charset=utf-8"),
    ("cdf", "application/x-netcdf"),
    ("cjs", "text/javascript; charset=utf-8"),
    ("cpio", "application/x-cpio"),
    ("csh", "application/x-csh"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("cur", "image/vnd.microsoft.icon"),
    ("deb", "application/x-debian-package"),
    ("dll", "application/octet-stream"),
    ("doc", "application/msword"),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("dot", "application/msword"),
    ("dvi", "application/x-dvi"),
    ("emf", "image/emf"),
    ("eml", "message/rfc822"),
    ("eot", "application/vnd.ms-fontobject"),
    ("eps", "application/postscript"),
    ("epub", "application/epub+zip"),
    ("etx", "text/x-setext; charset=utf-8"),
    ("exe", "application/octet-stream"),
    ("fits", "image/fits"),
    ("flac", "audio/flac"),
    ("g3", "image/g3fax"),
    ("gif", "image/gif"),
    ("glb", "model/gltf-binary"),
    ("gltf", "model/gltf+json"),
    ("gtar", "application/x-gtar"),
    ("gz", "application/gzip"),
    ("h", "text/plain; charset=utf-8"),
    ("h5", "application/x-hdf5"),
    ("hdf", "application/x-hdf"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/vnd.microsoft.icon"),
    ("ics", "text/calendar; charset=utf-8"),
    ("ief", "image/ief"),
    ("jp2", "image/jp2"),
    ("jpe", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("jpm", "image/jpm"),
    ("jpx", "image/jpx"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("jsonld", "application/ld+json"),
    ("jxl", "image/jxl"),
    ("ksh", "text/plain; charset=utf-8"),
    ("latex", "application/x-latex"),
    ("loas", "audio/aac"),
    ("log", "text/plain; charset=utf-8"),
    ("m1v", "video/mpeg"),
    ("m3u", "application/vnd.apple.mpegurl"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/x-m4v"),
    ("man", "application/x-troff-man"),
    ("map", "application/json"),
    ("markdown", "text/markdown; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
    ("me", "application/x-troff-me"),
    ("mht", "message/rfc822"),
    ("mhtml", "message/rfc822"),
    ("mif", "application/x-mif"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mk3d", "video/matroska-3d"),
    ("mka", "audio/matroska"),
    ("mkv", "video/matroska"),
    ("mov", "video/quicktime"),
    ("movie", "video/x-sgi-movie"),
    ("mp2", "audio/mpeg"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("mpa", "video/mpeg"),
    ("mpe", "video/mpeg"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpeg"),
    ("ms", "application/x-troff-ms"),
    ("n3", "text/n3; charset=utf-8"),
    ("nc", "application/x-netcdf"),
    ("nq", "application/n-quads"),
    ("nt", "application/n-triples"),
    ("nws", "message/rfc822"),
    ("o", "application/octet-stream"),
    ("obj", "application/octet-stream"),
    ("oda", "application/oda"),
    ("odg", "application/vnd.oasis.opendocument.graphics"),
    ("odp", "application/vnd.oasis.opendocument.presentation"),
    ("ods", "application/vnd.oasis.opendocument.spreadsheet"),
    ("odt", "application/vnd.oasis.opendocument.text"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("ogx", "application/ogg"),
    ("opus", "audio/opus"),
    ("otf", "font/otf"),
    ("p12", "application/x-pkcs12"),
    ("p7c", "application/pkcs7-mime"),
    ("pbm", "image/x-portable-bitmap"),
    ("pdf", "application/pdf"),
    ("pfx", "application/x-pkcs12"),
    ("pgm", "image/x-portable-graymap"),
    ("php", "application/x-httpd-php"),
    ("pl", "text/plain; charset=utf-8"),
    ("png", "image/png"),
    ("pnm", "image/x-portable-anymap"),
    ("pot", "application/vnd.ms-powerpoint"),
    ("ppa", "application/vnd.ms-powerpoint"),
    ("ppm", "image/x-portable-pixmap"),
    ("pps", "application/vnd.ms-powerpoint"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("ps", "application/postscript"),
    ("pwz", "application/vnd.ms-powerpoint"),
    ("py", "text/x-python; charset=utf-8"),
    ("pyc", "application/x-python-code"),
    ("pyo", "application/x-python-code"),
    ("qt", "video/quicktime"),
    ("ra", "audio/x-pn-realaudio"),
    ("ram", "application/x-pn-realaudio"),
    ("rar", "application/vnd.rar"),
    ("ras", "image/x-cmu-raster"),
    ("rdf", "application/xml"),
    ("rgb", "image/x-rgb"),
    ("roff", "application/x-troff"),
    ("rpm", "application/x-rpm"),
    ("rs", "text/plain; charset=utf-8"),
    ("rss", "application/rss+xml"),
    ("rst", "text/x-rst; charset=utf-8"),
    ("rtf", "text/rtf; charset=utf-8"),
    ("rtx", "text/richtext; charset=utf-8"),
    ("sgm", "text/x-sgml; charset=utf-8"),
    ("sgml", "text/x-sgml; charset=utf-8"),
    ("sh", "application/x-sh"),
    ("shar", "application/x-shar"),
    ("snd", "audio/basic"),
    ("so", "application/octet-stream"),
    ("src", "application/x-wais-source"),
    ("srt", "text/plain; charset=utf-8"),
    ("stl", "model/stl"),
    ("sv4cpio", "application/x-sv4cpio"),
    ("sv4crc", "application/x-sv4crc"),
    ("svg", "image/svg+xml"),
    ("svgz", "image/svg+xml"),
    ("swf", "application/x-shockwave-flash"),
    ("t", "application/x-troff"),
    ("t38", "image/t38"),
    ("tar", "application/x-tar"),
    ("taz", "application/gzip"),
    ("tbz2", "application/x-bzip2"),
    ("tcl", "application/x-tcl"),
    ("tex", "application/x-tex"),
    ("texi", "application/x-texinfo"),
    ("texinfo", "application/x-texinfo"),
    ("tfx", "image/tiff-fx"),
    ("tgz", "application/gzip"),
    ("tif", "image/tiff"),
    ("tiff", "image/tiff"),
    ("toml", "application/toml"),
    ("tr", "application/x-troff"),
    ("trig", "application/trig"),
    ("ts", "video/mp2t"),
    ("tsv", "text/tab-separated-values; charset=utf-8"),
    ("ttc", "font/collection"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("txz", "application/x-xz"),
    ("tz", "application/gzip"),
    ("ustar", "application/x-ustar"),
    ("vcf", "text/x-vcard; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("wav", "audio/vnd.wave"),
    ("weba", "audio/webm"),
    ("webm", "video/webm"),
    ("webmanifest", "application/manifest+json"),
    ("webp", "image/webp"),
    ("wiz", "application/msword"),
    ("wmf", "image/wmf"),
    ("wmv", "video/x-ms-wmv"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("wsdl", "application/xml"),
    ("xbm", "image/x-xbitmap"),
    ("xhtml", "application/xhtml+xml"),
    ("xlb", "application/vnd.ms-excel"),
    ("xls", "application/vnd.ms-excel"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("xml", "text/xml"),
    ("xpdl", "application/xml"),
    ("xpm", "image/x-xpixmap"),
    ("xsl", "application/xml"),
    ("xwd", "image/x-xwindowdump"),
    ("xz", "application/x-xz"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("z", "application/octet-stream"),
    ("zip", "application/zip"),
    ("zst", "application/zstd"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str) -> String {
        let types = MediaTypes::default();
        let media = types.of(name.as_bytes());
        match media.coding {
            Some(coding) => format!("{} in {coding}", media.kind),
            None => media.kind.into_owned(),
        }
    }

    #[test]
    fn the_table_is_sorted_and_in_lower_case() {
        assert!(TYPES.is_sorted_by(|a, b| a.0 < b.0));
        for (extension, kind) in TYPES {
            assert_eq!(*extension, extension.to_ascii_lowercase());
            assert!(extension.len() <= LONGEST);
            assert_eq!(with_charset(kind), *kind);
        }
    }

    #[test]
    fn mim_05_the_types_that_matter() {
        for (name, expected) in [
            ("a.html", "text/html; charset=utf-8"),
            ("a.js", "text/javascript; charset=utf-8"),
            ("a.mjs", "text/javascript; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"),
            ("a.json", "application/json"),
            ("a.js.map", "application/json"),
            ("a.wasm", "application/wasm"),
            ("a.md", "text/markdown; charset=utf-8"),
            ("a.svg", "image/svg+xml"),
            ("a.txt", "text/plain; charset=utf-8"),
            ("B.TXT", "text/plain; charset=utf-8"),
            ("a.webp", "image/webp"),
            ("a.avif", "image/avif"),
            ("a.woff2", "font/woff2"),
            ("a.webmanifest", "application/manifest+json"),
            ("a.mp4", "video/mp4"),
            ("a.webm", "video/webm"),
            ("a.xml", "text/xml"),
            ("noext", "application/octet-stream"),
            ("a.unheard-of", "application/octet-stream"),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }

    #[test]
    fn mim_01_what_an_extension_is() {
        for (name, expected) in [
            (".html", "application/octet-stream"),
            ("..html", "application/octet-stream"),
            (".a.html", "text/html; charset=utf-8"),
            ("a.", "application/octet-stream"),
            ("a.html.", "application/octet-stream"),
            ("a.tar.html", "text/html; charset=utf-8"),
            ("", "application/octet-stream"),
            ("html", "application/octet-stream"),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
        let types = MediaTypes::default();
        assert_eq!(types.of(b"a.\xff").kind, "application/octet-stream");
        let long = format!("a.{}", "x".repeat(300));
        assert_eq!(types.of(long.as_bytes()).kind, "application/octet-stream");
    }

    #[test]
    fn mim_02_and_03_compressed_files_are_what_they_are() {
        for (name, expected) in [
            ("a.gz", "application/gzip"),
            ("a.tar.gz", "application/gzip"),
            ("a.tgz", "application/gzip"),
            ("a.Z", "application/octet-stream"),
            ("a.bz2", "application/x-bzip2"),
            ("a.xz", "application/x-xz"),
            ("a.br", "application/octet-stream"),
            ("a.zst", "application/zstd"),
            ("a.svgz", "image/svg+xml in gzip"),
        ] {
            assert_eq!(kind(name), expected, "{name}");
        }
    }

    #[test]
    fn the_large_table_stands_behind() {
        assert_eq!(kind("a.7z"), "application/x-7z-compressed");
        assert_eq!(kind("a.apk"), "application/vnd.android.package-archive");
        assert_eq!(kind("a.less"), "text/less; charset=utf-8");
    }

    #[test]
    fn what_the_user_says_goes_first() {
        let mut types = MediaTypes::default();
        types.say(".html", "application/xhtml+xml");
        types.say("FOO", "text/x-foo");
        types.say("", "text/plain; charset=us-ascii");
        types.set_unknown("text/x-own");
        let of = |name: &str| types.of(name.as_bytes()).kind.into_owned();
        assert_eq!(of("a.html"), "application/xhtml+xml");
        assert_eq!(of("a.Foo"), "text/x-foo");
        assert_eq!(of("Makefile"), "text/plain; charset=us-ascii");
        assert_eq!(of("a.unheard-of"), "text/x-own");
    }

    #[test]
    fn what_is_worth_a_compressed_sibling() {
        let types = MediaTypes::default();
        for (name, worth) in [
            ("a.html", true),
            ("a.js", true),
            ("a.json", true),
            ("a.svg", true),
            ("a.wasm", true),
            ("a.ttf", true),
            ("a.png", false),
            ("a.mp4", false),
            ("a.woff2", false),
            ("a.gz", false),
            ("a.svgz", false),
        ] {
            assert_eq!(types.of(name.as_bytes()).is_compressible(), worth, "{name}");
        }
    }
}
