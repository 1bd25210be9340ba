//! Handlers below a prefix: the hidden methods that lend them, the matcher of prefixes, and what each generated method
//! does for a path below one. A mount is looked for before the block's own methods: `check` has seen to it that no
//! route lies below one, and text goes before placeholders.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned;

use super::gates::{self, BelowMounts};
use super::tokens::{spread, this};
use crate::model::{Handler, Mount};
use crate::paths::own;

/// The matcher, and the methods that lend the handlers: a type that is not that of the field is then one error.
pub(super) fn items(handler: &Handler) -> TokenStream {
    if handler.mounts.is_empty() {
        return TokenStream::new();
    }
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let (option, some, none) = (paths.option(span), paths.some(span), paths.none(span));
    let (str, usize) = (paths.str(span), paths.usize(span));
    let prefix_length = paths.prefix_length(span);
    let steps = handler.mounts.iter().enumerate().map(|(which, mount)| {
        let texts = mount.prefix.texts();
        quote_spanned! {span=>
            if let #some(length) = #prefix_length(path, [#(#texts),*]) {
                return #some((#which, length));
            }
        }
    });
    let lenders = handler
        .mounts
        .iter()
        .enumerate()
        .map(|(which, mount)| lender(handler, which, mount));
    let self_ty = &handler.self_ty;
    let (generics, _, wheres) = handler.generics.split_for_impl();
    quote_spanned! {span=>
        /// Which mount a path is below, and the length of its prefix as it was sent.
        #[inline]
        fn __doget_mounts(path: &#str) -> #option<(#usize, #usize)> {
            #(#steps)*
            #none
        }

        impl #generics #self_ty #wheres {
            #(#lenders)*
        }
    }
}

fn lender(handler: &Handler, which: usize, mount: &Mount) -> TokenStream {
    let (this, name) = (this(handler), name(which));
    let (expr, ty) = (&mount.expr, &mount.ty);
    let span = own(ty.span());
    let at = own(spread(expr).first);
    let borrowed = quote_spanned!(at=> &#expr);
    quote_spanned! {span=>
        #[doc(hidden)]
        #[inline]
        fn #name(&#this) -> &#ty {
            #borrowed
        }
    }
}

fn name(which: usize) -> Ident {
    format_ident!("__doget_mount_{which}", span = Span::mixed_site())
}

