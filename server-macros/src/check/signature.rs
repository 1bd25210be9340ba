//! Signatures of methods: the receiver, the modifiers, where each parameter comes from.

use syn::ext::IdentExt;
use syn::{
    FnArg, GenericParam, Pat, Receiver, ReceiverKind, ReturnType, Safety, Signature, Token, Type,
};

use super::placeholders::{self, Unnamed};
use super::types::{has_impl, last_name, parentheses};
use crate::errors::Sink;
use crate::lifetimes::erase;
use crate::model::{Answer, Param, ParamSource};
use crate::params::single;
use crate::pattern::Pattern;
use crate::{messages, notes};

/// Whether a hook can be forwarded to. Its types are the compiler's affair.
pub(super) fn hook(sig: &Signature, sink: &mut Sink) -> bool {
    modifiers(sig, sink);
    // Of all wrong receivers this is the one that the compiler itself proposes.
    if let Some(place) = sig.receiver().and_then(by_mutable_reference) {
        sink.report(place, messages::mut_self());
    }
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
            other => Some(Answer::Type(Box::new(erase(other, &sig.generics)))),
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

fn receiver(sig: &Signature, sink: &mut Sink) {
    let Some(receiver) = sig.receiver() else {
        sink.report(parentheses(sig), messages::no_self());
        return;
    };
    if let Some(place) = by_mutable_reference(receiver) {
        sink.report(place, messages::mut_self());
        return;
    }
    let shared = match &receiver.kind {
        ReceiverKind::Reference(..) => true,
        ReceiverKind::Typed(_, ty) => matches!(&**ty, Type::Reference(reference)
            if last_name(&reference.elem).is_some_and(|name| name == "Self")),
        _ => false,
    };
    if !shared {
        sink.report(receiver, messages::owned_self());
    }
}

/// The `mut` of `&mut self` or `self: &mut Self`.
fn by_mutable_reference(receiver: &Receiver) -> Option<&Token![mut]> {
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => mutability.as_ref(),
        ReceiverKind::Typed(_, ty) => match &**ty {
            Type::Reference(reference) => reference.mutability.as_ref(),
            _ => None,
        },
        _ => None,
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
        if let Some(single) = single::read(param, placeholder.is_some(), sink) {
            used.extend(placeholder.and(name));
            params.push(Param {
                ty: erase(&param.ty, &sig.generics),
                docs: single.options.doc.clone(),
                source: ParamSource::Single(Box::new(single)),
            });
            continue;
        }
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
                unnamed.push(Unnamed { param, name });
                ParamSource::Type {
                    reference: matches!(&*param.ty, Type::Reference(_)),
                }
            }
        };
        params.push(Param {
            ty: erase(&param.ty, &sig.generics),
            source,
            docs: notes::docs(&param.attrs),
        });
    }

    let missing = route.map_or_else(Vec::new, |route| {
        let named = |placeholder: &&str| !used.iter().any(|name| name == placeholder);
        route
            .placeholders()
            .filter(named)
            .map(str::to_owned)
            .collect()
    });
    placeholders::check(sig, route, route_known, missing, &unnamed, sink);
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
