//! What is below a prefix, what a handler there sees, and what it answers by itself.

use doget::{
    Declared, Error, FileHandler, Handler, Mount, Redirect, Reply, Request, Response, Result, Sent,
    handler, testing,
};
use doget_tests::test_server::TestServer;
use std::sync::{Arc, Mutex};

/// A part of a site, with methods that the rest has not.
#[derive(Default)]
pub(crate) struct Api {
    v2: Inner,
}

#[handler(mount("/v2" = self.v2: Inner))]
impl Api {
    #[route("/")]
    fn do_GET_home(&self, request: &Request<'_>) -> String {
        seen(request)
    }

    #[route("/users/{id}")]
    fn do_GET_user(&self, id: u32, request: &Request<'_>) -> String {
        format!("user {id}, {}", seen(request))
    }

    #[route("/users/{id}")]
    #[blocking]
    fn do_PUT_user(&self, id: u32, body: String) -> String {
        format!("{id} is {body}")
    }

    #[route("/moved")]
    fn do_GET_moved(&self, request: &Request<'_>) -> Redirect {
        Redirect::see_other(format!("{}/users/1", request.mount()))
    }

    #[route("/panic")]
    fn do_GET_panic(&self) -> &'static str {
        panic!("as a test wants it")
    }

    #[route("/wrong")]
    fn do_GET_wrong(&self) -> Result<&'static str> {
        Err(Error::new(418))
    }
}

#[derive(Default)]
pub(crate) struct Inner;

#[handler]
impl Inner {
    fn do_GET(&self, request: &Request<'_>) -> String {
        seen(request)
    }

    fn do_PATCH(&self) -> &'static str {
        "patched"
    }
}

fn seen(request: &Request<'_>) -> String {
    format!(
        "{:?} {} of {}",
        request.mount(),
        request.path(),
        request.target()
    )
}

#[derive(Default)]
struct Site {
    api: Api,
    admin: Inner,
    log: Mutex<Vec<String>>,
}

#[handler(mount("/api" = self.api: Api, "/a%2Fb/admin" = self.admin: Inner))]
impl Site {
    #[route("/{name}")]
    fn do_GET_page(&self, name: String) -> String {
        format!("page {name}")
    }

    fn do_GET(&self) -> &'static str {
        "anything"
    }

    fn do_POST(&self) -> &'static str {
        "posted"
    }

    fn send_error(
        &self,
        request: &Request<'_>,
        response: Response<'_>,
        error: Error,
    ) -> Result<Sent> {
        let status = error.status();
        format!("{} {}", status.as_u16(), request.path())
            .with_status(status)
            .reply(response)
    }

    fn log_request(&self, request: &Request<'_>, code: doget::StatusCode, _: u64) {
        let line = format!("{} {}", request.path(), code.as_u16());
        self.log.lock().unwrap().push(line);
    }
}

fn get(path: &str) -> testing::Answer {
    testing::get(path).send(&Site::default())
}

#[test]
fn a_mounted_handler_sees_the_path_without_the_prefix() {
    for (path, text) in [
        (
            "/api/users/7?x",
            "user 7, \"/api\" /users/7 of /api/users/7?x",
        ),
        ("/api/", "\"/api\" / of /api/"),
        // The prefix itself is the root of what is below it.
        ("/api", "\"/api\" / of /api"),
        ("/api?x", "\"/api\" / of /api?x"),
        // Within another one.
        ("/api/v2", "\"/api/v2\" / of /api/v2"),
        ("/api/v2/", "\"/api/v2\" / of /api/v2/"),
        ("/api/v2/a/b", "\"/api/v2\" /a/b of /api/v2/a/b"),
    ] {
        assert_eq!(get(path).text(), text, "{path}");
    }
}

#[test]
fn prefixes_are_compared_by_segments_in_every_spelling() {
    for (path, text) in [
        ("/%61pi/%76%32/x", "\"/%61pi/%76%32\" /x of /%61pi/%76%32/x"),
        ("/a%2Fb/admin/x", "\"/a%2Fb/admin\" /x of /a%2Fb/admin/x"),
        ("/a%2fb/admin", "\"/a%2fb/admin\" / of /a%2fb/admin"),
        // Not below it.
        ("/apiary", "page apiary"),
        ("/apiary/x", "anything"),
        ("/ap", "page ap"),
        ("/API/", "anything"),
        ("/api%2Fusers%2F7", "page api/users/7"),
        ("/a/b/admin/x", "anything"),
        ("/x/api/", "anything"),
        ("/", "anything"),
    ] {
        assert_eq!(get(path).text(), text, "{path}");
    }
    // As everywhere, slashes at the start are one.
    assert_eq!(get("//api/v2/x").text(), "\"/api/v2\" /x of /api/v2/x");
}

#[test]
fn what_is_below_a_prefix_is_the_handlers_alone() {
    // It has no such path, and the block's own methods for every path are not asked.
    assert_eq!(get("/api/nothing").status(), 404);
    assert_eq!(
        testing::post("/api/users/7")
            .send(&Site::default())
            .status(),
        405
    );
}

