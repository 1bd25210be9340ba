//! Users that a method wants, of whom no request can say both: only types know how they are verified.

use proc_macro2::Span;
use quote::{quote, quote_spanned};
use syn::Type;

use super::checks::Checks;
use super::tokens::{Spread, cfg, spread};
use crate::model::{Handler, Method, ParamSource};

/// One check for each method that could want two.
pub(super) fn checks(handler: &Handler) -> Checks {
    let mut checks = Checks::default();
    for method in handler.methods.iter().filter(|method| method.sound) {
        let guard = handler.guard.as_ref().filter(|_| !method.open);
        let own: Vec<&Type> = by_value(method);
        let (Some(first), Some(last)) = (own.first(), own.last()) else {
            continue;
        };
        if own.len() + usize::from(guard.is_some()) < 2 {
            continue;
        }
        let place = Spread {
            first: spread(first).first,
            last: spread(last).last,
        };
        let paths = &handler.paths;
        let authorized = paths.authorized(Span::mixed_site());
        let guard: Option<Type> = guard.map(|ty| Type::Verbatim(quote!(#authorized<#ty>)));
        let mut types: Vec<&Type> = own;
        types.extend(&guard);
        types.push(&handler.self_ty);
        checks.add(handler, &cfg(method.cfg.as_ref()), &types, |asked| {
            let Some((this, users)) = asked.split_last() else {
                return proc_macro2::TokenStream::new();
            };
            let check = paths.check_credentials(place.first);
            let taker = paths.taker_type(place.first);
            place
                .over(quote_spanned!(place.first=> #check(&[#(#taker::<#users, #this>::SCHEME),*])))
        });
    }
    checks
}

fn by_value(method: &Method) -> Vec<&Type> {
    let by_value = method
        .params
        .iter()
        .filter(|param| matches!(param.source, ParamSource::Type { reference: false }));
    by_value.map(|param| &param.ty).collect()
}
