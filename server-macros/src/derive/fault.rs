//! `#[derive(Fault)]`: an error type of the user's as an error of a handler.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Field, LitStr};

use super::{Input, Variant, numbered};
use crate::errors::Sink;
use crate::messages;
use crate::paths::own;

pub(crate) fn fault(item: TokenStream, sink: &mut Sink) -> TokenStream {
    let Some(input) = Input::read(item, "Fault", 400..=599, sink) else {
        return TokenStream::new();
    };
    for variant in &input.variants {
        let field = variant.only_field();
        if variant.passes && field.is_none() {
            sink.report(
                &variant.place,
                messages::fault_without_field(&variant.shown),
            );
        } else if !variant.attempted {
            sink.report(
                &variant.place,
                messages::fault_without_status(&variant.shown),
            );
        }
    }
    let span = Span::mixed_site();
    let paths = &input.paths;
    let (error, fault, from) = (paths.error(span), paths.fault(span), paths.from(span));
    let arms = input.variants.iter().map(|variant| arm(&input, variant));
    let ident = &input.ident;
    let (parameters, arguments, wheres) = input.generics.split_for_impl();
    let answers = answers(&input);
    let members = quote_spanned! {span=>
        #answers
        #[allow(unused_variables, deprecated, unreachable_code)]
        fn error(self) -> #error {
            match self { #(#arms)* }
        }
    };
    let described = input.implementation(&fault, &members);
    let passed = input.variants.iter().map(|variant| passed(&input, variant));
    quote_spanned! {span=>
        #[automatically_derived]
        impl #parameters #from<#ident #arguments> for #error #wheres {
            fn from(fault: #ident #arguments) -> Self {
                #fault::error(fault)
            }
        }
        #described
        #(#passed)*
    }
}

/// `?` takes a fault that is passed on.
fn passed(input: &Input, variant: &Variant) -> Option<TokenStream> {
    let field = variant.only_field().filter(|_| variant.passes)?;
    let span = Span::mixed_site();
    let from = input.paths.from(span);
    let ty = &field.ty;
    let path = &variant.path;
    let value = match &field.ident {
        Some(name) => quote_spanned!(span=> #path { #name: fault }),
        None => quote_spanned!(span=> #path(fault)),
    };
    let members = quote_spanned!(span=> fn from(fault: #ty) -> Self { #value });
    Some(input.implementation(&quote!(#from<#ty>), &members))
}

fn arm(input: &Input, variant: &Variant) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &input.paths;
    let Some(status) = &variant.status else {
        let pattern = variant.pattern(span);
        return match variant.only_field().filter(|_| variant.passes) {
            Some(field) => {
                let at = own(field.ty.span());
                let (name, ty, fault) = (name(field, 0, span), &field.ty, paths.fault(at));
                let passed = quote_spanned!(at=> <#ty as #fault>::error(#name));
                quote_spanned!(span=> #pattern => #passed,)
            }
            // It was refused.
            None => {
                let error = paths.error(span);
                let path = &variant.path;
                quote_spanned!(span=> #path { .. } => #error::new(500),)
            }
        };
    };
    let at = status.text.as_ref().map_or(span, LitStr::span);
    let (pattern, code, shown) = (variant.pattern(at), status.code, &variant.shown);
    let (error, cause) = (paths.error(span), paths.fault_cause(span));
    let source = source(variant).map(|(position, field)| {
        let name = name(field, position, at);
        quote_spanned!(span=> .source(#name))
    });
    let faults = marked(variant, "faults").map(|(position, field)| {
        let name = name(field, position, at);
        quote_spanned!(span=> .with_faults(#name))
    });
    let kind = status
        .kind
        .as_ref()
        .map(|kind| quote_spanned!(span=> .problem_type(#kind)));
    match &status.text {
        Some(text) if text.value().contains(['{', '}']) => {
            let (format, text) = (paths.format(span), numbered_fields(text));
            quote_spanned! {span=>
                #pattern => {
                    let text = #format!(#text);
                    let cause = #cause::new(#shown).text(&text)#source;
                    #error::new(#code).explain(text).caused_by(cause)#faults #kind
                }
            }
        }
        text => {
            let text = text.as_ref().map(LitStr::value);
            let text = text.or_else(|| (!variant.doc.is_empty()).then(|| variant.doc.clone()));
            // The page ends the sentence.
            let explain = text.map(|text| {
                let text = text.trim_end_matches('.');
                quote_spanned!(span=> .explain(#text))
            });
            quote_spanned! {span=>
                #pattern => #error::new(#code)#explain
                    .caused_by(#cause::new(#shown)#source)#faults #kind,
            }
        }
    }
}

/// The field that the fault comes from: marked with `#[source]` or `#[from]`, or called `source`.
fn source(variant: &Variant) -> Option<(usize, &Field)> {
    let called =
        |(_, field): &(usize, &Field)| field.ident.as_ref().is_some_and(|name| name == "source");
    marked(variant, "source")
        .or_else(|| marked(variant, "from"))
        .or_else(|| variant.fields.iter().enumerate().find(called))
}

/// The field with this attribute.
fn marked<'v>(variant: &'v Variant, word: &str) -> Option<(usize, &'v Field)> {
    let has = |(_, field): &(usize, &Field)| {
        let mut attributes = field.attrs.iter();
        attributes.any(|attribute| attribute.path().is_ident(word))
    };
    variant.fields.iter().enumerate().find(has)
}

fn name(field: &Field, position: usize, at: Span) -> TokenStream {
    match &field.ident {
        Some(name) => quote!(#name),
        None => {
            // Named where its type stands: that is what does not fit if it does not.
            let name = numbered(position, at.located_at(field.ty.span()));
            quote!(#name)
        }
    }
}

/// `{0}` as the name that the pattern gives to the field.
fn numbered_fields(text: &LitStr) -> LitStr {
    let mut named = String::new();
    let mut opened = false;
    for character in text.value().chars() {
        if opened && character.is_ascii_digit() {
            named.push_str("field");
        }
        opened = character == '{' && !opened;
        named.push(character);
    }
    LitStr::new(&named, text.span())
}

fn answers(input: &Input) -> TokenStream {
    let span = Span::mixed_site();
    let (answers, info) = (input.paths.answers(span), input.paths.answer_info(span));
    let (mut listed, mut within) = (Vec::new(), Vec::new());
    for variant in &input.variants {
        if let Some(status) = &variant.status {
            let (code, said) = (status.code, status.text.as_ref().map(LitStr::value));
            // A text with values in it is known only when the program runs.
            let said = said.filter(|text| variant.doc.is_empty() && !text.contains('{'));
            let text = said.unwrap_or_else(|| variant.doc.clone());
            listed.push(quote_spanned!(span=> #info::error(#code).description(#text)));
        } else if let Some(field) = variant.only_field().filter(|_| variant.passes) {
            let at = own(field.ty.span());
            let (ty, fault) = (&field.ty, input.paths.fault(at));
            within.push(quote_spanned!(at=> <#ty as #fault>::ANSWERS));
        }
    }
    quote_spanned! {span=>
        const ANSWERS: &'static #answers = &#answers::new(&[#(#listed),*]).within(&[#(#within),*]);
    }
}