#[test]
fn allow_options_405_and_501_are_the_handlers_own() {
    let site = Site::default();
    let ask = |method: &str, path: &str| {
        let answer = testing::request(method, path).send(&site);
        let allow = answer.header("Allow").unwrap_or_default().to_owned();
        (answer.status().as_u16(), allow)
    };
    let user = || "GET, HEAD, PUT, OPTIONS".to_owned();
    assert_eq!(ask("OPTIONS", "/api/users/7"), (200, user()));
    assert_eq!(ask("DELETE", "/api/users/7"), (405, user()));
    assert_eq!(ask("OPTIONS", "/api/nothing"), (404, String::new()));
    assert_eq!(ask("PUT", "/api/nothing"), (404, String::new()));
    assert_eq!(ask("BREW", "/api/users/7"), (501, String::new()));
    let inner = || "GET, HEAD, PATCH, OPTIONS".to_owned();
    assert_eq!(ask("OPTIONS", "/api/v2/x"), (200, inner()));
    assert_eq!(ask("PATCH", "/api/v2/x").0, 200);
    // `POST` is nothing that the handler below knows.
    assert_eq!(ask("POST", "/api/v2/x"), (501, String::new()));
    assert_eq!(
        ask("PATCH", "/elsewhere"),
        (405, "GET, HEAD, POST, OPTIONS".to_owned())
    );
    let (status, all) = ask("OPTIONS", "*");
    assert_eq!(status, 200);
    assert!(
        all.contains("PATCH") && all.contains("PUT") && all.contains("POST"),
        "{all}"
    );
}

#[test]
fn head_of_a_mounted_get() {
    let get = get("/api/users/7");
    let head = testing::head("/api/users/7").send(&Site::default());
    assert_eq!(head.status(), 200);
    assert_eq!(head.header("Content-Length"), get.header("Content-Length"));
    assert_eq!(head.text(), "");
}

#[test]
fn a_handler_names_its_own_places_by_its_mount() {
    for (path, location) in [
        ("/api/moved", "/api/users/1"),
        ("/%61pi/moved", "/%61pi/users/1"),
    ] {
        assert_eq!(get(path).header("Location"), Some(location), "{path}");
    }
}

#[test]
fn error_pages_and_the_log_have_the_whole_path() {
    let site = Arc::new(Site::default());
    let server = TestServer::new(site.clone());
    for (path, status) in [
        ("/api/nothing", 404),
        ("/api/wrong", 418),
        ("/api/panic", 500),
        ("/api/users/x", 404),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.text(), format!("{status} {path}"));
    }
    server.get("/api/v2/x");
    let log = site.log.lock().unwrap().clone();
    assert_eq!(
        log,
        [
            "/api/nothing 404",
            "/api/wrong 418",
            "/api/panic 500",
            "/api/users/x 404",
            "/api/v2/x 200"
        ]
    );
}

#[test]
fn routes_know_what_blocks_and_what_is_collected_below() {
    let site = Site::default();
    let route = |method: &str, path: &str| {
        let route = site.route(method, path);
        let info = <Site as Declared>::METHODS.get(route.index as usize);
        (
            info.and_then(|info| info.route),
            route.blocking,
            route.collect > 0,
        )
    };
    assert_eq!(
        route("PUT", "/api/users/7"),
        (Some("/api/users/{id}"), true, true)
    );
    assert_eq!(
        route("GET", "/%61pi/users/7"),
        (Some("/api/users/{id}"), false, false)
    );
    assert_eq!(
        route("PATCH", "/api/v2"),
        (Some("/api/v2/{*path}"), false, false)
    );
    assert_eq!(route("GET", "/api/nothing"), (None, false, false));
    assert_eq!(route("GET", "/x/y"), (None, false, false));
    assert_eq!(route("GET", "/x"), (Some("/{name}"), false, false));
}

#[test]
fn a_prefix_that_is_known_at_run_time() {
    for prefix in ["/base/path", "base/path/", "/base/path/"] {
        let site = Mount::new(prefix, Api::default());
        let ask = |path: &str| testing::get(path).send(&site);
        assert_eq!(
            ask("/base/path/users/7").text(),
            "user 7, \"/base/path\" /users/7 of /base/path/users/7"
        );
        assert_eq!(ask("/base/path").status(), 200);
        assert_eq!(
            ask("/base/path/v2/x").text(),
            "\"/base/path/v2\" /x of /base/path/v2/x"
        );
        for path in ["/users/7", "/", "/base", "/base/pathology/users/7"] {
            assert_eq!(ask(path).status(), 404, "{path}");
        }
        let put = testing::put("/users/7").body("x").send(&site);
        assert_eq!(put.status(), 404);
        let routes: Vec<_> = site
            .settings()
            .methods
            .iter()
            .map(|info| info.route)
            .collect();
        assert!(
            routes.contains(&Some("/base/path/users/{id}")),
            "{routes:?}"
        );
        assert_eq!(testing::options("*").send(&site).status(), 200);
    }
    let root = Mount::new("/", Api::default());
    assert_eq!(testing::get("/users/7").send(&root).status(), 200);
    assert_eq!(testing::get("/v2").send(&root).text(), "\"/v2\" / of /v2");
}

/// Handlers of any kind, chosen when the program starts.
struct Chosen {
    part: Mount<Box<dyn Handler + Send + Sync>>,
}

#[handler]
impl Chosen {
    fn do_GET(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        self.part.dispatch(request, response)
    }
}

#[test]
fn a_box_below_a_prefix() {
    let part: Box<dyn Handler + Send + Sync> = Box::new(FileHandler::new("tests/mount").unwrap());
    let chosen = Chosen {
        part: Mount::new("/files", part),
    };
    assert_eq!(testing::get("/files/below.rs").send(&chosen).status(), 200);
    assert_eq!(
        testing::get("/files").send(&chosen).header("Location"),
        Some("/files/")
    );
    assert_eq!(testing::get("/below.rs").send(&chosen).status(), 404);
}
