//! `#[handler(described)]`: what the document would lack, as far as it has no type.

use quote::quote;
use syn::{FnArg, Pat, Signature};

use crate::errors::Sink;
use crate::messages;
use crate::model::{Method, ParamSource};
use syn::ext::IdentExt;

/// Reports an operation without a comment, and its single values without one. What is in no document needs none.
pub(super) fn check(method: &Method, sig: &Signature, sink: &mut Sink) {
    if method.route.is_none() || method.notes.hidden {
        return;
    }
    if method.notes.docs.is_empty() {
        let function = sig.ident.unraw().to_string();
        sink.report(&sig.ident, messages::undescribed_method(&function));
    }
    let typed = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(param) => Some(param),
        FnArg::Receiver(_) => None,
    });
    for (param, written) in method.params.iter().zip(typed) {
        // What a type takes has its comments there.
        let is_one_value = !matches!(param.source, ParamSource::Type { .. });
        if !is_one_value || !param.docs.is_empty() {
            continue;
        }
        let name = match &*written.pat {
            Pat::Ident(pat) => pat.ident.unraw().to_string(),
            other => quote!(#other).to_string(),
        };
        sink.report(&written.pat, messages::undescribed_parameter(&name));
    }
}
