use doget::handler;

struct User;

struct S;

#[handler(guard(User))]
impl S {
    #[route("/a")]
    fn do_GET_a(&self) -> &'static str {
        "hello"
    }

    #[route("/b")]
    fn do_GET_b(&self) -> &'static str {
        "hello"
    }
}

fn main() {}
