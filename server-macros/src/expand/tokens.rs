//! Tokens that several parts of the expansion write, and the places that they are given.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::model::Handler;
use crate::paths::own;

/// The first and the last token of something of the user's.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    pub(super) first: Span,
    pub(super) last: Span,
}

pub(super) fn spread(tokens: impl ToTokens) -> Spread {
    fn end(token: Option<TokenTree>) -> Span {
        match token {
            Some(TokenTree::Group(group)) if group.delimiter() != Delimiter::None => {
                group.span_close()
            }
            Some(TokenTree::Group(group)) => end(group.stream().into_iter().last()),
            Some(token) => token.span(),
            None => Span::mixed_site(),
        }
    }
    let tokens = tokens.to_token_stream();
    let first =
        tokens
            .clone()
            .into_iter()
            .next()
            .map_or_else(Span::mixed_site, |token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                    spread(group.stream()).first
                }
                TokenTree::Group(group) => group.span_open(),
                token => token.span(),
            });
    Spread {
        first,
        last: end(tokens.into_iter().last()),
    }
}

impl Spread {
    /// Gives `tokens` the place of the whole: the compiler underlines from the first token of an
    /// expression to its last.
    pub(super) fn over(self, tokens: TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for token in &mut tokens {
            token.set_span(own(self.first));
        }
        if let [_, .., last] = tokens.as_mut_slice() {
            last.set_span(own(self.last));
        }
        tokens.into_iter().collect()
    }
}

/// The receiver of generated methods. It has the hygiene of the `self` in `base(self.files: ..)`,
/// so that the expression can see it.
pub(super) fn this(handler: &Handler) -> Ident {
    fn search(tokens: TokenStream) -> Option<Span> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Ident(ident) if ident == "self" => Some(ident.span()),
            TokenTree::Group(group) => search(group.stream()),
            _ => None,
        })
    }
    let of_methods = handler.methods.iter().flat_map(|method| &method.layers);
    let mut named = handler
        .base
        .iter()
        .map(|(expr, _)| expr)
        .chain(handler.mounts.iter().map(|mount| &mount.expr))
        .chain(&handler.layers)
        .chain(of_methods);
    let user = named.find_map(|expr| search(expr.to_token_stream()));
    match user {
        Some(span) => Ident::new("self", Span::mixed_site().resolved_at(span)),
        None => Ident::new("self", Span::mixed_site()),
    }
}

/// `#[cfg(..)]`, or nothing.
pub(super) fn cfg(condition: Option<&TokenStream>) -> TokenStream {
    condition
        .map(|condition| quote!(#[cfg(#condition)]))
        .unwrap_or_default()
}

pub(super) fn local(name: &str, position: usize) -> Ident {
    Ident::new(&format!("{name}{position}"), Span::mixed_site())
}
