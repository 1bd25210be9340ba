//! What a block with layers or a guard has beside others: promises, a gate, and the layers around its methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::hooks::log_request;
use super::plan::{Entry, Plan};
use super::{cfg, spread, this};
use crate::model::{Handler, Method};
use crate::paths::own;

/// Whether the block has any of it. One that has none is expanded as if there were no such thing.
pub(super) fn has_gates(handler: &Handler) -> bool {
    let has_layers = |method: &Method| !method.layers.is_empty();
    !handler.layers.is_empty() || handler.guard.is_some() || handler.methods.iter().any(has_layers)
}

/// What is done for a path below a mount, in place of what the block's own methods have.
#[derive(Default)]
pub(super) struct BelowMounts {
    /// Whether a mounted handler has gates.
    pub(super) is_gated: TokenStream,
    pub(super) promise: TokenStream,
    pub(super) gate: TokenStream,
}

/// The members of `Handler` for it.
pub(super) fn members(
    handler: &Handler,
    plan: &Plan<'_>,
    below: Option<BelowMounts>,
) -> TokenStream {
    if !has_gates(handler) && below.is_none() {
        return TokenStream::new();
    }
    let below = below.unwrap_or_default();
    let (promise_below, gate_below) = (below.promise, below.gate);
    let is_gated = match has_gates(handler) {
        true => quote!(true),
        false => below.is_gated,
    };
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
    let promises = |layers: &[Layer<'_>]| -> TokenStream {
        let promise = paths.layer_promise(span);
        let layers = layers.iter().map(|layer| layer.of(&this));
        quote_spanned!(span=> #(#promise(#layers, request, promised);)*)
    };
    let gates = |layers: &[Layer<'_>]| -> TokenStream {
        let layer_gate = paths.layer_gate(span);
        let layers = layers.iter().map(|layer| layer.of(&this));
        quote_spanned! {span=>
            #(if let #some(gate) = #layer_gate(#layers, request, promised)? { return #ok(gate); })*
        }
    };
    let promise_arms = arms(handler, plan, |method| promises(&of_method(method)));
    let gate_arms = arms(handler, plan, |method| {
        let guard = guard(handler, method, true);
        let gates = gates(&of_method(method));
        quote_spanned!(span=> #guard #gates)
    });
    // Whatever the base has for a request, this block's guard stands before it; so it does if nobody is to be told what
    // there is not.
    let others = (handler.base.is_some() || handler.hide).then(|| guard_others(handler, true));
    let options = hidden_options(handler, plan).map(|position| {
        let guard = guard_others(handler, true);
        quote_spanned!(span=> #some((#position, _)) => { #guard })
    });
    let (outer_promises, outer_gates) = (promises(&of_block(handler)), gates(&of_block(handler)));
    let find = quote_spanned!(span=> __doget_find(request.method(), request.path()));
    let log_request = log_request(handler, &tuple(&this, &of_block(handler)));
    quote_spanned! {span=>
        fn is_gated(&#this) -> #bool {
            #is_gated
        }

        fn promise(&#this, request: &#request<'_>, promised: &mut #promised) {
            #outer_promises
            #promise_below
            match #find {
                #promise_arms
                _ => {}
            }
        }

        fn gate<'h>(&'h #this, request: &#request<'_>, promised: &mut #promised) -> #result<#gate<'h>> {
            #outer_gates
            #gate_below
            match #find {
                #gate_arms
                #options
                #some(_) => {}
                _ => { #others }
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
        let (entries, cfg) = (plan.entries_of(method), cfg(method.cfg.as_ref()));
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

/// The same before what is not the block's own: its base, and what is mounted. A guard that may block is not asked by
/// the gate, so it stands in `dispatch` too.
pub(super) fn guard_others(handler: &Handler, at_gate: bool) -> TokenStream {
    if handler.guard.is_none() {
        return TokenStream::new();
    }
    let this = this(handler);
    quote_spanned!(Span::mixed_site()=> Self::__doget_guard(#this, request, #at_gate)?;)
}

/// The entry of the derived OPTIONS, if the guard stands before it too.
pub(super) fn hidden_options(handler: &Handler, plan: &Plan<'_>) -> Option<usize> {
    let is_derived = |entry: &Entry<'_>| entry.method.is_none();
    plan.entries
        .iter()
        .position(is_derived)
        .filter(|_| handler.hide)
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
    let mut layers = of_block(handler);
    layers.extend(of_method(method));
    blocks_within(handler, !method.open, &layers)
}

/// The same for what is no method of the block: its base, which the guard stands before, or what it refuses.
pub(super) fn blocks_others(handler: &Handler, is_guarded: bool) -> TokenStream {
    blocks_within(handler, is_guarded, &of_block(handler))
}

fn blocks_within(handler: &Handler, is_guarded: bool, layers: &[Layer<'_>]) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let mut code = TokenStream::new();
    if let Some(ty) = handler.guard.as_ref().filter(|_| is_guarded) {
        let (taker, authorized) = (paths.taker_type(span), paths.authorized(span));
        code.extend(quote_spanned!(span=> || #taker::<#authorized<#ty>, Self>::BLOCKS));
    }
    let this = this(handler);
    for layer in layers {
        let (is_blocking, layer) = (paths.is_blocking(span), layer.of(&this));
        code.extend(quote_spanned!(span=> || #is_blocking(#layer)));
    }
    code
}

/// Calls `inner` within the layers.
pub(super) fn around(handler: &Handler, layers: &[Layer<'_>], inner: TokenStream) -> TokenStream {
    if layers.is_empty() {
        return inner;
    }
    let span = Span::mixed_site();
    let (around, layers) = (handler.paths.around(span), tuple(&this(handler), layers));
    quote_spanned!(span=> #around(&#layers, request, response, |request, response| { #inner }))
}

/// A field that is a layer, and the hidden method that lends it.
pub(super) struct Layer<'h> {
    field: &'h Expr,
    name: Ident,
}

impl Layer<'_> {
    fn of(&self, this: &Ident) -> TokenStream {
        let name = &self.name;
        quote_spanned!(Span::mixed_site()=> Self::#name(#this))
    }
}

/// The layers around the whole block.
pub(super) fn of_block(handler: &Handler) -> Vec<Layer<'_>> {
    named(0, &handler.layers)
}

/// The layers around one method.
pub(super) fn of_method(method: &Method) -> Vec<Layer<'_>> {
    named(method.member, &method.layers)
}

fn named(owner: usize, fields: &[Expr]) -> Vec<Layer<'_>> {
    let named = fields.iter().enumerate().map(|(position, field)| Layer {
        field,
        name: format_ident!(
            "__doget_layer_{owner}_{position}",
            span = Span::mixed_site()
        ),
    });
    named.collect()
}

/// Layers as a tuple of references, which is a layer.
fn tuple(this: &Ident, layers: &[Layer<'_>]) -> TokenStream {
    let layers = layers.iter().map(|layer| layer.of(this));
    quote!((#(#layers,)*))
}

/// What says what each layer adds to a description, the innermost first: its type, which has no name here, comes from a
/// call that is never made.
pub(super) fn describe(handler: &Handler, layers: &[Layer<'_>]) -> Vec<TokenStream> {
    let span = Span::mixed_site();
    let openapi = handler.paths.openapi(span);
    let describe = layers.iter().rev().map(|layer| {
        let name = &layer.name;
        quote_spanned!(span=> #openapi::probe::layer_of(|| Self::#name(loop {})))
    });
    describe.collect()
}

/// The hidden methods that lend the layers: a field that is none is then one error, at the field, wherever it is used.
pub(super) fn layer_items(handler: &Handler) -> TokenStream {
    let (this, self_ty) = (this(handler), &handler.self_ty);
    let (generics, _, wheres) = handler.generics.split_for_impl();
    let span = Span::mixed_site();
    let one = |layer: &Layer<'_>, condition: Option<&TokenStream>| {
        let (cfg, name, field) = (cfg(condition), &layer.name, layer.field);
        let place = spread(field);
        let at = own(place.first);
        let the_trait = handler.paths.layer(at);
        let lent = quote_spanned!(at=> &#field);
        let lends = quote_spanned!(at=> -> &impl #the_trait);
        quote_spanned! {span=>
            #cfg
            #[doc(hidden)]
            #[inline]
            fn #name(&#this) #lends {
                #lent
            }
        }
    };
    let mut items: TokenStream = of_block(handler)
        .iter()
        .map(|layer| one(layer, None))
        .collect();
    for method in handler.methods.iter().filter(|method| method.sound) {
        let layers = of_method(method);
        items.extend(layers.iter().map(|layer| one(layer, method.cfg.as_ref())));
    }
    if items.is_empty() {
        return items;
    }
    quote_spanned!(span=> impl #generics #self_ty #wheres { #items })
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
