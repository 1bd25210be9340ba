//! What a block with layers or a guard has beside others: promises, a gate, and the layers around its methods.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::dispatch::entries_of;
use super::hooks::log_request;
use super::plan::Plan;
use super::{cfg, this};
use crate::model::{Handler, Method};
use crate::paths::own;

/// Whether the block has any of it. One that has none is expanded as if there were no such thing.
pub(super) fn has_gates(handler: &Handler) -> bool {
    let has_layers = |method: &Method| !method.layers.is_empty();
    !handler.layers.is_empty() || handler.guard.is_some() || handler.methods.iter().any(has_layers)
}

/// The members of `Handler` for it.
pub(super) fn members(handler: &Handler, plan: &Plan<'_>) -> TokenStream {
    if !has_gates(handler) {
        return TokenStream::new();
    }
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let this = this(handler);
    let (request, promised, result) = (
        paths.request(span),
        paths.promised(span),
        paths.result(span),
    );
    let (gate, some, ok, bool) = (
        paths.gate(span),
        paths.some(span),
        paths.ok(span),
        paths.bool(span),
    );
    let promises = |layers: &[Expr]| -> TokenStream {
        let one = |layer: &Expr| {
            let at = own(layer.span());
            let promise = paths.layer_promise(at);
            quote_spanned!(at=> #promise(&#layer, request, promised);)
        };
        layers.iter().map(one).collect()
    };
    let gates = |layers: &[Expr]| -> TokenStream {
        let one = |layer: &Expr| {
            let at = own(layer.span());
            let layer_gate = paths.layer_gate(at);
            quote_spanned!(at=> if let #some(gate) = #layer_gate(&#layer, request, promised)? { return #ok(gate); })
        };
        layers.iter().map(one).collect()
    };
    let promise_arms = arms(handler, plan, |method| promises(&method.layers));
    let gate_arms = arms(handler, plan, |method| {
        let guard = guard(handler, method, true);
        let gates = gates(&method.layers);
        quote_spanned!(span=> #guard #gates)
    });
    // Whatever the base has for a request, this block's guard stands before it.
    let base = match (&handler.base, &handler.guard) {
        (Some(_), Some(_)) => quote_spanned!(span=> Self::__doget_guard(#this, request, true)?;),
        _ => TokenStream::new(),
    };
    let (outer_promises, outer_gates) = (promises(&handler.layers), gates(&handler.layers));
    let find = quote_spanned!(span=> __doget_find(request.method(), request.path()));
    let log_request = log_request(handler, &layers(&handler.layers));
    quote_spanned! {span=>
        fn is_gated(&#this) -> #bool {
            true
        }

        fn promise(&#this, request: &#request<'_>, promised: &mut #promised) {
            #outer_promises
            match #find {
                #promise_arms
                _ => {}
            }
        }

        fn gate<'h>(&'h #this, request: &#request<'_>, promised: &mut #promised) -> #result<#gate<'h>> {
            #outer_gates
            match #find {
                #gate_arms
                #some(_) => {}
                _ => { #base }
            }
            promised.mark_passed(#this);
            #ok(#gate::Pass)
        }

        #log_request
    }
}

/// For each method that has something, an arm of the match on its entries.
fn arms(handler: &Handler, plan: &Plan<'_>, body: impl Fn(&Method) -> TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let some = handler.paths.some(span);
    let mut arms = TokenStream::new();
    for method in handler.methods.iter().filter(|method| method.sound) {
        let body = body(method);
        if body.is_empty() {
            continue;
        }
        let (entries, cfg) = (entries_of(plan, method), cfg(method.cfg.as_ref()));
        arms.extend(quote_spanned!(span=> #cfg #some((#(#entries)|*, _)) => { #body }));
    }
    arms
}

/// The statement that keeps everybody out who is not verified, unless the method is open.
pub(super) fn guard(handler: &Handler, method: &Method, at_gate: bool) -> TokenStream {
    if handler.guard.is_none() || method.open {
        return TokenStream::new();
    }
    let this = this(handler);
    quote_spanned!(Span::mixed_site()=> Self::__doget_guard(#this, request, #at_gate)?;)
}

/// The guard as a hidden method: a type that nothing verifies is then one error, at the type.
pub(super) fn guard_item(handler: &Handler) -> Option<TokenStream> {
    let ty = handler.guard.as_ref()?;
    let paths = &handler.paths;
    let (this, self_ty) = (this(handler), &handler.self_ty);
    let (generics, _, wheres) = handler.generics.split_for_impl();
    let span = Span::mixed_site();
    let at = own(ty.span());
    let (request, result, bool) = (paths.request(span), paths.result(span), paths.bool(span));
    let guard = paths.guard(at);
    let call = quote_spanned!(at=> #guard::<#ty, _>(#this, request, at_gate));
    Some(quote_spanned! {span=>
        impl #generics #self_ty #wheres {
            #[doc(hidden)]
            fn __doget_guard(&#this, request: &#request<'_>, at_gate: #bool) -> #result<()> {
                #call
            }
        }
    })
}

/// Whether a method never runs on a loop for what is around it.
pub(super) fn blocks(handler: &Handler, method: &Method) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let mut code = TokenStream::new();
    if let Some(ty) = handler.guard.as_ref().filter(|_| !method.open) {
        let (taker, authorized) = (paths.taker_type(span), paths.authorized(span));
        code.extend(quote_spanned!(span=> || #taker::<#authorized<#ty>, Self>::BLOCKS));
    }
    for layer in handler.layers.iter().chain(&method.layers) {
        let is_blocking = paths.is_blocking(span);
        code.extend(quote_spanned!(span=> || #is_blocking(&#layer)));
    }
    code
}

/// Calls `inner` within the layers.
pub(super) fn around(handler: &Handler, fields: &[Expr], inner: TokenStream) -> TokenStream {
    if fields.is_empty() {
        return inner;
    }
    let span = Span::mixed_site();
    let (around, layers) = (handler.paths.around(span), layers(fields));
    quote_spanned!(span=> #around(&#layers, request, response, |request, response| { #inner }))
}

/// The fields as a tuple of references, which is a layer.
fn layers(fields: &[Expr]) -> TokenStream {
    quote!((#(&#fields,)*))
}

/// What stands before everything that `dispatch` does.
pub(super) fn enter(handler: &Handler) -> TokenStream {
    if !has_gates(handler) {
        return TokenStream::new();
    }
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let (enter, flow, ok) = (paths.enter(span), paths.control_flow(span), paths.ok(span));
    let this = this(handler);
    quote_spanned! {span=>
        let response = match #enter(#this, request, response)? {
            #flow::Continue(response) => response,
            #flow::Break(sent) => return #ok(sent),
        };
    }
}
