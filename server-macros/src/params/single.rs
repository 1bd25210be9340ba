//! Parameters of methods with `#[query]`, `#[header]` or `#[cookie]`: one value each.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, Pat, PatType, Signature, Type};

use super::describe::Described;
use super::messages;
use super::options::{OF_PARAMETER, Options};
use crate::errors::Sink;
use crate::paths::{Paths, own};

/// The attributes, which are the words of OpenAPI for the places too.
const PLACES: [&str; 3] = ["query", "header", "cookie"];

/// One value, and where it comes from.
pub(crate) struct Single {
    pub(crate) place: &'static str,
    pub(crate) name: String,
    pub(crate) options: Options,
}

/// Reads the attributes of a parameter; `None` if it has none of ours. `placeholder`: the route has one of its name.
pub(crate) fn read(param: &PatType, placeholder: bool, sink: &mut Sink) -> Option<Single> {
    let mut ours = param.attrs.iter().filter_map(|attribute| {
        let place = place(attribute)?;
        Some((place, attribute))
    });
    let (place, attribute) = ours.next()?;
    if let Some((other, twice)) = ours.next() {
        sink.report(twice, messages::two_places(place, other));
    }
    if !cfg!(feature = "params") {
        sink.report(attribute, messages::feature_missing(place));
    }
    let options = Options::read(
        (&param.attrs, &param.ty),
        |attribute| self::place(attribute).is_some(),
        OF_PARAMETER,
        sink,
    );
    let ident = match &*param.pat {
        Pat::Ident(pat) => Some(pat.ident.unraw().to_string()),
        _ => None,
    };
    if let (true, Some(name)) = (placeholder, &ident) {
        sink.report(attribute, messages::place_of_placeholder(name, place));
    }
    if matches!(&*param.ty, Type::Reference(_)) {
        sink.report(&param.ty, messages::place_of_reference(place));
    }
    let name = options.name.as_ref().map(syn::LitStr::value).or(ident);
    if name.is_none() {
        sink.report(&param.pat, messages::name_from_pattern(place));
    }
    Some(Single {
        place,
        name: name.unwrap_or_default(),
        options,
    })
}

fn place(attribute: &Attribute) -> Option<&'static str> {
    PLACES
        .into_iter()
        .find(|place| attribute.path().is_ident(place))
}

/// Takes the attributes off the parameters: the compiler knows none of them.
pub(crate) fn strip(sig: &mut Signature) {
    for input in &mut sig.inputs {
        if let FnArg::Typed(param) = input {
            param.attrs.retain(|attribute| place(attribute).is_none());
        }
    }
}

impl Single {
    pub(crate) fn described<'s>(&'s self, ty: &'s Type) -> Described<'s> {
        Described {
            name: self.name.clone(),
            ty,
            options: &self.options,
            place: ty
                .to_token_stream()
                .into_iter()
                .next()
                .map_or_else(Span::mixed_site, |token| token.span()),
        }
    }

    /// The value of `doget::Place` for it.
    fn variant(&self) -> TokenStream {
        match self.place {
            "query" => quote!(Query),
            "header" => quote!(Header),
            _ => quote!(Cookie),
        }
    }

    /// Its name and its place, for the checks of names.
    pub(crate) fn named(&self, ty: &Type, paths: &Paths) -> TokenStream {
        let described = self.described(ty);
        let at = own(described.place);
        let (name, header) = (&described.name, described.header());
        let (group, fields) = (paths.param_group(at), paths.param_fields(at));
        let (info, kind) = (paths.param_info(at), paths.param_kind(at));
        let (place, some, variant) = (paths.place(at), paths.some(at), self.variant());
        quote_spanned! {at=>
            #some(#group::new(
                #place::#variant,
                #fields { own: const { &[#info::new(#name, #header, #kind::Text)] }, flat: &[] },
            ))
        }
    }

    /// What is to be refused of its options, as items.
    pub(crate) fn assertions(&self, ty: &Type, paths: &Paths) -> TokenStream {
        self.described(ty).assertions(paths)
    }

    /// What the document of the feature `openapi` has of it.
    pub(crate) fn describe(&self, ty: &Type, paths: &Paths) -> TokenStream {
        let described = self.described(ty);
        let at = own(described.place);
        let info = described.info(paths);
        let (group, fields) = (paths.param_group(at), paths.param_fields(at));
        let (place, any_type) = (paths.place(at), paths.any_type(at));
        let variant = self.variant();
        quote_spanned! {at=>
            {
                use #any_type as _;
                operation.params(&#group::new(
                    #place::#variant,
                    #fields { own: const { &[#info] }, flat: &[] },
                ));
                operation.fault(400, "");
            }
        }
    }
}

/// The statements that read these values, each into a name of its own, with all of their faults in one answer.
pub(crate) fn statements(singles: &[(&Single, &Type, Ident)], paths: &Paths) -> TokenStream {
    if singles.is_empty() {
        return TokenStream::new();
    }
    let span = Span::mixed_site();
    let (single, any_type) = (paths.single(span), paths.any_type(span));
    let mut code = quote_spanned!(span=> use #any_type as _; let mut faults = #single::faults(););
    for place in PLACES {
        if !singles.iter().any(|(single, ..)| single.place == place) {
            continue;
        }
        let source = Ident::new(place, span);
        code.extend(match place {
            "query" => quote_spanned! {span=>
                let bytes = #single::query_bytes(request);
                let mut #source = #single::query(&bytes)?;
            },
            "header" => quote_spanned!(span=> let mut #source = #single::header(request);),
            _ => quote_spanned!(span=> let mut #source = #single::cookie(request)?;),
        });
    }
    let faults = quote_spanned!(span=> &mut faults);
    for (value, ty, name) in singles {
        let described = value.described(ty);
        let source = Ident::new(value.place, span);
        let info = described.info(paths);
        let info = quote_spanned!(span=> const { &#info });
        let read = described.read(paths, &info, &quote!(&mut #source), &faults);
        let at = own(described.place);
        code.extend(quote_spanned!(span=> #single::at(&mut faults, &#source);));
        code.extend(quote_spanned!(at=> let #name = #read;));
    }
    for (.., name) in singles {
        code.extend(quote_spanned!(span=> let #name = #single::taken(#name, &mut faults)?;));
    }
    code
}
