//! The fields that `layers(..)` and `#[layer(..)]` name.

use quote::ToTokens;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use crate::errors::Sink;
use crate::messages;

/// `self.cors, self.parts.gzip`: fields alone, since each is asked several times for a request.
pub(crate) fn fields(input: ParseStream<'_>) -> syn::Result<Vec<Expr>> {
    let all = Punctuated::<Expr, Token![,]>::parse_terminated(input)?;
    if all.is_empty() || !all.iter().all(is_field) {
        return Err(input.error("no fields"));
    }
    Ok(all.into_iter().collect())
}

fn is_field(expr: &Expr) -> bool {
    match expr {
        Expr::Field(field) => match &*field.base {
            Expr::Path(path) => path.path.is_ident("self"),
            base => is_field(base),
        },
        _ => false,
    }
}

/// One layer twice would be asked twice.
pub(crate) fn once(fields: &[Expr], sink: &mut Sink) {
    let shown = |field: &Expr| field.to_token_stream().to_string().replace(' ', "");
    for (position, field) in fields.iter().enumerate() {
        if fields[..position]
            .iter()
            .any(|earlier| shown(earlier) == shown(field))
        {
            sink.report(field, messages::layer_twice(&shown(field)));
        }
    }
}
