use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/users/{user_id}")]
    fn do_GET_user(&self, id: u64) -> String {
        id.to_string()
    }

    /// Two at once, and what lies between stays out of it.
    #[route("/users/{user}/posts/{number}")]
    #[blocking]
    fn do_PUT_post(&self, post: u64, user_name: String, body: String) -> String {
        format!("{user_name} {post} {body}")
    }

    #[route("/{type}")]
    fn do_DELETE_kind(&self, kind: u8) -> String {
        kind.to_string()
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
