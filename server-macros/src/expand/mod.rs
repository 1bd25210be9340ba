//! From the model to tokens. Nothing can fail in here.
//!
//! What comes out: the user's block, and in one anonymous const beside it the matcher, the
//! implementation of `Handler`, and one implementation of `Handles` for each method.

mod block;
mod bodies;
mod dispatch;
mod hooks;
mod markers;
mod plan;
mod routes;
mod tokens;

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::model::Handler;
use crate::paths::own;
use plan::Plan;
use tokens::{cfg, local, spread, this};

pub(crate) fn expand(handler: &Handler) -> TokenStream {
    let plan = Plan::new(handler);
    let span = own(Span::mixed_site());
    let block = block::block(handler);
    let find = routes::find(handler, &plan);
    let entries = plan.entries(handler);
    let index = plan.index(handler);

    let methods = dispatch::methods(handler);
    let bodies = bodies::checks(handler);
    let dispatch = dispatch::dispatch(handler, &plan, &bodies.statements);
    let route = dispatch::route(handler, &plan);
    let allowed = dispatch::allowed(handler, &plan);
    let consts = hooks::consts(handler);
    let standards = hooks::standards(handler);
    let hooks = hooks::hooks(handler);
    let checks = hooks::checks(handler);
    let bodies = bodies.items;
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
            #bodies
        };
    }
}

/// `impl Handler for ..`, with these members.
///
/// Two blocks on one type conflict in its head, and the compiler then underlines everything from the
/// first token to the last. So those stand at the type. A trait whose name says the rule conflicts
/// first, since no words of ours can be in such an error.
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
    let one_block = handler.paths.one_block(place.first);
    let mut nothing = Group::new(Delimiter::Brace, TokenStream::new());
    nothing.set_span(own(place.last));
    quote_spanned! {span=>
        #[automatically_derived]
        #head #parameters #one_block #its_for #self_ty #wheres #nothing

        #[automatically_derived]
        #head #parameters #the_trait #its_for #self_ty #wheres #body
    }
}
