//! Sessions that browsers keep.

use crate::{EMPTY, KEY, OTHER_KEY, Site, Visit, cookie, look, signed, with};
use doget::{Request, Result, Sessions, handler, testing};
use doget_tests::test_server::TestServer;
use std::time::Duration;

#[test]
fn a_session_is_a_signed_cookie_for_this_host_alone() {
    let server = TestServer::new(signed());
    let mut conn = server.connect();
    let mut known = String::new();
    for count in 1..=3 {
        conn.send(format!(
            "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n{known}\r\n"
        ));
        let answer = conn.answer("POST");
        assert_eq!(answer.text(), count.to_string());
        let set = answer.header("Set-Cookie").unwrap();
        let (value, rules) = set.split_once(';').unwrap();
        assert!(value.starts_with("__Host-session="), "{set}");
        assert_eq!(rules, " Path=/; Secure; HttpOnly; SameSite=Lax");
        known = format!("Cookie: other=1; {value}\r\n");
    }
}

#[test]
fn a_session_that_is_only_looked_at_sets_no_cookie() {
    let answer = testing::get("/look").send(&signed());
    assert_eq!((answer.text(), answer.header("Set-Cookie")), (EMPTY, None));
}

/// Every bit of the cookie counts, and so does its spelling.
#[test]
fn a_cookie_that_was_changed_by_one_byte_is_an_empty_session() {
    let site = signed();
    let known = cookie(&testing::post("/count").send(&site));
    assert_eq!(look(&site, &known), "1 None false");
    let start = "__Host-session=".len();
    for at in start..known.len() {
        for other in ['A', 'B', 'z', '0', '/', '+', '='] {
            let mut changed: Vec<char> = known.chars().collect();
            if changed[at] == other {
                continue;
            }
            changed[at] = other;
            let changed: String = changed.into_iter().collect();
            assert_eq!(look(&site, &changed), EMPTY, "{changed}");
        }
        assert_eq!(look(&site, &known[..at]), EMPTY, "cut at {at}");
    }
    for more in ["A", "=", "====", "AAAA", " x"] {
        assert_eq!(look(&site, &format!("{known}{more}")), EMPTY, "{more}");
    }
}

#[test]
fn what_is_no_cookie_of_ours_is_an_empty_session() {
    let site = signed();
    let known = cookie(&testing::post("/count").send(&site));
    let value = known.split_once('=').unwrap().1;
    for other in [
        format!("session={value}"),
        format!("__host-session={value}"),
        // Browsers send a cookie without a name as its value alone (CVE-2023-23934).
        format!("=__Host-session={value}"),
        format!("__Host-session=={value}"),
        // Two: nobody knows whose.
        format!("{known}; {known}"),
        format!("{known}; __Host-session="),
        "__Host-session".to_owned(),
        "__Host-session=".to_owned(),
    ] {
        assert_eq!(look(&site, &other), EMPTY, "{other}");
    }
    // A thousand others take nothing away.
    let many = "a=b; ".repeat(1000);
    assert_eq!(look(&site, &format!("{many}{known}")), "1 None false");
    let two = testing::get("/look")
        .header("Cookie", "a=b")
        .header("Cookie", &known);
    assert_eq!(two.send(&site).text(), "1 None false");
}

