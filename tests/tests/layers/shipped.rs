//! The layers that ship with the server: for each a table of configuration and request to answer.

use doget::testing::{self, TestRequest};
use doget::{
    AllowHosts, Cors, Error, Health, Layer, Limit, Metrics, Request, RequestId, Result, SameOrigin,
    SecurityHeaders, handler,
};
use doget_tests::test_server::TestServer;
use std::time::Duration;

struct Site;

#[handler]
impl Site {
    #[route("/items/{id}")]
    fn do_GET_item(&self, id: u32) -> String {
        id.to_string()
    }

    fn do_GET(&self) -> &'static str {
        "page"
    }

    fn do_POST(&self, request: &Request<'_>) -> Result<&'static str> {
        match request.path() {
            "/fails" => Err(Error::new(500)),
            _ => Ok("changed"),
        }
    }
}

/// What one layer makes of a request: its status, and the values of these fields, `-` for one that is not there.
fn row(layer: impl Layer, request: TestRequest, fields: &[&str]) -> String {
    let answer = request.send(&doget::with(layer, Site));
    let mut row = answer.status().as_u16().to_string();
    for name in fields {
        row.push_str(" | ");
        row.push_str(answer.header(name).unwrap_or("-"));
    }
    row
}

fn preflight(origin: &str) -> TestRequest {
    TestRequest::new("OPTIONS", "/items/1")
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "PUT")
}

/// Origins are compared as a whole: `barfoo.com` is not `foo.com` (GHSA-vhxv-fg4m-p2w8), nor is anything that begins
/// like it; `null` is nobody's.
#[test]
fn cors_grants_listed_origins_alone() {
    const FIELDS: [&str; 3] = [
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Credentials",
        "Vary",
    ];
    let listed = || Cors::origins(["https://foo.com", "http://localhost:3000"]).unwrap();
    let get = |origin: &str| testing::get("/").header("Origin", origin);
    for (origin, expected) in [
        ("https://foo.com", "200 | https://foo.com | - | Origin"),
        (
            "http://localhost:3000",
            "200 | http://localhost:3000 | - | Origin",
        ),
        ("https://barfoo.com", "200 | - | - | Origin"),
        ("https://foo.com.evil.example", "200 | - | - | Origin"),
        ("http://foo.com", "200 | - | - | Origin"),
        ("https://foo.com:444", "200 | - | - | Origin"),
        ("https://a.foo.com", "200 | - | - | Origin"),
        ("null", "200 | - | - | Origin"),
    ] {
        assert_eq!(row(listed(), get(origin), &FIELDS), expected, "{origin}");
        assert_eq!(
            row(Cors::any(), get(origin), &FIELDS),
            "200 | * | - | -",
            "{origin}"
        );
    }
    let credentials = listed().credentials();
    let asked = row(credentials.clone(), get("https://foo.com"), &FIELDS);
    assert_eq!(asked, "200 | https://foo.com | true | Origin");
    // Not reflected with credentials.
    let asked = row(credentials, get("https://evil.example"), &FIELDS);
    assert_eq!(asked, "200 | - | - | Origin");
    // Another origin gets another answer, and a cache has to know that of the answer to none, too.
    assert_eq!(
        row(listed(), testing::get("/"), &FIELDS),
        "200 | - | - | Origin"
    );
}

#[test]
fn cors_is_on_error_pages() {
    const FIELDS: [&str; 1] = ["Access-Control-Allow-Origin"];
    let cors = Cors::origins(["https://foo.com"]).unwrap();
    for (request, status) in [
        (testing::get("/items/none"), 404),
        (testing::post("/fails").body(""), 500),
        (TestRequest::new("SPAM", "/"), 501),
        (TestRequest::new("PUT", "/items/1").body(""), 405),
    ] {
        let asked = row(
            cors.clone(),
            request.header("Origin", "https://foo.com"),
            &FIELDS,
        );
        assert_eq!(asked, format!("{status} | https://foo.com"));
    }
}

