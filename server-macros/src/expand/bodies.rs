//! Parameters that read the body where there is none to read: a second one, or one of a method whose requests have no
//! body. Only their types know it, so consts say it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;

use super::checks::Checks;
use super::tokens::{Spread, cfg, spread};
use crate::model::{Handler, Method, ParamSource};

/// One check for each pair of parameters, at both places, and one for each parameter of a method without a body.
pub(super) fn checks(handler: &Handler) -> Checks {
    let mut checks = Checks::default();
    for method in handler.methods.iter().filter(|method| method.sound) {
        let types = by_value(method);
        let cfg = cfg(method.cfg.as_ref());
        let bodiless = WITHOUT_BODY
            .into_iter()
            .find(|(name, _)| method.name.is(name) && !method.takes_body);
        if let Some((_, why)) = bodiless {
            for &ty in &types {
                checks.add(handler, &cfg, &[ty], |asked| {
                    check_absent(handler, asked, ty, why)
                });
            }
        }
        for (position, last) in types.iter().enumerate() {
            for first in 0..position {
                let pair = &types[first..=position];
                checks.add(handler, &cfg, pair, |asked| check(handler, asked, last));
            }
        }
    }
    checks
}

/// Methods whose requests have no body that anybody has to send or to read (RFC 9110 sections 9.3.1, 9.3.2, 9.3.5 and
/// 9.3.8), and what to do.
const WITHOUT_BODY: [(&str, &str); 4] = [
    (
        "GET",
        "the body of a GET has no meaning, and clients, caches and proxies drop it: take the value from the query, or \
         make it a POST; `#[takes_body]` on the method insists",
    ),
    (
        "HEAD",
        "the body of a HEAD has no meaning, and clients, caches and proxies drop it: take the value from the query; \
         `#[takes_body]` on the method insists",
    ),
    (
        "DELETE",
        "the body of a DELETE has no meaning, and clients and proxies drop it: take the value from the path or the \
         query; `#[takes_body]` on the method insists",
    ),
    (
        "TRACE",
        "a client must not send a body with TRACE: take the value from the header; `#[takes_body]` on the method \
         insists",
    ),
];

/// The call that refuses a body.
fn check_absent(handler: &Handler, asked: &[Type], place: &Type, why: &str) -> TokenStream {
    let place = spread(place);
    let (check, probe) = (
        handler.paths.check_no_body(place.first),
        handler.paths.probe(place.first),
    );
    place.over(quote!(#check(#(#probe::<#asked>::BODY,)* #why)))
}

fn by_value(method: &Method) -> Vec<&Type> {
    method
        .params
        .iter()
        .filter(|param| matches!(param.source, ParamSource::Type { reference: false }))
        .map(|param| &param.ty)
        .collect()
}

/// The call that refuses the first and the last of `types`. The compiler underlines from its first token to its last.
fn check(handler: &Handler, types: &[Type], last: &Type) -> TokenStream {
    let from = spread(types.first().unwrap_or(last)).first;
    let (check, probe) = (handler.paths.check_bodies(from), handler.paths.probe(from));
    let to = spread(last).last;
    Spread {
        first: from,
        last: to,
    }
    .over(quote!(#check(&[#(#probe::<#types>::BODY),*])))
}
