//! What the tables of a site say of the handlers below its prefixes.

use crate::below::{Api, Inner};
use doget::{Declared, FileHandler, Metrics, assert_methods, handler, testing};

/// With a base, a mount that is generic, and two of one type.
pub(crate) struct Wide<H> {
    api: Api,
    old: Inner,
    other: H,
    files: FileHandler,
}

#[handler(
    base(self.files: FileHandler),
    mount("/api" = self.api: Api, "/old" = self.old: Inner, "/other" = self.other: H)
)]
impl<H: Declared> Wide<H> {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        "home"
    }
}

assert_methods!(Wide<Inner>: GET, HEAD, PUT, PATCH, OPTIONS, !DELETE, !POST);

fn wide() -> Wide<Inner> {
    Wide {
        api: Api::default(),
        old: Inner,
        other: Inner,
        files: FileHandler::new("tests/mount").unwrap(),
    }
}

#[test]
fn mounted_methods_stand_in_the_registry_with_their_whole_pattern() {
    let table: Vec<String> = <Wide<Inner>>::METHODS
        .iter()
        .filter(|info| !info.derived)
        .map(|info| format!("{} {}", info.method, info.route.unwrap_or("*")))
        .collect();
    let expected = [
        "GET /",
        "GET /api/",
        "GET /api/users/{id}",
        "PUT /api/users/{id}",
        "GET /api/moved",
        "GET /api/panic",
        "GET /api/wrong",
        "GET /api/v2/{*path}",
        "PATCH /api/v2/{*path}",
        "GET /old/{*path}",
        "PATCH /old/{*path}",
        "GET /other/{*path}",
        "PATCH /other/{*path}",
        "GET *",
        "HEAD *",
        "OPTIONS *",
    ];
    assert_eq!(table, expected);
}

#[test]
fn the_base_takes_what_is_below_no_prefix() {
    let wide = wide();
    assert_eq!(testing::get("/main.rs").send(&wide).status(), 200);
    assert_eq!(
        testing::get("/other/main.rs").send(&wide).text(),
        "\"/other\" /main.rs of /other/main.rs"
    );
    assert_eq!(testing::get("/").send(&wide).text(), "home");
    assert_eq!(
        testing::options("/main.rs").send(&wide).header("Allow"),
        Some("GET, HEAD, OPTIONS")
    );
}

#[test]
fn labels_of_metrics_are_the_whole_patterns() {
    let metrics = Metrics::of::<Wide<Inner>>();
    let site = doget::with(metrics.clone(), wide());
    testing::get("/api/users/7").send(&site);
    testing::get("/api/users/8").send(&site);
    let page = testing::get("/").send(&metrics.page()).text().to_string();
    assert!(page.contains("route=\"/api/users/{id}\""), "{page}");
}
