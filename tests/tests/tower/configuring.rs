//! How a service is configured, and what holds where nothing was said.

use crate::executor::{ask, get};
use doget::{Authorized, Basic, Log, Peer, Request, Result, Scheme, Verify, handler, tower};
use std::net::SocketAddr;
use std::sync::Mutex;

struct Safe;

impl Verify<String> for Safe {
    const SCHEME: Scheme = Scheme::Basic("safe");

    fn verify(&self, request: &Request<'_>) -> Result<Option<String>> {
        Ok(Basic::of(request).map(|basic| basic.name().to_owned()))
    }
}

#[handler]
impl Safe {
    fn do_GET(&self, user: Authorized<String>) -> String {
        user.into_inner()
    }
}

/// As by doget's own server: whoever forgets to say who asks has not opened it to all.
#[test]
fn passwords_of_a_client_that_nobody_named_are_taken_over_https_alone() {
    let service = || tower::service(Safe).log(Log::off());
    let local = SocketAddr::from(([127, 0, 0, 1], 5000));
    let far = SocketAddr::from(([203, 0, 113, 9], 5000));
    for (what, service, expected) in [
        ("nothing was said", service(), 403),
        ("unknown", service().peer(|_| Peer::UNKNOWN), 403),
        ("far", service().peer(move |_| far.into()), 403),
        ("local", service().peer(move |_| local.into()), 200),
        ("unix", service().peer(|_| Peer::UNIX), 200),
        ("https", service().https(true), 200),
    ] {
        for service in [service.clone(), service] {
            let mut request = get("/");
            let known = http::HeaderValue::from_static("Basic YWRhOmVuZ2luZQ==");
            request.headers_mut().insert("authorization", known);
            assert_eq!(ask(&service, request).0, expected, "{what}");
        }
    }
}

#[test]
fn who_configures_a_clone_is_told_where() {
    static PLACES: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
    let before = std::panic::take_hook();
    let here = std::thread::current().id();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() != here {
            return before(info);
        }
        let words = info
            .payload()
            .downcast_ref::<&str>()
            .map(|words| (*words).to_owned());
        let words = words.or_else(|| info.payload().downcast_ref::<String>().cloned());
        let file = info.location().map_or("", |location| location.file());
        PLACES
            .lock()
            .unwrap()
            .push((file.to_owned(), words.unwrap_or_default()));
    }));
    type Change = fn(tower::Service) -> tower::Service;
    let changes: [(&str, Change); 10] = [
        ("inline", |service| service.inline()),
        ("inline_unless_blocking", |service| {
            service.inline_unless_blocking()
        }),
        ("max_inline_response", |service| {
            service.max_inline_response(1)
        }),
        ("limits", |service| service.limits(doget::Limits::new())),
        ("log", |service| service.log(Log::off())),
        ("error_log", |service| service.error_log(Log::off())),
        ("log_format", |service| {
            service.log_format(doget::LogFormat::Combined)
        }),
        ("peer", |service| service.peer(|_| Peer::UNIX)),
        ("https", |service| service.https(true)),
        ("server_name", |service| service.server_name("a", 1)),
    ];
    for (name, change) in changes {
        let service = tower::service(Safe);
        let clone = service.clone();
        let changed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| change(service)));
        drop(clone);
        assert!(changed.is_err());
        let (file, words) = PLACES.lock().unwrap().pop().unwrap();
        assert!(file.ends_with("configuring.rs"), "{name}: {file}");
        assert!(words.contains(&format!("`{name}`")), "{words}");
    }
}
