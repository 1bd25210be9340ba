//! `#[derive(Params)]`: a struct with named fields becomes a set of parameters.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Field, Fields, Item, ItemStruct, Meta, Path, Token};

use super::describe::Described;
use super::messages;
use super::options::{OF_FIELD, Options};
use crate::errors::Sink;
use crate::paths::{Paths, own};
use crate::suggest;

/// The implementation of `Params`, or what is wrong with the struct.
pub(crate) fn derive(item: TokenStream, sink: &mut Sink) -> TokenStream {
    let (name, what) = match syn::parse2::<Item>(item) {
        Ok(Item::Struct(item)) => return of_struct(&item, sink),
        Ok(Item::Enum(item)) => (item.ident, "an `enum`"),
        Ok(Item::Union(item)) => (item.ident, "a `union`"),
        Ok(_) => return TokenStream::new(),
        Err(error) => {
            sink.push(error);
            return TokenStream::new();
        }
    };
    sink.report(name, messages::not_a_struct(what));
    TokenStream::new()
}

/// What `#[params(..)]` says of the struct.
#[derive(Default)]
struct Whole {
    exact: bool,
    check: Option<Expr>,
    limits: Option<Expr>,
    renamed: Option<Path>,
}

fn of_struct(item: &ItemStruct, sink: &mut Sink) -> TokenStream {
    let whole = whole(&item.attrs, sink);
    let Fields::Named(named) = &item.fields else {
        let what = match item.fields {
            Fields::Unit => "a struct without fields",
            _ => "a tuple struct",
        };
        sink.report(&item.ident, messages::not_a_struct(what));
        return TokenStream::new();
    };
    let fields: Vec<(&Field, Options)> = named
        .named
        .iter()
        .map(|field| (field, options(field, sink)))
        .collect();
    check_names(&fields, sink);
    let paths = Paths::new(whole.renamed.clone());
    implementation(item, &whole, &fields, &paths)
}

fn options(field: &Field, sink: &mut Sink) -> Options {
    let is_ours = |attribute: &Attribute| attribute.path().is_ident("param");
    let options = Options::read((&field.attrs, &field.ty), is_ours, OF_FIELD, sink);
    if let (Some(word), Some(other)) = (&options.flatten, options.beside_flatten()) {
        sink.report(word, messages::flatten_alone(other));
    }
    options
}

/// The name that a field has in a request.
fn name(field: &Field, options: &Options) -> String {
    match &options.name {
        Some(name) => name.value(),
        None => field
            .ident
            .as_ref()
            .map(|ident| ident.unraw().to_string())
            .unwrap_or_default(),
    }
}

fn check_names(fields: &[(&Field, Options)], sink: &mut Sink) {
    let mut known: Vec<String> = Vec::new();
    for (field, options) in fields {
        if options.flatten.is_some() {
            continue;
        }
        let name = name(field, options);
        if known.contains(&name) {
            match &options.name {
                Some(place) => sink.report(place, messages::same_name(&name)),
                None => sink.report(&field.ident, messages::same_name(&name)),
            }
        }
        known.push(name);
    }
}

fn whole(attrs: &[Attribute], sink: &mut Sink) -> Whole {
    const WORDS: &[&str] = &["exact", "check", "limits", "crate"];
    let mut whole = Whole::default();
    for attribute in attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("params"))
    {
        let Meta::List(list) = &attribute.meta else {
            sink.report(
                &attribute.meta,
                messages::malformed_option("#[params(exact)]"),
            );
            continue;
        };
        let parsed = list.parse_nested_meta(|meta| {
            let word = meta
                .path
                .get_ident()
                .map(Ident::to_string)
                .unwrap_or_default();
            let has_value = meta.input.peek(Token![=]);
            match (word.as_str(), has_value) {
                ("exact", false) if whole.exact => {
                    sink.report(&meta.path, messages::repeated_option("exact"));
                }
                ("exact", false) => whole.exact = true,
                ("check", true) => whole.check = Some(meta.value()?.parse()?),
                ("limits", true) => whole.limits = Some(meta.value()?.parse()?),
                ("crate", true) => {
                    whole.renamed = Some(meta.value()?.call(Path::parse_mod_style)?);
                }
                ("exact", true) => {
                    sink.report(&meta.path, messages::malformed_option("exact"));
                    meta.value()?.parse::<Expr>()?;
                }
                ("check", _) => sink.report(
                    &meta.path,
                    messages::malformed_option("check = Self::check"),
                ),
                ("limits", _) => sink.report(
                    &meta.path,
                    messages::malformed_option("limits = MultipartLimits::new()"),
                ),
                ("crate", _) => {
                    sink.report(&meta.path, messages::malformed_option("crate = renamed"));
                }
                _ => {
                    let nearest = suggest::nearest(&word, WORDS.iter().copied());
                    sink.report(
                        &meta.path,
                        messages::unknown_option(&word, nearest, &WORDS[..3]),
                    );
                    if has_value {
                        meta.value()?.parse::<Expr>()?;
                    }
                }
            }
            Ok(())
        });
        if let Err(error) = parsed {
            sink.push(error);
        }
    }
    whole
}

