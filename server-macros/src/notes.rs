//! What a block and its methods say to the feature `openapi`: comments, and attributes that mean nothing else.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Expr, ExprLit, FnArg, Lit, LitStr, Meta, Signature};

use crate::errors::Sink;
use crate::messages;

/// What is noted of one method.
#[derive(Default)]
pub(crate) struct Notes {
    /// The whole comment.
    pub(crate) docs: String,
    pub(crate) deprecated: bool,
    /// `#[doc(hidden)]`
    pub(crate) hidden: bool,
    /// `#[tag("..")]`
    pub(crate) tag: String,
    /// `#[operation_id("..")]`
    pub(crate) id: String,
}

/// Takes the attributes that are for the document out of `attrs`, and reads those that stay. The places are those of
/// what was taken.
pub(crate) fn take(
    attrs: &mut Vec<Attribute>,
    sink: &mut Sink,
) -> (Notes, Vec<(&'static str, TokenStream)>) {
    let mut notes = Notes {
        docs: docs(attrs),
        deprecated: attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("deprecated")),
        hidden: attrs.iter().any(is_hidden),
        ..Notes::default()
    };
    let mut places: Vec<(&'static str, TokenStream)> = Vec::new();
    attrs.retain(|attribute| {
        let (name, form, text) = if attribute.path().is_ident("tag") {
            ("tag", "#[tag(\"Users\")]", &mut notes.tag)
        } else if attribute.path().is_ident("operation_id") {
            (
                "operation_id",
                "#[operation_id(\"list_users\")]",
                &mut notes.id,
            )
        } else {
            return true;
        };
        if places.iter().any(|(known, _)| *known == name) {
            sink.report(attribute.path(), messages::repeated_attribute(name));
        }
        places.push((name, attribute.path().to_token_stream()));
        match attribute.parse_args::<LitStr>() {
            Ok(literal) => *text = literal.value(),
            Err(_) => sink.report(&attribute.meta, messages::malformed_attribute(form)),
        }
        false
    });
    (notes, places)
}

fn is_hidden(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc")
        && matches!(&attribute.meta, Meta::List(list)
            if list.tokens.clone().into_iter().any(|token| token.to_string() == "hidden"))
}

/// The text of one `#[doc = ".."]`.
fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(pair) = &attribute.meta else {
        return None;
    };
    match &pair.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) if pair.path.is_ident("doc") => Some(text.value()),
        _ => None,
    }
}

/// A whole comment, as rustdoc shows it: the blank behind `///` is not text, and neither are the lines of examples that
/// begin with `#`.
pub(crate) fn docs(attrs: &[Attribute]) -> String {
    let text: Vec<String> = attrs.iter().filter_map(line).collect();
    let text = text.join("\n");
    let mut lines: Vec<&str> = Vec::new();
    let mut in_example = false;
    for line in text.lines() {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.trim_start().starts_with("```") {
            in_example = !in_example;
        }
        if in_example && (line.trim() == "#" || line.trim_start().starts_with("# ")) {
            continue;
        }
        lines.push(line.trim_end());
    }
    lines.join("\n").trim().to_owned()
}

/// Takes the comments off the parameters: the compiler allows none there.
pub(crate) fn uncomment(sig: &mut Signature) {
    for input in &mut sig.inputs {
        if let FnArg::Typed(param) = input {
            param.attrs.retain(|attribute| line(attribute).is_none());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn comments_as_rustdoc_shows_them() {
        let attrs: Vec<Attribute> = vec![
            parse_quote!(#[doc = " One user."]),
            parse_quote!(#[inline]),
            parse_quote!(#[doc = ""]),
            parse_quote!(#[doc = " ```"]),
            parse_quote!(#[doc = " # hidden"]),
            parse_quote!(#[doc = " #[shown]"]),
            parse_quote!(#[doc = " ```"]),
            parse_quote!(#[doc = " # Heading  "]),
        ];
        assert_eq!(docs(&attrs), "One user.\n\n```\n#[shown]\n```\n# Heading");
        assert_eq!(docs(&[parse_quote!(#[doc = "\n a\n  b\n"])]), "a\n b");
    }
}
