use doget::handler;

pub struct Old;

#[handler]
impl Old {
    #[route("/users/{id}")]
    fn do_GET_user(&self, id: u32) -> String {
        format!("user {id}")
    }

    #[route("/old/all")]
    #[operation_id("get_all")]
    fn do_GET_users(&self) -> &'static str {
        "all"
    }
}

pub struct New {
    old: Old,
}

#[handler(base(self.old: Old), described)]
impl New {
    /// One user, in place of the base's.
    #[route("/users/{id}")]
    fn do_GET_user(
        &self,
        /// The user's number.
        id: u32,
    ) -> String {
        format!("user {id}")
    }

    /// All users.
    #[route("/users")]
    fn do_GET_all(&self) -> &'static str {
        "all"
    }
}

pub struct Around<B>(B);

#[handler(base(self.0: B), described)]
impl<B> Around<B> {
    /// The same name for something else.
    #[route("/user")]
    fn do_GET_user(&self) -> &'static str {
        "you"
    }
}

pub fn serve() {
    let around: &dyn doget::Handler = &Around(Old);
    drop(around.settings());
}

fn main() {}
