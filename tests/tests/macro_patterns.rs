//! The generated matcher beside the rules of `#[route]`, over patterns with escapes: a short cut must find nothing
//! else than the search segment by segment.
#![allow(clippy::expect_used)]

use doget::{Declared, handler, testing};

/// Every route answers with its own pattern.
macro_rules! patterns {
    ($handler:ident: $($function:ident $route:literal $($name:ident)*;)*) => {
        struct $handler;

        #[handler]
        impl $handler {
            $(#[route($route)] fn $function(&self $(, $name: &str)*) -> &'static str {
                $(let _ = $name;)*
                $route
            })*
        }
    };
}

patterns! { Plain:
    do_GET_0 "/a%2Fb";
    do_GET_1 "/a/b";
    do_GET_2 "/";
    do_GET_3 "/%61";
    do_GET_4 "/a/";
    do_GET_5 "/%2F";
    do_GET_6 "/%2Fa/b";
    do_GET_7 "/a%2F/b";
    do_GET_8 "/%25";
    do_GET_9 "/%2525";
    do_GET_10 "/%3F";
    do_GET_11 "/a%20b";
    do_GET_12 "/%C3%A9";
}

patterns! { Mixed:
    do_GET_0 "/a%2Fb";
    do_GET_1 "/a/{x}" x;
    do_GET_2 "/{x}" x;
    do_GET_3 "/a/{x}/b" x;
    do_GET_4 "/a/b%2Fb";
    do_GET_5 "/{*rest}" rest;
    do_GET_6 "/%61/c/{x}/d" x;
    do_GET_7 "/a/b/%2525";
    do_GET_8 "/a%2Fb/";
    do_GET_9 "/{x}/" x;
}

// As many texts side by side as are looked up in a table, twice without a percent sign in any of them.
patterns! { Many:
    do_GET_0 "/a/{x}" x;
    do_GET_1 "/b";
    do_GET_2 "/c";
    do_GET_3 "/d";
    do_GET_4 "/e";
    do_GET_5 "/f";
    do_GET_6 "/g";
    do_GET_7 "/h";
    do_GET_8 "/i";
    do_GET_9 "/a%2Fb";
    do_GET_10 "/a%20b/a%2F";
    do_GET_11 "/b/{*rest}" rest;
    do_GET_12 "/{x}/" x;
    do_GET_13 "/c/a";
    do_GET_14 "/c/b";
    do_GET_15 "/c/c";
    do_GET_16 "/c/d";
    do_GET_17 "/c/e";
    do_GET_18 "/c/f";
    do_GET_19 "/c/g";
    do_GET_20 "/c/b%2Fb/{x}" x;
    do_GET_21 "/c/{x}" x;
}

/// Segments of paths: those of the patterns, whole and in parts, in other spellings and near misses.
const PIECES: &[&str] = &[
    "",
    "a",
    "b",
    "%61",
    "%62",
    "a%2Fb",
    "a%2fb",
    "%61%2F%62",
    "%2F",
    "%2f",
    "%2Fa",
    "a%2F",
    "%25",
    "%2525",
    "%2",
    "%3F",
    "a%20b",
    "%C3%A9",
    "%c3%a9",
    "b%2Fb",
    "c",
];

fn decoded(segment: &str) -> Vec<u8> {
    let bytes = segment.as_bytes();
    let (mut text, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let escape = segment.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                text.push(byte);
                at += 3;
            }
            None => {
                text.push(bytes[at]);
                at += 1;
            }
        }
    }
    text
}

/// How special the match is, segment by segment, if the pattern matches: text is 0, a placeholder 1, a rest 2.
fn matches(pattern: &str, path: &str) -> Option<Vec<u8>> {
    let mut segments = path[1..].split('/');
    let mut ranks = Vec::new();
    for part in pattern[1..].split('/') {
        let segment = segments.next()?;
        if part.starts_with("{*") {
            let more = segments.next().is_some();
            ranks.push(2);
            return (more || !segment.is_empty()).then_some(ranks);
        }
        let fits = if part.starts_with('{') {
            ranks.push(1);
            !segment.is_empty()
        } else {
            ranks.push(0);
            decoded(part) == decoded(segment)
        };
        if !fits {
            return None;
        }
    }
    segments.next().is_none().then_some(ranks)
}

fn check<H: Declared>(handler: &H, path: &str) {
    let routes = H::METHODS
        .iter()
        .filter(|info| info.method == "GET")
        .filter_map(|info| info.route);
    let best = routes
        .filter_map(|route| Some((matches(route, path)?, route)))
        .min();
    let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let answer = testing::exchange(handler, request.as_bytes());
    let answer = String::from_utf8_lossy(&answer);
    match best {
        Some((_, route)) => {
            assert!(answer.starts_with("HTTP/1.1 200 "), "{path}: {answer}");
            assert!(
                answer.ends_with(&format!("\r\n\r\n{route}")),
                "{path} is not {route}: {answer}"
            );
        }
        None => assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}"),
    }
}

#[test]
fn an_escaped_slash_is_no_slash() {
    check(&Plain, "/a/b");
    check(&Plain, "/a%2Fb");
    check(&Mixed, "/a/b");
    check(&Mixed, "/a%2Fb");
}

/// Every path of up to three of the pieces.
#[test]
fn the_matcher_keeps_the_rules_of_patterns() {
    let mut paths = vec![String::new()];
    for _ in 0..3 {
        let longer: Vec<String> = paths
            .iter()
            .flat_map(|path| PIECES.iter().map(move |piece| format!("{path}/{piece}")))
            // A target that begins with two slashes is not asked about here.
            .filter(|path| !path.starts_with("//"))
            .collect();
        for path in &longer {
            check(&Plain, path);
            check(&Mixed, path);
            check(&Many, path);
        }
        paths = longer;
    }
}
