//! Routes: which function a path reaches, what is decoded, 404, 405 with `Allow`.
#![allow(clippy::expect_used)]

use doget::{
    Declared, FileName, Handler, Html, Request, Response, Result, Sent, StatusCode, handler,
    testing,
};
use std::borrow::Cow;
use std::net::IpAddr;
use std::path::Path;

fn send(handler: &impl Handler, line: &str) -> (u16, String) {
    let input = format!("{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let answer = String::from_utf8(testing::exchange(handler, input.as_bytes())).expect("text");
    let status = answer
        .get(9..12)
        .and_then(|code| code.parse().ok())
        .expect("a status");
    let allow = answer.lines().find_map(|line| line.strip_prefix("Allow: "));
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (
        status,
        allow
            .unwrap_or(if status < 400 { body } else { "" })
            .to_owned(),
    )
}

fn text(handler: &impl Handler, line: &str) -> String {
    let (status, text) = send(handler, line);
    assert_eq!(status, 200, "{line}");
    text
}

struct Users;

#[handler(methods(GET, HEAD, PUT, POST, DELETE))]
impl Users {
    #[route("/")]
    fn do_GET_index(&self) -> &'static str {
        "index"
    }

    #[route("/users/{id}")]
    fn do_GET_user(&self, id: u64) -> String {
        format!("user {id}")
    }

    #[route("/users/me")]
    fn do_GET_me(&self) -> &'static str {
        "me"
    }

    #[route("/users/{id}")]
    fn do_PUT_user(&self, body: String, id: u64) -> (StatusCode, String) {
        (StatusCode::OK, format!("{id} is {body:?}"))
    }

    #[route("/users/{id}/posts/{post}")]
    fn do_GET_post(&self, post: &str, id: u8) -> String {
        format!("{id}: {post}")
    }

    #[route("/users/me/posts")]
    fn do_POST_mine(&self) -> StatusCode {
        StatusCode::CREATED
    }

    #[route("/users/{r#type}/{*rest}")]
    fn do_DELETE_all(&self, r#type: Cow<'_, str>, rest: String) -> String {
        format!("{type} | {rest}", r#type = r#type)
    }

    #[route("/files/")]
    fn do_GET_files(&self) -> &'static str {
        "files"
    }

    #[route("/caf%C3%A9/{address}")]
    fn do_GET_cafe(
        &self,
        address: IpAddr,
        request: &mut Request<'_>,
        response: Response<'_>,
    ) -> Result<Sent> {
        response.reply(format!("{address} {}", request.method()))
    }
}

#[test]
fn paths_reach_their_function() {
    for (line, expected) in [
        ("GET /", "index"),
        ("GET /?a=b", "index"),
        ("GET /users/7", "user 7"),
        ("GET /users/me", "me"),
        ("GET /users/%6de", "me"),
        ("GET /%75sers/7", "user 7"),
        ("GET /users/7?x", "user 7"),
        ("PUT /users/7", "7 is \"\""),
        ("GET /users/7/posts/a%2Fb", "7: a/b"),
        ("GET /users/7/posts/a+b%20c", "7: a+b c"),
        ("DELETE /users/a%20b/c/d%2Fe/", "a b | c/d/e/"),
        ("GET /files/", "files"),
        ("GET /caf%c3%a9/::1", "::1 GET"),
        ("GET http://a/users/7", "user 7"),
    ] {
        assert_eq!(text(&Users, line), expected, "{line}");
    }
}

#[test]
fn what_is_not_there_is_404() {
    for line in [
        "GET /users",
        "GET /users/",
        "GET /users/x",
        "GET /users/-1",
        "GET /users/7/",
        "GET /users/256/posts/a",
        "GET /users/7/posts/%ff",
        "GET /files",
        "GET /files//",
        "GET /nothing",
        "HEAD /nothing",
        "PUT /nothing",
        "OPTIONS /nothing",
    ] {
        assert_eq!(send(&Users, line).0, 404, "{line}");
    }
}

#[test]
fn another_method_is_405_with_allow() {
    for (line, allow) in [
        ("POST /", "GET, HEAD, OPTIONS"),
        ("PATCH /", "GET, HEAD, OPTIONS"),
        ("DELETE /users/7", "GET, HEAD, PUT, OPTIONS"),
        ("GET /users/7/posts", "DELETE, OPTIONS"),
        // The parameter is a number, but the pattern matches.
        ("PUT /files/", "GET, HEAD, OPTIONS"),
        ("GET /users/me/posts", "POST, DELETE, OPTIONS"),
    ] {
        assert_eq!(send(&Users, line), (405, allow.into()), "{line}");
    }
    assert_eq!(send(&Users, "SPAM /").0, 501);
    assert_eq!(send(&Users, "PATCH /nothing").0, 501);
}

