//! Who may ask: credentials, guards, and that a gate refuses strangers before their bodies are read.

use doget::testing::{self, TestRequest};
use doget::{
    Authorized, Basic, Bearer, Error, Handler, Networks, Peer, Request, RequestId, Response,
    Result, Scheme, Sent, Trust, Verify, handler, same_secret,
};
use doget_tests::test_server::TestServer;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

struct User(&'static str);
struct Admin;

struct Shop {
    verified: Arc<AtomicU32>,
}

fn shop() -> Shop {
    Shop {
        verified: Arc::default(),
    }
}

impl Verify<User> for Shop {
    const SCHEME: Scheme = Scheme::Bearer("shop");

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        self.verified.fetch_add(1, Ordering::SeqCst);
        let Some(bearer) = Bearer::of(request) else {
            return Ok(None);
        };
        let known = [("token-of-ada", "ada"), ("token-of-bob", "bob")];
        let mut found = None;
        for (token, name) in known {
            if same_secret(bearer.token(), token) {
                found = Some(User(name));
            }
        }
        Ok(found)
    }
}

/// Bob is known, and is no admin.
impl Verify<Admin> for Shop {
    const SCHEME: Scheme = Scheme::Bearer("shop");

    fn verify(&self, request: &Request<'_>) -> Result<Option<Admin>> {
        match Verify::<User>::verify(self, request)? {
            Some(User("ada")) => Ok(Some(Admin)),
            Some(_) => Err(Error::forbidden()),
            None => Ok(None),
        }
    }
}

type Me = Authorized<User>;

#[handler(guard(User))]
impl Shop {
    #[open]
    #[route("/")]
    fn do_GET(&self) -> &'static str {
        "open"
    }

    #[route("/me")]
    fn do_GET_me(&self, user: Me) -> String {
        user.0.to_owned()
    }

    #[route("/closed")]
    fn do_GET_closed(&self) -> &'static str {
        "closed"
    }

    #[route("/admin/{id}")]
    fn do_PUT_admin(&self, id: u32, _admin: Authorized<Admin>, body: Vec<u8>) -> String {
        format!("{id}: {}", body.len())
    }

    #[open]
    #[route("/maybe")]
    fn do_GET_maybe(&self, user: Option<Authorized<User>>) -> &'static str {
        user.map_or("nobody", |user| user.into_inner().0)
    }
}

fn with(request: TestRequest, authorization: Option<&str>) -> TestRequest {
    match authorization {
        Some(value) => request.header("Authorization", value),
        None => request,
    }
}

/// What is known is answered, what is not is 401 with a challenge, and who may not is 403.
#[test]
fn a_guard_closes_what_is_not_open() {
    let (ada, bob) = (Some("Bearer token-of-ada"), Some("bearer  token-of-bob"));
    for (method, path, authorization, status) in [
        ("GET", "/", None, 200),
        ("GET", "/me", None, 401),
        ("HEAD", "/me", None, 401),
        ("GET", "/me", ada, 200),
        ("HEAD", "/me", ada, 200),
        ("GET", "/me", bob, 200),
        ("GET", "/me", Some("Bearer token-of-eve"), 401),
        ("GET", "/me", Some("Bearer token-of-ad"), 401),
        ("GET", "/me", Some("Bearer token-of-ada="), 401),
        ("GET", "/me", Some("Bearer"), 401),
        ("GET", "/me", Some("Basic token-of-ada"), 401),
        ("GET", "/me", Some("Bearer token of ada"), 401),
        ("GET", "/closed", None, 401),
        ("GET", "/closed", ada, 200),
        ("PUT", "/admin/1", None, 401),
        ("PUT", "/admin/1", bob, 403),
        ("PUT", "/admin/1", ada, 200),
        ("GET", "/maybe", None, 200),
        ("GET", "/maybe", Some("Bearer token-of-eve"), 401),
        // Nobody is told by a 401 what there is not (axum#474).
        ("GET", "/nowhere", None, 404),
        ("DELETE", "/me", None, 405),
        ("OPTIONS", "/me", None, 200),
    ] {
        let request = with(TestRequest::new(method, path), authorization);
        let request = if method == "PUT" {
            request.body("body")
        } else {
            request
        };
        let answer = request.send(&shop());
        assert_eq!(answer.status(), status, "{method} {path} {authorization:?}");
        let challenge = match (status, authorization.is_some()) {
            (401, false) => Some("Bearer realm=\"shop\""),
            (401, true) => Some("Bearer realm=\"shop\", error=\"invalid_token\""),
            _ => None,
        };
        assert_eq!(
            answer.header("WWW-Authenticate"),
            challenge,
            "{method} {path}"
        );
        if status == 401 {
            assert_eq!(answer.header("Cache-Control"), Some("no-store"));
        }
    }
    assert_eq!(testing::get("/maybe").send(&shop()).text(), "nobody");
}

