//! `Set-Cookie` as it is sent, and what no browser would take.

use doget::{CookieError, HttpDate, Result, SameSite, SetCookie, StatusCode, handler, testing};
use std::time::{Duration, SystemTime};

fn shown(cookie: Result<SetCookie, CookieError>) -> Result<String, CookieError> {
    cookie.map(|cookie| cookie.to_string())
}

#[test]
fn the_safe_way_is_the_default() {
    assert_eq!(
        shown(SetCookie::new("a", "b")).as_deref(),
        Ok("a=b; Secure; HttpOnly; SameSite=Lax")
    );
    assert_eq!(
        shown(SetCookie::new("__host-a", "b")).as_deref(),
        Ok("__host-a=b; Path=/; Secure; HttpOnly; SameSite=Lax")
    );
    assert_eq!(
        shown(SetCookie::remove("a")).as_deref(),
        Ok("a=; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
    );
}

#[test]
fn all_attributes() -> Result<(), CookieError> {
    let cookie = SetCookie::new("a", "")?
        .path("/shop")?
        .domain("example.org")?
        .max_age(Duration::from_millis(1999))
        .expires(HttpDate::from(SystemTime::UNIX_EPOCH))
        .http_only(false)
        .partitioned()?
        .same_site(SameSite::None)?;
    assert_eq!(
        cookie.to_string(),
        "a=; Path=/shop; Domain=example.org; Max-Age=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; \
         Partitioned; SameSite=None"
    );
    let cookie = SetCookie::new("a", "b")?
        .secure(false)?
        .same_site(SameSite::Strict)?;
    assert_eq!(cookie.to_string(), "a=b; HttpOnly; SameSite=Strict");
    Ok(())
}

/// Every byte, as RFC 6265 section 4.1.1 has it.
#[test]
fn names_and_values_are_checked() {
    for byte in 0..=255_u8 {
        let character = char::from(byte);
        let token = character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character);
        assert_eq!(
            SetCookie::new(character, "").is_ok(),
            token,
            "{character:?}"
        );
        let octet = character.is_ascii_graphic() && !"\",;\\".contains(character);
        assert_eq!(
            SetCookie::new("a", character).is_ok(),
            octet,
            "{character:?}"
        );
    }
    assert_eq!(shown(SetCookie::new("", "a")), Err(CookieError::Name));
    assert_eq!(
        shown(SetCookie::new("a", "b\r\nSet-Cookie: c=d")),
        Err(CookieError::Value)
    );
    assert!(SetCookie::new("a", "x".repeat(4095)).is_ok());
    assert_eq!(
        shown(SetCookie::new("a", "x".repeat(4096))),
        Err(CookieError::TooLong)
    );
}

#[test]
fn attributes_are_checked() -> Result<(), CookieError> {
    let cookie = || SetCookie::new("a", "b");
    for path in ["", "a", "/;", "/\r\n", "/\u{e9}", "/\0"] {
        assert_eq!(
            shown(cookie()?.path(path)),
            Err(CookieError::Path),
            "{path:?}"
        );
    }
    for domain in [
        "",
        ".",
        ".example.org",
        "a..b",
        "a b",
        "a;b",
        "\u{e9}.org",
        "a.",
        "a:1",
        "a/b",
    ] {
        let refused = shown(cookie()?.domain(domain));
        assert_eq!(refused, Err(CookieError::Domain), "{domain:?}");
    }
    let long = format!("/{}", "x".repeat(1024));
    assert_eq!(shown(cookie()?.path(long)), Err(CookieError::TooLong));
    Ok(())
}

#[test]
fn prefixes_and_secure() -> Result<(), CookieError> {
    for name in ["__Host-a", "__HOST-a"] {
        let cookie = || SetCookie::new(name, "b");
        let refused = Err(CookieError::HostPrefix);
        assert_eq!(shown(cookie()?.path("/shop")), refused);
        assert_eq!(shown(cookie()?.domain("example.org")), refused);
        assert_eq!(shown(cookie()?.secure(false)), refused);
        assert!(cookie()?.path("/").is_ok());
    }
    let cookie = || SetCookie::new("__Secure-a", "b");
    assert_eq!(
        shown(cookie()?.secure(false)),
        Err(CookieError::SecurePrefix)
    );
    assert!(cookie()?.path("/shop")?.domain("example.org").is_ok());
    let open = || SetCookie::new("a", "b")?.secure(false);
    assert_eq!(
        shown(open()?.same_site(SameSite::None)),
        Err(CookieError::NotSecure)
    );
    assert_eq!(shown(open()?.partitioned()), Err(CookieError::NotSecure));
    Ok(())
}

struct Site;

#[handler]
impl Site {
    fn do_GET(&self) -> Result<([SetCookie; 2], &'static str)> {
        let cookies = [
            SetCookie::new("a", "1")?,
            SetCookie::new("b", "2")?.http_only(false),
        ];
        Ok((cookies, "two"))
    }

    #[route("/one")]
    fn do_GET_one(&self) -> Result<(SetCookie, StatusCode)> {
        Ok((SetCookie::remove("a")?, StatusCode::NO_CONTENT))
    }

    #[route("/wrong")]
    fn do_GET_wrong(&self) -> Result<(SetCookie, StatusCode)> {
        Ok((SetCookie::new("a", "b c")?, StatusCode::NO_CONTENT))
    }
}

#[test]
fn several_stand_in_one_answer() {
    let set = |path: &str| {
        let answer = testing::get(path).send(&Site);
        let cookies = answer.headers_named("Set-Cookie").map(str::to_owned);
        (answer.status().as_u16(), cookies.collect::<Vec<_>>())
    };
    let two = [
        "a=1; Secure; HttpOnly; SameSite=Lax",
        "b=2; Secure; SameSite=Lax",
    ];
    assert_eq!(set("/"), (200, two.map(str::to_owned).to_vec()));
    let gone = "a=; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
    assert_eq!(set("/one"), (204, vec![gone.to_owned()]));
    assert_eq!(set("/wrong"), (500, Vec::new()));
}
