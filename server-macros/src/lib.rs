//! The `#[handler]` attribute of `doget`, and the derives of its traits.
//!
//! Three steps with a model in between: `args` and `parse` read tokens, `check` turns them
//! into the `model` and reports every fault on the way, `expand` writes the model out again.
//! The original block always comes out, whatever was wrong with it.
//!
//! The documentation for users is on the re-export, `doget::handler`, where its examples compile.
#![forbid(unsafe_code)]
#![warn(clippy::expect_used, clippy::unwrap_used)]
#![cfg_attr(test, allow(clippy::expect_used))]

mod args;
mod attrs;
mod check;
mod conflict;
mod derive;
#[cfg(feature = "embed")]
mod embed;
mod errors;
mod expand;
mod layers;
mod lifetimes;
mod messages;
mod model;
mod notes;
mod params;
mod parse;
mod paths;
mod pattern;
mod registry;
mod suggest;

#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

/// Turns an `impl` block of `do_*` methods into a handler. See `doget::handler`.
#[proc_macro_attribute]
pub fn handler(
    arguments: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    run(arguments.into(), item.into()).into()
}

/// Makes an error type an error of a handler. See `doget::Fault`.
#[proc_macro_derive(Fault, attributes(status, fault, faults, source))]
pub fn fault(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(derive::fault, item)
}

/// Makes a type an answer. See `doget::Reply`.
#[proc_macro_derive(Reply, attributes(status, reply))]
pub fn reply(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(derive::reply, item)
}

/// Reads a directory into the program. See `doget::Embedded`.
#[cfg(feature = "embed")]
#[proc_macro]
pub fn embed(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let output = embed::embed(input.into());
    output.unwrap_or_else(syn::Error::into_compile_error).into()
}

fn derive(
    write: fn(TokenStream, &mut errors::Sink) -> TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    let mut sink = errors::Sink::default();
    let output = write(item.into(), &mut sink);
    let errors = sink.into_tokens();
    quote::quote!(#output #errors).into()
}

/// Turns a struct with named fields into a set of parameters. See `doget::Params`.
#[proc_macro_derive(Params, attributes(param, params))]
pub fn params(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(params::derive, item)
}

fn run(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut sink = errors::Sink::default();
    let arguments = args::parse(arguments, &mut sink);
    let output = match parse::parse(item.clone()) {
        Ok(block) => {
            let handler = check::check(arguments, block, &mut sink);
            expand::expand(&handler)
        }
        Err(fault) => {
            sink.push(fault);
            item
        }
    };
    let errors = sink.into_tokens();
    quote::quote!(#output #errors)
}
