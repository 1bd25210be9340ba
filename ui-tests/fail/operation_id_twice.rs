use doget::handler;

pub struct S;

#[handler]
impl S {
    #[route("/users")]
    fn do_GET_users(&self) -> &'static str {
        "all"
    }

    #[route("/people")]
    #[operation_id("get_users")]
    fn do_GET_people(&self) -> &'static str {
        "all"
    }

    #[route("/old")]
    #[operation_id("get_old")]
    #[cfg(windows)]
    fn do_GET_old_there(&self) -> &'static str {
        "old"
    }

    #[route("/old")]
    #[operation_id("get_old")]
    #[cfg(not(windows))]
    fn do_GET_old_here(&self) -> &'static str {
        "old"
    }
}

fn use_it() {
    fn serve(_: impl doget::Handler + doget::Handles<doget::method::GET>) {}
    serve(S);
}

fn main() {}
