//! Parameters that read the body where there is none to read: a second one, or one of a method whose requests have no
//! body. Only their types know it, so consts say it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, Type};

use super::tokens::{Spread, cfg, spread};
use crate::lifetimes::erase;
use crate::model::{Handler, Method, ParamSource};

/// One check for each pair of parameters, at both places.
pub(super) struct Checks {
    /// Items, which are evaluated wherever the block is compiled.
    pub(super) items: TokenStream,
    /// Statements of a generated method: a type that names a parameter of the block is known only when that is used.
    pub(super) statements: TokenStream,
}

pub(super) fn checks(handler: &Handler) -> Checks {
    let (mut items, mut statements) = (TokenStream::new(), TokenStream::new());
    for method in handler.methods.iter().filter(|method| method.sound) {
        let types = by_value(method);
        let cfg = cfg(method.cfg.as_ref());
        let bodiless = WITHOUT_BODY
            .into_iter()
            .find(|(name, _)| method.name.is(name) && !method.takes_body);
        for ty in bodiless.iter().flat_map(|_| &types) {
            let span = Span::mixed_site();
            let why = bodiless.map_or("", |(_, why)| why);
            if depends(handler, ty) {
                let check = check_absent(handler, ty, ty, why);
                statements.extend(quote_spanned!(span=> #cfg let () = const { #check };));
            } else {
                let check = check_absent(handler, &erase(ty, &handler.generics), ty, why);
                items.extend(quote_spanned!(span=> #cfg const _: () = #check;));
            }
        }
        for (position, last) in types.iter().enumerate() {
            for first in 0..position {
                let pair = &types[first..=position];
                let span = Span::mixed_site();
                if pair.iter().any(|ty| depends(handler, ty)) {
                    let check = check(handler, pair, last);
                    statements.extend(quote_spanned!(span=> #cfg let () = const { #check };));
                } else {
                    let pair: Vec<Type> =
                        pair.iter().map(|ty| erase(ty, &handler.generics)).collect();
                    let check = check(handler, &pair.iter().collect::<Vec<_>>(), last);
                    items.extend(quote_spanned!(span=> #cfg const _: () = #check;));
                }
            }
        }
    }
    let import = |checks: &TokenStream| {
        let no_source = handler.paths.no_source(Span::mixed_site());
        (!checks.is_empty()).then(|| quote_spanned!(Span::mixed_site()=> use #no_source as _;))
    };
    let (in_items, in_statements) = (import(&items), import(&statements));
    Checks {
        items: match in_items {
            // Apart, so that the name of the trait is in scope for these alone.
            Some(import) => quote_spanned!(Span::mixed_site()=> const _: () = { #import #items };),
            None => items,
        },
        statements: quote!(#in_statements #statements),
    }
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
fn check_absent(handler: &Handler, ty: &Type, place: &Type, why: &str) -> TokenStream {
    let place = spread(place);
    let (check, probe) = (
        handler.paths.check_no_body(place.first),
        handler.paths.probe(place.first),
    );
    place.over(quote!(#check(#probe::<#ty>::BODY, #why)))
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
fn check(handler: &Handler, types: &[&Type], last: &Type) -> TokenStream {
    let from = spread(types.first().unwrap_or(&last)).first;
    let (check, probe) = (handler.paths.check_bodies(from), handler.paths.probe(from));
    let to = spread(last).last;
    Spread {
        first: from,
        last: to,
    }
    .over(quote!(#check(&[#(#probe::<#types>::BODY),*])))
}

/// Whether a type is known only with the parameters of the block.
pub(super) fn depends(handler: &Handler, ty: &Type) -> bool {
    fn search(tokens: TokenStream, names: &[String]) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => names.iter().any(|name| ident == name),
            TokenTree::Group(group) => search(group.stream(), names),
            _ => false,
        })
    }
    let mut names = vec!["Self".to_owned()];
    for parameter in &handler.generics.params {
        match parameter {
            GenericParam::Type(parameter) => names.push(parameter.ident.to_string()),
            GenericParam::Const(parameter) => names.push(parameter.ident.to_string()),
            _ => {}
        }
    }
    search(ty.to_token_stream(), &names)
}
