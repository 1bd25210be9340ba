//! `#[derive(Params)]`, and parameters of methods with `#[query]`, `#[header]` or `#[cookie]`.

mod derive;
pub(crate) mod describe;
mod messages;
pub(crate) mod options;

pub(crate) use derive::derive;