/// A preflight has no credentials and is answered before anybody asks for them, also where the block has no OPTIONS.
#[test]
fn cors_answers_preflights_before_limits_and_routes() {
    const FIELDS: [&str; 4] = [
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers",
        "Access-Control-Max-Age",
    ];
    let cors = Cors::origins(["https://foo.com"])
        .unwrap()
        .methods(["GET", "PUT"])
        .unwrap()
        .headers(["X-Token"])
        .unwrap()
        .max_age(Duration::from_secs(60));
    let limit = Limit::per_minute(1);
    assert!(limit.check(Some([127, 0, 0, 1].into())).is_ok());
    let site = (cors, limit);
    assert_eq!(
        row(&site, preflight("https://foo.com"), &FIELDS),
        "204 | https://foo.com | GET, PUT | X-Token | 60"
    );
    assert_eq!(
        row(&site, preflight("https://evil.example"), &FIELDS),
        "204 | - | - | - | -"
    );
    // What pages may read beside the usual fields is said on answers.
    let exposing = Cors::any().expose(["X-Count", "ETag"]).unwrap();
    let asked = testing::get("/").header("Origin", "https://foo.com");
    let exposed = row(exposing, asked, &["Access-Control-Expose-Headers"]);
    assert_eq!(exposed, "200 | X-Count, ETag");
    // OPTIONS that is no preflight is the handler's.
    let plain = TestRequest::new("OPTIONS", "/").header("Origin", "https://foo.com");
    assert!(row(&site.0, plain, &["Allow"]).starts_with("200 | GET"));
}

#[test]
fn cors_refuses_what_is_no_origin_when_it_is_made() {
    for origin in [
        "*",
        "null",
        "foo.com",
        "https://foo.com/",
        "https://*.foo.com",
        "",
    ] {
        assert!(Cors::origins([origin]).is_err(), "{origin}");
    }
    assert!(Cors::any().methods(["A B"]).is_err());
    assert!(Cors::any().headers(["X-A: 1"]).is_err());
}

#[test]
fn same_origin_refuses_what_pages_of_other_sites_ask_for() {
    let trusting = || SameOrigin::new().trust("https://sso.example").unwrap();
    for (headers, status) in [
        (&[][..], 200),
        (&[("Sec-Fetch-Site", "same-origin")], 200),
        (&[("Sec-Fetch-Site", "none")], 200),
        (&[("Sec-Fetch-Site", "cross-site")], 403),
        (&[("Sec-Fetch-Site", "same-site")], 403),
        (&[("Sec-Fetch-Site", "")], 403),
        // What the browser says of the site stands above what it says of the origin.
        (
            &[
                ("Sec-Fetch-Site", "cross-site"),
                ("Origin", "http://localhost"),
            ],
            403,
        ),
        (
            &[
                ("Sec-Fetch-Site", "same-origin"),
                ("Sec-Fetch-Site", "cross-site"),
            ],
            403,
        ),
        (&[("Origin", "http://localhost")], 200),
        (&[("Origin", "https://localhost")], 200),
        (&[("Origin", "http://localhost:81")], 403),
        (&[("Origin", "http://evil.example")], 403),
        (&[("Origin", "http://localhost.evil.example")], 403),
        (&[("Origin", "null")], 403),
        (
            &[
                ("Origin", "http://localhost"),
                ("Origin", "http://evil.example"),
            ],
            403,
        ),
        (
            &[
                ("Origin", "https://sso.example"),
                ("Sec-Fetch-Site", "cross-site"),
            ],
            200,
        ),
        (
            &[
                ("Origin", "https://a.sso.example"),
                ("Sec-Fetch-Site", "cross-site"),
            ],
            403,
        ),
    ] {
        let with = |mut request: TestRequest| {
            request = request.header("Host", "localhost");
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request
        };
        let asked = row(trusting(), with(testing::post("/").body("")), &[]);
        assert_eq!(asked, status.to_string(), "{headers:?}");
        assert_eq!(
            row(trusting(), with(testing::get("/")), &[]),
            "200",
            "{headers:?}"
        );
    }
    assert!(SameOrigin::new().trust("*.example").is_err());
}

/// The host of `Host` may name the usual port, which `Origin` never does.
#[test]
fn same_origin_knows_the_usual_ports() {
    for (host, origin, status) in [
        ("a.example:80", "http://a.example", "200"),
        ("a.example:443", "https://a.example", "200"),
        ("a.example:443", "http://a.example", "403"),
        ("a.example:8000", "http://a.example:8000", "200"),
        ("A.Example", "http://a.example", "200"),
    ] {
        let request = testing::post("/")
            .body("")
            .header("Host", host)
            .header("Origin", origin);
        assert_eq!(
            row(SameOrigin::new(), request, &[]),
            status,
            "{host} {origin}"
        );
    }
}

