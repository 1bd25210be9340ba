//! `curl`.

use crate::site::{has, run, site};

/// The exit code and the output of curl with these arguments; in them `@` is the server.
fn curl(url: &str, args: &[&str], input: &[u8]) -> (Option<i32>, String) {
    let args: Vec<String> = ["-q", "-s", "-S", "--noproxy", "*", "--max-time", "60"]
        .iter()
        .chain(args)
        .map(|arg| match arg.strip_prefix('@') {
            Some(path) if path.starts_with('/') => format!("{url}{path}"),
            _ => (*arg).to_owned(),
        })
        .collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (code, output) = run("curl", &args, input);
    (code, String::from_utf8(output).expect("UTF-8"))
}

#[test]
fn curl_keeps_its_connection() {
    if !has("curl") {
        return;
    }
    let (wire, _) = site();
    let (code, output) = curl(
        &wire.url(),
        &[
            "-w",
            "%{num_connects} ",
            "@/hello",
            "@/hello",
            "@/stream",
            "@/hello",
            "-o",
            "/dev/null",
            "-o",
            "/dev/null",
            "-o",
            "/dev/null",
        ],
        b"",
    );
    assert_eq!((code, output.as_str()), (Some(0), "1 0 0 hello\n0 "));
}

#[test]
fn curl_with_http_1_0() {
    if !has("curl") {
        return;
    }
    let (wire, _) = site();
    let (code, output) = curl(&wire.url(), &["--http1.0", "@/stream", "@/hello"], b"");
    assert_eq!(code, Some(0));
    assert!(output.ends_with("line 9999\nhello\n"));
}

#[test]
fn curl_posts_with_and_without_expect() {
    if !has("curl") {
        return;
    }
    let (wire, _) = site();
    for size in [0, 1, 64 << 10, 5 << 20] {
        let body: String = ('a'..='z').cycle().take(size).collect();
        for expect in ["Expect:", "Expect: 100-continue"] {
            for coding in ["X-Coding:", "Transfer-Encoding: chunked"] {
                if size == 0 && coding.ends_with("chunked") {
                    // Some versions of curl do not send the last chunk of an empty body.
                    continue;
                }
                let args = ["-H", expect, "-H", coding, "--data-binary", "@-", "@/echo"];
                let (code, output) = curl(&wire.url(), &args, body.as_bytes());
                assert_eq!(code, Some(0));
                assert!(output == body, "{size} {expect} {coding}");
            }
        }
    }
}

#[test]
fn curl_uploads_what_it_does_not_know_the_length_of() {
    if !has("curl") {
        return;
    }
    let (wire, _) = site();
    let body = vec![b'x'; 1_000_000];
    let (code, output) = curl(&wire.url(), &["-T", "-", "@/upload"], &body);
    assert_eq!((code, output.as_str()), (Some(0), "1000000 bytes\n"));
}

#[test]
fn curl_is_refused_by_an_expectation() {
    if !has("curl") {
        return;
    }
    let (wire, _) = site();
    // A status that is not 417: to that one curl answers with the same request without the expectation.
    let args = [
        "-w",
        "%{http_code} %{size_upload}",
        "-o",
        "/dev/null",
        "-H",
        "Expect: 100-continue",
        "-H",
        "X: y",
        "--data-binary",
        "@-",
        "@/missing-method",
        "-X",
        "LOCK",
    ];
    let (code, output) = curl(&wire.url(), &args, &vec![b'x'; 2 << 20]);
    assert_eq!(code, Some(0));
    assert!(output.starts_with("501 0"), "{output}");
}

#[test]
fn curl_asks_for_the_head() {
    if !has("curl") {
        return;
    }
    let (wire, _) = site();
    let (code, output) = curl(&wire.url(), &["-I", "@/hello", "@/stream", "@/empty"], b"");
    assert_eq!(code, Some(0));
    assert_eq!(output.matches("HTTP/1.1 200 OK\r\n").count(), 2);
    assert!(output.contains("\r\nContent-Length: 6\r\n"));
    assert!(output.contains("\r\nTransfer-Encoding: chunked\r\n"));
    assert!(output.contains("HTTP/1.1 204 No Content\r\n"));
}

#[test]
fn curl_follows_redirects() {
    if !has("curl") {
        return;
    }
    let (wire, _) = site();
    let follow = |args: &[&str]| {
        let mut all = vec!["-L", "-w", "%{http_code} %{num_redirects} %{num_connects}"];
        all.extend(args);
        curl(&wire.url(), &all, b"")
    };
    assert_eq!(follow(&["@/moved"]), (Some(0), "hello\n200 1 1".to_owned()));
    assert_eq!(
        follow(&["-d", "x", "@/see"]),
        (Some(0), "hello\n200 1 1".to_owned())
    );
    assert_eq!(
        follow(&["-d", "again", "@/temporary"]),
        (Some(0), "again200 1 1".to_owned())
    );
    let (code, _) = follow(&["--max-redirs", "5", "@/loop"]);
    assert_eq!(code, Some(47));
}

#[test]
fn curl_sees_errors() {
    if !has("curl") {
        return;
    }
    let (wire, _) = site();
    let args = [
        "-w",
        "%{http_code} ",
        "-o",
        "/dev/null",
        "@/nothing",
        "-o",
        "/dev/null",
        "@/secret",
    ];
    let (code, output) = curl(&wire.url(), &args, b"");
    assert_eq!((code, output.as_str()), (Some(0), "404 401 "));
    assert_eq!(curl(&wire.url(), &["-f", "@/nothing"], b"").0, Some(22));
}

#[test]
fn curl_gives_up_and_the_server_does_not_mind() {
    if !has("curl") {
        return;
    }
    let (wire, gate) = site();
    let (code, output) = curl(&wire.url(), &["--max-time", "1", "@/wait"], b"");
    assert_eq!((code, output.as_str()), (Some(28), ""));
    gate.open();
    let (code, output) = curl(&wire.url(), &["@/wait"], b"");
    assert_eq!((code, output.as_str()), (Some(0), "waited\n"));
}