#[test]
fn options_of_a_path_and_of_all() {
    assert_eq!(text(&Users, "OPTIONS /users/7"), "GET, HEAD, PUT, OPTIONS");
    assert_eq!(
        text(&Users, "OPTIONS *"),
        "GET, HEAD, PUT, POST, DELETE, OPTIONS"
    );
}

#[test]
fn routes_know_their_entry() {
    for (command, path, function) in [
        ("GET", "/users/me", "do_GET_me"),
        ("GET", "/users/7", "do_GET_user"),
        ("HEAD", "/users/7", "do_GET_user"),
        ("PUT", "/users/7", "do_PUT_user"),
        ("DELETE", "/users/7/x/y", "do_DELETE_all"),
    ] {
        let route = Handler::route(&Users, command, path);
        assert_eq!(
            Users::METHODS[usize::try_from(route.index).expect("small")].function,
            function
        );
        assert_eq!(route.collect > 0, command == "PUT", "{path}");
    }
    assert_eq!(
        Handler::route(&Users, "GET", "/users"),
        doget::Route::UNKNOWN
    );
}

/// Overlapping patterns on several methods: each is reached, and `Allow` names them all.
struct Overlap;

#[handler(exact)]
impl Overlap {
    #[route("/files/x")]
    fn do_GET_x(&self) -> &'static str {
        "literal"
    }

    #[route("/files/{n}")]
    fn do_PUT_n(&self, n: &str) -> String {
        format!("parameter {n}")
    }

    #[route("/{a}/{b}")]
    fn do_POST_ab(&self, a: String, b: String) -> String {
        format!("{a} and {b}")
    }

    #[route("/{*rest}")]
    fn do_PATCH_rest(&self, rest: &str) -> String {
        format!("rest {rest}")
    }

    #[route("/u/me/{x}")]
    fn do_GET_mine(&self, x: &str) -> String {
        format!("mine {x}")
    }

    #[route("/u/{id}/p/{name}")]
    fn do_GET_named(&self, id: &str, name: &str) -> String {
        format!("{id} {name}")
    }

    #[route("/{*rest}")]
    fn do_GET_rest(&self, rest: Cow<'_, str>) -> String {
        format!("rest {rest}")
    }
}

#[test]
fn matching_falls_back() {
    for (line, expected) in [
        ("GET /files/x", "literal"),
        ("PUT /files/x", "parameter x"),
        ("POST /files/x", "files and x"),
        ("PATCH /files/x", "rest files/x"),
        ("GET /files/y", "rest files/y"),
        ("GET /u/me/q", "mine q"),
        ("GET /u/me/p/n", "me n"),
        ("GET /u/me/q/n", "rest u/me/q/n"),
    ] {
        assert_eq!(text(&Overlap, line), expected, "{line}");
    }
    assert_eq!(
        send(&Overlap, "DELETE /files/x"),
        (405, "GET, PUT, POST, PATCH".into())
    );
    assert_eq!(
        send(&Overlap, "DELETE /files/y"),
        (405, "GET, PUT, POST, PATCH".into())
    );
    assert_eq!(send(&Overlap, "HEAD /files/x").0, 405);
    assert_eq!(send(&Overlap, "GET /").0, 404);
}

/// A route beside a method without one, and a written HEAD.
struct Beside;

#[handler]
impl Beside {
    #[route("/x")]
    fn do_GET_x(&self) -> Html<&'static str> {
        Html("<x>")
    }

    fn do_GET(&self, request: &Request<'_>) -> String {
        format!("any {}", request.path())
    }

    #[route("/x")]
    fn do_HEAD_x(&self) -> StatusCode {
        StatusCode::NO_CONTENT
    }

    #[route("/y")]
    fn do_POST_y(&self) -> &'static str {
        "y"
    }
}

#[test]
fn a_method_without_a_route_takes_the_rest() {
    assert_eq!(text(&Beside, "GET /x"), "<x>");
    assert_eq!(text(&Beside, "GET /y"), "any /y");
    assert_eq!(send(&Beside, "HEAD /x").0, 204);
    assert_eq!(send(&Beside, "HEAD /y").0, 200);
    assert_eq!(text(&Beside, "POST /y"), "y");
    assert_eq!(send(&Beside, "POST /x"), (405, "GET, HEAD, OPTIONS".into()));
    assert_eq!(send(&Beside, "DELETE /q").0, 501);
}

