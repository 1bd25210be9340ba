//! The arguments of the attribute: `#[handler(methods(..), base(..), inherits(..), mount(..), layers(..),
//! guard(..), hide, exact, problem, tag = .., described)]`, and `crate = ..`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, LitStr, Path, Token, Type};

use crate::errors::Sink;
use crate::{layers, messages, registry, suggest};

/// What the attribute said.
#[derive(Default)]
pub(crate) struct Arguments {
    pub(crate) methods: Option<(Ident, Vec<Listed>)>,
    pub(crate) base: Option<(Expr, Type)>,
    /// There is a `base(..)`, readable or not.
    pub(crate) has_base: bool,
    pub(crate) inherits: Option<(Ident, Vec<Listed>)>,
    pub(crate) mounts: Vec<MountArgument>,
    /// There is a `mount(..)`, readable or not.
    pub(crate) has_mounts: bool,
    /// The fields of `layers(..)`, the outermost first.
    pub(crate) layers: Vec<Expr>,
    /// The type of `guard(..)`.
    pub(crate) guard: Option<Type>,
    /// `hide`, and where it stands.
    pub(crate) hide: Option<Ident>,
    pub(crate) exact: bool,
    /// `problem`, and where it stands.
    pub(crate) problem: Option<Ident>,
    pub(crate) renamed: Option<Path>,
    /// The tag of the operations in a document.
    pub(crate) tag: Option<String>,
    /// Undescribed things are errors.
    pub(crate) described: bool,
}

/// A handler in `mount(..)`.
pub(crate) struct MountArgument {
    pub(crate) prefix: LitStr,
    pub(crate) expr: Expr,
    pub(crate) ty: Type,
}

/// A method in `methods(..)` or `inherits(..)`: an identifier, or its name in quotes.
pub(crate) struct Listed {
    pub(crate) name: String,
    /// As it is written: it may be the name of a type, `#[method(M_SEARCH)]`.
    written: String,
    pub(crate) place: TokenStream,
}

impl Listed {
    /// Whether this is the method that is shown as `method`.
    pub(crate) fn is(&self, method: &str) -> bool {
        self.name == method || self.written == method
    }
}

pub(crate) fn parse(tokens: TokenStream, sink: &mut Sink) -> Arguments {
    let mut arguments = Arguments::default();
    let mut seen: Vec<String> = Vec::new();
    for argument in split(tokens) {
        let key_parser = |input: ParseStream<'_>| -> syn::Result<(Ident, TokenStream)> {
            Ok((Ident::parse_any(input)?, input.parse()?))
        };
        let Ok((key, value)) = key_parser.parse2(argument.clone()) else {
            let all: Vec<&str> = registry::ARGUMENTS.iter().map(|(_, form)| *form).collect();
            sink.report(
                &argument,
                messages::unknown_argument(&argument.to_string(), None, &all),
            );
            continue;
        };
        let name = key.to_string();
        let Some((_, form)) = registry::ARGUMENTS.iter().find(|(known, _)| *known == name) else {
            let keys = registry::ARGUMENTS.iter().map(|(known, _)| *known);
            let nearest = suggest::nearest(&name, keys);
            let all: Vec<&str> = registry::ARGUMENTS.iter().map(|(_, form)| *form).collect();
            sink.report(&key, messages::unknown_argument(&name, nearest, &all));
            continue;
        };
        if seen.contains(&name) {
            sink.report(&key, messages::repeated_argument(&name));
            continue;
        }
        if read(&mut arguments, &key, value).is_err() {
            sink.report(&argument, messages::malformed_argument(form));
        }
        seen.push(name);
    }
    for (_, list) in [&arguments.methods, &arguments.inherits]
        .into_iter()
        .flatten()
    {
        for (position, listed) in list.iter().enumerate() {
            if list[..position]
                .iter()
                .any(|earlier| earlier.name == listed.name)
            {
                sink.report(&listed.place, messages::listed_twice(&listed.name));
            }
        }
    }
    layers::once(&arguments.layers, sink);
    arguments.has_mounts = seen.iter().any(|key| key == "mount");
    arguments.has_base = seen.iter().any(|key| key == "base");
    if let (Some((key, _)), false) = (&arguments.inherits, arguments.has_base) {
        sink.report(key, messages::inherits_without_base());
    }
    arguments
}

