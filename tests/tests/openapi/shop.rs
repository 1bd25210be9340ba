//! A handler with something of everything, over a base, and its document.

use doget::openapi::{Docs, Document, Input, OpenApi, Operation, Scheme};
use doget::{
    Created, Error, Fault, Form, FromRequest, Html, Json, NoContent, OptionalFromRequest, Params,
    Query, Redirect, Reply, Request, Response, Result, Sent, Status, StatusCode, handler,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A thing to buy.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Item {
    /// Its number.
    pub(crate) id: u64,
    /// Its name.
    pub(crate) name: String,
    /// What it is made of, if that is known.
    pub(crate) material: Option<String>,
    /// What belongs to it.
    #[serde(default)]
    pub(crate) parts: Vec<Item>,
}

/// What is written and read in different ways.
#[expect(dead_code, reason = "it is read and never looked at")]
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    /// The item that is ordered.
    item_id: u64,
    #[serde(skip_serializing)]
    card_number: String,
    #[serde(skip_deserializing)]
    paid: bool,
    kind: Kind,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Express,
    Slow,
}

/// Holds an order, so it is split as that is.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Orders {
    orders: Vec<Order>,
}

pub(crate) struct User(String);

impl<'c> FromRequest<'c> for User {
    fn from_request(request: &mut Request<'c>) -> Result<Self> {
        let token = request.headers().get("Authorization");
        let user = token.and_then(|token| token.strip_prefix("Bearer "));
        user.map(|user| User(user.to_owned()))
            .ok_or_else(|| Error::new(401))
    }
}

impl<'c> OptionalFromRequest<'c> for User {
    fn from_request(request: &mut Request<'c>) -> Result<Option<Self>> {
        if request.headers().get("Authorization").is_none() {
            return Ok(None);
        }
        <User as FromRequest<'_>>::from_request(request).map(Some)
    }
}

impl Input for User {
    fn input(operation: &mut Operation<'_>) {
        operation.security(Scheme::bearer("JWT"));
        operation.fault(401, "Nobody is signed in.");
    }
}

pub(crate) struct Unknown;

impl<'c> FromRequest<'c> for Unknown {
    fn from_request(_: &mut Request<'c>) -> Result<Self> {
        Ok(Unknown)
    }
}

pub(crate) struct Base;

#[handler(tag = "Base")]
impl Base {
    /// From the base.
    #[route("/about")]
    fn do_GET_about(&self) -> Html<&'static str> {
        Html("<p>")
    }

    /// Not reached: the block above has the route.
    #[route("/items/{number}")]
    fn do_GET_item(&self, number: u64) -> String {
        number.to_string()
    }

    /// The id is taken already.
    #[route("/other/item/{number}")]
    fn do_GET_items(&self, number: u64) -> String {
        number.to_string()
    }
}

#[derive(Fault)]
pub(crate) enum ShopError {
    /// Sold out.
    #[status(409)]
    SoldOut,
    /// There is no such shelf.
    #[status(404)]
    NoShelf,
}

#[derive(Reply)]
pub(crate) enum Saved {
    /// It is new.
    New(Created<Json<Item>>),
    /// It took the place of another.
    Replaced(Json<Item>),
    /// It will be saved.
    #[status(202)]
    Queued,
}

#[derive(Params)]
pub(crate) struct Paging {
    /// Which page.
    #[param(default = 1, range = 1..=1000)]
    page: u32,
    /// How many on a page.
    #[param(default = 20, example = 50, range = 1..=100)]
    limit: u8,
}

#[derive(Params)]
pub(crate) struct Search {
    /// Words to look for.
    #[param(example = "nails")]
    q: Option<String>,
    /// All tags that it must have.
    #[param(example = "steel")]
    tag: Vec<String>,
    #[param(flatten)]
    paging: Paging,
}

#[derive(Params)]
pub(crate) struct Login {
    /// Who.
    user: String,
    #[param(length = 8..=128)]
    password: String,
    /// For how many days.
    days: Option<u16>,
}

/// Numbers without bounds of their own.
#[derive(Params)]
pub(crate) struct Numbers {
    /// One.
    one: u32,
    /// Another.
    another: u64,
}

pub(crate) struct Shop {
    pub(crate) base: Base,
    pub(crate) api: OpenApi,
}

impl Shop {
    pub(crate) fn new() -> Self {
        Self {
            base: Base,
            api: api(),
        }
    }
}

pub(crate) type Page<T> = Json<Vec<T>>;

