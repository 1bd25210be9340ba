//! What clients see of an answer that comes before their upload is through.

use crate::site::{has, run};
use doget::{Error, Result, handler};
use doget_tests::test_server::TestServer;

struct Refusing;

#[handler]
impl Refusing {
    fn do_POST(&self) -> Result<String> {
        Err(Error::new(405).header("Allow", "GET"))
    }

    fn do_PUT(&self, body: Vec<u8>) -> Result<String> {
        Ok(format!("{}", body.len()))
    }
}

/// Runs a program with the server's address behind its arguments; it has to say `405 413` in the end.
fn sees_both(program: &str, args: &[&str]) {
    if !has(program) {
        return;
    }
    let server = TestServer::new(Refusing);
    let url = server.url();
    let args: Vec<_> = args.iter().copied().chain([url.as_str()]).collect();
    let (_, output) = run(program, &args, b"");
    let output = String::from_utf8_lossy(&output).into_owned();
    assert!(output.trim_end().ends_with("405 413"), "{output}");
}

#[test]
fn urllib_sees_why_30_mb_were_refused() {
    sees_both(
        "python3",
        &[
            "-I",
            "-c",
            "
import sys, urllib.request, urllib.error
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
seen = []
for method in ['POST', 'PUT']:
    try:
        opener.open(urllib.request.Request(sys.argv[1], bytes(30 << 20), method=method))
    except urllib.error.HTTPError as error:
        seen.append(str(error.code))
print(*seen)
",
        ],
    );
}

/// Where it is installed beside Python; `.ci/run openapi` installs it.
#[test]
fn requests_sees_why_30_mb_were_refused() {
    if !has("python3") || run("python3", &["-c", "import requests"], b"").0 != Some(0) {
        let demanded = std::env::var_os("DOGET_PYTHON_LIBRARIES").is_some();
        assert!(!demanded, "requests is not installed, and it is demanded");
        eprintln!("skipped: requests is not installed");
        return;
    }
    sees_both(
        "python3",
        &[
            "-c",
            "
import sys, requests
session = requests.Session()
session.trust_env = False
body = bytes(30 << 20)
print(session.post(sys.argv[1], data=body).status_code, session.put(sys.argv[1], data=body).status_code)
",
        ],
    );
}

#[test]
fn node_sees_why_30_mb_were_refused() {
    sees_both(
        "node",
        &[
            "-e",
            "
(async () => {
    const seen = [];
    for (const method of ['POST', 'PUT'])
        seen.push((await fetch(process.argv[1], { method, body: new Uint8Array(30 << 20) })).status);
    console.log(...seen);
})();
",
        ],
    );
}

#[test]
fn wget_sees_why_30_mb_were_refused() {
    if !has("wget") {
        return;
    }
    let file = std::env::temp_dir().join(format!("doget-upload-{}", std::process::id()));
    std::fs::write(&file, vec![0; 30 << 20]).unwrap();
    let body = format!("--body-file={}", file.display());
    let server = TestServer::new(Refusing);
    for (method, status) in [("POST", " 405 "), ("PUT", " 413 ")] {
        let method = format!("--method={method}");
        let args = [
            "-S",
            "-t",
            "1",
            "-o",
            "/dev/stdout",
            "-O",
            "/dev/null",
            &method,
            &body,
            &server.url(),
        ];
        let (_, output) = run("wget", &args, b"");
        let output = String::from_utf8_lossy(&output).into_owned();
        assert!(output.contains(status), "{output}");
    }
    let _ = std::fs::remove_file(&file);
}