/// `hide`: a stranger is not told what there is, nor by which methods; whoever is known is, and so is everybody what is
/// open.
#[test]
fn a_guard_that_hides_stands_before_what_there_is_not() {
    struct Hidden<const BLOCKS: bool>;
    impl<const BLOCKS: bool> Verify<User> for Hidden<BLOCKS> {
        const SCHEME: Scheme = Scheme::Bearer("hidden");
        const BLOCKS: bool = BLOCKS;
        fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
            Ok(request.headers().contains("X-Me").then_some(User("me")))
        }
    }
    #[handler(guard(User), hide)]
    impl<const BLOCKS: bool> Hidden<BLOCKS> {
        #[open]
        #[route("/")]
        fn do_GET(&self) -> &'static str {
            "open"
        }

        #[route("/items/{id}")]
        fn do_GET_item(&self, id: u32) -> String {
            id.to_string()
        }
    }
    for (method, path) in [
        ("GET", "/items/1"),
        ("GET", "/nowhere"),
        ("OPTIONS", "/"),
        ("BREW", "/"),
    ] {
        assert!(
            Hidden::<true>.route(method, path).blocking,
            "{method} {path} runs on no loop"
        );
    }
    assert!(!Hidden::<true>.route("GET", "/").blocking);
    let hidden: [Box<dyn Handler + Send + Sync>; 2] =
        [Box::new(Hidden::<false>), Box::new(Hidden::<true>)];
    for handler in hidden {
        let server = TestServer::new(handler);
        for (method, path, stranger, known) in [
            ("GET", "/", 200, 200),
            ("GET", "/items/1", 401, 200),
            ("GET", "/items/none", 401, 404),
            ("GET", "/nowhere", 401, 404),
            ("DELETE", "/", 401, 405),
            ("DELETE", "/nowhere", 401, 501),
            ("OPTIONS", "/", 401, 200),
            ("OPTIONS", "/nowhere", 401, 404),
            ("OPTIONS", "*", 401, 200),
            ("BREW", "/", 401, 501),
        ] {
            for (field, status) in [("X-Other", stranger), ("X-Me", known)] {
                let mut conn = server.connect();
                conn.send(format!(
                    "{method} {path} HTTP/1.1\r\nHost: a\r\n{field}: 1\r\n\r\n"
                ));
                assert_eq!(
                    conn.answer(method).status,
                    status,
                    "{method} {path} {field}"
                );
            }
        }
    }
}

