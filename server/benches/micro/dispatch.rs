//! From a method and a path to the `do_*` method: as the server asks for it, through `dyn Handler`.
#![allow(
    non_snake_case,
    reason = "handlers have methods named after HTTP's methods"
)]

use crate::harness::Case;
use doget::{Handler, handler};
use std::hint::black_box;

struct Three;

#[handler]
impl Three {
    fn do_GET(&self) -> &'static str {
        ""
    }
    fn do_POST(&self) -> &'static str {
        ""
    }
    fn do_DELETE(&self) -> &'static str {
        ""
    }
}

struct Eight;

#[handler]
impl Eight {
    fn do_GET(&self) -> &'static str {
        ""
    }
    fn do_POST(&self) -> &'static str {
        ""
    }
    fn do_PUT(&self) -> &'static str {
        ""
    }
    fn do_PATCH(&self) -> &'static str {
        ""
    }
    fn do_COPY(&self) -> &'static str {
        ""
    }
    fn do_MOVE(&self) -> &'static str {
        ""
    }
    fn do_SEARCH(&self) -> &'static str {
        ""
    }
    fn do_DELETE(&self) -> &'static str {
        ""
    }
}

struct Twenty;

#[handler]
impl Twenty {
    fn do_GET(&self) -> &'static str {
        ""
    }
    fn do_POST(&self) -> &'static str {
        ""
    }
    fn do_PUT(&self) -> &'static str {
        ""
    }
    fn do_PATCH(&self) -> &'static str {
        ""
    }
    fn do_COPY(&self) -> &'static str {
        ""
    }
    fn do_MOVE(&self) -> &'static str {
        ""
    }
    fn do_SEARCH(&self) -> &'static str {
        ""
    }
    fn do_PROPFIND(&self) -> &'static str {
        ""
    }
    fn do_PROPPATCH(&self) -> &'static str {
        ""
    }
    fn do_MKCOL(&self) -> &'static str {
        ""
    }
    fn do_LOCK(&self) -> &'static str {
        ""
    }
    fn do_UNLOCK(&self) -> &'static str {
        ""
    }
    fn do_REPORT(&self) -> &'static str {
        ""
    }
    fn do_ACL(&self) -> &'static str {
        ""
    }
    fn do_BIND(&self) -> &'static str {
        ""
    }
    fn do_REBIND(&self) -> &'static str {
        ""
    }
    fn do_UNBIND(&self) -> &'static str {
        ""
    }
    fn do_LINK(&self) -> &'static str {
        ""
    }
    fn do_UNLINK(&self) -> &'static str {
        ""
    }
    fn do_DELETE(&self) -> &'static str {
        ""
    }
}

struct Routes;

#[handler]
impl Routes {
    #[route("/")]
    fn do_GET_home(&self) -> &'static str {
        ""
    }
    #[route("/about")]
    fn do_GET_about(&self) -> &'static str {
        ""
    }
    #[route("/users")]
    fn do_GET_users(&self) -> &'static str {
        ""
    }
    #[route("/users")]
    fn do_POST_users(&self) -> &'static str {
        ""
    }
    #[route("/users/me")]
    fn do_GET_me(&self) -> &'static str {
        ""
    }
    #[route("/users/{id}")]
    fn do_GET_user(&self, id: u64) -> &'static str {
        let _ = id;
        ""
    }
    #[route("/users/{id}/posts/{post}")]
    fn do_GET_post(&self, id: u64, post: u64) -> &'static str {
        let _ = (id, post);
        ""
    }
    #[route("/users/{id}")]
    fn do_DELETE_user(&self, id: u64) -> &'static str {
        let _ = id;
        ""
    }
    #[route("/files/{*path}")]
    fn do_GET_file(&self, path: &str) -> &'static str {
        let _ = path;
        ""
    }
}

pub(crate) fn cases(cases: &mut Vec<Case>) {
    plain(cases, "3 methods", &Three);
    plain(cases, "8 methods", &Eight);
    plain(cases, "20 methods", &Twenty);
    for (words, command, path, known) in [
        ("/about", "GET", "/about", true),
        ("/users/{id}", "GET", "/users/1234", true),
        (
            "/users/{id}/posts/{post}",
            "GET",
            "/users/1234/posts/56",
            true,
        ),
        ("/files/{*path}", "GET", "/files/a/b/c.txt", true),
        ("no match", "GET", "/nothing/here", false),
    ] {
        cases.push(case(
            format!("dispatch among 9 routes, {words}"),
            &Routes,
            command,
            path,
            known,
        ));
    }
}

fn plain<H: Handler + 'static>(cases: &mut Vec<Case>, words: &str, handler: &'static H) {
    for (which, command, known) in [
        ("the first", "GET", true),
        ("the last", "DELETE", true),
        ("none of them", "PURGE", false),
    ] {
        let name = format!("dispatch among {words}, {which}");
        cases.push(case(name, handler, command, "/", known));
    }
}

fn case(
    name: String,
    handler: &'static dyn Handler,
    command: &'static str,
    path: &'static str,
    known: bool,
) -> Case {
    Case::new(name, move || {
        let route = black_box(handler).route(black_box(command), black_box(path));
        assert_eq!(route.index != u32::MAX, known);
        route
    })
}