/// Own routes shadow the base's.
struct Derived(Users);

#[handler(base(self.0: Users))]
impl Derived {
    #[route("/users/{name}")]
    fn do_GET_user(&self, name: &str) -> String {
        format!("own {name}")
    }

    #[route("/users/{name}")]
    fn do_PATCH_user(&self, name: &str) -> String {
        format!("patched {name}")
    }
}

#[test]
fn a_base_with_routes() {
    let handler = Derived(Users);
    assert_eq!(text(&handler, "GET /users/7"), "own 7");
    assert_eq!(text(&handler, "GET /users/me"), "own me");
    assert_eq!(text(&handler, "GET /"), "index");
    assert_eq!(text(&handler, "PUT /users/7"), "7 is \"\"");
    assert_eq!(text(&handler, "PATCH /users/7"), "patched 7");
    assert_eq!(
        send(&handler, "DELETE /users/7"),
        (405, "GET, HEAD, PATCH, PUT, OPTIONS".into())
    );
    assert_eq!(
        text(&handler, "OPTIONS /users/7"),
        "GET, HEAD, PATCH, PUT, OPTIONS"
    );
    assert_eq!(send(&handler, "GET /nothing").0, 404);
    let route = Handler::route(&handler, "PUT", "/users/7");
    assert_eq!(
        Derived::METHODS[usize::try_from(route.index).expect("small")].function,
        "do_PUT_user"
    );
}

struct Shelf;

#[handler]
impl Shelf {
    #[route("/names/{name}")]
    fn do_GET_name(&self, name: &str) -> String {
        name.to_owned()
    }

    #[route("/trees/{*path}")]
    fn do_GET_tree(&self, path: &str) -> String {
        path.to_owned()
    }

    #[route("/files/{name}")]
    fn do_GET_file(&self, name: FileName) -> String {
        assert_eq!(
            Path::new("/shelf").join(&name).parent(),
            Some(Path::new("/shelf"))
        );
        name.into()
    }
}

/// What a path joins to a directory does not climb out of it: dot segments name nothing, however they are spelt.
#[test]
fn a_parameter_has_no_dot_segments() {
    for part in [
        "..",
        ".",
        "%2e%2E",
        "%2e",
        "..%2Fsecret",
        "a%2F..%2Fb",
        "a%2F.",
        "..%5Csecret",
        "a%5c..",
    ] {
        assert_eq!(send(&Shelf, &format!("GET /names/{part}")).0, 404, "{part}");
        assert_eq!(send(&Shelf, &format!("GET /files/{part}")).0, 404, "{part}");
        for around in [format!("{part}/b"), format!("a/{part}"), part.to_owned()] {
            let line = format!("GET /trees/{around}");
            assert_eq!(send(&Shelf, &line).0, 404, "{around}");
        }
    }
    // Dots that are no segment of their own, and separators, stay: `@scope%2Fname` is how packages are named.
    for (part, decoded) in [
        ("...", "..."),
        (".hidden", ".hidden"),
        ("a..b", "a..b"),
        ("v1.", "v1."),
        ("@scope%2Fname", "@scope/name"),
    ] {
        assert_eq!(text(&Shelf, &format!("GET /names/{part}")), decoded);
        assert_eq!(
            text(&Shelf, &format!("GET /trees/{part}/x")),
            format!("{decoded}/x")
        );
    }
}

/// One name within a directory, and nothing that could be a path.
#[test]
fn a_file_name_is_one_name() {
    for (part, decoded) in [
        ("notes.txt", "notes.txt"),
        ("a%20b%C3%A4", "a b\u{e4}"),
        (".hidden", ".hidden"),
        ("..a", "..a"),
    ] {
        assert_eq!(text(&Shelf, &format!("GET /files/{part}")), decoded);
    }
    for part in [
        "a%2Fb",
        "%2Fetc%2Fpasswd",
        "a%5Cb",
        "%5C%5Chost%5Cshare",
        "a%00b",
        "a%0Ab",
        "C%3A",
        "a%3Astream",
        "CON",
        "nul.txt",
        "a.",
        "a%20",
    ] {
        let status = send(&Shelf, &format!("GET /files/{part}")).0;
        let portable = ["C%3A", "a%3Astream", "CON", "nul.txt", "a.", "a%20"].contains(&part);
        let expected = if portable && cfg!(not(windows)) {
            200
        } else {
            404
        };
        assert_eq!(status, expected, "{part}");
    }
}
