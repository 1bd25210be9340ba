//! curl and Python as people use them.

use crate::serve;
use crate::site::Site;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What a program says; none where it is not installed.
fn says(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output();
    let Ok(output) = output else {
        eprintln!("left out: there is no {program} here");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn megabytes(path: &Path) -> String {
    fs::write(path, "0123456789".repeat(300_000)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn curl_sends_a_file_and_a_form() {
    let site = Site::usual();
    let server = serve(&site);
    let big = megabytes(&site.outside().join("big file"));
    let url = format!("{}/dir/", server.url());
    let code = ["-sS", "-o", "/dev/null", "-w", "%{http_code}"];
    let curl = |arguments: &[&str]| says("curl", &[&code, arguments].concat());
    let Some(said) = curl(&["-T", &big, &url]) else {
        return;
    };
    assert_eq!(said, "201");
    assert_eq!(curl(&["-T", &big, &url]).as_deref(), Some("409"));
    assert_eq!(
        fs::read(site.root().join("dir/big file")).unwrap().len(),
        3_000_000
    );
    // Without a length.
    let named = format!("{url}named");
    let stream = format!(
        "curl {} -T - {named} <'{big}'",
        code.join(" ").replace("%{", "'%{").replace('}', "}'")
    );
    assert_eq!(says("sh", &["-c", &stream]).as_deref(), Some("201"));
    assert_eq!(
        fs::read(site.root().join("dir/named")).unwrap().len(),
        3_000_000
    );
    let (one, two) = (
        format!("file=@{big};filename=one"),
        format!("file=@{big};filename=two"),
    );
    assert_eq!(
        curl(&["-F", &one, "-F", &two, &url]).as_deref(),
        Some("201")
    );
    for name in ["one", "two"] {
        assert_eq!(
            fs::read(site.root().join("dir").join(name)).unwrap().len(),
            3_000_000
        );
    }
}

#[test]
fn python_puts_and_posts() {
    let site = Site::usual();
    let server = serve(&site);
    let script = "
import sys, urllib.request, urllib.error
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
def send(method, path, body, **fields):
    request = urllib.request.Request(sys.argv[1] + '/' + path, body, fields, method=method)
    try:
        return opener.open(request).status
    except urllib.error.HTTPError as error:
        return error.code
form = b'--b\\r\\nContent-Disposition: form-data; name=\"f\"; filename=\"form.txt\"\\r\\n\\r\\nform\\r\\n--b--\\r\\n'
print(send('PUT', 'dir/urllib', bytes(2000000)), send('PUT', 'dir/urllib', b''),
      send('PUT', 'chunked', iter([b'ab', b'cd'])),
      send('POST', 'dir/', form, **{'Content-Type': 'multipart/form-data; boundary=b'}))
";
    let Some(said) = says("python3", &["-I", "-c", script, &server.url()]) else {
        return;
    };
    assert_eq!(said, "201 409 201 201\n");
    assert_eq!(
        fs::read(site.root().join("dir/urllib")).unwrap().len(),
        2_000_000
    );
    assert_eq!(fs::read(site.root().join("chunked")).unwrap(), b"abcd");
    assert_eq!(fs::read(site.root().join("dir/form.txt")).unwrap(), b"form");
}