#[test]
fn security_headers_are_there_unless_the_answer_has_its_own() {
    const FIELDS: [&str; 4] = [
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Content-Security-Policy",
        "Strict-Transport-Security",
    ];
    let get = || testing::get("/");
    assert_eq!(
        row(SecurityHeaders::strict(), get(), &FIELDS),
        "200 | nosniff | DENY | default-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'; object-src 'none' | -",
        "HSTS is for HTTPS alone"
    );
    // Forms come from somewhere, also where a browser sends no `Sec-Fetch-Site`.
    assert_eq!(
        row(SecurityHeaders::strict(), get(), &["Referrer-Policy"]),
        "200 | same-origin"
    );
    let own = SecurityHeaders::none()
        .csp("default-src *")
        .unwrap()
        .header("x-frame-options", "SAMEORIGIN")
        .unwrap();
    assert_eq!(
        row(own, get(), &FIELDS),
        "200 | - | SAMEORIGIN | default-src * | -"
    );
    let without = SecurityHeaders::strict().without("content-security-policy");
    assert_eq!(
        row(without, testing::get("/items/x"), &FIELDS),
        "404 | nosniff | DENY | - | -"
    );
    assert!(
        SecurityHeaders::strict()
            .csp("a\r\nSet-Cookie: b=c")
            .is_err()
    );
    assert!(
        SecurityHeaders::none()
            .header("Content-Length", "1")
            .is_err()
    );
}

#[test]
fn limit_says_when_to_come_again() {
    let limit = Limit::per_minute(2).burst(2);
    let ask = || row(&limit, testing::get("/"), &["Retry-After"]);
    assert_eq!((ask(), ask()), ("200 | -".to_owned(), "200 | -".to_owned()));
    assert_eq!(ask(), "429 | 30");
}

/// The client's address is that of its connection: a header that anybody can write is nobody's key, and nobody can be
/// locked out by it (alps#18).
#[test]
fn limit_does_not_believe_headers() {
    let limit = Limit::per_minute(1);
    let from = |address: &str| testing::get("/").header("X-Forwarded-For", address);
    assert_eq!(row(&limit, from("192.0.2.1"), &[]), "200");
    assert_eq!(row(&limit, from("192.0.2.2"), &[]), "429");
}

