//! What typed parameters cost, without a socket: `bench-typed WHAT COUNT`, under `valgrind --tool=callgrind`.
//!
//! Of doget a whole exchange in memory is run, with the parameter and without; the difference is what it costs. Of axum
//! the extractor alone is run, which is the same difference. `bench/typed/run` does the sums.

use axum::body::Body;
use axum::extract::{FromRequest, Json as AxumJson, Query as AxumQuery};
use axum::http::{Request as AxumRequest, Uri};
use doget::{Json, Params, Query, Request, handler, testing};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

#[derive(Deserialize, Params)]
struct Search {
    q: String,
    #[param(range = 1..=100)]
    limit: u32,
    page: Option<u32>,
}

#[derive(Deserialize, Serialize)]
struct Item {
    name: String,
    price: f64,
    tags: Vec<String>,
    count: u32,
}

struct Site;

#[handler]
impl Site {
    #[route("/typed")]
    fn do_GET_typed(&self, Query(search): Query<Search>) -> &'static str {
        black_box((&search.q, search.limit, search.page));
        ""
    }

    #[route("/plain")]
    fn do_GET_plain(&self) -> &'static str {
        ""
    }

    #[route("/typed")]
    fn do_POST_typed(&self, Json(item): Json<Item>) -> &'static str {
        black_box((&item.name, item.price, &item.tags, item.count));
        ""
    }

    #[route("/plain")]
    fn do_POST_plain(&self, request: &mut Request<'_>) -> &'static str {
        black_box(request);
        ""
    }
}

const QUERY: &str = "q=hello&limit=50&page=3";
const ESCAPED: &str = "q=hello%20world+x&limit=50&page=3";
const ITEM: &str = r#"{"name":"green tea","price":4.5,"tags":["tea","green"],"count":3}"#;

/// The output of a future that never waits.
fn ready<F: Future>(future: F) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a body in memory never waits"),
    }
}

fn exchange(request: &str, count: u32) {
    for _ in 0..count {
        let answer = testing::exchange(&Site, black_box(request.as_bytes()));
        assert!(
            answer.starts_with(b"HTTP/1.1 200 "),
            "{}",
            answer.escape_ascii()
        );
    }
}

fn get(path: &str, query: &str) -> String {
    format!("GET {path}?{query} HTTP/1.1\r\nHost: a\r\n\r\n")
}

fn post(path: &str) -> String {
    let length = ITEM.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{ITEM}"
    )
}

fn axum_query(query: &str, count: u32) {
    let uri: Uri = format!("/typed?{query}").parse().unwrap();
    for _ in 0..count {
        let AxumQuery(search) = AxumQuery::<Search>::try_from_uri(black_box(&uri)).unwrap();
        black_box((&search.q, search.limit, search.page));
    }
}

/// A request is made for each body, since it is taken; `with` tells whether it is read.
fn axum_json(with: bool, count: u32) {
    for _ in 0..count {
        let request = AxumRequest::post("/typed")
            .header("Content-Type", "application/json")
            .body(Body::from(black_box(ITEM)))
            .unwrap();
        if with {
            let AxumJson(item) = ready(AxumJson::<Item>::from_request(request, &())).unwrap();
            black_box((&item.name, item.price, &item.tags, item.count));
        } else {
            drop(black_box(request));
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().expect("what to run");
    let count = arguments
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(1000);
    match &*what {
        "doget-query" => exchange(&get("/typed", QUERY), count),
        "doget-query-none" => exchange(&get("/plain", QUERY), count),
        "doget-escaped" => exchange(&get("/typed", ESCAPED), count),
        "doget-escaped-none" => exchange(&get("/plain", ESCAPED), count),
        "doget-json" => exchange(&post("/typed"), count),
        "doget-json-none" => exchange(&post("/plain"), count),
        "axum-query" => axum_query(QUERY, count),
        "axum-query-none" => {}
        "axum-escaped" => axum_query(ESCAPED, count),
        "axum-escaped-none" => {}
        "axum-json" => axum_json(true, count),
        "axum-json-none" => axum_json(false, count),
        _ => panic!("there is no {what}"),
    }
}
