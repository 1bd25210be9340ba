//! Two parameters that read the body: only their types know it, so consts say it.

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
fn depends(handler: &Handler, ty: &Type) -> bool {
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
