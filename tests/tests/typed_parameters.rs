//! `#[derive(Params)]`: what a query, header fields, cookies and forms give, and what is refused, in which words.
#![allow(
    dead_code,
    reason = "fields are shown by `Debug`, which does not count as a use"
)]

use doget::testing::{self, Answer};
use doget::{
    Cookies, ETag, Form, Headers, HttpDate, ParamFaults, Params, Place, Query, Result, TraceParent,
    handler,
};
use std::fmt::Debug;
use std::net::Ipv4Addr;

type Limit = u32;
type Tags = Vec<String>;

#[derive(Debug, Params)]
struct Paging {
    #[param(default = 1, range = 1..)]
    page: u64,
    #[param(default = 20, range = 1..=100)]
    limit: Limit,
}

/// How results are sorted.
#[derive(Debug, PartialEq)]
enum Sort {
    Up,
    Down,
}

impl std::str::FromStr for Sort {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            other => Err(format!("{other} is no order")),
        }
    }
}

#[derive(Debug, Params)]
struct Search {
    /// Words to look for.
    ///
    /// All of them.
    #[param(length = 1..=5)]
    q: String,
    tag: Tags,
    #[param(length = ..=2)]
    near: Vec<i8>,
    price: Option<f32>,
    #[param(default = Sort::Up)]
    sort: Sort,
    all: Option<bool>,
    #[param(flatten)]
    paging: Paging,
    from: Option<Ipv4Addr>,
}

#[derive(Debug, Params)]
struct Conditions {
    if_match: Option<String>,
    #[param(name = "x-request-ID")]
    id: Option<u16>,
    accept_language: Vec<String>,
}

/// What of a header field is more than text.
#[derive(Debug, Params)]
struct Versions {
    if_match: Option<ETag>,
    if_none_match: Vec<ETag>,
    if_modified_since: Option<HttpDate>,
    traceparent: Option<TraceParent>,
}

#[derive(Debug, Params)]
struct Session {
    #[param(name = "__Host-session")]
    token: String,
    theme: Option<String>,
}

#[derive(Debug, Params)]
#[params(exact, check = Self::check)]
struct Booking {
    from: u32,
    to: u32,
    #[param(flatten)]
    paging: Paging,
}

impl Booking {
    fn check(&self, faults: &mut ParamFaults) {
        if self.to < self.from {
            faults.add("to", "a day after `from`");
        }
    }
}

/// What is generic is read by `FromStr`.
#[derive(Debug, Params)]
struct Pair<T: std::str::FromStr> {
    a: T,
    b: Option<T>,
}

struct Site;

#[handler]
impl Site {
    #[route("/search")]
    fn do_GET_search(&self, search: Result<Query<Search>>) -> (u16, String) {
        told(search.map(|Query(search)| search))
    }

    #[route("/page")]
    fn do_GET_page(&self, Query(search): Query<Search>) -> String {
        format!("{search:?}")
    }

    #[route("/optional")]
    fn do_GET_optional(&self, paging: Result<Option<Query<Paging>>>) -> (u16, String) {
        told(paging.map(|paging| paging.map(|Query(paging)| paging)))
    }

    #[route("/headers")]
    fn do_GET_headers(&self, when: Result<Headers<Conditions>>) -> (u16, String) {
        told(when.map(|Headers(when)| when))
    }

    #[route("/versions")]
    fn do_GET_versions(&self, versions: Result<Headers<Versions>>) -> (u16, String) {
        told(versions.map(|Headers(versions)| versions))
    }

    #[route("/cookies")]
    fn do_GET_cookies(&self, session: Result<Cookies<Session>>) -> (u16, String) {
        told(session.map(|Cookies(session)| session))
    }

    #[route("/signed-in")]
    fn do_GET_signed_in(&self, session: Result<Option<Cookies<Session>>>) -> (u16, String) {
        told(session.map(|session| session.map(|Cookies(session)| session.token)))
    }

