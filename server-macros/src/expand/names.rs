//! Names that the parameters of a method take from a request: only their types know them, so consts say it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::answers::is_response;
use super::bodies::{by_value, depends};
use super::tokens::{Spread, cfg, spread};
use crate::lifetimes::erase;
use crate::model::{Handler, Method};

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
        for (types, check) in of_method(handler, method) {
            if types.iter().any(|ty| depends(handler, ty)) {
                statements.extend(quote_spanned!(span=> #cfg let () = const { #check };));
            } else {
                items.extend(quote_spanned!(span=> #cfg const _: () = #check;));
            }
        }
    }
    let import = quote_spanned!(span=> use #no_source as _;);
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

/// The checks of one method, each with the types that it asks.
fn of_method<'m>(handler: &Handler, method: &'m Method) -> Vec<(Vec<&'m Type>, TokenStream)> {
    let mut types = by_value(method);
    types.retain(|ty| !is_response(ty));
    let mut checks = Vec::new();
    for (position, ty) in types.iter().enumerate() {
        let place = spread(ty);
        let (check, asked) = (
            handler.paths.check_fields(place.first),
            params(handler, ty, place),
        );
        checks.push((vec![*ty], place.over(quote!(#check(#asked)))));
        if let Some(route) = &method.route {
            for placeholder in route.placeholders() {
                let (check, text) = (handler.paths.check_placeholder(place.first), &route.text);
                let call = quote!(#check(#asked, #placeholder, #text));
                checks.push((vec![*ty], place.over(call)));
            }
        }
        for first in &types[..position] {
            let place = Spread {
                first: spread(first).first,
                last: place.last,
            };
            let check = handler.paths.check_disjoint(place.first);
            let (one, two) = (params(handler, first, place), params(handler, ty, place));
            checks.push((vec![*first, *ty], place.over(quote!(#check(#one, #two)))));
        }
    }
    checks
}

fn params(handler: &Handler, ty: &Type, place: Spread) -> TokenStream {
    let probe = handler.paths.probe(place.first);
    let ty = match depends(handler, ty) {
        true => ty.clone(),
        false => erase(ty, &handler.generics),
    };
    quote!(#probe::<#ty>::PARAMS)
}
