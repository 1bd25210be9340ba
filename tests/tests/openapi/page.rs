//! The page: whole in itself, without a script, and harmless whatever the comments say.

use crate::shop::Shop;
use doget::openapi::OpenApi;
use doget::{handler, testing};
use sha2::{Digest, Sha256};

fn page() -> (String, String) {
    let answer = testing::get("/docs").send(&Shop::new());
    let policy = answer.header("Content-Security-Policy").unwrap();
    (policy.to_owned(), answer.text().to_owned())
}

#[test]
fn the_policy_allows_the_style_of_the_page_and_nothing_else() {
    let (policy, html) = page();
    let (_, rest) = html.split_once("<style>").unwrap();
    let (style, rest) = rest.split_once("</style>").unwrap();
    assert!(!rest.contains("<style"));
    let digest = base64(&Sha256::digest(style.as_bytes()));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors \
             'none'"
        ),
        "STYLE_DIGEST is that of another style.css"
    );
}

#[test]
fn nothing_comes_from_elsewhere_and_nothing_runs() {
    let (_, html) = page();
    for word in [
        "<script",
        "javascript:",
        "<link",
        "<img",
        "<iframe",
        "@import",
        "url(",
        " style=",
        " onclick",
        "http-equiv",
    ] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn each_operation_has_a_place_that_the_list_leads_to() {
    let (_, html) = page();
    for id in [
        "get_item",
        "get_items",
        "place_orders",
        "get_items_2",
        "schema-OrderInput",
    ] {
        assert_eq!(html.matches(&format!(" id=\"{id}\"")).count(), 1, "{id}");
        assert!(html.contains(&format!("href=\"#{id}\"")), "{id}");
    }
    assert!(html.contains("<a href=\"/openapi.json\">OpenAPI document</a>"));
    assert!(html.contains("<form method=\"get\" action=\"/search\">"));
    assert!(html.contains("-H <i>'Authorization: Bearer TOKEN'</i>"));
    assert!(!html.contains("/hidden"));
}

/// The bounds of `u64` and `u32` are in the document, and nothing that a person wants to read.
#[test]
fn bounds_of_wide_types_are_not_shown() {
    let (_, html) = page();
    for bound in ["18446744073709551615", "4294967295"] {
        assert!(!html.contains(bound), "{bound} in {html}");
    }
    assert!(html.contains("1 to 1000"), "{html}");
}

struct Hostile;

/// <script>alert("block")</script> [x](javascript:alert(1))
#[handler(tag = "<script>alert('tag')</script>")]
impl Hostile {
    /// <img src=x onerror=alert(1)> `</code><script>`
    ///
    /// </div><script>alert(2)</script>
    #[route("/a<b>'\"&/{id}")]
    #[operation_id("x\" onclick=\"alert(3)")]
    fn do_GET_x(
        &self,
        /// <svg onload=alert(4)>
        id: u64,
    ) -> String {
        id.to_string()
    }
}

#[test]
fn comments_and_routes_cannot_become_markup() {
    let html = OpenApi::of::<Hostile>("<title>", "</h1><script>")
        .page()
        .to_html();
    for bad in [
        "<script",
        "<img",
        "<svg",
        "\" onclick=",
        "href=\"javascript:",
        "<b>'",
    ] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = group
            .iter()
            .fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - group.len()));
        for position in 0..4 {
            if position > group.len() {
                text.push('=');
            } else {
                text.push(char::from(
                    LETTERS[(number >> (18 - 6 * position) & 63) as usize],
                ));
            }
        }
    }
    text
}