/// A password that crosses a network in clear is known to whoever listens there: it is not even asked for.
#[test]
fn passwords_are_taken_over_https_alone() {
    struct Wiki {
        in_clear: bool,
    }
    impl Verify<User> for Wiki {
        const SCHEME: Scheme = Scheme::Basic("wiki");
        fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
            Ok(Basic::of(request)
                .is_some_and(|basic| basic.password() == "engine")
                .then_some(User("ada")))
        }
        fn allows_plain_http(&self) -> bool {
            self.in_clear
        }
    }
    #[handler(guard(User))]
    impl Wiki {
        #[open]
        #[route("/maybe")]
        fn do_GET_maybe(&self, user: Option<Authorized<User>>) -> &'static str {
            user.map_or("nobody", |user| user.into_inner().0)
        }

        #[route("/")]
        fn do_GET(&self, user: Authorized<User>) -> &'static str {
            user.0
        }
    }
    let trust = || Trust::x_forwarded(Networks::new(["10.0.0.1", "127.0.0.1"]).unwrap());
    let far = SocketAddr::from(([203, 0, 113, 9], 5000));
    let known = "Authorization: Basic YWRhOmVuZ2luZQ==\r\n";
    for (peer, scheme, known_status, stranger) in [
        (Peer::from(far), "", 403, 403),
        // Nobody is believed without being trusted.
        (Peer::from(far), "X-Forwarded-Proto: https\r\n", 403, 403),
        (
            Peer::from(SocketAddr::from(([10, 0, 0, 1], 5000))),
            "X-Forwarded-Proto: https\r\n",
            200,
            401,
        ),
        (
            Peer::from(SocketAddr::from(([127, 0, 0, 1], 5000))),
            "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: http\r\n",
            403,
            403,
        ),
        (
            Peer::from(SocketAddr::from(([127, 0, 0, 1], 5000))),
            "",
            200,
            401,
        ),
        (Peer::UNIX, "", 200, 401),
        (Peer::UNKNOWN, "", 403, 403),
    ] {
        let status = |wiki: &Wiki, path: &str, fields: &str| {
            let bytes = format!("GET {path} HTTP/1.1\r\nHost: a\r\n{scheme}{fields}\r\n");
            let exchange = testing::Exchange::new().peer(peer).trust(trust());
            let answer = String::from_utf8(exchange.run(wiki, bytes.as_bytes()).bytes).unwrap();
            assert_eq!(
                answer.contains("WWW-Authenticate: Basic realm=\"wiki\""),
                answer.contains(" 401 ")
            );
            answer[9..12].parse::<u16>().unwrap()
        };
        let wiki = Wiki { in_clear: false };
        let context = format!("{peer} {scheme:?}");
        assert_eq!(status(&wiki, "/", known), known_status, "{context}");
        assert_eq!(status(&wiki, "/", ""), stranger, "{context}");
        assert_eq!(status(&wiki, "/maybe", known), known_status, "{context}");
        assert_eq!(status(&wiki, "/maybe", ""), 200, "{context}");
        let open = Wiki { in_clear: true };
        assert_eq!(status(&open, "/", known), 200, "{context}");
        assert_eq!(status(&open, "/", ""), 401, "{context}");
    }
}

/// Which of two fields a proxy looked at nobody knows.
#[test]
fn two_authorizations_are_none() {
    let request = testing::get("/me")
        .header("Authorization", "Bearer token-of-ada")
        .header("Authorization", "Bearer token-of-bob");
    assert_eq!(request.send(&shop()).status(), 401);
}

/// The body of a stranger is not read, and he is not asked for it.
#[test]
fn strangers_are_refused_before_100_continue() {
    let server = TestServer::new(shop());
    let mut conn = server.connect();
    conn.send(
        "PUT /admin/1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n",
    );
    let answer = conn.answer("PUT");
    assert_eq!((answer.status, answer.closes()), (401, true));
    let mut conn = server.connect();
    conn.send("PUT /admin/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n");
    assert_eq!(conn.answer("PUT").status, 401);
}

/// Whoever passes requests on by hand does not open what is closed.
#[test]
fn a_guard_holds_where_a_wrapper_knows_nothing_of_it() {
    struct Outer(Shop);
    impl Handler for Outer {
        fn dispatch(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
            self.0.dispatch(request, response)
        }
    }
    struct Above {
        shop: Shop,
    }
    #[handler(base(self.shop: Shop))]
    impl Above {
        #[route("/above")]
        fn do_GET_above(&self) -> &'static str {
            "above"
        }
    }
    for handler in [
        Box::new(Outer(shop())) as Box<dyn Handler>,
        Box::new(Above { shop: shop() }),
        Box::new(doget::with(RequestId::new(), Outer(shop()))),
    ] {
        assert_eq!(testing::get("/closed").send(&handler).status(), 401);
        assert_eq!(testing::get("/").send(&handler).status(), 200);
        let known = with(testing::get("/closed"), Some("Bearer token-of-ada"));
        assert_eq!(known.send(&handler).text(), "closed");
    }
}

