//! What the variants of an answer say to the feature `openapi`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Input, Variant};

/// `impl Output`, which the library drops unread without the feature.
pub(super) fn describe(input: &Input) -> TokenStream {
    let span = Span::mixed_site();
    let (describe, openapi) = (input.paths.describe(span), input.paths.openapi(span));
    let variants = input.variants.iter().map(|variant| one(input, variant));
    let members = quote_spanned! {span=>
        fn output(operation: &mut #openapi::Operation<'_>) {
            #[allow(unused_imports)]
            use #openapi::probe::{NoOutput as _, ViaOutput as _, ViaReply as _, ViaResult as _};
            #(#variants)*
        }
    };
    let output = quote_spanned!(span=> #openapi::Output);
    let implementation = input.implementation(&output, &members);
    quote_spanned!(span=> #describe! { #implementation })
}

fn one(input: &Input, variant: &Variant) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &input.paths;
    let (openapi, text) = (paths.openapi(span), &variant.doc);
    let code = variant.status.as_ref().map(|status| status.code);
    let Some(field) = variant.only_field() else {
        let (answers, info) = (paths.answers(span), paths.answer_info(span));
        let kind = match code {
            Some(code @ 400..) => quote_spanned!(span=> #info::error(#code)),
            Some(code) => quote_spanned!(span=> #info::new(#code)),
            None => return TokenStream::new(),
        };
        return quote_spanned! {span=>
            {
                // A const of its own, where the compiler keeps what the list borrows.
                const ANSWERS: &#answers = &#answers::new(&[#kind.description(#text)]);
                operation.answers(ANSWERS);
            }
        };
    };
    let shown = &variant.shown;
    let ty = &field.ty;
    let ty = match code {
        Some(code) => {
            let status = paths.status(span);
            quote_spanned!(span=> #status<#code, #ty>)
        }
        None => quote!(#ty),
    };
    quote_spanned! {span=>
        operation.described_as(#text, |operation| {
            (&&&&#openapi::probe::Probe::<#ty>::NEW).__doget_output(operation, #shown);
        });
    }
}
