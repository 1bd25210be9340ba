//! From the model to tokens. Nothing can fail in here.
//!
//! What comes out: the user's block, and in one anonymous const beside it the matcher, the
//! implementation of `Handler`, and one implementation of `Handles` for each method.

mod block;
mod dispatch;
mod hooks;
mod markers;
mod plan;
mod routes;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};

use crate::model::Handler;
use crate::paths::own;
use plan::Plan;

pub(crate) fn expand(handler: &Handler) -> TokenStream {
    let plan = Plan::new(handler);
    let span = own(Span::mixed_site());
    let block = block::block(handler);
    let find = routes::find(handler, &plan);
    let entries = plan.entries(handler);
    let index = plan.index(handler);

    let methods = dispatch::methods(handler);
    let dispatch = dispatch::dispatch(handler, &plan);
    let route = dispatch::route(handler, &plan);
    let allowed = dispatch::allowed(handler, &plan);
    let consts = hooks::consts(handler);
    let standards = hooks::standards(handler);
    let hooks = hooks::hooks(handler);
    let checks = hooks::checks(handler);
    let markers = markers::markers(handler);

    let implementation = implementation(
        handler,
        quote!(#methods #consts #standards #route #dispatch #allowed #hooks),
    );
    let base = dispatch::base(handler);

    quote_spanned! {span=>
        #block

        #[allow(
            non_snake_case,
            deprecated,
            unused_variables,
            unreachable_code,
            unreachable_patterns,
            clippy::too_many_lines,
            clippy::multiple_bound_locations,
            clippy::trait_duplication_in_bounds
        )]
        const _: () = {
            #entries
            #index
            #find

            #base
            #implementation
            #markers
            #checks
        };
    }
}

/// `impl Handler for ..`, with these members.
///
/// Two blocks on one type conflict in its head, and the compiler then underlines everything from the first token to the last. So those
/// stand at the type.
fn implementation(handler: &Handler, members: TokenStream) -> TokenStream {
    let mut generics = handler.generics.clone();
    if let Some((_, base)) = &handler.base {
        // A base that is no handler is then one error, here; all else can take it for granted.
        let the_trait = handler.paths.handler(spread(base).first);
        let bound: syn::WherePredicate = syn::parse_quote!(#base: #the_trait);
        generics.make_where_clause().predicates.push(bound);
    }
    let (parameters, _, wheres) = generics.split_for_impl();
    let self_ty = &handler.self_ty;
    let place = spread(self_ty);
    let the_trait = handler.paths.handler(place.first);
    let (head, its_for) = (place.over(quote!(impl)), place.over(quote!(for)));
    let mut body = Group::new(Delimiter::Brace, members);
    body.set_span(own(place.last));
    let span = own(place.first);
    quote_spanned! {span=>
        #[automatically_derived]
        #head #parameters #the_trait #its_for #self_ty #wheres #body
    }
}

/// The first and the last token of something of the user's.
#[derive(Clone, Copy)]
struct Spread {
    first: Span,
    last: Span,
}

fn spread(tokens: impl ToTokens) -> Spread {
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
    fn over(self, tokens: TokenStream) -> TokenStream {
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
fn this(handler: &Handler) -> Ident {
    fn search(tokens: TokenStream) -> Option<Span> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Ident(ident) if ident == "self" => Some(ident.span()),
            TokenTree::Group(group) => search(group.stream()),
            _ => None,
        })
    }
    let user = handler
        .base
        .as_ref()
        .and_then(|(expr, _)| search(expr.to_token_stream()));
    match user {
        Some(span) => Ident::new("self", Span::mixed_site().resolved_at(span)),
        None => Ident::new("self", Span::mixed_site()),
    }
}

/// `#[cfg(..)]`, or nothing.
fn cfg(condition: Option<&TokenStream>) -> TokenStream {
    condition
        .map(|condition| quote!(#[cfg(#condition)]))
        .unwrap_or_default()
}

fn local(name: &str, position: usize) -> Ident {
    Ident::new(&format!("{name}{position}"), Span::mixed_site())
}