/// A subscriber has 2^64 addresses: they are one client, and its neighbour is another.
#[test]
fn limit_counts_networks_and_not_addresses() {
    let site = doget::with(Limit::per_minute(1), Site);
    let ask = |address: &str| {
        let peer = std::net::SocketAddr::new(address.parse().unwrap(), 50_000);
        let exchange = testing::Exchange::new().peer(peer);
        let bytes = exchange
            .run(&site, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .bytes;
        String::from_utf8_lossy(&bytes[9..12]).into_owned()
    };
    for (address, status) in [
        ("2001:db8:0:1::1", "200"),
        ("2001:db8:0:1::2", "429"),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", "429"),
        ("2001:db8:0:2::1", "200"),
        ("192.0.2.1", "200"),
        ("::ffff:192.0.2.1", "429"),
        ("192.0.2.2", "200"),
    ] {
        assert_eq!(ask(address), status, "{address}");
    }
}

#[test]
fn allow_hosts_answers_to_its_names_alone() {
    let listed = || AllowHosts::new(["localhost", "::1", "shop.example:8000", "*.test"]);
    for (host, status) in [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("localhost.", 200),
        ("[::1]:80", 200),
        ("shop.example", 200),
        ("a.test", 200),
        ("a.b.TEST:1", 200),
        ("test", 421),
        ("atest", 421),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("evil-localhost", 421),
        ("[::2]", 421),
    ] {
        let get = testing::get("/").header("Host", host);
        assert_eq!(row(listed(), get, &[]), status.to_string(), "{host}");
        // Not by a name that the client says elsewhere.
        let forged = testing::get("/")
            .header("Host", host)
            .header("X-Forwarded-Host", "localhost");
        assert_eq!(row(listed(), forged, &[]), status.to_string(), "{host}");
    }
    let all = testing::get("/").header("Host", "evil.example");
    assert_eq!(row(AllowHosts::new(["*"]), all, &[]), "200");
}

/// A layer that settings decide of: it is there, or nothing is.
#[test]
fn a_layer_that_is_not_there_does_nothing() {
    let ask = |layer: Option<Limit>| {
        let site = doget::with((layer, Some(RequestId::new())), Site);
        [(); 2].map(|()| {
            let answer = testing::get("/").send(&site);
            (
                answer.status().as_u16(),
                answer.header("X-Request-Id").is_some(),
            )
        })
    };
    assert_eq!(ask(Some(Limit::per_minute(1))), [(200, true), (429, true)]);
    assert_eq!(ask(None), [(200, true), (200, true)]);
}

#[test]
fn health_is_answered_before_hosts_limits_and_the_log() {
    let health = Health::new("/livez", "/readyz");
    let readiness = health.readiness();
    let limit = Limit::per_minute(1);
    assert!(limit.check(Some([127, 0, 0, 1].into())).is_ok());
    let layers = (health, AllowHosts::new(["shop.example"]), limit);
    let ask = |path: &str| {
        row(
            &layers,
            testing::get(path).header("Host", "10.1.2.3:8080"),
            &[],
        )
    };
    assert_eq!(
        (ask("/livez"), ask("/readyz")),
        ("200".into(), "200".into())
    );
    assert_eq!(ask("/"), "421");
    readiness.set(false);
    assert_eq!(
        (ask("/livez"), ask("/readyz")),
        ("200".into(), "503".into())
    );
    readiness.set(true);
    assert_eq!(
        row(&layers, TestRequest::new("HEAD", "/readyz"), &[]),
        "200"
    );
    assert_eq!(
        row(&layers, testing::post("/readyz").header("Host", "x"), &[]),
        "421"
    );

    let server = TestServer::new(doget::with(layers, Site));
    assert_eq!(server.get("/readyz").status, 200);
    assert!(server.end().is_empty());
    let server = TestServer::new(doget::with(Health::new("/l", "/r").logged(), Site));
    assert_eq!(server.get("/r").status, 200);
    assert_eq!(server.end().len(), 1);
}

/// Each layer has a key of its own, and each request an id.
#[test]
fn every_request_has_an_id_of_its_own() {
    const FIELDS: [&str; 1] = ["X-Request-Id"];
    let ids = RequestId::new();
    let all: std::collections::HashSet<String> = (0..100)
        .map(|_| row(&ids, testing::get("/"), &FIELDS))
        .chain([row(RequestId::new(), testing::get("/"), &FIELDS)])
        .collect();
    assert_eq!(all.len(), 101);
    assert!(all.iter().all(|row| row.len() == "200 | ".len() + 32));
}

/// Scanners ask for what there is not: no path of theirs becomes a label (artifact-keeper#2220).
#[test]
fn metrics_have_no_more_series_than_the_registry_and_five_classes() {
    let metrics = Metrics::of::<Site>();
    let site = doget::with(metrics.clone(), Site);
    for number in 0..300 {
        testing::get(&format!("/scan/{number}")).send(&site);
        TestRequest::new("PROPFIND", &format!("/{number}")).send(&site);
        testing::get(&format!("/items/{number}")).send(&site);
    }
    let page = testing::get("/").send(&metrics.page()).text().to_owned();
    let series = |line: &&str| line.starts_with("http_requests_total{");
    let lines: Vec<&str> = page.lines().filter(series).collect();
    assert_eq!(
        lines,
        [
            "http_requests_total{method=\"GET\",route=\"/items/{id}\",code=\"2xx\"} 300",
            "http_requests_total{method=\"GET\",route=\"*\",code=\"2xx\"} 300",
            "http_requests_total{method=\"other\",route=\"\",code=\"5xx\"} 300",
        ],
        "{page}"
    );
}

/// Each line is a comment or a sample; the sum of the buckets is the count; the server's own figures are there.
#[test]
fn metrics_are_text_that_prometheus_reads() {
    let metrics = Metrics::of::<Site>();
    let server = TestServer::new(doget::with(metrics.clone(), Site));
    server.get("/items/7");
    server.get("/items/x");
    let page = TestServer::new(metrics.page());
    let answer = page.get("/metrics");
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(answer.header("Content-Type"), Some(kind));
    let text = answer.text();
    for line in text.lines().filter(|line| !line.starts_with("# ")) {
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let name = name.split('{').next().unwrap();
        assert!(
            name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'),
            "{line}"
        );
        assert!(
            text.contains(&format!(
                "# TYPE {}",
                name.trim_end_matches("_bucket")
                    .trim_end_matches("_sum")
                    .trim_end_matches("_count")
            )),
            "{line}"
        );
    }
    for line in [
        "http_requests_total{method=\"GET\",route=\"/items/{id}\",code=\"4xx\"} 1",
        "http_handler_duration_seconds_bucket{le=\"+Inf\"} 2",
        "http_handler_duration_seconds_count 2",
        "doget_queued_requests 0",
        "doget_refused_requests_total 0",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} in {text}");
    }
    let threads = text
        .lines()
        .find_map(|line| line.strip_prefix("doget_threads "));
    assert!(threads.unwrap().parse::<usize>().unwrap() > 0);
    assert_eq!(
        page.one("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            .status,
        405
    );
}
