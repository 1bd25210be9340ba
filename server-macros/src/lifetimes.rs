//! Lifetimes that have no name where a type is written again.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Generics, Type};

/// `ty` as it can be named outside of what declares `generics`: their lifetimes are left to inference.
pub(crate) fn erase(ty: &Type, generics: &Generics) -> Type {
    let lifetimes: Vec<String> = generics
        .lifetimes()
        .map(|parameter| parameter.lifetime.ident.to_string())
        .collect();
    if lifetimes.is_empty() {
        return ty.clone();
    }
    syn::parse2(replace(ty.to_token_stream(), &lifetimes)).unwrap_or_else(|_| ty.clone())
}

fn replace(tokens: TokenStream, lifetimes: &[String]) -> TokenStream {
    let mut quote_seen = false;
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if quote_seen && lifetimes.iter().any(|name| ident == name) => {
                quote_seen = false;
                Ident::new("_", ident.span()).into()
            }
            TokenTree::Group(group) => {
                let mut replaced =
                    Group::new(group.delimiter(), replace(group.stream(), lifetimes));
                replaced.set_span(group.span());
                replaced.into()
            }
            other => {
                quote_seen = matches!(&other, TokenTree::Punct(punct) if punct.as_char() == '\'');
                other
            }
        })
        .collect()
}
