//! A block in which everything is described compiles with `described`: aliases, lifetimes, generics, a base.

use doget::openapi::{JsonSchema, OpenApi};
use doget::{Created, Declared, Fault, Json, NoContent, Response, Result, Sent, handler};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

#[derive(Serialize, Deserialize, JsonSchema)]
struct Item {
    id: u32,
}

#[derive(Fault)]
enum ShopError {
    /// Sold out.
    #[status(409)]
    SoldOut,
}

type Page<T> = Json<Vec<T>>;
type Answer<T> = std::result::Result<T, ShopError>;

struct Base<'s, T>(&'s str, T);

#[handler(described)]
impl<'s, T: Serialize + JsonSchema + Clone> Base<'s, T> {
    /// What it holds.
    #[route("/held")]
    fn do_GET_held(&self) -> Json<T> {
        Json(self.1.clone())
    }

    /// What it borrows.
    #[route("/borrowed")]
    fn do_GET_borrowed(&self) -> Json<&'s str> {
        Json(self.0)
    }
}

struct Shop<B>(B);

#[handler(described, base(self.0: B))]
impl<B: Declared> Shop<B> {
    /// All items.
    #[route("/items")]
    fn do_GET_items(&self) -> Answer<Page<Item>> {
        Err(ShopError::SoldOut)
    }

    /// A new item.
    #[route("/items")]
    fn do_POST_item(&self, item: Option<Json<Item>>) -> Answer<Created<Json<Item>>> {
        item.map(|item| Created::at("/items/1", item)).ok_or(ShopError::SoldOut)
    }

    /// A name.
    #[route("/items/{id}/{*rest}")]
    fn do_GET_name<'r>(
        &self,
        /// Which.
        id: u32,
        /// The rest.
        rest: &'r str,
    ) -> Json<Cow<'r, str>> {
        let _ = id;
        Json(Cow::Borrowed(rest))
    }

    /// By hand.
    #[route("/raw")]
    #[answers(NoContent)]
    fn do_GET_raw(&self, response: Response<'_>) -> Result<Sent> {
        response.reply(NoContent)
    }

    #[cfg(windows)]
    /// Not here.
    #[route("/windows")]
    fn do_GET_windows(&self, body: NoSuchType) -> String {
        body
    }
}

fn main() {
    let api = OpenApi::of::<Shop<Base<'static, u8>>>("Shop", "1");
    assert_eq!(api.undescribed().count(), 0, "{:?}", api.undescribed().collect::<Vec<_>>());
    assert!(api.to_json().contains("get_held"));
}
