//! What stands around methods, in the document: credentials, layers, and a base or a mount with layers of its own.

use doget::openapi::{Input, OpenApi, Operation, Scheme};
use doget::{
    AllowHosts, Authorized, Bearer, Fault, FromRequest, Json, Limit, MaxBody, Request, Result,
    SameOrigin, Verify, With, handler,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

struct User;

/// A key in a header field of its own.
struct Key;

impl<'c> FromRequest<'c> for Key {
    fn from_request(_: &mut Request<'c>) -> Result<Self> {
        Ok(Key)
    }
}

impl Input for Key {
    fn input(operation: &mut Operation<'_>) {
        operation.security(Scheme::header("X-Key"));
    }
}

struct Club;

impl Verify<User> for Club {
    const SCHEME: doget::Scheme = doget::Scheme::Bearer("club");

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        Ok(Bearer::of(request).map(|_| User))
    }
}

#[handler]
impl Club {
    #[route("/greeting")]
    fn do_GET_greeting(&self, user: Option<Authorized<User>>) -> &'static str {
        user.map_or("hello", |_| "hello, member")
    }

    #[route("/door")]
    fn do_GET_door(&self, _key: Key, user: Option<Authorized<User>>) -> &'static str {
        user.map_or("open", |_| "open, member")
    }
}

struct Guarded;

impl Verify<User> for Guarded {
    const SCHEME: doget::Scheme = doget::Scheme::Bearer("club");

    fn verify(&self, request: &Request<'_>) -> Result<Option<User>> {
        Ok(Bearer::of(request).map(|_| User))
    }
}

#[handler(guard(User))]
impl Guarded {
    #[route("/room")]
    fn do_GET_room(&self, user: Option<Authorized<User>>) -> &'static str {
        user.map_or("nobody", |_| "somebody")
    }
}

fn document<H: doget::Declared>() -> Value {
    serde_json::from_str(&OpenApi::of::<H>("Club", "1").to_json()).unwrap()
}

fn security<H: doget::Declared>(path: &str) -> Value {
    document::<H>()["paths"][path]["get"]["security"].clone()
}

#[test]
fn a_user_who_may_be_nobody_is_a_credential_that_may_be_absent() {
    let greeting = security::<Club>("/greeting");
    assert_eq!(greeting, json!([{}, { "bearer": [] }]));
}

/// What the method asks for in any case is in each of the ways.
#[test]
fn what_may_be_absent_takes_nothing_from_what_may_not() {
    let door = security::<Club>("/door");
    assert_eq!(
        door,
        json!([{ "X-Key": [] }, { "X-Key": [], "bearer": [] }])
    );
    assert_eq!(security::<Guarded>("/room"), json!([{ "bearer": [] }]));
}

struct Inner;

#[handler]
impl Inner {
    #[route("/inner")]
    fn do_GET_inner(&self) -> &'static str {
        "inner"
    }
}

struct Outer {
    inner: With<AllowHosts, Inner>,
    mounted: With<AllowHosts, Inner>,
}

#[handler(base(self.inner: With<AllowHosts, Inner>), mount("/below" = self.mounted: With<AllowHosts, Inner>))]
impl Outer {
    #[route("/outer")]
    fn do_GET_outer(&self) -> &'static str {
        "outer"
    }
}

fn has<H: doget::Declared>(path: &str, method: &str, status: &str) -> bool {
    let operation = document::<H>()["paths"][path][method].clone();
    assert!(operation.is_object(), "{method} {path}");
    operation["responses"][status].is_object()
}

#[test]
fn a_layer_of_a_base_or_a_mount_is_none_of_the_block() {
    assert!(has::<Outer>("/inner", "get", "421"));
    assert!(has::<Outer>("/below/inner", "get", "421"));
    assert!(!has::<Outer>("/outer", "get", "421"));
}

struct Layered {
    limit: Limit,
    same: SameOrigin,
    small: MaxBody,
    inner: Inner,
}

#[handler(layers(self.limit, self.same), base(self.inner: Inner))]
impl Layered {
    #[route("/text")]
    fn do_GET_text(&self) -> &'static str {
        "text"
    }

    #[route("/text")]
    #[layer(self.small)]
    fn do_POST_text(&self) -> &'static str {
        "posted"
    }
}

struct Around {
    layered: Layered,
}

#[handler(base(self.layered: Layered))]
impl Around {
    #[route("/own")]
    fn do_GET_own(&self) -> &'static str {
        "own"
    }
}

#[test]
fn the_layers_of_a_block_and_of_a_method_say_what_they_refuse() {
    for (path, method) in [("/text", "get"), ("/text", "post"), ("/inner", "get")] {
        assert!(has::<Layered>(path, method, "429"), "{method} {path}");
        assert!(has::<Around>(path, method, "429"), "{method} {path}");
    }
    assert!(!has::<Around>("/own", "get", "429"));
    assert!(has::<Layered>("/text", "post", "413"));
    assert!(!has::<Layered>("/text", "get", "413"));
}

#[test]
fn a_page_of_another_site_is_refused_where_something_changes() {
    assert!(has::<Layered>("/text", "post", "403"));
    assert!(!has::<Layered>("/text", "get", "403"));
}

/// The program's own, which has nothing to do with RFC 9457.
#[derive(Serialize, JsonSchema)]
struct Problem {
    /// What is to be solved.
    exercise: String,
}

#[derive(Fault)]
enum Missing {
    /// There is no such exercise.
    #[status(404)]
    Exercise,
}

struct School;

#[handler(problem)]
impl School {
    #[route("/exercises/{number}")]
    fn do_GET_exercise(&self, number: u8) -> Result<Json<Problem>, Missing> {
        match number {
            0 => Err(Missing::Exercise),
            _ => Ok(Json(Problem {
                exercise: number.to_string(),
            })),
        }
    }
}

#[test]
fn a_type_of_the_program_may_be_called_problem() {
    let document = document::<School>();
    let answers = &document["paths"]["/exercises/{number}"]["get"]["responses"];
    let schema = |status: &str, kind: &str| {
        let reference = answers[status]["content"][kind]["schema"]["$ref"].clone();
        let name = reference.as_str().unwrap().rsplit('/').next().unwrap();
        document["components"]["schemas"][name]["properties"].clone()
    };
    assert!(schema("200", "application/json")["exercise"].is_object());
    assert!(schema("404", "application/problem+json")["detail"].is_object());
}
