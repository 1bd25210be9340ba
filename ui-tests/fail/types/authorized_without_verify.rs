use doget::{Authorized, handler};

struct User;

type Me = Authorized<User>;

struct S;

#[handler]
impl S {
    #[route("/you")]
    fn do_GET_you(&self, user: Me) -> &'static str {
        "hello"
    }

    #[route("/maybe")]
    fn do_GET_maybe(&self, user: Option<Authorized<User>>) -> &'static str {
        "hello"
    }
}

fn main() {}
