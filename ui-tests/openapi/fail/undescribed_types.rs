use doget::{FromRequest, Json, Request, Response, Result, Sent, StatusCode, handler};
use serde::{Deserialize, Serialize};

/// It has no schema.
#[derive(Serialize, Deserialize)]
struct Item {
    id: u32,
}

struct Session;

impl<'c> FromRequest<'c> for Session {
    fn from_request(_: &mut Request<'c>) -> Result<Self> {
        Ok(Session)
    }
}

struct S;

#[handler(described)]
impl S {
    /// A body without a schema.
    #[route("/item")]
    fn do_PUT_item(&self, item: Json<Item>) -> String {
        item.0.id.to_string()
    }

    /// An answer without a schema.
    #[route("/item")]
    fn do_GET_item(&self) -> Json<Item> {
        Json(Item { id: 1 })
    }

    /// A parameter that says nothing.
    #[route("/session")]
    fn do_GET_session(&self, _session: Session) -> String {
        String::new()
    }

    /// A status that is known when it runs.
    #[route("/status")]
    fn do_GET_status(&self) -> StatusCode {
        StatusCode::OK
    }

    /// Written by hand, and not said what.
    #[route("/raw")]
    fn do_GET_raw(&self, response: Response<'_>) -> Result<Sent> {
        response.reply("raw")
    }
}

fn main() {}