    #[route("/form")]
    fn do_POST_form(&self, booking: Result<Form<Booking>>) -> (u16, String) {
        told(booking.map(|Form(booking)| booking))
    }

    #[route("/booking")]
    fn do_GET_booking(&self, booking: Result<Query<Booking>>) -> (u16, String) {
        told(booking.map(|Query(booking)| booking))
    }

    #[route("/perhaps-booking")]
    fn do_GET_perhaps_booking(&self, booking: Result<Option<Query<Booking>>>) -> (u16, String) {
        told(booking.map(|booking| booking.map(|Query(booking)| booking)))
    }

    #[route("/generic")]
    fn do_GET_generic(&self, pair: Result<Query<Pair<u8>>>) -> (u16, String) {
        told(pair.map(|Query(pair)| pair))
    }
}

fn get(target: &str) -> Answer {
    testing::get(target).send(&Site)
}

/// The faults that an answer tells.
#[track_caller]
fn refused(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status(), 400, "{}", answer.text());
    answer.text().lines().map(str::to_owned).collect()
}

/// The value, or the faults, a line each.
fn told<T: Debug>(value: Result<T>) -> (u16, String) {
    match value {
        Ok(value) => (200, format!("{value:?}")),
        Err(error) => {
            let faults = error.faults().iter().map(|fault| format!("{fault}\n"));
            (error.status().as_u16(), faults.collect())
        }
    }
}

#[test]
fn fields_of_every_kind() {
    let all = "/search?q=%22a+b&tag=x&tag=&tag=%C3%BC&near=-3&near=4&price=2.5&sort=down&all\
               &page=18446744073709551615&limit=100&from=127.0.0.1&unknown=1";
    assert_eq!(
        get(all).text(),
        "Search { q: \"\\\"a b\", tag: [\"x\", \"\", \"ü\"], near: [-3, 4], price: Some(2.5), \
         sort: Down, all: Some(true), \
         paging: Paging { page: 18446744073709551615, limit: 100 }, from: Some(127.0.0.1) }"
    );
    assert_eq!(
        get("/search?q=x").text(),
        "Search { q: \"x\", tag: [], near: [], price: None, sort: Up, all: None, \
         paging: Paging { page: 1, limit: 20 }, from: None }"
    );
}

#[test]
fn what_a_form_left_empty_is_absent() {
    let target = "/search?q=x&tag=&near=&price=&sort=&all=&page=&limit=&from=";
    assert_eq!(
        get(target).text(),
        "Search { q: \"x\", tag: [\"\"], near: [], price: None, sort: Up, all: None, \
         paging: Paging { page: 1, limit: 20 }, from: None }"
    );
}

#[test]
fn all_faults_are_told_at_once_without_the_values() {
    let target = "/search?tag=SECRET&near=1&near=300&price=SECRET&sort=SECRET&all=SECRET&page=0&limit=SECRET&from=1";
    assert_eq!(
        refused(&get(target)),
        [
            "query q: missing",
            "query near: a whole number from -128 to 127",
            "query price: a number",
            "query sort: another value: this one is not understood",
            "query all: true or false",
            "query page: a whole number of at least 1",
            "query limit: a whole number from 1 to 100",
            "query from: another value: this one is not understood",
        ]
    );
    let page = get(&target.replace("/search", "/page"));
    assert_eq!(page.status(), 400);
    assert!(
        page.text()
            .contains("query limit: a whole number from 1 to 100"),
        "{}",
        page.text()
    );
    assert!(!page.text().contains("SECRET"), "{}", page.text());
}

#[test]
fn lengths_are_of_characters_and_of_lists() {
    assert_eq!(
        refused(&get("/search?q=&near=1&near=2&near=3")),
        [
            "query q: from 1 to 5 characters",
            "query near: at most 2 values"
        ]
    );
    assert_eq!(
        get("/search?q=%C3%BC%C3%BC%C3%BC%C3%BC%C3%BC").status(),
        200
    );
    assert_eq!(
        get("/search?q=%C3%BC%C3%BC%C3%BC%C3%BC%C3%BCx").status(),
        400
    );
}