/// A shop.
///
/// It sells *items*.
#[handler(base(self.base: Base))]
impl Shop {
    /// One item.
    ///
    /// More words.
    #[route("/items/{id}")]
    fn do_GET_item(
        &self,
        /// The item's number.
        id: u64,
    ) -> Option<Json<Item>> {
        (id == 1).then(|| {
            Json(Item {
                id,
                name: "Nail".to_owned(),
                material: None,
                parts: Vec::new(),
            })
        })
    }

    /// All items.
    #[route("/items")]
    fn do_GET_items(&self) -> Page<Item> {
        Json(Vec::new())
    }

    /// Changes an item.
    #[route("/items/{key}")]
    #[tag("Admin")]
    #[deprecated = "use the other"]
    fn do_PUT_item(
        &self,
        user: User,
        /// The same number by another name.
        key: u64,
        /// The item as it is to be.
        Json(item): Json<Item>,
    ) -> Result<Json<Item>> {
        let _ = (user.0, key);
        Ok(Json(item))
    }

    /// Orders.
    #[route("/orders")]
    #[operation_id("place_orders")]
    fn do_POST_orders(&self, user: Option<User>, orders: Json<Orders>) -> Json<Orders> {
        let _ = user;
        orders
    }

    /// What is found.
    #[route("/search")]
    fn do_GET_search(&self, Query(search): Query<Search>) -> Json<Vec<String>> {
        let Search { q, tag, paging } = search;
        let numbers = [paging.page, u32::from(paging.limit)].map(|one| one.to_string());
        Json(q.into_iter().chain(tag).chain(numbers).collect())
    }

    /// Signs in.
    #[route("/login")]
    fn do_POST_login(&self, Form(login): Form<Login>) -> Result<NoContent, ShopError> {
        match (login.user.as_str(), login.password.len(), login.days) {
            ("", ..) => Err(ShopError::NoShelf),
            (_, 8, Some(_)) => Err(ShopError::SoldOut),
            _ => Ok(NoContent),
        }
    }

    /// Saves an item.
    #[route("/shelf")]
    fn do_POST_shelf(&self, Json(item): Json<Item>) -> Result<Saved, ShopError> {
        Ok(match item.id {
            0 => Saved::Queued,
            1 => Saved::Replaced(Json(item)),
            _ => Saved::New(Created::at("/shelf", Json(item))),
        })
    }

    /// Written by hand, and said so.
    #[route("/export")]
    #[answers(Status<202, Json<Item>>, NoContent)]
    fn do_POST_export(&self, response: Response<'_>) -> Result<Sent> {
        response.reply(NoContent)
    }

    /// A file below a folder.
    #[route("/files/{*path}")]
    fn do_GET_file(&self, path: &str) -> Result<Vec<u8>, std::io::Error> {
        std::fs::read(path)
    }

    #[route("/odd/{when}")]
    fn do_GET_odd(&self, when: std::net::Ipv4Addr, _odd: Unknown) -> impl Reply {
        when.to_string()
    }

    /// Written by hand.
    #[route("/raw")]
    fn do_POST_raw(&self, request: &mut Request<'_>, response: Response<'_>) -> Result<Sent> {
        let _ = request;
        response.reply("hello")
    }

    /// Adds two numbers.
    #[route("/sum")]
    fn do_GET_sum(&self, Query(numbers): Query<Numbers>) -> String {
        numbers
            .another
            .saturating_add(numbers.one.into())
            .to_string()
    }

    /// Leads elsewhere.
    #[route("/go")]
    fn do_GET_go(&self) -> Redirect {
        Redirect::see_other("/items")
    }

    /// Not to be seen.
    #[doc(hidden)]
    #[route("/hidden")]
    fn do_GET_hidden(&self) -> &'static str {
        "hidden"
    }

    /// Of a method that OpenAPI has no word for.
    #[route("/items")]
    fn do_SEARCH_items(&self, body: String) -> String {
        body
    }

    #[route("/openapi.json")]
    fn do_GET_openapi(&self) -> &OpenApi {
        &self.api
    }

    #[route("/openapi-3.0.json")]
    fn do_GET_openapi_3_0(&self) -> Document<'_> {
        self.api.v3_0()
    }

    #[route("/docs")]
    fn do_GET_docs(&self) -> Docs<'_> {
        self.api.page()
    }

    fn do_DELETE(&self) -> StatusCode {
        StatusCode::NOT_FOUND
    }
}

pub(crate) fn api() -> OpenApi {
    OpenApi::of::<Shop>("Shop", "1.2.3")
}

pub(crate) fn document() -> Value {
    serde_json::from_str(&api().to_json()).unwrap()
}

/// `document["paths"]["/items/{id}"]["get"]`
pub(crate) fn operation(method: &str, path: &str) -> Value {
    let document = document();
    let operation = &document["paths"][path][method];
    assert!(operation.is_object(), "{method} {path} in {document:#}");
    operation.clone()
}
