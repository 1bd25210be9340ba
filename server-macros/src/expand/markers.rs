//! One `Handles<M>` for each method, so that method sets can be bounds.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{WhereClause, parse_quote};

use super::cfg;
use crate::args::Listed;
use crate::attrs;
use crate::model::{Handler, MethodName};
use crate::paths::own;
use crate::registry;

pub(super) fn markers(handler: &Handler) -> TokenStream {
    // As with the implementation of `Handler`, a conflict is shown at the type.
    let span = own(super::spread(&handler.self_ty).first);
    let mut code = TokenStream::new();
    let mut done: Vec<String> = Vec::new();
    let conditions = |key: &str| -> Vec<Option<TokenStream>> {
        let its = |name: &MethodName| {
            name.key() == key || (key == "HEAD" && !handler.exact && name.is("GET"))
        };
        handler
            .methods
            .iter()
            .filter(|method| its(&method.name))
            .map(|method| method.cfg.clone())
            .collect()
    };
    let mut emit = |name: &MethodName, condition: Option<TokenStream>| {
        if done.contains(&name.key()) {
            return;
        }
        done.push(name.key());
        if let Some(marker) = marker(handler, name, span) {
            let cfg = cfg(condition.as_ref());
            let imp = implement(handler, &marker, None, span);
            code.extend(quote_spanned!(span=> #cfg #imp));
        }
    };
    for method in &handler.methods {
        emit(
            &method.name,
            attrs::any_cfg(conditions(&method.name.key()).iter()),
        );
        if method.name.is("GET") && !handler.exact {
            emit(
                &MethodName::Token("HEAD".into()),
                attrs::any_cfg(conditions("HEAD").iter()),
            );
        }
    }
    if !handler.exact {
        emit(&MethodName::Token("OPTIONS".into()), None);
    }
    for listed in &handler.inherits {
        code.extend(inherit(handler, listed, &done));
    }
    code
}

/// `Handles<GET>` if the base has it: a condition on the type, checked at once for a concrete one.
fn inherit(handler: &Handler, listed: &Listed, done: &[String]) -> Option<TokenStream> {
    let (_, base) = handler.base.as_ref()?;
    if done.contains(&listed.name) {
        return None;
    }
    let place = super::spread(&listed.place);
    let span = own(place.first);
    let marker = marker(handler, &MethodName::Token(listed.name.clone()), span)?;
    let handles = handler.paths.handles(span);
    let condition = quote_spanned!(span=> #base: #handles<#marker>);
    Some(implement(handler, &marker, Some(condition), span))
}

fn marker(handler: &Handler, name: &MethodName, span: Span) -> Option<TokenStream> {
    match name {
        MethodName::Token(token) => {
            let name = Ident::new(&registry::marker(token)?, own(span));
            let markers = handler.paths.markers(span);
            Some(quote!(#markers::#name))
        }
        MethodName::Type(path) => Some(quote!(#path)),
    }
}

fn implement(
    handler: &Handler,
    marker: &TokenStream,
    condition: Option<TokenStream>,
    span: Span,
) -> TokenStream {
    let mut generics = handler.generics.clone();
    if let Some(condition) = condition {
        let wheres: &mut WhereClause = generics.make_where_clause();
        wheres.predicates.push(parse_quote!(#condition));
    }
    let (parameters, _, wheres) = generics.split_for_impl();
    let (handles, self_ty) = (handler.paths.handles(span), &handler.self_ty);
    quote_spanned!(span=> #[automatically_derived] impl #parameters #handles<#marker> for #self_ty #wheres {})
}