#[test]
fn a_name_of_one_value_is_given_once() {
    assert_eq!(
        refused(&get("/search?q=a&q=b&page=1&%70age=2")),
        [
            "query q: given more than once",
            "query page: given more than once"
        ]
    );
}

#[test]
fn names_are_decoded_and_values_are_utf_8() {
    assert_eq!(
        get("/generic?%61=7&b=%38").text(),
        "Pair { a: 7, b: Some(8) }"
    );
    // As curl sends it, without an escape.
    let raw = b"GET /search?q=\xC3\xBC HTTP/1.1\r\nHost: a\r\n\r\n";
    let answer = String::from_utf8(testing::exchange(&Site, raw)).unwrap_or_default();
    assert!(answer.contains("q: \"ü\""), "{answer}");
    assert_eq!(refused(&get("/search?q=%FF")), ["query q: text in UTF-8"]);
    // What is no escape stands for itself.
    assert!(get("/search?q=100%25%").text().contains("q: \"100%%\""));
}

#[test]
fn an_optional_query_is_absent_only_as_a_whole() {
    assert_eq!(get("/optional?other=1").text(), "None");
    assert_eq!(
        get("/optional?limit=3").text(),
        "Some(Paging { page: 1, limit: 3 })"
    );
    assert_eq!(
        refused(&get("/optional?limit=x")),
        ["query limit: a whole number from 1 to 100"]
    );
}

#[test]
fn header_fields() {
    let request = testing::get("/headers")
        .header("IF-MATCH", "\"a\"")
        .header("X-Request-Id", "7")
        .header("Accept-Language", "de, \"a,b\" ,,en;q=0.5")
        .header("Accept-Language", "fr");
    assert_eq!(
        request.send(&Site).text(),
        "Conditions { if_match: Some(\"\\\"a\\\"\"), id: Some(7), \
         accept_language: [\"de\", \"\\\"a,b\\\"\", \"en;q=0.5\", \"fr\"] }"
    );
    let request = testing::get("/headers")
        .header("If-Match", "a")
        .header("If-Match", "b")
        .header("X-Request-ID", "seven");
    assert_eq!(
        refused(&request.send(&Site)),
        [
            "header If-Match: given more than once",
            "header x-request-ID: a whole number from 0 to 65535"
        ]
    );
}

#[test]
fn header_fields_of_known_forms() {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = testing::get("/versions")
        .header("If-Match", "W/\"v7\"")
        .header("If-None-Match", "\"a,b\", \"c\"")
        .header("If-Modified-Since", "Sunday, 06-Nov-94 08:49:37 GMT")
        .header("traceparent", trace);
    let text = request.send(&Site).text().to_owned();
    for shown in [
        "if_match: Some(ETag { text: \"W/\\\"v7\\\"\", weak: true })",
        "if_none_match: [ETag { text: \"\\\"a,b\\\"\", weak: false }, ETag { text: \"\\\"c\\\"\", weak: false }]",
        "if_modified_since: Some(HttpDate(Sun, 06 Nov 1994 08:49:37 GMT))",
        "traceparent: Some(TraceParent { trace_id: \"4bf92f3577b34da6a3ce929d0e0e4736\"",
    ] {
        assert!(text.contains(shown), "{shown} in {text}");
    }
    let request = testing::get("/versions")
        .header("If-Match", "v7")
        .header("If-None-Match", "*")
        .header("If-Modified-Since", "yesterday")
        .header("Traceparent", "00-0-0-0");
    let faults = refused(&request.send(&Site));
    let names: Vec<&str> = faults
        .iter()
        .filter_map(|fault| fault.split(':').next())
        .collect();
    assert_eq!(
        names,
        [
            "header If-Match",
            "header If-None-Match",
            "header If-Modified-Since",
            "header Traceparent"
        ]
    );
}

