//! Attributes of a member: the helpers such as `#[route]` and `#[blocking]`, `cfg`, docs.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, Path, Token, Type};

use crate::errors::Sink;
use crate::model::MethodName;
use crate::{layers, messages, pattern, registry};

/// What the helper attributes of one member said.
#[derive(Default)]
pub(crate) struct Helpers {
    pub(crate) route: Option<LitStr>,
    /// `#[method("M-SEARCH")]` or `#[method(M_SEARCH)]`, and the place of what it names.
    pub(crate) method: Option<(MethodName, TokenStream)>,
    pub(crate) blocking: bool,
    /// `#[answers(Status<200, Csv>)]`
    pub(crate) answers: Option<Vec<Type>>,
    /// `#[takes_body]`
    pub(crate) takes_body: bool,
    /// `#[layer(self.tries)]`
    pub(crate) layers: Vec<Expr>,
    /// `#[open]`
    pub(crate) open: bool,
    /// An attribute of another framework.
    pub(crate) foreign: Option<Foreign>,
    /// Where each stands, for a complaint on the attribute as such.
    pub(crate) places: Vec<(&'static str, TokenStream)>,
    /// A `#[route]` or `#[method]` could not be read: what follows from it is unknown.
    pub(crate) broken: bool,
}

/// `#[get("/users/<id>")]`, which names a method and a route as Rocket, Actix and others do.
pub(crate) struct Foreign {
    /// As it is written.
    pub(crate) attribute: String,
    /// The HTTP method.
    pub(crate) method: String,
    /// The route as it is written here.
    pub(crate) route: Option<String>,
    pub(crate) place: TokenStream,
}

/// Takes the helper attributes out of `attrs`.
pub(crate) fn take(attrs: &mut Vec<Attribute>, sink: &mut Sink) -> Helpers {
    let mut helpers = Helpers::default();
    attrs.retain(|attribute| {
        if let Some(foreign) = foreign(attribute) {
            helpers.foreign.get_or_insert(foreign);
            return false;
        }
        let Some(name) = helper(attribute.path()) else {
            return true;
        };
        let repeated = helpers.places.iter().any(|(known, _)| *known == name);
        helpers
            .places
            .push((name, attribute.path().to_token_stream()));
        if repeated {
            sink.report(attribute.path(), messages::repeated_attribute(name));
            return false;
        }
        match name {
            "route" => match attribute.parse_args::<LitStr>() {
                Ok(route) => helpers.route = Some(route),
                Err(_) => malformed(attribute, "#[route(\"/users/{id}\")]", &mut helpers, sink),
            },
            "method" => match attribute.parse_args::<Lit>() {
                Ok(Lit::Str(literal)) if registry::is_token(&literal.value()) => {
                    let name = MethodName::Token(literal.value());
                    helpers.method = Some((name, literal.to_token_stream()));
                }
                Ok(Lit::Str(literal)) => {
                    sink.report(&literal, messages::bad_method_token(&literal.value()));
                    helpers.broken = true;
                }
                _ => match attribute.parse_args_with(Path::parse_mod_style) {
                    Ok(path) => {
                        let place = path.to_token_stream();
                        helpers.method = Some((MethodName::Type(path), place));
                    }
                    Err(_) => malformed(attribute, "#[method(\"M-SEARCH\")]", &mut helpers, sink),
                },
            },
            "answers" => match attribute.parse_args_with(types) {
                Ok(types) if !types.is_empty() => {
                    helpers.answers = Some(types.into_iter().collect());
                }
                _ => sink.report(
                    &attribute.meta,
                    messages::malformed_attribute("#[answers(Status<200, String>)]"),
                ),
            },
            "layer" => match attribute.parse_args_with(layers::fields) {
                Ok(fields) => {
                    layers::once(&fields, sink);
                    helpers.layers = fields;
                }
                Err(_) => sink.report(
                    &attribute.meta,
                    messages::malformed_attribute("#[layer(self.field)]"),
                ),
            },
            word => match &attribute.meta {
                Meta::Path(_) if word == "blocking" => helpers.blocking = true,
                Meta::Path(_) if word == "open" => helpers.open = true,
                Meta::Path(_) => helpers.takes_body = true,
                _ => {
                    let form = format!("#[{word}]");
                    sink.report(&attribute.meta, messages::malformed_attribute(&form));
                }
            },
        }
        false
    });
    helpers
}

fn types(input: ParseStream<'_>) -> syn::Result<Punctuated<Type, Token![,]>> {
    Punctuated::parse_terminated(input)
}

fn malformed(attribute: &Attribute, form: &str, helpers: &mut Helpers, sink: &mut Sink) {
    sink.report(&attribute.meta, messages::malformed_attribute(form));
    helpers.broken = true;
}

/// `#[get("/x")]`, `#[rocket::get("/x")]`, `#[route("/x", method = "GET")]`
fn foreign(attribute: &Attribute) -> Option<Foreign> {
    let path = attribute.path();
    let name = path.segments.last()?.ident.to_string();
    let arguments = match &attribute.meta {
        Meta::List(list) => commas(list.tokens.clone()),
        _ => Vec::new(),
    };
    let text = |tokens: &TokenStream| syn::parse2::<LitStr>(tokens.clone()).ok();
    let method = if name == "route" {
        let named = arguments.iter().find_map(|argument| {
            let pair: syn::MetaNameValue = syn::parse2(argument.clone()).ok()?;
            let value = pair.path.is_ident("method").then_some(pair.value)?;
            text(&value.to_token_stream())
        });
        named?.value()
    } else {
        name.to_ascii_uppercase()
    };
    if path.segments.len() > 2 || !registry::WITH_ATTRIBUTES.contains(&method.as_str()) {
        return None;
    }
    let route = arguments.first().and_then(text);
    Some(Foreign {
        attribute: name,
        method,
        route: route.map(|route| pattern::translated(&route.value())),
        place: attribute.meta.to_token_stream(),
    })
}

/// The helper that a path names.
fn helper(path: &Path) -> Option<&'static str> {
    let name = path.get_ident()?;
    [
        "route",
        "method",
        "blocking",
        "answers",
        "takes_body",
        "layer",
        "open",
    ]
    .into_iter()
    .find(|known| name == known)
}

