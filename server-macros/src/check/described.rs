//! `#[handler(described)]`: what the document would lack, as far as it has no type.

use syn::{FnArg, Pat, Signature};

use crate::errors::Sink;
use crate::messages;
use crate::model::{Method, ParamSource};
use syn::ext::IdentExt;

/// Reports an operation without a comment, and its parts of the path without one. What is in no document needs none.
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
        let placeholder = matches!(param.source, ParamSource::Placeholder(_));
        if let (true, true, Pat::Ident(pat)) = (placeholder, param.docs.is_empty(), &*written.pat) {
            let name = pat.ident.unraw().to_string();
            sink.report(&pat.ident, messages::undescribed_parameter(&name));
        }
    }
}