#[test]
fn the_first_key_signs_and_all_verify() {
    let keys = |keys: &[&str]| Site {
        sessions: Sessions::signed(keys).unwrap(),
    };
    let (old, both, new) = (keys(&[KEY]), keys(&[OTHER_KEY, KEY]), keys(&[OTHER_KEY]));
    let known = cookie(&testing::post("/count").send(&old));
    assert_eq!(look(&both, &known), "1 None false");
    assert_eq!(look(&new, &known), EMPTY);
    let known = cookie(&with(testing::post("/count"), &known).send(&both));
    assert_eq!(look(&new, &known), "2 None false");
    assert_eq!(look(&old, &known), EMPTY);
    for bad in [
        &[][..],
        &["short"],
        &[KEY, "0123456789abcdef0123456789abcde"],
    ] {
        assert!(Sessions::<Visit>::signed(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn what_is_signed_for_one_cookie_is_worthless_in_another() {
    let other = Site {
        sessions: Sessions::signed([KEY])
            .unwrap()
            .cookie("__Host-admin")
            .unwrap(),
    };
    let known = cookie(&testing::post("/count").send(&signed()));
    assert_eq!(
        look(&other, &known.replace("__Host-session", "__Host-admin")),
        EMPTY
    );
    for bad in ["", "a b", "a=b", "a;b", &"x".repeat(65)] {
        assert!(
            Sessions::<Visit>::signed([KEY])
                .unwrap()
                .cookie(bad)
                .is_err(),
            "{bad}"
        );
    }
}

/// The times stand in what is signed. So one server can be told to make cookies whose times another one reads.
#[test]
fn a_session_is_over_at_its_time_and_is_prolonged_before_it() {
    let site = |idle: u64, lifetime: u64| Site {
        sessions: Sessions::signed([KEY])
            .unwrap()
            .idle_timeout(Duration::from_secs(idle))
            .lifetime(Duration::from_secs(lifetime)),
    };
    let known = |site: &Site| cookie(&testing::post("/count").send(site));
    let long = 1_000_000;
    for (idle, lifetime) in [(0, long), (long, 0)] {
        assert_eq!(
            look(&site(long, long), &known(&site(idle, lifetime))),
            EMPTY,
            "{idle} {lifetime}"
        );
    }
    // A lifetime that was made shorter counts for those that there are.
    assert_eq!(look(&site(long, 0), &known(&site(long, long))), EMPTY);
    let brief = known(&site(1_000, long));
    let prolongs = |site: Site| {
        let answer = with(testing::get("/look"), &brief).send(&site);
        assert_eq!(answer.text(), "1 None false");
        answer.header("Set-Cookie").is_some()
    };
    assert!(!prolongs(site(1_000, long)), "little of its time is over");
    assert!(prolongs(site(10_000, long)), "more than a quarter is");
    assert!(!prolongs(site(10_000, 1_000)), "it has a last day");
}

#[test]
fn what_does_not_read_any_more_is_an_empty_session() {
    struct Changed(Sessions<Vec<String>>);
    impl doget::HasSessions<Vec<String>> for Changed {
        fn sessions(&self) -> &Sessions<Vec<String>> {
            &self.0
        }
    }
    #[doget::handler]
    impl Changed {
        fn do_GET(&self, session: doget::Session<'_, Vec<String>>) -> String {
            format!("{:?} {}", *session, session.is_new())
        }
    }
    let known = cookie(&testing::post("/count").send(&signed()));
    let changed = Changed(Sessions::signed([KEY]).unwrap());
    assert_eq!(
        with(testing::get("/"), &known).send(&changed).text(),
        "[] true"
    );
}

#[test]
fn a_cookie_has_room_for_so_much_and_what_is_too_large_changes_nothing() {
    let site = signed();
    let known = cookie(&testing::post("/fill/2000").send(&site));
    assert!(look(&site, &known).starts_with("0 Some(\"xxx"));
    let answer = with(testing::post("/fill/4000"), &known).send(&site);
    assert_eq!(answer.text(), "Some(TooLarge) 500, 2000 bytes");
    assert_eq!(answer.header("Set-Cookie"), None);
    assert_eq!(
        testing::post("/fill/4000").send(&site).text(),
        "Some(TooLarge) 500, 0 bytes"
    );
}

#[test]
fn a_cookie_can_be_kept_and_can_do_without_tls() {
    let kept = Site {
        sessions: Sessions::signed([KEY])
            .unwrap()
            .persistent()
            .idle_timeout(Duration::from_secs(60)),
    };
    let answer = testing::post("/count").send(&kept);
    let set = answer.header("Set-Cookie").unwrap();
    assert!(
        set.ends_with("; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    let plain = Site {
        sessions: Sessions::signed([KEY]).unwrap().over_plain_http(),
    };
    let answer = testing::post("/count").send(&plain);
    let set = answer.header("Set-Cookie").unwrap();
    assert!(
        set.starts_with("session=") && set.ends_with("; Path=/; HttpOnly; SameSite=Lax"),
        "{set}"
    );
    assert_eq!(look(&plain, &cookie(&answer)), "1 None false");
    // A name that says `Secure` would be refused by every browser.
    for name in ["__Secure-id", "__Host-id", "__secure-id", "__HOST-id"] {
        let plain = Site {
            sessions: Sessions::signed([KEY])
                .unwrap()
                .cookie(name)
                .unwrap()
                .over_plain_http(),
        };
        let answer = testing::post("/count").send(&plain);
        assert!(cookie(&answer).starts_with("id="), "{name}");
        assert_eq!(look(&plain, &cookie(&answer)), "1 None false");
    }
}

/// Two sites in one program, each with keys of its own, that call their cookie the same.
struct Two {
    shop: Sessions<Option<String>>,
    admin: Sessions<Option<String>>,
}

#[handler]
impl Two {
    fn do_GET(&self, request: &Request<'_>) -> Result<String> {
        let (shop, admin) = (self.shop.open(request)?, self.admin.open(request)?);
        Ok(format!("{:?} {:?}", *shop, *admin))
    }

    fn do_POST(&self, request: &Request<'_>) -> Result<&'static str> {
        self.shop.open(request)?.set(Some("ada".to_owned()))?;
        Ok("kept")
    }
}

#[test]
fn what_one_site_has_signed_is_nothing_to_another_in_the_same_request() {
    let two = Two {
        shop: Sessions::signed([KEY]).unwrap(),
        admin: Sessions::signed([OTHER_KEY]).unwrap(),
    };
    let known = cookie(&testing::post("/").send(&two));
    let answer = with(testing::get("/"), &known).send(&two);
    assert_eq!(answer.text(), "Some(\"ada\") None");
}
