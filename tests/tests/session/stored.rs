//! Sessions that the server keeps.

use crate::{EMPTY, Site, Visit, cookie, look, with};
use doget::{
    Error, Handler as _, HasSessions, Result, Session, SessionId, SessionStore, Sessions, handler,
    testing,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

/// In memory; it can be told to fail.
#[derive(Clone, Default)]
struct Store {
    kept: Arc<Mutex<HashMap<SessionId, Vec<u8>>>>,
    fails: Arc<Mutex<bool>>,
}

impl Store {
    fn check(&self) -> Result<()> {
        match *self.fails.lock().unwrap() {
            true => Err(Error::service_unavailable()),
            false => Ok(()),
        }
    }

    fn ids(&self) -> Vec<SessionId> {
        self.kept.lock().unwrap().keys().cloned().collect()
    }
}

impl SessionStore for Store {
    fn load(&self, id: &SessionId) -> Result<Option<Vec<u8>>> {
        self.check()?;
        Ok(self.kept.lock().unwrap().get(id).cloned())
    }

    fn insert(&self, id: &SessionId, data: &[u8], expires: SystemTime) -> Result<()> {
        self.check()?;
        assert!(expires > SystemTime::now());
        let before = self.kept.lock().unwrap().insert(id.clone(), data.to_vec());
        assert_eq!(before, None);
        Ok(())
    }

    fn replace(&self, id: &SessionId, data: &[u8], _: SystemTime) -> Result<bool> {
        self.check()?;
        match self.kept.lock().unwrap().get_mut(id) {
            Some(kept) => *kept = data.to_vec(),
            None => return Ok(false),
        }
        Ok(true)
    }

    fn remove(&self, id: &SessionId) -> Result<()> {
        self.check()?;
        self.kept.lock().unwrap().remove(id);
        Ok(())
    }
}

fn stored() -> (Site, Store) {
    let store = Store::default();
    (
        Site {
            sessions: Sessions::stored(store.clone()),
        },
        store,
    )
}

#[test]
fn the_cookie_is_a_random_name_and_the_store_has_its_digest() {
    let (site, store) = stored();
    let cookies: Vec<String> = (0..8)
        .map(|_| cookie(&testing::post("/count").send(&site)))
        .collect();
    for (at, known) in cookies.iter().enumerate() {
        let value = known.strip_prefix("__Host-session=").unwrap();
        assert_eq!(value.len(), 44, "32 bytes");
        assert!(!cookies[..at].contains(known));
        assert_eq!(look(&site, known), "1 None false");
    }
    let again = with(testing::post("/count"), &cookies[0]).send(&site);
    assert_eq!((again.text(), cookie(&again)), ("2", cookies[0].clone()));
    let ids = store.ids();
    assert_eq!(ids.len(), 8);
    for id in ids {
        assert_eq!(id.as_str().len(), 64);
        assert!(!cookies.iter().any(|cookie| cookie.contains(id.as_str())));
    }
}

/// Whoever foists a name on a browser, or knows the one that it had, gets nothing by its log-in (session fixation).
#[test]
fn a_session_has_another_name_behind_a_log_in() {
    let (site, store) = stored();
    let before = cookie(&testing::post("/count").send(&site));
    let answer = with(testing::post("/log-in"), &before).send(&site);
    let after = cookie(&answer);
    assert_ne!(before, after);
    assert_eq!(look(&site, &before), EMPTY);
    assert_eq!(look(&site, &after), "1 Some(\"ada\") false");
    assert_eq!(store.ids().len(), 1);
}

#[test]
fn a_name_that_the_client_has_thought_of_is_not_taken() {
    let (site, store) = stored();
    let foisted = format!("__Host-session={}=", "A".repeat(43));
    assert_eq!(look(&site, &foisted), EMPTY);
    let given = cookie(&with(testing::post("/count"), &foisted).send(&site));
    assert_ne!(given, foisted);
    assert_eq!(
        (look(&site, &foisted), look(&site, &given)),
        (EMPTY.to_owned(), "1 None false".to_owned())
    );
    for bad in ["A", "AAAA", &"A".repeat(44), &"A".repeat(4000), "*"] {
        assert_eq!(
            look(&site, &format!("__Host-session={bad}")),
            EMPTY,
            "{bad}"
        );
    }
    assert_eq!(store.ids().len(), 1);
}

#[test]
fn a_session_that_was_ended_is_over_for_all_copies_of_its_cookie() {
    let (site, store) = stored();
    let known = cookie(&testing::post("/log-in").send(&site));
    let answer = with(testing::post("/log-out"), &known).send(&site);
    let removal = "__Host-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
    assert_eq!(answer.header("Set-Cookie"), Some(removal));
    assert_eq!(
        (look(&site, &known), store.ids().len()),
        (EMPTY.to_owned(), 0)
    );
    // Who has none is told nothing.
    assert_eq!(
        testing::post("/log-out").send(&site).header("Set-Cookie"),
        None
    );
    // What is not valid goes too.
    let answer = with(testing::post("/log-out"), "__Host-session=x").send(&site);
    assert_eq!(answer.header("Set-Cookie"), Some(removal));
}

/// A request that runs while its session is ended.
struct Slow {
    sessions: Sessions<Visit>,
    store: Store,
}

impl HasSessions<Visit> for Slow {
    const BLOCKS: bool = true;

    fn sessions(&self) -> &Sessions<Visit> {
        &self.sessions
    }
}

#[handler]
impl Slow {
    fn do_POST(&self, mut session: Session<'_, Visit>) -> Result<String> {
        if !session.is_new() {
            self.store.kept.lock().unwrap().clear();
        }
        session.update(|visit| visit.count += 1)?;
        Ok(session.count.to_string())
    }

    #[route("/free")]
    fn do_GET_free(&self) -> &'static str {
        "free"
    }
}

