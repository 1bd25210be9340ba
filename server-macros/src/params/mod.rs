//! `#[derive(Params)]`, and parameters of methods with `#[query]`, `#[header]` or `#[cookie]`.

mod derive;
mod describe;
mod messages;
mod options;
pub(crate) mod single;
mod value_type;

pub(crate) use derive::derive;
