//! What `#[param(..)]` and its like say of one parameter.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, ExprRange, Lit, LitStr, Meta, RangeLimits, Token, Type};

use super::messages;
use super::value_type::is_text;
use crate::errors::Sink;
use crate::{notes, suggest};

/// The options of one parameter.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) default: Option<Expr>,
    pub(crate) example: Option<Expr>,
    pub(crate) range: Option<ExprRange>,
    pub(crate) length: Option<ExprRange>,
    pub(crate) limit: Option<Expr>,
    pub(crate) kinds: Option<Expr>,
    /// The word itself.
    pub(crate) flatten: Option<Ident>,
    /// The documentation comment, whole.
    pub(crate) doc: String,
}

/// The options of a field.
pub(super) const OF_FIELD: &[&str] = &[
    "name", "default", "example", "range", "length", "limit", "kinds", "flatten",
];

/// Those of a parameter of a method.
pub(super) const OF_PARAMETER: &[&str] = &["name", "default", "example", "range", "length"];

impl Options {
    /// Reads the attributes that `is_ours` picks, and the documentation.
    pub(super) fn read(
        (attrs, ty): (&[Attribute], &Type),
        is_ours: impl Fn(&Attribute) -> bool,
        known: &[&str],
        sink: &mut Sink,
    ) -> Self {
        let mut options = Self {
            doc: notes::docs(attrs),
            ..Self::default()
        };
        for attribute in attrs.iter().filter(|attribute| is_ours(attribute)) {
            match &attribute.meta {
                Meta::Path(_) => {}
                Meta::List(list) => options.list(list.tokens.clone(), known, sink),
                Meta::NameValue(pair) => {
                    sink.report(pair, messages::malformed_option("#[param(name = \"..\")]"));
                }
            }
        }
        if let Some(range) = options.range.take_if(|_| is_text(ty)) {
            sink.report(range, messages::range_of_text());
        }
        options
    }

    fn list(&mut self, tokens: TokenStream, known: &[&str], sink: &mut Sink) {
        let parsed = Punctuated::<Given, Token![,]>::parse_terminated.parse2(tokens);
        let given = match parsed {
            Ok(given) => given,
            Err(error) => return sink.push(error),
        };
        for Given { name, value } in given {
            let word = name.to_string();
            if !known.contains(&word.as_str()) {
                let nearest = suggest::nearest(&word, known.iter().copied());
                sink.report(&name, messages::unknown_option(&word, nearest, known));
            } else if !self.set(&word, &name, value.as_ref(), sink) {
                sink.report(&name, messages::repeated_option(&word));
            }
        }
    }

    /// Takes one option; `false` if it is there already.
    fn set(&mut self, word: &str, name: &Ident, value: Option<&Expr>, sink: &mut Sink) -> bool {
        let place = || match value {
            Some(value) => value.to_token_stream(),
            None => name.to_token_stream(),
        };
        match (word, value) {
            ("flatten", None) => return self.flatten.replace(name.clone()).is_none(),
            ("name", Some(value)) => {
                if let Some(text) = text(value).filter(|text| !text.value().is_empty()) {
                    return self.name.replace(text).is_none();
                }
                sink.report(place(), messages::malformed_option("name = \"..\""));
            }
            ("default", Some(value)) => return self.default.replace(value.clone()).is_none(),
            ("example", Some(value)) if literal(value).is_some() => {
                return self.example.replace(value.clone()).is_none();
            }
            ("limit", Some(value)) => return self.limit.replace(value.clone()).is_none(),
            ("kinds", Some(value)) => return self.kinds.replace(value.clone()).is_none(),
            ("range", Some(Expr::Range(range))) if has_end(range) => {
                return self.range.replace(range.clone()).is_none();
            }
            ("length", Some(Expr::Range(range))) if has_end(range) => {
                return self.length.replace(range.clone()).is_none();
            }
            _ => {
                let form = match word {
                    "flatten" => "flatten",
                    "name" => "name = \"..\"",
                    "default" => "default = 20",
                    "example" => "example = 20",
                    "limit" => "limit = 1 << 20",
                    "kinds" => "kinds = [\"image/png\"]",
                    "range" => "range = 1..=100",
                    _ => "length = 1..=64",
                };
                sink.report(place(), messages::malformed_option(form));
            }
        }
        true
    }

    /// The option that a flattened field cannot have, if there is one.
    pub(super) fn beside_flatten(&self) -> Option<&'static str> {
        [
            ("name", self.name.is_some()),
            ("default", self.default.is_some()),
            ("example", self.example.is_some()),
            ("range", self.range.is_some()),
            ("length", self.length.is_some()),
            ("limit", self.limit.is_some()),
            ("kinds", self.kinds.is_some()),
        ]
        .into_iter()
        .find_map(|(word, given)| given.then_some(word))
    }
}

/// `..` alone bounds nothing, and `1..=` is not whole.
fn has_end(range: &ExprRange) -> bool {
    let closed = matches!(range.limits, RangeLimits::Closed(_));
    range.end.is_some() || (range.start.is_some() && !closed)
}

fn text(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text.clone()),
        _ => None,
    }
}

/// `name = value`, or a word alone.
struct Given {
    name: Ident,
    value: Option<Expr>,
}

impl Parse for Given {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Some(value(input)?)
        } else {
            None
        };
        Ok(Self { name, value })
    }
}

/// An expression; what is none is refused in the words of the option, since the compiler's would not help.
fn value(input: ParseStream<'_>) -> syn::Result<Expr> {
    let ahead = input.fork();
    match ahead.parse::<Expr>() {
        Ok(expression) => {
            syn::parse::discouraged::Speculative::advance_to(input, &ahead);
            Ok(expression)
        }
        Err(_) => {
            let mut tokens = TokenStream::new();
            while !input.is_empty() && !input.peek(Token![,]) {
                tokens.extend([input.parse::<TokenTree>()?]);
            }
            Ok(Expr::Verbatim(tokens))
        }
    }
}

/// The text of a literal, with its sign.
pub(super) fn literal(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Some(text.value()),
            Lit::Int(number) => Some(number.base10_digits().to_owned()),
            Lit::Float(number) => Some(number.base10_digits().to_owned()),
            Lit::Bool(flag) => Some(flag.value.to_string()),
            Lit::Char(character) => Some(character.value().to_string()),
            _ => None,
        },
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
            Some(format!("-{}", literal(&unary.expr)?))
        }
        _ => None,
    }
}