/// The condition under which a member exists, if there is one, to be repeated on everything that
/// is generated for it.
pub(crate) fn cfg(attrs: &[Attribute]) -> Option<TokenStream> {
    let mut conditions = Vec::new();
    for attribute in attrs {
        let Meta::List(list) = &attribute.meta else {
            continue;
        };
        if list.path.is_ident("cfg") {
            conditions.push(list.tokens.clone());
        } else if list.path.is_ident("cfg_attr") {
            // `cfg_attr(a, inline, cfg(b))`: only the cfg says anything about existence.
            let mut parts = commas(list.tokens.clone()).into_iter();
            let Some(predicate) = parts.next() else {
                continue;
            };
            for part in parts {
                let mut part = part.into_iter();
                if let (Some(TokenTree::Ident(ident)), Some(TokenTree::Group(group))) =
                    (part.next(), part.next())
                    && ident == "cfg"
                {
                    let condition = group.stream();
                    conditions.push(quote!(any(not(#predicate), #condition)));
                }
            }
        }
    }
    match conditions.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(quote!(all(#(#conditions),*))),
    }
}

/// The condition under which one of several members exists.
pub(crate) fn any_cfg<'c>(
    conditions: impl Iterator<Item = &'c Option<TokenStream>>,
) -> Option<TokenStream> {
    let conditions: Option<Vec<&TokenStream>> = conditions.map(Option::as_ref).collect();
    match conditions?.as_slice() {
        [] => None,
        [one] => Some((*one).clone()),
        several => Some(quote!(any(#(#several),*))),
    }
}

fn commas(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            parts.push(TokenStream::new());
        } else if let Some(last) = parts.last_mut() {
            last.extend([token]);
        }
    }
    parts
}

/// The first paragraph of the documentation, in one line.
pub(crate) fn paragraph(attrs: &[Attribute]) -> String {
    let mut words = String::new();
    for attribute in attrs {
        let Meta::NameValue(pair) = &attribute.meta else {
            continue;
        };
        let Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) = &pair.value
        else {
            continue;
        };
        if !attribute.path().is_ident("doc") {
            continue;
        }
        for line in text.value().split('\n') {
            let line = line.trim().trim_start_matches('*').trim();
            match (line.is_empty(), words.is_empty()) {
                (true, false) => return words,
                (true, true) => {}
                (false, true) => words.push_str(line),
                (false, false) => words = format!("{words} {line}"),
            }
        }
    }
    words
}

/// The first line of the documentation, for the registry.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    for attribute in attrs {
        if attribute.path().is_ident("doc")
            && let Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) = &pair.value
        {
            for line in text.value().lines() {
                let line = line.trim().trim_start_matches('*').trim();
                if !line.is_empty() {
                    return line.to_owned();
                }
            }
        }
    }
    String::new()
}