/// For a path that is below a mount: `before`, and then what `arm` says of each mounted handler.
fn on_each(
    handler: &Handler,
    path: &TokenStream,
    arm: impl Fn(usize, &Mount, &TokenStream) -> TokenStream,
) -> Option<(TokenStream, TokenStream)> {
    let last = handler.mounts.len().checked_sub(1)?;
    let span = Span::mixed_site();
    let (this, some) = (this(handler), handler.paths.some(span));
    let arms = handler.mounts.iter().enumerate().map(|(which, mount)| {
        let name = name(which);
        let arm = arm(which, mount, &quote_spanned!(span=> Self::#name(#this)));
        match which == last {
            true => quote_spanned!(span=> _ => #arm,),
            false => quote_spanned!(span=> #which => #arm,),
        }
    });
    let found = quote_spanned!(span=> #some((which, length)) = __doget_mounts(#path));
    Some((found, quote_spanned!(span=> match which { #(#arms)* })))
}

/// Answers what is below a mount. The guard of the block stands before it, as before a base.
pub(super) fn dispatch(handler: &Handler) -> Option<TokenStream> {
    let span = Span::mixed_site();
    let dispatch = handler.paths.dispatch_mounted(span);
    let path = quote_spanned!(span=> request.path());
    let (found, answer) = on_each(
        handler,
        &path,
        |_, _, mounted| quote_spanned!(span=> #dispatch(#mounted, length, request, response)),
    )?;
    let guard = gates::guard_others(handler, false);
    Some(quote_spanned!(span=> if let #found { #guard return #answer; }))
}

/// Says what is known of the method that would answer below a mount.
pub(super) fn route(handler: &Handler) -> Option<TokenStream> {
    let span = Span::mixed_site();
    let (route, path) = (
        handler.paths.route_mounted(span),
        quote_spanned!(span=> path),
    );
    let (registry, declared) = (handler.paths.registry(span), handler.paths.declared(span));
    let (found, answer) = on_each(handler, &path, |which, _, mounted| {
        let before = handler.mounts[..which].iter().map(|mount| &mount.ty);
        quote_spanned! {span=> #route(
            #mounted,
            length,
            const { #registry::first_behind(&[__DOGET_METHODS, #(<#before as #declared>::METHODS),*]) },
            command,
            path,
        )}
    })?;
    let around = gates::blocks_others(handler, true);
    let answer = match around.is_empty() {
        true => quote_spanned!(span=> return #answer;),
        false => {
            quote_spanned!(span=> let route = #answer; return route.blocking(route.blocking #around);)
        }
    };
    Some(quote_spanned!(span=> if let #found { #answer }))
}

/// Adds what a path below a mount allows, and nothing else.
pub(super) fn allowed(handler: &Handler) -> Option<TokenStream> {
    let span = Span::mixed_site();
    let (allowed, path) = (
        handler.paths.allowed_mounted(span),
        quote_spanned!(span=> path),
    );
    let (found, answer) = on_each(
        handler,
        &path,
        |_, _, mounted| quote_spanned!(span=> #allowed(#mounted, length, path, set)),
    )?;
    Some(quote_spanned!(span=> if let #found { return #answer; }))
}

/// What a mounted handler promises, and its gates, behind those of the block and its guard.
pub(super) fn below(handler: &Handler) -> Option<BelowMounts> {
    let span = Span::mixed_site();
    let (promise_mounted, gate_mounted) = (
        handler.paths.promise_mounted(span),
        handler.paths.gate_mounted(span),
    );
    let (gate, ok) = (handler.paths.gate(span), handler.paths.ok(span));
    let (this, path) = (this(handler), quote_spanned!(span=> request.path()));
    let (found, promises) = on_each(
        handler,
        &path,
        |_, _, mounted| quote_spanned!(span=> #promise_mounted(#mounted, length, request, promised)),
    )?;
    let (_, answer) = on_each(
        handler,
        &path,
        |_, _, mounted| quote_spanned!(span=> #gate_mounted(#mounted, length, request, promised)?),
    )?;
    let guard = gates::guard_others(handler, true);
    let the_trait = handler.paths.handler(span);
    let names = (0..handler.mounts.len()).map(name);
    Some(BelowMounts {
        is_gated: quote_spanned!(span=> false #(|| #the_trait::is_gated(Self::#names(#this)))*),
        promise: quote_spanned!(span=> if let #found { return #promises; }),
        gate: quote_spanned! {span=>
            if let #found {
                #guard
                let gate = #answer;
                if let #gate::Pass = gate {
                    promised.mark_passed(#this);
                }
                return #ok(gate);
            }
        },
    })
}

/// The table of the block's own methods and those of its mounts.
pub(super) fn methods(handler: &Handler) -> Option<TokenStream> {
    if handler.mounts.is_empty() {
        return None;
    }
    let span = Span::mixed_site();
    let (registry, texts) = (
        handler.paths.registry(span),
        handler.paths.route_texts(span),
    );
    let mounts = handler.mounts.iter().map(|mount| {
        let (ty, prefix) = (&mount.ty, &mount.prefix.text);
        let span = own(ty.span());
        let declared = handler.paths.declared(span);
        quote_spanned! {span=>
            (<#ty as #declared>::METHODS, const { &#texts::new(#prefix, <#ty as #declared>::METHODS) })
        }
    });
    Some(quote_spanned! {span=>
        const { &#registry::mounted(__DOGET_METHODS, &[#(#mounts),*]) }.methods()
    })
}

/// What a description says of the mounts.
pub(super) fn describe(handler: &Handler) -> TokenStream {
    let span = Span::mixed_site();
    let guard = handler.guard.as_ref().map(|ty| {
        let (taker, authorized) = (
            handler.paths.taker_type(span),
            handler.paths.authorized(span),
        );
        quote_spanned!(span=> #taker::<#authorized<#ty>, Self>::describe(operation);)
    });
    let mounts = handler.mounts.iter().map(|mount| {
        let (ty, prefix) = (&mount.ty, &mount.prefix.text);
        let declared = handler.paths.declared(span);
        quote_spanned! {span=>
            api.mount(#prefix, <#ty as #declared>::describe, |operation| { #guard });
        }
    });
    mounts.collect()
}
