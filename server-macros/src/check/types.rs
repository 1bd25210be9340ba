//! What the tokens of a signature tell of its types.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Signature, Type};

/// A type that nothing but a placeholder can give. `String` and `Vec<u8>` are bodies.
pub(super) fn is_scalar(ty: &Type) -> bool {
    const SCALARS: &[&str] = &[
        "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64", "bool", "char",
    ];
    match ty {
        Type::Reference(reference) => {
            reference.mutability.is_none()
                && matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str"))
        }
        Type::Path(path) => {
            path.qself.is_none() && SCALARS.iter().any(|scalar| path.path.is_ident(scalar))
        }
        _ => false,
    }
}

pub(super) fn shown(ty: &Type) -> String {
    match ty {
        Type::Reference(reference) => format!("&{}", shown(&reference.elem)),
        other => other.to_token_stream().to_string(),
    }
}

/// The last segment of a path, or of the path that a reference points to.
pub(super) fn last_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map(|segment| segment.ident.to_string()),
        Type::Reference(reference) => last_name(&reference.elem),
        Type::Group(group) => last_name(&group.elem),
        Type::Paren(paren) => last_name(&paren.elem),
        _ => None,
    }
}

/// The parentheses of the parameters, as one place.
pub(super) fn parentheses(sig: &Signature) -> TokenTree {
    let mut group =
        proc_macro2::Group::new(proc_macro2::Delimiter::Parenthesis, TokenStream::new());
    group.set_span(sig.paren_token.span.join());
    group.into()
}

pub(crate) fn has_impl(ty: &Type) -> bool {
    fn search(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => search(group.stream()),
            _ => false,
        })
    }
    search(ty.to_token_stream())
}
