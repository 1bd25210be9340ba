//! Checks of what only types know: consts, which fail where the user wrote the type.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{GenericParam, Type};

use crate::lifetimes::erase;
use crate::model::Handler;

/// Checks of one kind, in the two places that they can have.
#[derive(Default)]
pub(super) struct Checks {
    items: TokenStream,
    statements: TokenStream,
}

impl Checks {
    /// A check that names these types; it is written with those that it is given.
    pub(super) fn add(
        &mut self,
        handler: &Handler,
        cfg: &TokenStream,
        types: &[&Type],
        check: impl FnOnce(&[Type]) -> TokenStream,
    ) {
        let span = Span::mixed_site();
        let outside: Option<Vec<Type>> = types.iter().map(|ty| outside(handler, ty)).collect();
        match outside {
            Some(types) => {
                let check = check(&types);
                self.items
                    .extend(quote_spanned!(span=> #cfg const _: () = #check;));
            }
            None => {
                let check = check(&types.iter().map(|&ty| ty.clone()).collect::<Vec<_>>());
                self.statements
                    .extend(quote_spanned!(span=> #cfg let () = const { #check };));
            }
        }
    }

    /// Items as they are.
    pub(super) fn add_items(&mut self, items: TokenStream) {
        self.items.extend(items);
    }

    /// Items, which are evaluated wherever the block is compiled. `import`: the trait that the probes need; it is in
    /// scope for these alone.
    pub(super) fn items(&self, import: &TokenStream) -> TokenStream {
        let items = &self.items;
        if items.is_empty() {
            return TokenStream::new();
        }
        quote_spanned! {Span::mixed_site()=>
            const _: () = {
                #[allow(unused_imports)]
                use #import as _;
                #items
            };
        }
    }

    /// Statements of a generated method: a type that names a parameter of the block is known only when that is used.
    pub(super) fn statements(&self, import: &TokenStream) -> TokenStream {
        let statements = &self.statements;
        if statements.is_empty() {
            return TokenStream::new();
        }
        quote_spanned! {Span::mixed_site()=>
            {
                #[allow(unused_imports)]
                use #import as _;
                #statements
            }
        }
    }
}

/// A type as a const beside the block can name it: without lifetimes, and with the block's type in place of `Self`.
/// `None` for one that names a parameter of the block.
pub(super) fn outside(handler: &Handler, ty: &Type) -> Option<Type> {
    let tokens = replace_self(ty.to_token_stream(), &handler.self_ty);
    let parameters: Vec<String> = handler
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Lifetime(_) => None,
            #[allow(unreachable_patterns, reason = "syn may add others")]
            _ => None,
        })
        .collect();
    if names_any(tokens.clone(), &parameters) {
        return None;
    }
    let ty = syn::parse2(tokens).ok()?;
    Some(erase(&ty, &handler.generics))
}

fn replace_self(tokens: TokenStream, self_ty: &Type) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => self_ty.to_token_stream(),
            TokenTree::Group(group) => {
                let inner = replace_self(group.stream(), self_ty);
                let mut replaced = proc_macro2::Group::new(group.delimiter(), inner);
                replaced.set_span(group.span());
                TokenTree::from(replaced).into()
            }
            other => other.into(),
        })
        .collect()
}

fn names_any(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == name),
        TokenTree::Group(group) => names_any(group.stream(), names),
        _ => false,
    })
}
