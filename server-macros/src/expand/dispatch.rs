//! The generated methods of the trait, `route`, `dispatch` and `allowed`, and the table of the methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::gates;
use super::mounts;
use super::plan::Plan;
use super::{cfg, local, spread, this};
use crate::model::{Answer, Handler, Method, Param, ParamSource};
use crate::params::single;
use crate::paths::own;

/// The table of the settings: that of the block, or of the block and its base.
pub(super) fn methods(handler: &Handler) -> TokenStream {
    let span = Span::mixed_site();
    match union(handler) {
        Some(union) => quote_spanned!(span=> #union.methods()),
        None => own_methods(handler),
    }
}

/// The table of the block and its mounts.
fn own_methods(handler: &Handler) -> TokenStream {
    mounts::methods(handler).unwrap_or_else(|| quote_spanned!(Span::mixed_site()=> __DOGET_METHODS))
}

/// The registry of the block and its base, as a constant.
fn union(handler: &Handler) -> Option<TokenStream> {
    let (_, ty) = handler.base.as_ref()?;
    let span = own(ty.span());
    let (registry, the_trait) = (handler.paths.registry(span), handler.paths.declared(span));
    let (options, own_methods) = (!handler.exact, own_methods(handler));
    Some(quote_spanned! {span=>
        const { &#registry::union(#own_methods, <#ty as #the_trait>::METHODS, #options) }
    })
}

/// The base, as a hidden method, so that a type that is not that of the field is one error.
pub(super) fn base(handler: &Handler) -> Option<TokenStream> {
    let (expr, ty) = handler.base.as_ref()?;
    let (this, self_ty) = (this(handler), &handler.self_ty);
    let (generics, _, wheres) = handler.generics.split_for_impl();
    let span = own(ty.span());
    let at = own(spread(expr).first);
    let borrowed = quote_spanned!(at=> &#expr);
    Some(quote_spanned! {span=>
        impl #generics #self_ty #wheres {
            #[doc(hidden)]
            #[inline]
            fn __doget_base(&#this) -> &#ty {
                #borrowed
            }
        }
    })
}

/// `checks`: what can be checked only where the parameters of the block are known.
pub(super) fn dispatch(handler: &Handler, plan: &Plan<'_>, checks: &TokenStream) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let this = this(handler);
    let (request, response) = (paths.request(span), paths.response(span));
    let (result, sent) = (paths.result(span), paths.sent(span));
    let some = paths.some(span);

    let mut arms = TokenStream::new();
    for method in handler.methods.iter().filter(|method| method.sound) {
        let entries = plan.entries_of(method);
        let cfg = cfg(method.cfg.as_ref());
        let names: Vec<Ident> = captured(method);
        let captures = match (names.len(), plan.captures) {
            (0, _) => quote!(_),
            (used, all) if used == all => quote!([#(#names),*]),
            _ => quote!([#(#names,)* ..]),
        };
        let guard = gates::guard(handler, method, false);
        let call = call(handler, method, &this);
        let call = gates::around(
            handler,
            &gates::of_method(method),
            quote_spanned!(span=> #guard #call),
        );
        arms.extend(quote_spanned! {span=> #cfg #some((#(#entries)|*, #captures)) => { return { #call }; } });
    }
    if let Some(position) = plan.entries.iter().position(|entry| entry.method.is_none()) {
        let options = paths.options(span);
        let guard =
            gates::hidden_options(handler, plan).map(|_| gates::guard_others(handler, false));
        arms.extend(quote_spanned! {span=>
            #some((#position, _)) => { #guard return #options(#this, request, response); }
        });
    }
    let path = if plan
        .entries
        .iter()
        .any(|entry| entry.method.is_some_and(|method| method.route.is_some()))
    {
        quote_spanned!(span=> request.path())
    } else {
        quote_spanned!(span=> "")
    };
    let otherwise = match handler.base {
        Some(_) => {
            let dispatch_base = paths.dispatch_base(span);
            let guard = gates::guard_others(handler, false);
            quote_spanned! {span=>
                #guard
                #dispatch_base(#this, Self::__doget_base(#this), request, response)
            }
        }
        None => {
            let refuse = paths.refuse(span);
            let guard = handler.hide.then(|| gates::guard_others(handler, false));
            quote_spanned!(span=> #guard #refuse(#this, request))
        }
    };
    let (take_alone, enter) = (paths.take_alone(span), gates::enter(handler));
    let import = takes_by_value(handler)
        .then(|| quote_spanned!(span=> #[allow(unused_imports)] use #take_alone as _;));
    let below_mount = mounts::dispatch(handler);
    let found = quote_spanned! {span=>
        #below_mount
        match __doget_find(request.method(), #path) {
            #arms
            _ => {}
        }
        #otherwise
    };
    let found = gates::around(handler, &gates::of_block(handler), found);
    quote_spanned! {span=>
        fn dispatch(&#this, request: &mut #request<'_>, response: #response<'_>) -> #result<#sent> {
            #checks
            #import
            #enter
            #found
        }
    }
}

/// Whether a method has a parameter that is found by its type, and no reference.
fn takes_by_value(handler: &Handler) -> bool {
    let by_value = |param: &Param| matches!(param.source, ParamSource::Type { reference: false });
    handler
        .methods
        .iter()
        .any(|method| method.sound && method.params.iter().any(by_value))
}

fn captured(method: &Method) -> Vec<Ident> {
    let count = method
        .route
        .as_ref()
        .map_or(0, |route| route.placeholders().count());
    (0..count)
        .map(|position| local("captured", position))
        .collect()
}

/// The parameters, one statement each, and the call.
///
/// Every token of a statement stands at the type it is about, since that is where the compiler
/// then puts its complaint. Where it can be, the call is that of a method of the trait in question:
/// of a function with a bound the compiler would tell where it stands in this library.
fn call(handler: &Handler, method: &Method, this: &Ident) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let unclaimed = Ident::new("unclaimed", span);
    let mut code = TokenStream::new();
    for (position, param) in method.params.iter().enumerate() {
        let ParamSource::Placeholder(placeholder) = param.source else {
            continue;
        };
        let at = own(param.ty.span());
        let (text, captured, argument) = (
            local("text", position),
            local("captured", placeholder),
            local("argument", position),
        );
        let decode = paths.decode(at);
        code.extend(quote_spanned!(at=> let #text = #decode(#captured)?;));
        let ty = &param.ty;
        let (param, found) = (paths.param(at), paths.found(at));
        code.extend(quote_spanned! {at=>
            let #argument = #found(<#ty as #param<'_, _>>::from_param(&#text))?;
        });
    }
    // Before the request is handed out, and behind the path: what has no resource is 404.
    let mut singles = Vec::new();
    for (position, param) in method.params.iter().enumerate() {
        if let ParamSource::Single(single) = &param.source {
            singles.push((&**single, &param.ty, local("argument", position)));
        }
    }
    code.extend(single::statements(&singles, paths));
    let hand_out = paths.unclaimed(span);
    code.extend(quote_spanned!(span=> let #unclaimed = #hand_out(request, response);));
    for by_reference in [false, true] {
        for (position, param) in method.params.iter().enumerate() {
            if !matches!(param.source, ParamSource::Type { reference } if reference == by_reference)
            {
                continue;
            }
            let at = own(param.ty.span());
            let argument = local("argument", position);
            let (provides, taker, ty) = (paths.provides(at), paths.taker(at), &param.ty);
            let left = Ident::new("unclaimed", at);
            code.extend(if by_reference {
                quote_spanned!(at=> let (#argument, #left) = #provides::<#ty, _>::provide(#left)?;)
            } else {
                quote_spanned!(at=> let (#argument, #left) = #taker::<#ty, _>(#this).take(#left)?;)
            });
        }
    }
    let arguments: Vec<Ident> = (0..method.params.len())
        .map(|position| local("argument", position))
        .collect();
    let function = &method.function;
    match &method.answer {
        Answer::Never => {
            code.extend(quote_spanned!(span=> Self::#function(#this, #(#arguments),*)))
        }
        Answer::Type(ty) => {
            let place = spread(ty);
            let mut name = function.clone();
            name.set_span(own(place.first));
            let called = place.over(quote!(Self::#name(#this, #(#arguments),*)));
            let at = own(place.first);
            // Only what is taken by value can be the response, by whatever name.
            let by_value =
                |param: &Param| matches!(param.source, ParamSource::Type { reference: false });
            code.extend(if method.params.iter().any(by_value) {
                quote_spanned!(at=> #unclaimed.finish(#called))
            } else {
                let reply = paths.reply(at);
                quote_spanned!(at=> #reply::reply(#called, #unclaimed.1))
            });
        }
    }
    code
}

pub(super) fn route(handler: &Handler, plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let this = this(handler);
    let (route, some, str) = (paths.route(span), paths.some(span), paths.str(span));
    let (probe, no_source, largest) = (
        paths.probe(span),
        paths.no_source(span),
        paths.largest(span),
    );

    let (taker, take_alone) = (paths.taker_type(span), paths.take_alone(span));
    let mut arms = TokenStream::new();
    let mut probes = false;
    for method in handler.methods.iter().filter(|method| method.sound) {
        let types: Vec<&Type> = method
            .params
            .iter()
            .filter(|param| matches!(param.source, ParamSource::Type { reference: false }))
            .map(|param| &param.ty)
            .collect();
        let blocks = gates::blocks(handler, method);
        if types.is_empty() && !method.blocking && blocks.is_empty() {
            continue;
        }
        probes |= !types.is_empty() || !blocks.is_empty();
        let entries = plan.entries_of(method);
        let cfg = cfg(method.cfg.as_ref());
        let blocking = method.blocking;
        arms.extend(quote_spanned! {span=>
            #cfg
            #(#entries)|* => (
                #blocking #(|| #taker::<#types, Self>::BLOCKS)* #blocks,
                #largest(&[#(#probe::<#types>::COLLECT),*]),
            ),
        });
    }
    if let Some(position) = gates::hidden_options(handler, plan) {
        let blocks = gates::blocks_others(handler, true);
        probes = true;
        arms.extend(quote_spanned!(span=> #position => (false #blocks, 0),));
    }
    let index = if plan.shifts() {
        quote_spanned!(span=> __DOGET_INDEX[entry])
    } else {
        let u32 = paths.u32(span);
        quote_spanned!(span=> entry as #u32)
    };
    let around_others = gates::blocks_others(handler, false);
    let has_others = handler.base.is_some() || !handler.mounts.is_empty();
    let guards_others = (has_others || handler.hide) && handler.guard.is_some();
    let import = if probes || guards_others || !around_others.is_empty() {
        quote_spanned! {span=>
            #[allow(unused_imports)]
            use #no_source as _;
            #[allow(unused_imports)]
            use #take_alone as _;
        }
    } else {
        TokenStream::new()
    };
    let kind = if arms.is_empty() {
        quote_spanned!(span=> let (blocking, collect) = (false #around_others, 0);)
    } else {
        quote_spanned!(span=> let (blocking, collect) = match entry { #arms _ => (false #around_others, 0) };)
    };
    let (otherwise, below_mount) = (other_route(handler), mounts::route(handler));
    quote_spanned! {span=>
        fn route(&#this, command: &#str, path: &#str) -> #route {
            #import
            #below_mount
            if let #some((entry, _)) = __doget_find(command, path) {
                #kind
                return #route::new(#index).blocking(blocking).collect(collect);
            }
            #otherwise
        }
    }
}

/// The route of what no method of the block is for: the base's, or none.
fn other_route(handler: &Handler) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let (this, route) = (this(handler), paths.route(span));
    let is_guarded = handler.base.is_some() || handler.hide;
    let around = gates::blocks_others(handler, is_guarded);
    match handler.base {
        Some(_) => {
            let (route_base, union) = (paths.route_base(span), union(handler));
            let base = quote_spanned!(span=> #route_base(#union, Self::__doget_base(#this), command, path));
            if around.is_empty() {
                base
            } else {
                quote_spanned!(span=> let route = #base; route.blocking(route.blocking #around))
            }
        }
        None if around.is_empty() => quote_spanned!(span=> #route::UNKNOWN),
        None => quote_spanned!(span=> #route::UNKNOWN.blocking(false #around)),
    }
}

pub(super) fn allowed(handler: &Handler, plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let this = this(handler);
    let (set, allowed, str) = (paths.method_set(span), paths.allowed(span), paths.str(span));

    let mut told: Vec<String> = Vec::new();
    let mut names = Vec::new();
    for entry in &plan.entries {
        let Some(method) = entry.method else { continue };
        let key = format!(
            "{} {:?}",
            entry.name.key(),
            method.cfg.as_ref().map(ToString::to_string)
        );
        if !told.contains(&key) {
            let (cfg, name) = (cfg(entry.cfg()), entry.name_tokens(handler));
            names.push(quote_spanned!(span=> #cfg #name));
            told.push(key);
        }
    }
    let routed = plan
        .entries
        .iter()
        .map(|entry| entry.method.is_some_and(|method| method.route.is_some()));
    let base = handler.base.is_some().then(|| {
        let the_trait = paths.handler(span);
        quote_spanned!(span=> #the_trait::allowed(Self::__doget_base(#this), path, set);)
    });
    let options = (!handler.exact).then(|| quote_spanned!(span=> set.derive_options();));
    let below_mount = mounts::allowed(handler);
    quote_spanned! {span=>
        fn allowed(&#this, path: &#str, set: &mut #set) {
            #below_mount
            #allowed(set, path, &[#(#names),*], &[#(#routed),*], __doget_find);
            #base
            #options
        }
    }
}
