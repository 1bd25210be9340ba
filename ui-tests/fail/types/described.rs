use doget::{FromRequest, Reply, Request, Response, Result, Sent, StatusCode, handler};

pub struct Csv(String);

impl Reply for Csv {
    fn reply(self, response: Response<'_>) -> Result<Sent> {
        response.reply(self.0)
    }
}

pub struct User;

impl<'c> FromRequest<'c> for User {
    fn from_request(_: &mut Request<'c>) -> Result<Self> {
        Ok(User)
    }
}

pub struct ShopError;

impl From<ShopError> for doget::Error {
    fn from(_: ShopError) -> Self {
        doget::Error::conflict()
    }
}

pub struct S;

/// What is described by its types, all of it.
#[handler(described)]
impl S {
    /// An answer that does not say what it is.
    #[route("/csv")]
    fn do_GET_csv(&self) -> Csv {
        Csv(String::new())
    }

    /// A status that is chosen when the program runs.
    #[route("/status")]
    fn do_GET_status(&self) -> StatusCode {
        StatusCode::OK
    }

    /// A parameter that does not say what it takes.
    #[route("/user")]
    fn do_GET_user(&self, user: User) -> &'static str {
        drop(user);
        "you"
    }

    /// An error that does not say its status.
    #[route("/shop")]
    fn do_GET_shop(&self) -> Result<&'static str, ShopError> {
        Err(ShopError)
    }

    /// By hand, and it says what.
    #[route("/hand")]
    #[answers(&'static str)]
    fn do_GET_hand(&self, response: Response<'_>) -> Result<Sent> {
        response.reply("by hand")
    }
}

fn main() {}
