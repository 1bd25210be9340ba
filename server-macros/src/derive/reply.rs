//! `#[derive(Reply)]`: an enum of answers as an answer.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Input, Variant, numbered};
use crate::errors::Sink;
use crate::messages;

pub(crate) fn reply(item: TokenStream, sink: &mut Sink) -> TokenStream {
    let Some(input) = Input::read(item, "Reply", 200..=599, sink) else {
        return TokenStream::new();
    };
    for variant in &input.variants {
        match variant.fields.len() {
            0 if !variant.attempted => sink.report(
                &variant.place,
                messages::reply_without_status(&variant.shown),
            ),
            0 | 1 => {}
            _ => sink.report(&variant.place, messages::reply_with_fields(&variant.shown)),
        }
    }
    let span = Span::mixed_site();
    let paths = &input.paths;
    let (response, result, sent) = (paths.response(span), paths.result(span), paths.sent(span));
    let reply = paths.reply(span);
    let arms = input.variants.iter().map(|variant| arm(&input, variant));
    let consts = consts(&input);
    let members = quote_spanned! {span=>
        #consts
        #[allow(unused_variables, deprecated)]
        fn reply(self, response: #response<'_>) -> #result<#sent> {
            match self { #(#arms)* }
        }
    };
    let implementation = input.implementation(&reply, &members);
    let description = super::describe::describe(&input);
    quote!(#implementation #description)
}

fn arm(input: &Input, variant: &Variant) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &input.paths;
    let (reply, path) = (paths.reply(span), &variant.path);
    let code = variant.status.as_ref().map(|status| status.code);
    match (variant.only_field(), code) {
        (Some(field), code) => {
            let name = match &field.ident {
                Some(name) => quote!(#name),
                None => {
                    let name = numbered(0, span);
                    quote!(#name)
                }
            };
            let pattern = variant.pattern(span);
            let answer = match code {
                Some(code) => {
                    let status = paths.status(span);
                    quote_spanned!(span=> #status::<#code, _>(#name))
                }
                None => quote_spanned!(span=> #name),
            };
            quote_spanned!(span=> #pattern => #reply::reply(#answer, response),)
        }
        (None, code) => {
            let (status, code) = (paths.status_code(span), code.unwrap_or(500));
            quote_spanned!(span=> #path { .. } => #reply::reply(#status::from(#code), response),)
        }
    }
}

/// `ANSWERS`, `BODY` and `FAULT`.
fn consts(input: &Input) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &input.paths;
    let (answers, info, reply) = (
        paths.answers(span),
        paths.answer_info(span),
        paths.reply(span),
    );
    let (mut known, mut types) = (Vec::new(), Vec::new());
    for variant in &input.variants {
        let text = &variant.doc;
        let code = variant.status.as_ref().map(|status| status.code);
        match (variant.only_field(), code) {
            (Some(field), code) => {
                let ty = &field.ty;
                let ty = match code {
                    Some(code) => {
                        let status = paths.status(span);
                        quote_spanned!(span=> #status<#code, #ty>)
                    }
                    None => quote!(#ty),
                };
                known.push(quote_spanned! {span=>
                    &#answers::NONE.within(&[<#ty as #reply>::ANSWERS]).with_description(#text)
                });
                types.push(ty);
            }
            (None, Some(code)) => {
                let kind = match code {
                    400.. => quote_spanned!(span=> #info::error(#code)),
                    _ => quote_spanned!(span=> #info::new(#code)),
                };
                known.push(quote_spanned!(span=> &#answers::new(&[#kind.description(#text)])));
            }
            (None, None) => {}
        }
    }
    let (bool, str, option) = (paths.bool(span), paths.str(span), paths.option(span));
    let first = paths.first_fault(span);
    quote_spanned! {span=>
        const ANSWERS: &'static #answers = &#answers::NONE.within(&[#(#known),*]);
        const BODY: #bool = false #(|| <#types as #reply>::BODY)*;
        const FAULT: #option<&'static #str> = #first(&[#(<#types as #reply>::FAULT),*]);
    }
}
