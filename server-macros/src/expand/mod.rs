//! From the model to tokens. Nothing can fail in here.
//!
//! What comes out: the user's block, and in one anonymous const beside it the matcher, the
//! implementation of `Handler`, and one implementation of `Handles` for each method.

mod answers;
mod block;
mod bodies;
mod checks;
mod credentials;
mod describe;
mod dispatch;
mod gates;
mod hooks;
mod markers;
mod mounts;
mod names;
mod plan;
mod routes;
mod tokens;

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::model::Handler;
use crate::paths::{Paths, own};
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
    let (no_source, no_reply) = (handler.paths.no_source(span), handler.paths.no_reply(span));
    let take_alone = handler.paths.take_alone(span);
    let checks = [
        (bodies::checks(handler), &no_source),
        (answers::checks(handler), &no_reply),
        (names::checks(handler), &no_source),
        (credentials::checks(handler), &take_alone),
    ];
    let in_items = checks
        .each_ref()
        .map(|(checks, import)| checks.items(import));
    let in_dispatch = checks.map(|(checks, import)| checks.statements(import));
    let dispatch = dispatch::dispatch(handler, &plan, &quote!(#(#in_dispatch)*));
    let route = dispatch::route(handler, &plan);
    let allowed = dispatch::allowed(handler, &plan);
    let settings = hooks::settings(handler, &methods);
    let evaluated = hooks::evaluate(handler);
    let hooks = hooks::hooks(handler);
    let gates = gates::members(handler, &plan, mounts::below(handler));
    let guard = gates::guard_item(handler);
    let layers = gates::layer_items(handler);
    let markers = markers::markers(handler);

    let own = hooks::settings_method(handler);
    let one_block = implementation(handler, Paths::one_block, TokenStream::new());
    let description = describe::describe(handler);
    let declaration = implementation(handler, Paths::declared, quote!(#settings #description));
    let implementation = implementation(
        handler,
        Paths::handler,
        quote!(#own #route #dispatch #allowed #gates #hooks),
    );
    let base = dispatch::base(handler);
    let mounts = mounts::items(handler);

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
            #mounts
            #guard
            #layers
            #one_block
            #declaration
            #implementation
            #evaluated
            #markers
            #(#in_items)*
        };
    }
}

/// `impl Trait for ..`, with these members.
///
/// Two blocks on one type conflict in its head, and the compiler then underlines everything from the
/// first token to the last. So those stand at the type. A trait whose name says the rule conflicts
/// first, since no words of ours can be in such an error.
fn implementation(
    handler: &Handler,
    the_trait: fn(&Paths, Span) -> TokenStream,
    members: TokenStream,
) -> TokenStream {
    let mut generics = handler.generics.clone();
    if let Some((_, base)) = &handler.base {
        // A base that is no handler is then one error, here; all else can take it for granted.
        let declared = handler.paths.declared(spread(base).first);
        let bound: syn::WherePredicate = syn::parse_quote!(#base: #declared);
        generics.make_where_clause().predicates.push(bound);
    }
    for mount in &handler.mounts {
        let mounted = &mount.ty;
        let declared = handler.paths.declared(spread(mounted).first);
        let bound: syn::WherePredicate = syn::parse_quote!(#mounted: #declared);
        generics.make_where_clause().predicates.push(bound);
    }
    let (parameters, _, wheres) = generics.split_for_impl();
    let self_ty = &handler.self_ty;
    let place = spread(self_ty);
    let the_trait = the_trait(&handler.paths, place.first);
    let (head, its_for) = (place.over(quote!(impl)), place.over(quote!(for)));
    let mut body = Group::new(Delimiter::Brace, members);
    body.set_span(own(place.last));
    let span = own(place.first);
    quote_spanned! {span=>
        #[automatically_derived]
        #head #parameters #the_trait #its_for #self_ty #wheres #body
    }
}