/// What the fields come to.
#[derive(Default)]
struct Parts {
    /// The description of each that is no flattened one.
    infos: Vec<TokenStream>,
    /// References to the descriptions of the flattened ones.
    flat: Vec<TokenStream>,
    /// `let value0 = ..;`
    reads: TokenStream,
    /// `name: value0?,`
    members: TokenStream,
    assertions: TokenStream,
}

fn parts(item: &ItemStruct, fields: &[(&Field, Options)], paths: &Paths) -> Parts {
    let span = Span::mixed_site();
    let (source, faults) = (quote_spanned!(span=> source), quote_spanned!(span=> faults));
    let generic = item.generics.type_params().next().is_some();
    let mut parts = Parts::default();
    for (position, (field, options)) in fields.iter().enumerate() {
        let Some(ident) = &field.ident else { continue };
        let (ty, at) = (&field.ty, own(field.ty.span()));
        let value = Ident::new(&format!("value{position}"), span);
        if options.flatten.is_some() {
            let params = paths.params(at);
            parts
                .flat
                .push(quote_spanned!(at=> &<#ty as #params>::FIELDS));
            parts.reads.extend(quote_spanned! {at=>
                let #value = <#ty as #params>::read(#source, #faults);
            });
        } else {
            let described = Described {
                name: name(field, options),
                ty,
                options,
                place: field.ty.span(),
            };
            let index = parts.infos.len();
            parts.infos.push(described.info(paths));
            let info = quote_spanned!(span=> &<Self as Described>::INFOS[#index]);
            let read = described.read(paths, &info, &source, &faults);
            parts.reads.extend(quote_spanned!(at=> let #value = #read;));
            if !generic {
                parts.assertions.extend(described.assertions(paths));
            }
        }
        parts
            .members
            .extend(quote_spanned!(span=> #ident: #value?,));
    }
    parts
}

fn implementation(
    item: &ItemStruct,
    whole: &Whole,
    fields: &[(&Field, Options)],
    paths: &Paths,
) -> TokenStream {
    let span = Span::mixed_site();
    let parts = parts(item, fields, paths);
    let end = end(whole, &parts.members, paths);
    let Parts {
        infos,
        flat,
        reads,
        assertions,
        ..
    } = parts;
    let (parameters, arguments, wheres) = item.generics.split_for_impl();
    let ident = &item.ident;
    let params = paths.params(own(ident.span()));
    let (source_type, faults_type) = (paths.param_source(span), paths.param_faults(span));
    let (fields_type, info_type) = (paths.param_fields(span), paths.param_info(span));
    let (any_type, option) = (paths.any_type(span), paths.option(span));
    let exact = whole
        .exact
        .then(|| quote_spanned!(span=> const EXACT: bool = true;));
    let limits = whole.limits.as_ref().map(|limits| {
        let multipart = paths.multipart_limits(own(limits.span()));
        quote_spanned!(span=> const LIMITS: #multipart = #limits;)
    });
    quote_spanned! {span=>
        #[allow(unused_variables, deprecated, clippy::all)]
        const _: () = {
            use #any_type as _;

            /// So that each field refers to its own.
            trait Described {
                const INFOS: &'static [#info_type];
            }

            #[automatically_derived]
            impl #parameters Described for #ident #arguments #wheres {
                const INFOS: &'static [#info_type] = &[#(#infos),*];
            }

            #[automatically_derived]
            impl #parameters #params for #ident #arguments #wheres {
                const FIELDS: #fields_type = #fields_type {
                    own: <Self as Described>::INFOS,
                    flat: &[#(#flat),*],
                };
                #exact
                #limits

                fn read(source: &mut #source_type<'_>, faults: &mut #faults_type) -> #option<Self> {
                    #reads
                    #end
                }
            }
            #assertions
        };
    }
}

/// The whole, if all of it is there and `check = ..` finds no fault.
fn end(whole: &Whole, members: &TokenStream, paths: &Paths) -> TokenStream {
    let span = Span::mixed_site();
    let some = paths.some(span);
    let Some(check) = &whole.check else {
        return quote_spanned!(span=> #some(Self { #members }));
    };
    let none = paths.none(span);
    let (value, faults) = (quote_spanned!(span=> value), quote_spanned!(span=> faults));
    let checked = quote_spanned!(own(check.span())=> (#check)(&#value, #faults));
    quote_spanned! {span=>
        let #value = Self { #members };
        let before = #faults.len();
        #checked;
        if #faults.len() == before { #some(#value) } else { #none }
    }
}
