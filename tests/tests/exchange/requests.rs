//! What a handler reads off the head.

use doget::TargetForm;
use doget::{Form, Peer, Request, Response, Result, Sent, handler};
use doget_tests::test_server::TestServer;
use std::cell::Cell;

/// Shows the parts of a target.
struct Parts;

#[handler]
impl Parts {
    fn do_GET(&self, request: &Request<'_>) -> String {
        let pairs: Vec<_> = request.query().collect();
        format!(
            "{}|{}|{}|{pairs:?}|{:?}",
            request.path(),
            request.decoded_path(),
            request.query_string(),
            request.authority(),
        )
    }

    fn do_OPTIONS(&self, request: &Request<'_>) -> String {
        format!(
            "{} {}",
            request.path(),
            request.target_form() == TargetForm::Asterisk
        )
    }

    fn do_POST(&self, form: Form) -> String {
        let pairs: Vec<_> = form.iter().collect();
        format!("{pairs:?}")
    }
}

fn parts(target: &str) -> String {
    TestServer::new(Parts).get(target).text().to_owned()
}

#[test]
fn a_query_is_decoded_pair_by_pair() {
    assert_eq!(
        parts("/a?name=J%C3%BCrgen&q=a+b%2Bc&flag&&x=1=2&=v&bad=%zz%ff"),
        "/a|/a|name=J%C3%BCrgen&q=a+b%2Bc&flag&&x=1=2&=v&bad=%zz%ff|\
         [(\"name\", \"J\u{fc}rgen\"), (\"q\", \"a b+c\"), (\"flag\", \"\"), (\"x\", \"1=2\"), (\"\", \"v\"), \
         (\"bad\", \"%zz\u{fffd}\")]|Some(\"a\")"
    );
}

#[test]
fn a_path_is_decoded_once() {
    assert_eq!(
        parts("/%2525/a+b/%e2%82%ac?"),
        "/%2525/a+b/%e2%82%ac|/%25/a+b/\u{20ac}||[]|Some(\"a\")"
    );
}

#[test]
fn a_fragment_is_cut_off() {
    assert_eq!(parts("/a?b#c?d"), "/a|/a|b|[(\"b\", \"\")]|Some(\"a\")");
    assert_eq!(parts("/a#c?d"), "/a|/a||[]|Some(\"a\")");
}

#[test]
fn the_authority_of_an_absolute_target_wins() {
    assert_eq!(
        parts("http://Other:81/p?q=1"),
        "/p|/p|q=1|[(\"q\", \"1\")]|Some(\"other:81\")"
    );
    assert_eq!(parts("http://b"), "/|/||[]|Some(\"b\")");
}

#[test]
fn options_of_the_whole_server() {
    let answer = TestServer::new(Parts).one("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.text(), "* true");
}

#[test]
fn a_form_is_read_whole() {
    let wire = TestServer::new(Parts);
    let post = |kind: &str, body: &str| {
        wire.one(format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let kind = "application/x-www-form-urlencoded; charset=utf-8";
    let answer = post(kind, "a=1&a=2&b=%26+");
    assert_eq!(
        answer.text(),
        "[(\"a\", \"1\"), (\"a\", \"2\"), (\"b\", \"& \")]"
    );
    assert_eq!(post("text/plain", "a=1").status, 415);
}

/// Counts the requests of its connection.
struct Counter {
    port: u16,
    requests: Cell<u32>,
}

#[handler]
impl Counter {
    fn do_GET(&self, request: &Request<'_>) -> String {
        self.requests.set(self.requests.get() + 1);
        let same = request.client_address().port() == Some(self.port);
        format!("{} {same}", self.requests.get())
    }
}

#[test]
fn a_handler_object_for_each_connection() {
    let wire = TestServer::spawn(
        |server| server,
        |server| {
            server.spawn_with(|peer: &Peer| Counter {
                port: peer.port().unwrap_or(0),
                requests: Cell::new(0),
            })
        },
    );
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let answers = wire.ask(request.repeat(3), &["GET"; 3]);
    let texts: Vec<_> = answers.iter().map(|answer| answer.text()).collect();
    assert_eq!(texts, ["1 true", "2 true", "3 true"]);
    assert_eq!(wire.get("/").text(), "1 true");
}

/// Routes, one of them asked with a method that it has not.
struct Routed;

#[handler]
impl Routed {
    #[route("/users/{id}")]
    fn do_GET_user(&self, id: u64) -> String {
        format!("user {id}")
    }

    #[route("/users/{id}")]
    fn do_DELETE_user(&self, id: u64, response: Response<'_>) -> Result<Sent> {
        response.reply(format!("no user {id}"))
    }
}

#[test]
fn routes_by_path_and_method() {
    let wire = TestServer::new(Routed);
    assert_eq!(wire.get("/users/7?x").text(), "user 7");
    assert_eq!(wire.get("/users/%37").text(), "user 7");
    assert_eq!(wire.get("/users/x").status, 404);
    assert_eq!(wire.get("/nobody").status, 404);
    let answer = wire.one("PUT /users/7 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.status, 405);
    assert_eq!(answer.header("Allow"), Some("GET, HEAD, DELETE, OPTIONS"));
    assert!(!answer.closes());
    let answer = wire.one("DELETE /users/7 HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(answer.text(), "no user 7");
}