#[test]
fn a_session_that_was_ended_does_not_come_back_by_a_request_that_still_runs() {
    let store = Store::default();
    let slow = Slow {
        sessions: Sessions::stored(store.clone()),
        store: store.clone(),
    };
    let known = cookie(&testing::post("/").send(&slow));
    let answer = with(testing::post("/"), &known).send(&slow);
    assert_eq!(
        (answer.status().as_u16(), answer.header("Set-Cookie")),
        (409, None)
    );
    assert!(store.ids().is_empty());
}

#[test]
fn a_store_that_blocks_keeps_its_methods_off_the_loops() {
    let store = Store::default();
    let slow = Slow {
        sessions: Sessions::stored(store.clone()),
        store,
    };
    assert!(slow.route("POST", "/").blocking);
    assert!(!slow.route("GET", "/free").blocking);
    assert!(!stored().0.route("POST", "/count").blocking);
}

#[test]
fn a_store_that_fails_is_the_answer() {
    let (site, store) = stored();
    let known = cookie(&testing::post("/count").send(&site));
    *store.fails.lock().unwrap() = true;
    assert_eq!(
        with(testing::get("/look"), &known).send(&site).status(),
        503
    );
    // Nobody has to be asked for who has no cookie.
    assert_eq!(testing::get("/look").send(&site).text(), EMPTY);
    assert_eq!(testing::post("/count").send(&site).status(), 503);
    *store.fails.lock().unwrap() = false;
    assert_eq!(look(&site, &known), "1 None false");
}

#[test]
fn a_store_has_room_for_more() {
    let (site, _) = stored();
    assert_eq!(
        testing::post("/fill/60000").send(&site).text(),
        "fits, 60000 bytes"
    );
    assert_eq!(
        testing::post("/fill/70000").send(&site).text(),
        "Some(TooLarge) 500, 0 bytes"
    );
}

/// Two kinds of sessions may lie in one store, and JSON of one may read as the other: a name is good for its own cookie
/// alone, as a signature is.
#[test]
fn what_is_stored_for_one_cookie_is_nobodys_in_another() {
    let (site, store) = stored();
    let admin = Site {
        sessions: Sessions::stored(store.clone())
            .cookie("__Host-admin")
            .unwrap(),
    };
    let known = cookie(&testing::post("/log-in").send(&site));
    let foisted = known.replace("__Host-session", "__Host-admin");
    assert_eq!(look(&admin, &foisted), EMPTY);
    let answer = with(testing::post("/log-out"), &foisted).send(&admin);
    assert_eq!(answer.status(), 303);
    assert_eq!(look(&site, &known), "0 Some(\"ada\") false");
}

#[test]
fn a_session_may_last_as_long_as_can_be_said() {
    let store = Store::default();
    let site = Site {
        sessions: Sessions::stored(store)
            .persistent()
            .idle_timeout(Duration::MAX)
            .lifetime(Duration::MAX),
    };
    let answer = testing::post("/count").send(&site);
    assert_eq!(answer.status(), 200);
    assert_eq!(look(&site, &cookie(&answer)), "1 None false");
}