#[test]
fn cookies() {
    let ask = |path: &str, cookies: &[&str]| {
        let request = testing::get(path);
        let request = cookies
            .iter()
            .fold(request, |request, cookie| request.header("Cookie", cookie));
        request.send(&Site)
    };
    for (cookies, expected) in [
        // The first of two, and nothing is decoded.
        (
            &["theme=a%20b+c;  __Host-session=31d4 ;theme=dark"][..],
            "\"31d4\", theme: Some(\"a%20b+c\")",
        ),
        (
            &["junk; =x; ;a=b=c", "__Host-session=\"q\""][..],
            "\"\\\"q\\\"\", theme: None",
        ),
        (&["__Host-session=; theme="][..], "\"\", theme: Some(\"\")"),
    ] {
        let answer = ask("/cookies", cookies);
        assert_eq!(
            answer.text(),
            format!("Session {{ token: {expected} }}"),
            "{cookies:?}"
        );
    }
    for cookies in [
        // Names are as they are, and a blank that no browser takes away makes another name.
        &["__host-session=1"][..],
        &["__Host-session"][..],
        &[][..],
    ] {
        assert_eq!(
            refused(&ask("/cookies", cookies)),
            ["cookie __Host-session: missing"],
            "{cookies:?}"
        );
        assert_eq!(ask("/signed-in", cookies).text(), "None");
    }
    let raw = "GET /signed-in HTTP/1.1\r\nHost: a\r\nCookie: \u{2000}__Host-session=1\r\n\r\n";
    assert!(testing::exchange(&Site, raw.as_bytes()).ends_with(b"None"));
    assert_eq!(
        refused(&ask("/signed-in", &["__Host-session=1; __Host-session=2"])),
        ["cookie __Host-session: given more than once"]
    );
}

#[test]
fn forms() {
    let post = |pairs: &[(&str, &str)]| {
        testing::post("/form")
            .form(pairs.iter().copied())
            .send(&Site)
    };
    assert_eq!(
        post(&[("from", "1"), ("to", "2"), ("limit", "3")]).text(),
        "Booking { from: 1, to: 2, paging: Paging { page: 1, limit: 3 } }"
    );
    assert_eq!(
        refused(&post(&[("from", "3"), ("to", "2")])),
        ["body to: a day after `from`"]
    );
    let wrong = post(&[
        ("from", "x"),
        ("to", "2"),
        ("dog", "SECRET"),
        ("<b>\n", "1"),
    ]);
    assert_eq!(
        refused(&wrong),
        [
            "body from: a whole number from 0 to 4294967295",
            "body dog: not a known name",
            "body <b>\u{fffd}: not a known name",
        ]
    );
    assert_eq!(
        testing::post("/form")
            .body("from=1&to=2")
            .send(&Site)
            .status(),
        415
    );
}

/// A filter that is misspelt is a fault, and not all there is.
#[test]
fn unknown_names_of_a_query_are_refused_where_that_is_asked_for() {
    let unknown = ["query dog: not a known name"];
    assert_eq!(refused(&get("/booking?from=1&to=2&dog=SECRET")), unknown);
    assert_eq!(get("/booking?from=1&to=2&page=3").status(), 200);
    assert_eq!(get("/generic?a=1&dog=SECRET").status(), 200);
    for path in ["/perhaps-booking?dog=SECRET", "/perhaps-booking?dog"] {
        assert_eq!(refused(&get(path)), unknown);
    }
    assert_eq!(get("/perhaps-booking").text(), "None");
}

