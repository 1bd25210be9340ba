//! Bodies that are larger than a layer lets them be.

use doget::{MaxBody, Request, Result, handler};
use doget_tests::test_server::TestServer;

struct Site {
    small: MaxBody,
}

#[handler]
impl Site {
    #[layer(self.small)]
    #[route("/collected")]
    fn do_POST_collected(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    #[layer(self.small)]
    #[route("/read")]
    fn do_POST_read(&self, request: &mut Request<'_>) -> Result<Vec<u8>> {
        request.read_body(1 << 20)
    }

    #[route("/free")]
    fn do_POST_free(&self, request: &mut Request<'_>) -> Result<String> {
        Ok(request.read_body(1 << 20)?.len().to_string())
    }
}

fn server() -> TestServer {
    TestServer::new(Site {
        small: MaxBody::bytes(8),
    })
}

#[test]
fn a_larger_body_is_413_however_it_is_framed() {
    let server = server();
    for path in ["/collected", "/read"] {
        for (body, expected) in [
            ("Content-Length: 8\r\n\r\n12345678", Some("12345678")),
            ("Content-Length: 9\r\n\r\n123456789", None),
            (
                "Transfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n0\r\n\r\n",
                Some("12345678"),
            ),
            (
                "Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n",
                None,
            ),
            (
                "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n4\r\n6789\r\n0\r\n\r\n",
                None,
            ),
        ] {
            let mut conn = server.connect();
            conn.send(format!("POST {path} HTTP/1.1\r\nHost: a\r\n{body}"));
            let answer = conn.answer("POST");
            match expected {
                Some(text) => assert_eq!(answer.text(), text, "{path} {body}"),
                None => assert_eq!(answer.status, 413, "{path} {body}"),
            }
        }
    }
    let free = "POST /free HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789";
    assert_eq!(server.one(free).text(), "9");
}

/// A chunked body does not say how long it is: it is stopped when it has brought too much.
#[test]
fn a_body_without_a_length_is_stopped_on_its_way() {
    let server = server();
    let mut conn = server.connect();
    conn.send("POST /read HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_eq!(conn.until(b"\r\n\r\n"), b"HTTP/1.1 100 Continue\r\n\r\n");
    conn.send("5\r\n12345\r\n5\r\n67890\r\n");
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.closes()), (413, true));
    let mut conn = server.connect();
    conn.send(
        "POST /read HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    );
    let answer = conn.answer("POST");
    assert_eq!((answer.status, answer.closes()), (413, true));
}
