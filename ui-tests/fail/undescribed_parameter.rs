use doget::handler;

pub struct S;

#[handler(described)]
impl S {
    /// One user of a group.
    #[route("/groups/{group}/{user}")]
    fn do_GET_user(
        &self,
        group: u64,
        /// With a comment.
        user: u64,
        #[query] page: u32,
        /// With a comment too.
        #[header]
        user_agent: Option<String>,
    ) -> String {
        format!("{group} {user} {page} {user_agent:?}")
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
