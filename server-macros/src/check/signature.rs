//! Signatures of methods: the receiver, the modifiers, where each parameter comes from.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{FnArg, GenericParam, Pat, PatType, ReceiverKind, ReturnType, Safety, Signature, Type};

use crate::errors::Sink;
use crate::messages;
use crate::model::{Answer, Param, ParamSource};
use crate::pattern::Pattern;
use crate::suggest;

/// Whether a hook can be forwarded to. Its types are the compiler's affair.
pub(super) fn hook(sig: &Signature, sink: &mut Sink) -> bool {
    modifiers(sig, sink);
    !sink.failed()
}

/// Checks the signature of a `do_*` method; `None` if it cannot be called.
///
/// Without a known route nothing is said about parameters that a placeholder might have named.
pub(super) fn method(
    sig: &Signature,
    route: Option<&Pattern>,
    route_known: bool,
    sink: &mut Sink,
) -> Option<(Vec<Param>, Answer)> {
    modifiers(sig, sink);
    generics(sig, sink);
    receiver(sig, sink);
    let params = parameters(sig, route, route_known, sink);
    let takes_response = sig.inputs.iter().any(|input| {
        matches!(input, FnArg::Typed(param) if last_name(&param.ty).is_some_and(|name| name == "Response"))
    });
    let answer = match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            Type::Never(_) => Some(Answer::Never),
            other => Some(Answer::Type(Box::new(erase(other, sig)))),
        },
    };
    if answer.is_none() {
        let message = messages::no_answer(takes_response);
        match &sig.output {
            ReturnType::Type(_, ty) => sink.report(ty, message),
            ReturnType::Default => sink.report(&sig.ident, message),
        }
    }
    if sink.failed() {
        None
    } else {
        Some((params, answer?))
    }
}

fn modifiers(sig: &Signature, sink: &mut Sink) {
    if let Some(place) = &sig.constness {
        sink.report(place, messages::const_method());
    }
    if let Some(place) = &sig.asyncness {
        sink.report(place, messages::async_method());
    }
    if let Safety::Unsafe(place) = &sig.safety {
        sink.report(place, messages::unsafe_method());
    }
    if let Some(abi) = &sig.abi {
        sink.report(abi.extern_token, messages::extern_method());
    }
}

fn generics(sig: &Signature, sink: &mut Sink) {
    for parameter in &sig.generics.params {
        let ident = match parameter {
            GenericParam::Type(parameter) => &parameter.ident,
            GenericParam::Const(parameter) => &parameter.ident,
            _ => continue,
        };
        sink.report(parameter, messages::generic_method(&ident.to_string()));
    }
}

/// The parentheses of the parameters, as one place.
fn parentheses(sig: &Signature) -> TokenTree {
    let mut group =
        proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, TokenStream::new());
    group.set_span(sig.paren_token.span.join());
    group.into()
}

fn receiver(sig: &Signature, sink: &mut Sink) {
    let Some(receiver) = sig.receiver() else {
        sink.report(parentheses(sig), messages::no_self());
        return;
    };
    match &receiver.kind {
        ReceiverKind::Reference(_, _, None) => {}
        ReceiverKind::Reference(_, _, Some(place)) => sink.report(place, messages::mut_self()),
        ReceiverKind::Typed(_, ty) => {
            let plain = matches!(&**ty, Type::Reference(reference)
                if reference.mutability.is_none() && last_name(&reference.elem).is_some_and(|name| name == "Self"));
            if !plain {
                sink.report(receiver, messages::owned_self());
            }
        }
        _ => sink.report(receiver, messages::owned_self()),
    }
}

