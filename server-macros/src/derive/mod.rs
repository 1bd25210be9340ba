//! `#[derive(Fault)]` and `#[derive(Reply)]`: what is read of a type, and what is written for it.

mod describe;
mod fault;
mod reply;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::{Attribute, Field, Fields, Generics, Item, LitInt, LitStr, Meta, Path, Token};

use crate::errors::Sink;
use crate::paths::Paths;
use crate::{attrs, messages};

pub(crate) use fault::fault;
pub(crate) use reply::reply;

/// A type that is derived for.
struct Input {
    paths: Paths,
    ident: Ident,
    generics: Generics,
    variants: Vec<Variant>,
}

/// A variant, or the whole of a struct.
struct Variant {
    /// How it is named in a pattern: `Self::Sold`, or `Self`.
    path: TokenStream,
    /// As the log shows it: `ShopError::Sold`.
    shown: String,
    /// Where it is named.
    place: Ident,
    fields: Fields,
    status: Option<Status>,
    /// There is an attribute of ours, readable or not.
    attempted: bool,
    /// `#[fault]`: its field is a fault that is passed on.
    passes: bool,
    /// The first paragraph of its documentation.
    doc: String,
}

/// `#[status(409)]`, or `#[status(409, "Only {left} are left", type = "/problems/few")]`
struct Status {
    code: u16,
    text: Option<LitStr>,
    /// The type of the problem (RFC 9457).
    kind: Option<LitStr>,
}

impl Input {
    /// Reads an enum or a struct. `what`: the derive, for a complaint, and `codes` the statuses that it takes.
    fn read(
        item: TokenStream,
        what: &str,
        codes: std::ops::RangeInclusive<u16>,
        sink: &mut Sink,
    ) -> Option<Self> {
        let item = match syn::parse2::<Item>(item.clone()) {
            Ok(item) => item,
            Err(error) => {
                sink.push(error);
                return None;
            }
        };
        let key = what.to_lowercase();
        match item {
            Item::Enum(item) => Some(Self {
                paths: Paths::new(renamed(&item.attrs, &key)),
                variants: item
                    .variants
                    .iter()
                    .map(|variant| {
                        let ident = &variant.ident;
                        let shown = format!("{}::{ident}", item.ident);
                        let path = quote!(Self::#ident);
                        let about = (path, shown, ident.clone());
                        Variant::read(about, &variant.attrs, &variant.fields, &codes, sink)
                    })
                    .collect(),
                ident: item.ident,
                generics: item.generics,
            }),
            Item::Struct(item) => {
                let about = (quote!(Self), item.ident.to_string(), item.ident.clone());
                Some(Self {
                    paths: Paths::new(renamed(&item.attrs, &key)),
                    variants: vec![Variant::read(
                        about,
                        &item.attrs,
                        &item.fields,
                        &codes,
                        sink,
                    )],
                    ident: item.ident,
                    generics: item.generics,
                })
            }
            Item::Union(item) => {
                sink.report(item.union_token, messages::derive_for_union(what));
                None
            }
            _ => None,
        }
    }

    /// `impl .. for Type`, with these members.
    fn implementation(&self, of: &TokenStream, members: &TokenStream) -> TokenStream {
        let (parameters, arguments, wheres) = self.generics.split_for_impl();
        let ident = &self.ident;
        quote_spanned! {Span::mixed_site()=>
            #[automatically_derived]
            impl #parameters #of for #ident #arguments #wheres { #members }
        }
    }
}

/// `#[fault(crate = some::path)]`
fn renamed(attributes: &[Attribute], key: &str) -> Option<Path> {
    let named = attributes
        .iter()
        .find(|attribute| attribute.path().is_ident(key))?;
    let path = |input: ParseStream<'_>| {
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
        input.call(Path::parse_mod_style)
    };
    named.parse_args_with(path).ok()
}

impl Variant {
    fn read(
        (path, shown, place): (TokenStream, String, Ident),
        attributes: &[Attribute],
        fields: &Fields,
        codes: &std::ops::RangeInclusive<u16>,
        sink: &mut Sink,
    ) -> Self {
        let mut variant = Self {
            path,
            shown,
            place,
            fields: fields.clone(),
            status: None,
            attempted: false,
            passes: false,
            doc: attrs::paragraph(attributes),
        };
        for attribute in attributes {
            if attribute.path().is_ident("fault") && matches!(attribute.meta, Meta::Path(_)) {
                variant.passes = true;
                variant.attempted = true;
            }
            if attribute.path().is_ident("status") {
                variant.attempted = true;
                match status(attribute) {
                    Some((number, status)) if codes.contains(&status.code) => {
                        let _ = number;
                        variant.status = Some(status);
                    }
                    Some((number, _)) => {
                        sink.report(number, messages::bad_status(*codes.start(), *codes.end()));
                    }
                    None => sink.report(
                        &attribute.meta,
                        messages::malformed_attribute("#[status(409)]"),
                    ),
                }
            }
        }
        variant
    }

    /// The one field of the variant, if it has one.
    fn only_field(&self) -> Option<&Field> {
        let mut fields = self.fields.iter();
        fields.next().filter(|_| fields.next().is_none())
    }

    /// The pattern that binds all fields: named ones by their names, the others as `field0`, where `at` is.
    fn pattern(&self, at: Span) -> TokenStream {
        let path = &self.path;
        match &self.fields {
            Fields::Named(fields) => {
                let names = fields.named.iter().filter_map(|field| field.ident.as_ref());
                quote!(#path { #(#names),* })
            }
            Fields::Unnamed(fields) => {
                let names = (0..fields.unnamed.len()).map(|position| numbered(position, at));
                quote!(#path(#(#names),*))
            }
            Fields::Unit => quote!(#path),
        }
    }
}

/// The name of an unnamed field.
fn numbered(position: usize, at: Span) -> Ident {
    Ident::new(&format!("field{position}"), at)
}

fn status(attribute: &Attribute) -> Option<(LitInt, Status)> {
    let parts = |input: ParseStream<'_>| {
        let number: LitInt = input.parse()?;
        let mut status = Status {
            code: number.base10_parse().unwrap_or(0),
            text: None,
            kind: None,
        };
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            if input.parse::<Option<Token![type]>>()?.is_some() {
                input.parse::<Token![=]>()?;
                status.kind = Some(input.parse()?);
            } else {
                status.text = Some(input.parse()?);
            }
        }
        Ok((number, status))
    };
    attribute.parse_args_with(parts).ok()
}