/// A guard stands before everything that its base has.
#[test]
fn a_guard_closes_its_base() {
    struct Inner;
    #[handler]
    impl Inner {
        fn do_GET(&self) -> &'static str {
            "inner"
        }
    }
    struct Outer {
        inner: Inner,
    }
    impl Verify<User> for Outer {
        const SCHEME: Scheme = Scheme::Other("Negotiate");
        fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
            Ok(request.headers().contains("X-Me").then_some(User("me")))
        }
    }
    #[handler(base(self.inner: Inner), guard(User))]
    impl Outer {
        #[open]
        #[route("/open")]
        fn do_GET_open(&self) -> &'static str {
            "open"
        }
    }
    let outer = Outer { inner: Inner };
    let answer = testing::get("/any").send(&outer);
    assert_eq!(
        (answer.status().as_u16(), answer.header("WWW-Authenticate")),
        (401, Some("Negotiate"))
    );
    assert_eq!(
        testing::get("/any").header("X-Me", "1").send(&outer).text(),
        "inner"
    );
    assert_eq!(testing::get("/open").send(&outer).text(), "open");
}

#[test]
fn basic_is_read_strictly() {
    struct Echo;
    #[handler]
    impl Echo {
        fn do_GET(&self, request: &Request<'_>) -> String {
            Basic::of(request).map_or("none".to_owned(), |basic| {
                format!("{}/{}", basic.name(), basic.password())
            })
        }
    }
    for (value, expected) in [
        ("Basic YWRhOmVuZ2luZQ==", "ada/engine"),
        ("bAsIc YWRhOmVuZ2luZQ==", "ada/engine"),
        ("Basic YWRhOmE6Yg==", "ada/a:b"),
        ("Basic Og==", "/"),
        ("Basic YcOkOsO2", "aä/ö"),
        ("Basic YWRhOmVuZ2luZQ", "none"),
        ("Basic YWRhOmVuZ2luZR==", "none"),
        ("Basic YWRh", "none"),
        ("Basic YeQ6", "none"),
        ("Basic YQphOmI=", "none"),
        ("Basic", "none"),
        ("YWRhOmVuZ2luZQ==", "none"),
    ] {
        let answer = testing::get("/").header("Authorization", value).send(&Echo);
        assert_eq!(answer.text(), expected, "{value}");
    }
}

/// The guard and the parameters say in the document what a client has to bring, and an open method asks for nothing.
#[test]
fn a_document_says_who_may_ask() {
    let document = doget::openapi::OpenApi::of::<Shop>("Shop", "1").to_json();
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let operation = |path: &str, method: &str| document["paths"][path][method].clone();
    for (path, method, is_secured) in [
        ("/", "get", false),
        ("/me", "get", true),
        ("/closed", "get", true),
        ("/admin/{id}", "put", true),
    ] {
        let operation = operation(path, method);
        let security = operation["security"].to_string();
        assert_eq!(
            security.contains("bearer"),
            is_secured,
            "{path}: {operation}"
        );
        assert_eq!(
            operation["responses"]["401"].is_object(),
            is_secured,
            "{path}"
        );
    }
}

struct Below;

#[handler]
impl Below {
    #[route("/below")]
    fn do_GET_below(&self) -> &'static str {
        "below"
    }
}

/// Its check takes long, as that of a password does.
struct Slow {
    below: Below,
}

impl Verify<User> for Slow {
    const SCHEME: Scheme = Scheme::Bearer("slow");
    const BLOCKS: bool = true;

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        let bearer = Bearer::of(request);
        Ok(bearer
            .is_some_and(|bearer| same_secret(bearer.token(), "token-of-ada"))
            .then_some(User("ada")))
    }
}

#[handler(guard(User), base(self.below: Below))]
impl Slow {
    #[open]
    #[route("/open")]
    fn do_GET_open(&self) -> &'static str {
        "open"
    }

    #[route("/own")]
    fn do_GET_own(&self) -> &'static str {
        "own"
    }
}

/// It stands before the base too, and no loop runs it there either.
#[test]
fn a_guard_that_takes_long_keeps_its_base_and_stays_off_the_loops() {
    let slow = Slow { below: Below };
    for (path, is_open) in [("/open", true), ("/own", false), ("/below", false)] {
        assert_eq!(slow.route("GET", path).blocking, !is_open, "{path}");
        let stranger = testing::get(path).send(&slow);
        assert_eq!(stranger.status().as_u16(), if is_open { 200 } else { 401 });
        let ada = testing::get(path).header("Authorization", "Bearer token-of-ada");
        assert_eq!(ada.send(&slow).text(), &path[1..]);
    }
    // What the base refuses is behind the guard as well.
    assert!(slow.route("GET", "/nowhere").blocking);
    assert_eq!(testing::get("/nowhere").send(&slow).status().as_u16(), 401);
}
