//! What the text of a type tells of the values of a parameter.

use syn::{GenericArgument, PathArguments, Type};

/// Whether a type is known to have no range.
pub(super) fn is_text(ty: &Type) -> bool {
    matches!(inner(ty), Type::Path(path) if path.path.segments.last().is_some_and(|last| {
        ["String", "bool", "char"].iter().any(|word| last.ident == word)
    }))
}

/// The type of one value: what stands in `Option<..>` or `Vec<..>`. An alias of one of these has no range.
pub(super) fn inner(ty: &Type) -> &Type {
    let Type::Path(path) = ty else { return ty };
    let Some(last) = path.path.segments.last() else {
        return ty;
    };
    if last.ident != "Option" && last.ident != "Vec" {
        return ty;
    }
    match &last.arguments {
        PathArguments::AngleBracketed(list) => match list.args.first() {
            Some(GenericArgument::Type(inner)) => inner,
            _ => ty,
        },
        _ => ty,
    }
}
