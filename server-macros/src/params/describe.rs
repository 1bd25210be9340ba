//! One parameter as the expansion writes it: its description, and how it is read.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, ExprLit, ExprRange, Lit, RangeLimits, Type};

use super::options::{Options, literal};
use super::value_type::inner;
use crate::paths::{Paths, own};

/// A parameter: a field of a struct, or one of a method.
pub(crate) struct Described<'o> {
    pub(crate) name: String,
    pub(crate) ty: &'o Type,
    pub(crate) options: &'o Options,
    /// Where the compiler is to put what it has to say of the type.
    pub(crate) place: Span,
}

impl Described<'_> {
    /// `ParamInfo { .. }`. The trait `AnyType` has to be in scope.
    pub(crate) fn info(&self, paths: &Paths) -> TokenStream {
        let span = own(self.place);
        let (info, type_of) = (paths.param_info(span), paths.type_of(span));
        let Options {
            default,
            example,
            range,
            length,
            limit,
            kinds,
            doc,
            ..
        } = self.options;
        let (name, header) = (&self.name, self.header());
        let ty = self.ty;
        let some = paths.some(span);
        let required = match default {
            Some(_) => quote!(false),
            None => quote_spanned!(span=> #type_of::<#ty>::REQUIRED),
        };
        let mut settings = TokenStream::new();
        if let Some(text) = default.as_ref().and_then(literal) {
            settings.extend(quote_spanned!(span=> info.default = #some(#text);));
        }
        if let Some(text) = example.as_ref().and_then(literal) {
            settings.extend(quote_spanned!(span=> info.example = #some(#text);));
        }
        if let Some(range) = range {
            let inner = inner(ty);
            let bound = paths.bound(span);
            let end = |expr: &Expr, kind: TokenStream| {
                let at = own(expr_span(expr));
                quote_spanned!(at=> #some(#bound::#kind(#type_of::<#inner>::number(#expr))))
            };
            if let Some(start) = &range.start {
                let start = end(start, quote!(inclusive));
                settings.extend(quote_spanned!(span=> info.minimum = #start;));
            }
            if let Some(last) = &range.end {
                let kind = if is_closed(range) {
                    quote!(inclusive)
                } else {
                    quote!(exclusive)
                };
                let last = end(last, kind);
                settings.extend(quote_spanned!(span=> info.maximum = #last;));
            }
        }
        if let Some(length) = length {
            if let Some(start) = &length.start {
                settings.extend(quote_spanned!(span=> info.min_length = #some(#start);));
            }
            if let Some(last) = &length.end {
                let less = (!is_closed(length)).then(|| quote!(-1));
                settings.extend(quote_spanned!(span=> info.max_length = #some((#last) #less);));
            }
        }
        if let Some(limit) = limit {
            settings.extend(quote_spanned!(span=> info.limit = #some(#limit);));
        }
        if let Some(kinds) = kinds {
            settings.extend(quote_spanned!(span=> info.media_types = &#kinds;));
        }
        quote_spanned! {span=>
            {
                let mut info = #info::new(#name, #header, #type_of::<#ty>::KIND);
                info.doc = #doc;
                info.required = #required;
                info.repeated = #type_of::<#ty>::REPEATED;
                #settings
                info
            }
        }
    }

    /// The name as a header field: words with capitals, unless the name was given.
    pub(crate) fn header(&self) -> String {
        if self.options.name.is_some() {
            return self.name.clone();
        }
        let words = self.name.split('_').map(|word| {
            let mut letters = word.chars();
            match letters.next() {
                Some(first) => first.to_ascii_uppercase().to_string() + letters.as_str(),
                None => String::new(),
            }
        });
        words.collect::<Vec<_>>().join("-")
    }

    /// `read_field::<T, ..>(..)`, from `source` and with `faults`; `info` is a reference to the description.
    pub(crate) fn read(
        &self,
        paths: &Paths,
        info: &TokenStream,
        source: &TokenStream,
        faults: &TokenStream,
    ) -> TokenStream {
        let span = own(self.place);
        let (read, reader, type_of) = (
            paths.read_field(span),
            paths.reader(span),
            paths.type_of(span),
        );
        let ty = self.ty;
        let default = match &self.options.default {
            Some(value) => {
                let some = paths.some(span);
                let at = own(expr_span(value));
                let value = match value {
                    // A literal is `&str`, and nearly always meant as a `String`.
                    Expr::Lit(ExprLit {
                        lit: Lit::Str(text),
                        ..
                    }) => {
                        let into = paths.into(at);
                        quote_spanned!(at=> #into::into(#text))
                    }
                    other => other.to_token_stream(),
                };
                quote_spanned!(at=> #some(|| #value))
            }
            None => paths.none(span),
        };
        let in_range = self.in_range(span);
        quote_spanned! {span=>
            #read::<#ty, _, _, _, _>(
                #source,
                &#reader {
                    info: #info,
                    parse: #type_of::<#ty>::PARSE,
                    default: #default,
                    is_in_range: #in_range,
                },
                #faults,
            )
        }
    }

    fn in_range(&self, span: Span) -> TokenStream {
        let Some(range) = &self.options.range else {
            return quote_spanned!(span=> |_: &_| true);
        };
        let inner = inner(self.ty);
        let start = range
            .start
            .as_ref()
            .map(|start| quote_spanned!(span=> && *value >= #start));
        let end = range.end.as_ref().map(|end| {
            if is_closed(range) {
                quote_spanned!(span=> && *value <= #end)
            } else {
                quote_spanned!(span=> && *value < #end)
            }
        });
        quote_spanned!(span=> |value: &#inner| true #start #end)
    }

    /// Consts that refuse an example of another type, an empty range, and a default that is not in its range: at the
    /// example and at the default.
    pub(crate) fn assertions(&self, paths: &Paths) -> TokenStream {
        let example = self.example_has_its_type(paths);
        let range = self.range_has_its_default(paths);
        quote!(#example #range)
    }

    /// An example is one value, as a literal: a number, a flag or a character is of the type, and a text is what
    /// `FromStr` is given.
    fn example_has_its_type(&self, paths: &Paths) -> TokenStream {
        let Some(example) = &self.options.example else {
            return TokenStream::new();
        };
        let (inner, at) = (inner(self.ty), own(expr_span(example)));
        let is_text = matches!(
            example,
            Expr::Lit(ExprLit {
                lit: Lit::Str(_),
                ..
            })
        );
        if !is_text {
            return quote_spanned!(at=> const _: fn() -> #inner = || #example;);
        }
        let (assert, type_of, any_type) = (paths.assert(at), paths.type_of(at), paths.any_type(at));
        let words = format!(
            "`{}` takes no text, and its example is one: write the value itself",
            self.name
        );
        quote_spanned! {at=>
            const _: () = {
                #[allow(unused_imports)]
                use #any_type as _;
                #assert!(#type_of::<#inner>::KIND.is_text(), #words);
            };
        }
    }

    fn range_has_its_default(&self, paths: &Paths) -> TokenStream {
        let Some(range) = &self.options.range else {
            return TokenStream::new();
        };
        let (ty, inner, name) = (self.ty, inner(self.ty), &self.name);
        let shown = shown(range);
        let span = own(expr_span_of_range(range));
        let compare = if is_closed(range) {
            quote!(<=)
        } else {
            quote!(<)
        };
        let mut asserts = TokenStream::new();
        let minimum = range
            .start
            .as_ref()
            .map(|start| quote_spanned!(span=> const MINIMUM: #inner = #start;));
        let maximum = range
            .end
            .as_ref()
            .map(|end| quote_spanned!(span=> const MAXIMUM: #inner = #end;));
        if range.start.is_some() && range.end.is_some() {
            let assert = paths.assert(span);
            let words = format!("the range of `{name}` has nothing in it");
            asserts.extend(quote_spanned! {span=>
                const _: () = #assert!(MINIMUM #compare MAXIMUM, #words);
            });
        }
        // The default of an `Option` or of a list is no number.
        if let Some(default) = &self.options.default
            && ty.to_token_stream().to_string() == inner.to_token_stream().to_string()
        {
            let at = own(expr_span(default));
            let assert = paths.assert(at);
            let words = format!(
                "the default of `{name}` is {}, which is not in its range {shown}",
                default.to_token_stream()
            );
            let low = minimum
                .as_ref()
                .map(|_| quote_spanned!(at=> && MINIMUM <= DEFAULT));
            let high = maximum
                .as_ref()
                .map(|_| quote_spanned!(at=> && DEFAULT #compare MAXIMUM));
            asserts.extend(quote_spanned! {at=>
                const DEFAULT: #ty = #default;
                const _: () = #assert!(true #low #high, #words);
            });
        }
        if asserts.is_empty() {
            return asserts;
        }
        quote_spanned! {span=> const _: () = { #minimum #maximum #asserts }; }
    }
}

/// `1..=100`, as it is written.
fn shown(range: &ExprRange) -> String {
    range.to_token_stream().to_string().replace(' ', "")
}

fn is_closed(range: &ExprRange) -> bool {
    matches!(range.limits, RangeLimits::Closed(_))
}

fn expr_span(expr: &Expr) -> Span {
    first_span(expr.to_token_stream())
}

fn expr_span_of_range(range: &ExprRange) -> Span {
    first_span(range.to_token_stream())
}

fn first_span(tokens: TokenStream) -> Span {
    tokens
        .into_iter()
        .next()
        .map_or_else(Span::mixed_site, |token| token.span())
}
