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
use crate::attrs;
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
        let inherit = handler.paths.inherit(Span::mixed_site());
        for name in registry::CONSTS {
            if let Some(cfg) = inherited(handler, name) {
                let name = proc_macro2::Ident::new(name, Span::mixed_site());
                code.extend(quote_spanned!(Span::mixed_site()=> #cfg #inherit! { #name: #ty }));
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

/// Consts that tell the runtime what is left to the defaults, and the hooks that would change it: the first lines of a
/// response, and the parts of a line of the log.
const STANDARDS: [(&str, &[&str]); 2] = [
    (
        "STANDARD_HEAD",
        &["version_string", "date_time_string", "responses"],
    ),
    (
        "STANDARD_LOG",
        &["log_message", "log_date_time_string", "address_string"],
    ),
];

pub(super) fn standards(handler: &Handler) -> TokenStream {
    let span = Span::mixed_site();
    let bool = handler.paths.bool(span);
    STANDARDS
        .iter()
        .map(|(name, hooks)| {
            let name = proc_macro2::Ident::new(name, span);
            let own = handler
                .hooks
                .iter()
                .any(|hook| hooks.contains(&hook.sig.ident.unraw().to_string().as_str()));
            let standard = match &handler.base {
                _ if own => quote!(false),
                Some((_, ty)) => {
                    let the_trait = handler.paths.handler(span);
                    quote!(<#ty as #the_trait>::#name)
                }
                None => quote!(true),
            };
            quote_spanned!(span=> const #name: #bool = #standard;)
        })
        .collect()
}

pub(super) fn hooks(handler: &Handler) -> TokenStream {
    let mut code: TokenStream = handler.hooks.iter().map(forward).collect();
    if let Some((_, ty)) = &handler.base {
        let this = this(handler);
        let inherit = handler.paths.inherit(Span::mixed_site());
        for (name, _) in registry::HOOKS {
            if let Some(cfg) = inherited(handler, name) {
                let name = proc_macro2::Ident::new(name, Span::mixed_site());
                code.extend(quote_spanned! {Span::mixed_site()=>
                    #cfg #inherit! { #name(#this) (*Self::__doget_base(#this)): #ty }
                });
            }
        }
    }
    code
}

/// Under which `cfg` a hook or const comes from the base: where the block overrides neither it nor
/// anything that its default stands on. Otherwise the base would run with its own version of that.
fn inherited(handler: &Handler, name: &str) -> Option<TokenStream> {
    let mut conditions = Vec::new();
    overrides(handler, name, &mut conditions);
    if conditions.is_empty() {
        return Some(TokenStream::new());
    }
    let condition = attrs::any_cfg(conditions.into_iter())?;
    Some(quote!(#[cfg(not(#condition))]))
}

/// The conditions of what the block overrides of `name` and below it.
fn overrides<'h>(handler: &'h Handler, name: &str, conditions: &mut Vec<&'h Option<TokenStream>>) {
    let hooks = handler
        .hooks
        .iter()
        .map(|hook| (&hook.sig.ident, &hook.cfg));
    let consts = handler
        .consts
        .iter()
        .map(|constant| (&constant.name, &constant.cfg));
    let own = hooks
        .chain(consts)
        .filter(|(ident, _)| ident.unraw() == name);
    conditions.extend(own.map(|(_, cfg)| cfg));
    let below = registry::HOOKS.iter().find(|(hook, _)| *hook == name);
    for name in below.map_or(&[][..], |(_, below)| below) {
        overrides(handler, name, conditions);
    }
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
