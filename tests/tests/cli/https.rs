//! HTTPS.

use super::{Place, fails, no_such_file};
#[cfg(unix)]
use doget_tests::eventually;
use doget_tests::{Client, tls};
#[cfg(unix)]
use rustix::process::Signal;
use std::fs;
#[cfg(unix)]
use std::io::BufRead;
use std::sync::Arc;

#[test]
fn cli_07_https_with_a_certificate_a_key_and_a_password() {
    let place = Place::new();
    let write = |name: &str, text: &str| {
        let path = place.beside(name);
        fs::write(&path, text).unwrap();
        path
    };
    let certificate = write("cert.pem", tls::CERTIFICATE);
    let key = write("key.pem", tls::KEY);
    let encrypted = write("encrypted.pem", tls::KEY_ENCRYPTED);
    let both = write("both.pem", &format!("{}{}", tls::KEY, tls::CERTIFICATE));
    let password = write("password", "\n  secret \r\n");
    for options in [
        &["--tls-cert", &certificate, "--tls-key", &key][..],
        &["--tls-cert", &both],
        &[
            "--tls-cert",
            &certificate,
            "--tls-key",
            &encrypted,
            "--tls-password-file",
            &password,
        ],
    ] {
        let mut doget = place.serve(options);
        let port = doget.address().port();
        let line =
            format!("Serving HTTPS on 127.0.0.1 port {port} (https://127.0.0.1:{port}/) ...");
        assert_eq!(doget.line, line);
        doget.next_line();
        assert_eq!(
            doget.next_line(),
            format!("Open: https://127.0.0.1:{port}/")
        );
        let config = Arc::new(tls::client(rustls::ALL_VERSIONS));
        let mut client = Client::connect(doget.address()).secure(&config);
        assert_eq!(client.get("/a.txt").text(), "hello\n");
        assert_eq!(doget.get("/a.txt").status, 400);
        drop(client);
        let log = doget.log();
        assert!(log.contains("] \"GET /a.txt HTTP/1.1\" 200 6\n"), "{log}");
    }
}

#[test]
fn cli_07_a_key_among_the_files_is_warned_of() {
    let place = Place::new();
    place.file("cert.pem", tls::CERTIFICATE);
    place.file("dir/key.pem", tls::KEY);
    let options = ["--tls-cert", "cert.pem", "--tls-key", "dir/key.pem"];
    let says = "doget: the private key dir/key.pem is in the directory that is served\n";
    assert!(place.serve(&options).log().starts_with(says));
    fs::create_dir(place.root().join("other")).unwrap();
    let log = place
        .serve(&[&options[..], &["-d", "other"]].concat())
        .log();
    assert_eq!(log, "");
}

#[test]
fn cli_07_files_that_cannot_be_used_are_one_line() {
    let place = Place::new();
    let write = |name: &str, text: &str| {
        let path = place.beside(name);
        fs::write(&path, text).unwrap();
        path
    };
    let certificate = write("cert.pem", tls::CERTIFICATE);
    let encrypted = write("encrypted.pem", tls::KEY_ENCRYPTED);
    let foreign = write("foreign.pem", tls::RSA_KEY);
    let wrong = write("wrong", "Secret");
    let missing = place.beside("missing");
    for option in ["--tls-key", "--tls-password-file"] {
        let says = format!("{option} requires --tls-cert to be set");
        fails(&place.run(&["0", option, &certificate]), 2, &says);
    }
    let says = no_such_file(&missing);
    let gone = format!("cannot read {missing}: {says}");
    let secret = format!("cannot read the TLS password file {missing}: {says}");
    for (options, says) in [
        (&["--tls-cert", &missing][..], gone.as_str()),
        (&["--tls-cert", &certificate, "--tls-key", &missing], &gone),
        (
            &["--tls-cert", &certificate, "--tls-password-file", &missing],
            &secret,
        ),
        (
            &["--tls-cert", &certificate],
            "there is no private key in the file",
        ),
        (
            &["--tls-cert", "a.txt"],
            "there is no certificate in the file",
        ),
        (
            &["--tls-cert", &certificate, "--tls-key", &foreign],
            "does not belong to the certificate",
        ),
        (
            &["--tls-cert", &certificate, "--tls-key", &encrypted],
            "(--tls-password-file)",
        ),
        (
            &[
                "--tls-cert",
                &certificate,
                "--tls-key",
                &encrypted,
                "--tls-password-file",
                &wrong,
            ],
            "the password is not that of the private key",
        ),
    ] {
        fails(&place.run(&[&["0"], options].concat()), 1, says);
    }
}

#[cfg(unix)]
#[test]
fn sighup_reads_the_certificate_anew_and_drops_no_connection() {
    let place = Place::new();
    let (certificate, key) = (place.beside("cert.pem"), place.beside("key.pem"));
    let write = |chain: &str, own: &str| {
        fs::write(&certificate, chain).unwrap();
        fs::write(&key, own).unwrap();
    };
    write(tls::CERTIFICATE, tls::KEY);
    let mut doget = place.serve(&["--tls-cert", &certificate, "--tls-key", &key]);
    let config = Arc::new(tls::client(rustls::ALL_VERSIONS));
    let shown = |address| {
        let mut client = Client::connect(address).secure(&config);
        assert_eq!(client.get("/a.txt").status, 200);
        client.tls().peer_certificates().unwrap()[0].to_vec()
    };
    let address = doget.address();
    let before = shown(address);
    let mut kept = Client::connect(address).secure(&config);
    assert_eq!(kept.get("/a.txt").status, 200);
    write(tls::RSA_CERTIFICATE, tls::RSA_KEY);
    doget.signal(Signal::HUP);
    eventually("another certificate", || shown(address) != before);
    assert_eq!(kept.get("/a.txt").status, 200);
    // What cannot be read leaves the one that is there.
    let after = shown(address);
    write("nonsense", tls::KEY);
    doget.signal(Signal::HUP);
    let mut said = String::new();
    let mut stderr = std::io::BufReader::new(doget.child.stderr.take().unwrap());
    while !said.contains("the certificate stays the old one") {
        said.clear();
        assert_ne!(stderr.read_line(&mut said).unwrap(), 0);
    }
    assert_eq!(shown(address), after);
    assert_eq!(kept.get("/a.txt").status, 200);
}