fn read(arguments: &mut Arguments, key: &Ident, value: TokenStream) -> syn::Result<()> {
    match key.to_string().as_str() {
        "methods" => arguments.methods = Some((key.clone(), in_parentheses(list).parse2(value)?)),
        "inherits" => arguments.inherits = Some((key.clone(), in_parentheses(list).parse2(value)?)),
        "base" => arguments.base = Some(in_parentheses(base).parse2(value)?),
        "mount" => arguments.mounts = in_parentheses(mounts).parse2(value)?,
        "layers" => arguments.layers = in_parentheses(layers::fields).parse2(value)?,
        "guard" => arguments.guard = Some(in_parentheses(Type::parse).parse2(value)?),
        "hide" => {
            syn::parse2::<syn::parse::Nothing>(value)?;
            arguments.hide = Some(key.clone());
        }
        "tag" => {
            let text = |input: ParseStream<'_>| {
                input.parse::<Token![=]>()?;
                input.parse::<LitStr>()
            };
            arguments.tag = Some(text.parse2(value)?.value());
        }
        "described" => {
            syn::parse2::<syn::parse::Nothing>(value)?;
            arguments.described = true;
        }
        "problem" => {
            syn::parse2::<syn::parse::Nothing>(value)?;
            arguments.problem = Some(key.clone());
        }
        "exact" => {
            syn::parse2::<syn::parse::Nothing>(value)?;
            arguments.exact = true;
        }
        _ => {
            let path = |input: ParseStream<'_>| {
                input.parse::<Token![=]>()?;
                input.call(Path::parse_mod_style)
            };
            arguments.renamed = Some(path.parse2(value)?);
        }
    }
    Ok(())
}

fn in_parentheses<T>(
    inner: fn(ParseStream<'_>) -> syn::Result<T>,
) -> impl Fn(ParseStream<'_>) -> syn::Result<T> {
    move |input| {
        let content;
        syn::parenthesized!(content in input);
        inner(&content)
    }
}

fn base(input: ParseStream<'_>) -> syn::Result<(Expr, Type)> {
    let expr = input.parse()?;
    input.parse::<Token![:]>()?;
    let ty = input.parse()?;
    Ok((expr, ty))
}

fn mounts(input: ParseStream<'_>) -> syn::Result<Vec<MountArgument>> {
    let mounts = Punctuated::<MountArgument, Token![,]>::parse_terminated_with(input, |input| {
        let prefix = input.parse()?;
        input.parse::<Token![=]>()?;
        let (expr, ty) = base(input)?;
        Ok(MountArgument { prefix, expr, ty })
    })?;
    if mounts.is_empty() {
        return Err(input.error("empty"));
    }
    Ok(mounts.into_iter().collect())
}

fn list(input: ParseStream<'_>) -> syn::Result<Vec<Listed>> {
    let listed = Punctuated::<Listed, Token![,]>::parse_terminated_with(input, |input| {
        if input.peek(LitStr) {
            let literal: LitStr = input.parse()?;
            return Ok(Listed {
                name: literal.value(),
                written: literal.value(),
                place: literal.into_token_stream(),
            });
        }
        let ident = Ident::parse_any(input)?;
        let written = ident.unraw().to_string();
        let hyphenated = written.replace('_', "-");
        let name = if registry::known(&hyphenated) {
            hyphenated
        } else {
            written.clone()
        };
        Ok(Listed {
            name,
            written,
            place: ident.into_token_stream(),
        })
    })?;
    if listed.is_empty() {
        return Err(input.error("empty"));
    }
    Ok(listed.into_iter().collect())
}

/// The arguments one by one, so that a fault in one does not hide the others.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut arguments = vec![TokenStream::new()];
    let mut angles = 0_usize;
    let mut before = ' ';
    for token in tokens {
        let mut end = false;
        if let TokenTree::Punct(punct) = &token {
            match punct.as_char() {
                '<' => angles += 1,
                '>' if before != '-' => angles = angles.saturating_sub(1),
                ',' => end = angles == 0,
                _ => {}
            }
            before = punct.as_char();
        }
        if end {
            arguments.push(TokenStream::new());
        } else if let Some(last) = arguments.last_mut() {
            last.extend([token]);
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    arguments
}
