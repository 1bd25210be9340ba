//! The description of a handler by OpenAPI: [`OpenApi`]. Feature `openapi`.
//!
//! A [`#[handler]`](macro@crate::handler) block is its source. Comments on the block, on methods and on parameters are
//! the texts; routes and types are the parameters, bodies, statuses and errors. Types of bodies have a schema if they
//! are [`JsonSchema`], by the derive of `schemars`, which obeys the attributes of serde: `cargo add schemars`.
//! The derive writes `schemars::` into your code, so a program without that dependency says at each type where it is:
//! `#[schemars(crate = "doget::openapi::schemars")]`.
//!
//! ```
//! use doget::openapi::{Docs, OpenApi};
//! use doget::{Fault, Json, handler, testing};
//! use schemars::JsonSchema;
//! use serde::{Deserialize, Serialize};
//!
//! /// A thing to buy.
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! struct Item {
//!     /// What it is called.
//!     name: String,
//! }
//!
//! #[derive(Fault)]
//! enum ShopError {
//!     /// There is no such item.
//!     #[status(404)]
//!     Unknown,
//! }
//!
//! struct Shop {
//!     api: OpenApi,
//! }
//!
//! /// A shop.
//! #[handler]
//! impl Shop {
//!     /// One item.
//!     #[route("/items/{id}")]
//!     fn do_GET_item(
//!         &self,
//!         /// The number of the item.
//!         id: u64,
//!     ) -> Result<Json<Item>, ShopError> {
//!         match id {
//!             1 => Ok(Json(Item { name: "Nail".to_owned() })),
//!             _ => Err(ShopError::Unknown),
//!         }
//!     }
//!
//!     #[route("/openapi.json")]
//!     fn do_GET_openapi(&self) -> &OpenApi {
//!         &self.api
//!     }
//!
//!     #[route("/docs")]
//!     fn do_GET_docs(&self) -> Docs<'_> {
//!         self.api.page()
//!     }
//! }
//!
//! let api = OpenApi::of::<Shop>("Shop", "1.0");
//! assert_eq!(api.undescribed().count(), 0);
//! let shop = Shop { api };
//! assert!(testing::get("/openapi.json").send(&shop).text().contains("There is no such item."));
//! assert!(testing::get("/docs").send(&shop).text().contains("One item."));
//! ```
//!
//! What is in the document, and from where:
//!
//! | in the document | from |
//! | --- | --- |
//! | `info.description`, description of the tag | the comment on the `impl` block |
//! | `summary`, `description` | the first paragraph of the method's comment, and the rest |
//! | `operationId` | the function, `do_GET_item` is `get_item`; or `#[operation_id("..")]` |
//! | `tags` | the block's type; or `#[handler(tag = "..")]`, `#[tag("..")]` |
//! | `deprecated`; left out | `#[deprecated]`; `#[doc(hidden)]` |
//! | parameters | placeholders with the comments of their parameters; the fields of [`Params`](trait@crate::Params) types |
//! | bodies, responses | [`Input`], [`Output`]; what types say as data: [`Reply::ANSWERS`](crate::Reply::ANSWERS), [`FromRequest::REFUSALS`](crate::FromRequest::REFUSALS) |
//! | errors | [`Fault`](trait@crate::Fault); `doget::Error` is the `default` response |
//! | `text/event-stream`, a WebSocket's 101 | the parameters `Events` and `WebSocket` of the feature `live` |
//! | responses of a method that answers by hand | `#[answers(..)]` on it |
//! | security | types of parameters: [`Operation::security`]; `Authorized<U>` and `guard(U)` |
//! | what layers refuse | `layers(..)`, `#[layer(..)]`, `With`: [`Layer::describe`](crate::Layer::describe) |
//!
//! Not in it are methods without a route, methods that OpenAPI has no key for, and derived `HEAD` and `OPTIONS`.
//! [`OpenApi::undescribed`] says what is missing, [`OpenApi::omitted`] what is left out. A part of a path that takes
//! slashes (`{*rest}`) is marked by `x-rest`; OpenAPI has no word for it.
//!
//! In a generic block a type parameter is known by its bounds: `Json<T>` is described if the block says
//! `T: JsonSchema`.

mod api;
mod builtin;
mod compare;
mod contracts;
pub(crate) mod describe;
pub(crate) mod description;
mod document;
mod json_text;
mod known;
#[cfg(feature = "live")]
mod live;
pub(crate) mod operation;
pub(crate) mod page;
#[doc(hidden)]
pub mod probe;
mod route;
pub(crate) mod schema;
mod secured;
mod serve;
mod v3_0;

#[doc(hidden)]
pub use api::About;
pub use api::Api;
pub use compare::Changes;
pub use compare::change::Change;
pub use describe::{Input, Output};
pub use description::{Docs, Document, OpenApi, Remark};
#[doc(hidden)]
pub use operation::ErrorBody;
pub use operation::{Answer, Operation, Parameter, Scheme};
pub use schema::Schema;
pub use schemars::{self, JsonSchema};
#[doc(hidden)]
pub use secured::secured;
