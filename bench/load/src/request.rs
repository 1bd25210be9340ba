//! The requests that are sent, and how long the body of a good answer to them is.

use crate::options::Options;

/// What a browser says beside `Host`: with it, and the cookie that is added, 16 fields.
const BROWSER: &str = "Connection: keep-alive\r\n\
    sec-ch-ua: \"Chromium\";v=\"142\", \"Google Chrome\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\n\
    sec-ch-ua-mobile: ?0\r\n\
    sec-ch-ua-platform: \"Linux\"\r\n\
    Upgrade-Insecure-Requests: 1\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/142.0.0.0 Safari/537.36\r\n\
    Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
    Sec-Fetch-Site: same-origin\r\n\
    Sec-Fetch-Mode: navigate\r\n\
    Sec-Fetch-User: ?1\r\n\
    Sec-Fetch-Dest: document\r\n\
    Referer: http://127.0.0.1/articles/2026/speed-where-users-are\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\n\
    Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n";
const BROWSER_BYTES: usize = 870;

/// An order as a shop's page would send it.
const ORDER: &str = concat!(
    r#"{"id":48151623,"customer":"Grace Hopper","email":"grace@example.org","items":["#,
    r#"{"name":"soldering iron, 60 W","count":1,"cents":3490},"#,
    r#"{"name":"wire, tinned, 10 m","count":4,"cents":515},"#,
    r#"{"name":"resistor, 4.7 kΩ","count":250,"cents":2},"#,
    r#"{"name":"\"lead free\" solder","count":2,"cents":1290}],"#,
    r#""note":"Leave it at the door, please.\nThanks!"}"#,
);

/// What the answer to an order has beside it.
const RECEIPT: &str = r#"{"order":,"count":257,"cents":8630}"#;

/// The chunks of an upload, but for the last one.
const CHUNK: usize = 64 << 10;

/// One request for `path`, with the body that the options speak of.
pub fn request(options: &Options, path: &str) -> Vec<u8> {
    if let Some(bytes) = options.upload {
        return upload(options.port, path, bytes);
    }
    if options.browser {
        return browser(options.port, path);
    }
    if options.json {
        return with_body(options, path, "application/json", ORDER.as_bytes());
    }
    if options.body > 0 {
        let body = vec![b'x'; options.body];
        return with_body(options, path, "application/octet-stream", &body);
    }
    plain(options, path)
}

/// The length of the body of a good answer, if that is known.
pub fn answer_length(options: &Options) -> Option<u64> {
    if options.json {
        return Some((ORDER.len() + RECEIPT.len()) as u64);
    }
    let echo = (options.body > 0).then_some(options.body as u64);
    options.length.or(echo)
}

/// A GET with the shortest head that is worth the name.
pub fn plain(options: &Options, path: &str) -> Vec<u8> {
    let close = if options.close {
        "Connection: close\r\n"
    } else {
        ""
    };
    let port = options.port;
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n{close}\r\n")
        .into_bytes()
}

fn with_body(options: &Options, path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let close = if options.close {
        "Connection: close\r\n"
    } else {
        ""
    };
    let (port, length) = (options.port, body.len());
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\
         Content-Type: {kind}\r\nContent-Length: {length}\r\n{close}\r\n"
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

fn browser(port: u16, path: &str) -> Vec<u8> {
    let mut head = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{BROWSER}Cookie: theme=dark; session="
    );
    // Digits of the port and the path are made up for here.
    let missing = BROWSER_BYTES.saturating_sub(head.len() + 4);
    head.extend("0123456789abcdef".chars().cycle().take(missing));
    head += "\r\n\r\n";
    head.into_bytes()
}

fn upload(port: u16, path: &str, bytes: usize) -> Vec<u8> {
    let mut request = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n\
         Content-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    .into_bytes();
    request.reserve(bytes + bytes / CHUNK * 16 + 64);
    let mut left = bytes;
    while left > 0 {
        let now = left.min(CHUNK);
        request.extend_from_slice(format!("{now:x}\r\n").as_bytes());
        request.resize(request.len() + now, b'x');
        request.extend_from_slice(b"\r\n");
        left -= now;
    }
    request.extend_from_slice(b"0\r\n\r\n");
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_sends_16_fields_in_870_bytes_whatever_the_port_is() {
        for port in [80, 8000, 65535] {
            let head = String::from_utf8(browser(port, "/plaintext")).expect("ASCII");
            assert_eq!(head.len(), BROWSER_BYTES);
            let fields = head.trim_end().lines().skip(1);
            assert_eq!(fields.filter(|line| line.contains(": ")).count(), 16);
        }
    }

    #[test]
    fn an_upload_has_all_its_bytes_in_chunks() {
        let request = upload(8000, "/upload", CHUNK + 10);
        let body = request
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .expect("a head")
            + 4;
        let frames = "10000\r\n\r\n".len() + "a\r\n\r\n".len() + "0\r\n\r\n".len();
        assert_eq!(request.len() - body, CHUNK + 10 + frames);
        assert!(request.ends_with(b"xx\r\n0\r\n\r\n"));
    }
}
