//! Tests of the macro as a function from tokens to tokens.

mod bodies;
mod library;
mod snapshots;
mod sources;

use proc_macro2::TokenStream;

/// The expansion of `item` under `#[handler(arguments)]`.
fn expand(arguments: &str, item: &str) -> TokenStream {
    crate::run(
        arguments.parse().expect("arguments"),
        item.parse().expect("item"),
    )
}
