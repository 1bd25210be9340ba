//! Hooks and consts: the user's stay in the block, and the trait implementation forwards to them.
//!
//! The forwarder repeats the user's own signature, so that a wrong one gets the compiler's native
//! error in the user's text.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{FnArg, Lifetime, Pat, Type};

use super::{cfg, local, this};
use crate::model::{Const, Handler, Hook};
use crate::paths::own;
use crate::registry;

pub(super) fn consts(handler: &Handler) -> TokenStream {
    let mut code: TokenStream = handler
        .consts
        .iter()
        .map(|constant| mirror(handler, constant))
        .collect();
    if let Some((_, ty)) = &handler.base {
        for name in registry::CONSTS {
            if !handler
                .consts
                .iter()
                .any(|constant| constant.name.unraw() == *name)
            {
                let inherit = handler.paths.inherit(Span::mixed_site());
                let name = proc_macro2::Ident::new(name, Span::mixed_site());
                code.extend(quote_spanned!(Span::mixed_site()=> #inherit! { #name: #ty }));
            }
        }
    }
    code
}

fn mirror(handler: &Handler, constant: &Const) -> TokenStream {
    let Const {
        name,
        ty,
        cfg: condition,
        ..
    } = constant;
    let (span, cfg) = (own(name.span()), cfg(condition.as_ref()));
    let declared = with_static(ty);
    let value = quote_spanned!(span=> Self::#name);
    let value = match check(handler, constant) {
        // Where no concrete type can be named, the check waits until one is used.
        Some(check) if !handler.generics.params.is_empty() => quote_spanned!(span=> #check(#value)),
        _ => value,
    };
    quote_spanned!(span=> #cfg const #name: #declared = #value;)
}

/// `&str` as the trait has it: the user may leave the lifetime out, an implementation may not.
fn with_static(ty: &Type) -> Type {
    let mut ty = ty.clone();
    if let Type::Reference(reference) = &mut ty
        && reference.lifetime.is_none()
    {
        reference.lifetime = Some(Lifetime::new("'static", reference.and_token.span()));
    }
    ty
}

/// The path of the const fn that checks the value, if there is one for this const.
fn check(handler: &Handler, constant: &Const) -> Option<TokenStream> {
    let text = matches!(&constant.ty, Type::Reference(reference)
        if matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str")));
    let first = constant.value.clone().into_iter().next();
    let at = first.map_or_else(Span::mixed_site, |token| token.span());
    match constant.name.unraw().to_string().as_str() {
        "ERROR_MESSAGE_FORMAT" if text => Some(handler.paths.check_error_format(at)),
        "PROTOCOL_VERSION" if text => Some(handler.paths.check_protocol_version(at)),
        _ => None,
    }
}

/// The checks that can be made here and now, each at the value it is about.
pub(super) fn checks(handler: &Handler) -> TokenStream {
    if !handler.generics.params.is_empty() {
        return TokenStream::new();
    }
    let (self_ty, str) = (&handler.self_ty, handler.paths.str(Span::mixed_site()));
    handler
        .consts
        .iter()
        .filter_map(|constant| {
            let check = check(handler, constant)?;
            let place = super::spread(&constant.value);
            let (name, cfg) = (&constant.name, cfg(constant.cfg.as_ref()));
            let called = place.over(quote!(#check(<#self_ty>::#name)));
            Some(quote_spanned!(Span::mixed_site()=> #cfg const _: &#str = #called;))
        })
        .collect()
}

/// What the first lines of a response come from.
const FIRST_LINES: [&str; 3] = ["version_string", "date_time_string", "responses"];

/// Tells the runtime whether the first lines of a response are the same for a second.
pub(super) fn standard_head(handler: &Handler) -> TokenStream {
    let own = handler
        .hooks
        .iter()
        .any(|hook| FIRST_LINES.contains(&hook.sig.ident.unraw().to_string().as_str()));
    let standard = match &handler.base {
        _ if own => quote!(false),
        Some((_, ty)) => {
            let the_trait = handler.paths.handler(Span::mixed_site());
            quote!(<#ty as #the_trait>::STANDARD_HEAD)
        }
        None => quote!(true),
    };
    let bool = handler.paths.bool(Span::mixed_site());
    quote_spanned!(Span::mixed_site()=> const STANDARD_HEAD: #bool = #standard;)
}

pub(super) fn hooks(handler: &Handler) -> TokenStream {
    let mut code: TokenStream = handler.hooks.iter().map(forward).collect();
    if let Some((_, ty)) = &handler.base {
        let this = this(handler);
        for (name, _) in registry::HOOKS
            .iter()
            .filter(|(name, _)| inherited(handler, name))
        {
            let inherit = handler.paths.inherit(Span::mixed_site());
            let name = proc_macro2::Ident::new(name, Span::mixed_site());
            code.extend(
                quote_spanned!(Span::mixed_site()=> #inherit! { #name(#this) (*Self::__doget_base(#this)): #ty }),
            );
        }
    }
    code
}

/// Whether a hook comes from the base: the block overrides neither it nor anything that its
/// default stands on. Otherwise the base would run with its own version of that.
fn inherited(handler: &Handler, name: &str) -> bool {
    let overridden = handler
        .hooks
        .iter()
        .any(|hook| hook.sig.ident.unraw() == name)
        || handler
            .consts
            .iter()
            .any(|constant| constant.name.unraw() == name);
    let below = registry::HOOKS
        .iter()
        .find(|(hook, _)| *hook == name)
        .map_or(&[][..], |(_, below)| below);
    !overridden && below.iter().all(|name| inherited(handler, name))
}

fn forward(hook: &Hook) -> TokenStream {
    let mut sig = hook.sig.clone();
    let mut arguments = Vec::new();
    let mut receiver = None;
    for (position, input) in sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(own) => {
                own.attrs.clear();
                own.mutability = None;
                let token = own.self_token;
                receiver = Some(quote!(#token,));
            }
            FnArg::Typed(param) => {
                let name = local("argument", position);
                param.attrs.clear();
                *param.pat = Pat::Verbatim(quote!(#name));
                arguments.push(name);
            }
        }
    }
    let name = &sig.ident;
    let (span, cfg) = (own(hook.sig.ident.span()), cfg(hook.cfg.as_ref()));
    quote_spanned!(span=> #cfg #sig { Self::#name(#receiver #(#arguments),*) })
}