#[test]
fn many_pairs_are_refused() {
    let pairs = |count: usize| format!("/generic?a=1{}", "&x".repeat(count - 1));
    assert_eq!(get(&pairs(1000)).status(), 200);
    let answer = get(&pairs(1001));
    assert_eq!(answer.status(), 400);
    assert_eq!(refused(&answer), ["query: at most 1000 names with values"]);
    let dogs: Vec<(String, String)> = (0..50)
        .map(|n| (format!("dog{n}"), String::new()))
        .collect();
    let form = dogs.iter().map(|(name, value)| (&**name, &**value));
    let answer = testing::post("/form").form(form).send(&Site);
    let faults = refused(&answer);
    assert_eq!(faults.len(), 21, "{faults:?}");
    assert!(
        answer.text().contains("32 more are not told"),
        "{}",
        answer.text()
    );
}

#[test]
fn the_description_says_what_is_read() {
    let field = |name: &str| Search::FIELDS.find(Place::Query, name);
    let q = field("q");
    assert_eq!(q.map(|q| q.doc), Some("Words to look for.\n\nAll of them."));
    assert_eq!(
        q.map(|q| (q.required, q.min_length, q.max_length)),
        Some((true, Some(1), Some(5)))
    );
    assert_eq!(field("limit").map(|info| info.default), Some(Some("20")));
    assert_eq!(
        field("limit").map(|info| info.expected()),
        Some("a whole number from 1 to 100".to_owned())
    );
    assert_eq!(
        field("sort").map(|info| (info.required, info.default)),
        Some((false, None))
    );
    assert_eq!(
        field("tag").map(|info| (info.required, info.repeated)),
        Some((false, true))
    );
    let names: Vec<&str> = Search::FIELDS.iter().map(|info| info.name).collect();
    assert_eq!(
        names,
        [
            "q", "tag", "near", "price", "sort", "all", "from", "page", "limit"
        ]
    );
    let headers: Vec<&str> = Conditions::FIELDS.iter().map(|info| info.header).collect();
    assert_eq!(headers, ["If-Match", "x-request-ID", "Accept-Language"]);
}

/// One value each.
struct Single;

#[handler]
impl Single {
    #[route("/list/{id}")]
    #[allow(clippy::too_many_arguments, reason = "one of each kind")]
    fn do_POST_list(
        &self,
        /// Which list.
        id: u8,
        /// Which page of it.
        #[query(default = 1, range = 1..=9)]
        page: u32,
        #[query(name = "tag")] tags: Vec<String>,
        #[header] user_agent: Option<String>,
        #[cookie(name = "__Host-session", length = 4..)] session: Option<String>,
        #[query] mut wide: bool,
        body: String,
    ) -> String {
        wide = !wide;
        format!("{id} {page} {tags:?} {user_agent:?} {session:?} {wide} {body}")
    }
}

#[test]
fn single_values() {
    let request = testing::post("/list/7?tag=a&tag=b&wide&page=2")
        .header("User-Agent", "curl")
        .header("Cookie", "__Host-session=31d4")
        .body("text");
    assert_eq!(
        request.send(&Single).text(),
        "7 2 [\"a\", \"b\"] Some(\"curl\") Some(\"31d4\") false text"
    );
    let answer = testing::post("/list/7?wide=false").send(&Single);
    assert_eq!(answer.text(), "7 1 [] None None true ");
}

#[test]
fn the_faults_of_single_values_are_one_answer() {
    let answer = testing::post("/list/7?page=10")
        .header("User-Agent", "a")
        .header("User-Agent", "b")
        .header("Cookie", "__Host-session=1")
        .send(&Single);
    assert_eq!(answer.status(), 400);
    for fault in [
        "query page: a whole number from 1 to 9",
        "header User-Agent: given more than once",
        "cookie __Host-session: at least 4 characters",
        "query wide: missing",
    ] {
        assert!(answer.text().contains(fault), "{}", answer.text());
    }
    // What has no resource is 404, whatever the query.
    assert_eq!(testing::post("/list/x?page=10").send(&Single).status(), 404);
}
