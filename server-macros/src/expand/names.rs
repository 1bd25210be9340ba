//! Names that the parameters of a method take from a request, and those of operations in a base: only types know them,
//! so consts say it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::answers::is_response;
use super::bodies::depends;
use super::tokens::{Spread, cfg, spread};
use crate::lifetimes::erase;
use crate::model::{Handler, Method, Param, ParamSource};

/// One check for each parameter, each pair of them, and each placeholder.
pub(super) struct Checks {
    /// Items, which are evaluated wherever the block is compiled.
    pub(super) items: TokenStream,
    /// Statements of a generated method: a type that names a parameter of the block is known only when that is used.
    pub(super) statements: TokenStream,
}

pub(super) fn checks(handler: &Handler) -> Checks {
    let span = Span::mixed_site();
    let no_source = handler.paths.no_source(span);
    let (mut items, mut statements) = (TokenStream::new(), TokenStream::new());
    for method in handler.methods.iter().filter(|method| method.sound) {
        let cfg = cfg(method.cfg.as_ref());
        for param in &method.params {
            if let ParamSource::Single(single) = &param.source
                && !depends(handler, &param.ty)
            {
                let ty = erase(&param.ty, &handler.generics);
                let asserted = single.assertions(&ty, &handler.paths);
                items.extend(quote_spanned!(span=> #cfg const _: () = { #asserted };));
            }
        }
        for (types, check) in of_method(handler, method) {
            if types.iter().any(|ty| depends(handler, ty)) {
                statements.extend(quote_spanned!(span=> #cfg let () = const { #check };));
            } else {
                items.extend(quote_spanned!(span=> #cfg const _: () = #check;));
            }
        }
    }
    if let Some((base, check)) = of_base(handler) {
        if depends(handler, base) {
            statements.extend(quote_spanned!(span=> let () = const { #check };));
        } else {
            items.extend(quote_spanned!(span=> const _: () = #check;));
        }
    }
    let import = quote_spanned!(span=> #[allow(unused_imports)] use #no_source as _;);
    Checks {
        items: match items.is_empty() {
            true => items,
            false => quote_spanned!(span=> const _: () = { #import #items };),
        },
        statements: match statements.is_empty() {
            true => statements,
            false => quote!({ #import #statements }),
        },
    }
}

/// The operations of the base, where a document without faults is asked for.
fn of_base(handler: &Handler) -> Option<(&Type, TokenStream)> {
    let (_, base) = handler.base.as_ref().filter(|_| handler.notes.described)?;
    let place = spread(base);
    let (check, declared) = (
        handler.paths.check_operation_ids(place.first),
        handler.paths.declared(place.first),
    );
    let call = quote!(#check(__DOGET_METHODS, <#base as #declared>::METHODS));
    Some((base, place.over(call)))
}

/// A parameter that takes values by name, perhaps.
struct Asked<'m> {
    ty: &'m Type,
    place: Spread,
    /// What it takes: an `Option<ParamGroup>`.
    group: TokenStream,
}

/// The checks of one method, each with the types that it asks.
fn of_method<'m>(handler: &Handler, method: &'m Method) -> Vec<(Vec<&'m Type>, TokenStream)> {
    let asked: Vec<Asked<'_>> = method
        .params
        .iter()
        .filter_map(|param| asked(handler, param))
        .collect();
    let mut checks = Vec::new();
    for (position, this) in asked.iter().enumerate() {
        let (place, group) = (this.place, &this.group);
        let check = handler.paths.check_fields(place.first);
        checks.push((vec![this.ty], place.over(quote!(#check(#group)))));
        if let Some(route) = &method.route {
            for placeholder in route.placeholders() {
                let (check, text) = (handler.paths.check_placeholder(place.first), &route.text);
                let call = quote!(#check(#group, #placeholder, #text));
                checks.push((vec![this.ty], place.over(call)));
            }
        }
        for before in &asked[..position] {
            let place = Spread {
                first: before.place.first,
                last: place.last,
            };
            let check = handler.paths.check_disjoint(place.first);
            let first = &before.group;
            let call = quote!(#check(#first, #group));
            checks.push((vec![before.ty, this.ty], place.over(call)));
        }
    }
    checks
}

fn asked<'m>(handler: &Handler, param: &'m Param) -> Option<Asked<'m>> {
    let ty = &param.ty;
    let place = spread(ty);
    let group = match &param.source {
        ParamSource::Type { reference: false } if !is_response(ty) => {
            let probe = handler.paths.probe(place.first);
            let ty = match depends(handler, ty) {
                true => ty.clone(),
                false => erase(ty, &handler.generics),
            };
            quote!(#probe::<#ty>::PARAMS)
        }
        ParamSource::Single(single) => single.named(ty, &handler.paths),
        _ => return None,
    };
    Some(Asked { ty, place, group })
}
