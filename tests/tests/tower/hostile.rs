//! Requests that no honest client sends, as an engine below may still pass them on.

use crate::everywhere;
use crate::executor::{There, ask};
use doget::{Request, handler};
use http::{HeaderName, HeaderValue, Method, Version};

struct Target;

#[handler]
impl Target {
    fn do_GET(&self, request: &Request<'_>) -> String {
        request.target().to_owned()
    }
}

fn request(version: Version, method: &str, target: &str) -> http::Request<There> {
    let request = http::Request::builder().version(version).uri(target);
    let request = request.method(Method::from_bytes(method.as_bytes()).unwrap());
    let mut request = request.body(There(None, true)).unwrap();
    if request.uri().authority().is_none() {
        let host = HeaderValue::from_static("a");
        request.headers_mut().insert("host", host);
    }
    request
}

#[test]
fn targets_that_are_no_paths() {
    let cases = [
        ("GET", "*", 400),
        ("GET", "b:443", 400),
        ("PRI", "*", 400),
        ("CONNECT", "/x", 400),
        ("CONNECT", "b:443", 501),
        ("OPTIONS", "*", 200),
        ("get", "/x", 501),
        ("GET", "http://user:password@b/x", 400),
        ("GET", "http://b:99999/x", 400),
        ("GET", "/\u{e9}", 400),
    ];
    for (place, service) in everywhere(|| Target) {
        for version in [Version::HTTP_10, Version::HTTP_11, Version::HTTP_2] {
            for (method, target, expected) in cases {
                let mut request = request(version, method, target);
                if target == "b:443" {
                    let host = HeaderValue::from_static("b:443");
                    request.headers_mut().insert("host", host);
                }
                let (status, ..) = ask(&service, request);
                assert_eq!(status, expected, "{place} {version:?} {method} {target}");
            }
        }
    }
}

#[test]
fn heads_have_the_limits_of_any_other() {
    let line = HeaderValue::from_bytes(&vec![b'x'; 1 << 20]).unwrap();
    for (place, service) in everywhere(|| Target) {
        for version in [Version::HTTP_11, Version::HTTP_2] {
            let ask = |name: &dyn Fn(usize) -> String, count: usize, value: &HeaderValue| {
                let mut request = request(version, "GET", "http://a/x");
                if version < Version::HTTP_2 {
                    let host = HeaderValue::from_static("a");
                    request.headers_mut().insert("host", host);
                }
                for n in 0..count {
                    let name = HeaderName::from_bytes(name(n).as_bytes()).unwrap();
                    request.headers_mut().append(name, value.clone());
                }
                ask(&service, request).0
            };
            let short = HeaderValue::from_static("y");
            let (names, cookies) = (|n| format!("x-{n}"), |_| "cookie".to_owned());
            assert_eq!(ask(&names, 99, &short), 200, "{place}");
            assert_eq!(ask(&names, 101, &short), 431, "{place}");
            assert_eq!(ask(&names, 20_000, &short), 431, "{place}");
            assert_eq!(ask(&names, 1, &line), 431, "{place}");
            // As many crumbs as one field may have; above HTTP/1 they are fields.
            let few = if version < Version::HTTP_2 { 431 } else { 200 };
            assert_eq!(ask(&cookies, 200, &short), few, "{place} {version:?}");
            assert_eq!(ask(&cookies, 30_000, &short), 431, "{place}");
        }
    }
}