fn parameters(
    sig: &Signature,
    route: Option<&Pattern>,
    route_known: bool,
    sink: &mut Sink,
) -> Vec<Param> {
    let mut params = Vec::new();
    let mut unnamed = Vec::new();
    let mut used: Vec<String> = Vec::new();
    let (mut responses, mut requests) = (0, 0);
    let mut later: Vec<(&PatType, Option<String>)> = Vec::new();

    for input in &sig.inputs {
        let FnArg::Typed(param) = input else { continue };
        if let Some(attribute) = param
            .attrs
            .iter()
            .find(|attribute| attribute.path().is_ident("cfg"))
        {
            sink.report(attribute, messages::cfg_parameter());
        }
        if has_impl(&param.ty) {
            sink.report(&param.ty, messages::impl_trait_parameter());
            continue;
        }
        let name = name(&param.pat);
        let placeholder = name.as_ref().and_then(|name| {
            route?
                .placeholders()
                .position(|placeholder| placeholder == name)
        });
        let source = match placeholder {
            Some(position) => {
                used.extend(name);
                ParamSource::Placeholder(position)
            }
            None => {
                match last_name(&param.ty).as_deref() {
                    Some("Response") => {
                        responses += 1;
                        if responses == 2 {
                            sink.report(&param.ty, messages::response_twice());
                        }
                    }
                    Some("Request") if matches!(&*param.ty, Type::Reference(_)) => {
                        requests += 1;
                        if requests == 2 {
                            sink.report(&param.ty, messages::request_twice());
                        }
                    }
                    _ => {}
                }
                if name.is_some() {
                    unnamed.push(params.len());
                }
                later.push((param, name));
                ParamSource::Type {
                    reference: matches!(&*param.ty, Type::Reference(_)),
                }
            }
        };
        params.push(Param {
            ty: erase(&param.ty, sig),
            source,
        });
    }

    // A placeholder without a parameter and a parameter of nearly that name are one mistake.
    let mut explained: Vec<String> = Vec::new();
    if let Some(route) = route {
        for placeholder in route
            .placeholders()
            .filter(|placeholder| !used.iter().any(|name| name == placeholder))
        {
            let candidates = later.iter().filter_map(|(_, name)| name.as_deref());
            match suggest::nearest(placeholder, candidates) {
                Some(nearest) => {
                    sink.report(
                        &route.literal,
                        messages::misspelt_placeholder(placeholder, nearest),
                    );
                    if let Some((param, _)) = later
                        .iter()
                        .find(|(_, name)| name.as_deref() == Some(nearest))
                    {
                        sink.report(&param.pat, messages::misspelt_placeholder_place(nearest));
                    }
                    explained.push(nearest.to_owned());
                }
                None => {
                    let function = sig.ident.unraw().to_string();
                    sink.report(
                        &route.literal,
                        messages::placeholder_without_parameter(placeholder, &function),
                    );
                    sink.report(
                        parentheses(sig),
                        messages::placeholder_without_parameter_place(placeholder),
                    );
                }
            }
        }
    }
    if route_known {
        for (param, name) in &later {
            let known = name.as_ref().is_some_and(|name| explained.contains(name));
            if is_scalar(&param.ty) && !known {
                let ty = shown(&param.ty);
                let text = route.map(|route| route.text.as_str());
                sink.report(
                    &param.ty,
                    messages::scalar_without_placeholder(name.as_deref(), &ty, text),
                );
                if let Some(route) = route {
                    sink.report(&route.literal, messages::scalar_without_placeholder_place());
                }
            }
        }
    }
    params
}

fn name(pat: &Pat) -> Option<String> {
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {
            Some(pat.ident.unraw().to_string())
        }
        _ => None,
    }
}

/// A type that nothing but a placeholder can give. `String` and `Vec<u8>` are bodies.
fn is_scalar(ty: &Type) -> bool {
    const SCALARS: &[&str] = &[
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char",
    ];
    match ty {
        Type::Reference(reference) => {
            reference.mutability.is_none()
                && matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str"))
        }
        Type::Path(path) => {
            path.qself.is_none() && SCALARS.iter().any(|scalar| path.path.is_ident(scalar))
        }
        _ => false,
    }
}

fn shown(ty: &Type) -> String {
    match ty {
        Type::Reference(reference) => format!("&{}", shown(&reference.elem)),
        other => other.to_token_stream().to_string(),
    }
}

/// The last segment of a path, or of the path that a reference points to.
fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string()),
        Type::Reference(reference) => last_name(&reference.elem),
        Type::Group(group) => last_name(&group.elem),
        Type::Paren(paren) => last_name(&paren.elem),
        _ => None,
    }
}

fn has_impl(ty: &Type) -> bool {
    fn search(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => search(group.stream()),
            _ => false,
        })
    }
    search(ty.to_token_stream())
}

/// `ty` as it can be named outside of the method: its lifetime parameters are left to inference.
fn erase(ty: &Type, sig: &Signature) -> Type {
    let lifetimes: Vec<String> = sig
        .generics
        .lifetimes()
        .map(|parameter| parameter.lifetime.ident.to_string())
        .collect();
    if lifetimes.is_empty() {
        return ty.clone();
    }
    syn::parse2(replace(ty.to_token_stream(), &lifetimes)).unwrap_or_else(|_| ty.clone())
}

fn replace(tokens: TokenStream, lifetimes: &[String]) -> TokenStream {
    let mut quote_seen = false;
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if quote_seen && lifetimes.iter().any(|name| ident == name) => {
                quote_seen = false;
                proc_macro2::Ident::new("_", ident.span()).into()
            }
            TokenTree::Group(group) => {
                let mut replaced =
                    proc_macro2::Group::new(group.delimiter(), replace(group.stream(), lifetimes));
                replaced.set_span(group.span());
                replaced.into()
            }
            other => {
                quote_seen = matches!(&other, TokenTree::Punct(punct) if punct.as_char() == '\'');
                other
            }
        })
        .collect()
}
