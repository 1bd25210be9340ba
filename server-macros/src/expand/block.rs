//! The user's block as it comes out again.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;

use crate::model::{Answer, Handler};
use crate::parse::{Function, Kind, Member};
use crate::paths::own;

pub(super) fn block(handler: &Handler) -> TokenStream {
    let block = &handler.block;
    let inner = &block.inner;
    let members = block.members.iter().enumerate().map(|(position, member)| {
        let owes = handler.methods.iter().any(|method| {
            method.member == position + 1
                && method.sound
                && matches!(method.answer, Answer::Type(_))
        });
        one(handler, member, owes)
    });
    let mut body = Group::new(Delimiter::Brace, quote!(#(#inner)* #(#members)*));
    body.set_span(block.brace.span());

    let head = &block.head;
    let attrs = &head.attrs;
    let (unsafety, impl_token, self_ty) = (&head.unsafety, &head.impl_token, &head.self_ty);
    let (generics, wheres) = (&head.generics, &head.generics.where_clause);
    let (defaultness, polarity) = (&head.modifiers.defaultness, &head.modifiers.polarity);
    quote!(#(#attrs)* #defaultness #unsafety #impl_token #generics #polarity #self_ty #wheres #body)
}

/// `owes`: the function has to give an answer, so it is checked for having one at its end.
fn one(handler: &Handler, member: &Member, owes: bool) -> TokenStream {
    let (attrs, vis) = (&member.attrs, &member.vis);
    let rest = match &member.kind {
        Kind::Fn(function) => {
            let sig = &function.sig;
            let body = if owes {
                answered(handler, function)
            } else {
                function.body.to_token_stream()
            };
            // `do_GET` is the name that the method has, whatever the style of the crate.
            let style = sig.ident.unraw().to_string().starts_with("do").then(|| {
                let span = Span::mixed_site();
                quote_spanned!(span=> #[allow(non_snake_case)])
            });
            return quote!(#(#attrs)* #style #vis #sig #body);
        }
        Kind::Const(constant) => &constant.tokens,
        Kind::Macro(_, tokens) | Kind::Other(tokens) => tokens,
    };
    quote!(#(#attrs)* #vis #rest)
}

/// The body; if it ends without a value, one that is owed is asked for at the closing brace, in
/// better words than those of a type mismatch. Only tokens are looked at.
fn answered(handler: &Handler, function: &Function) -> TokenStream {
    let tokens: Vec<TokenTree> = function.body.stream().into_iter().collect();
    if !ends_without_value(&tokens) {
        return function.body.to_token_stream();
    }
    let span = own(function.body.span_close());
    let unanswered = handler.paths.unanswered(span);
    let stream = function.body.stream();
    let mut body = Group::new(
        Delimiter::Brace,
        quote_spanned!(span=> #stream #unanswered::never()),
    );
    body.set_span(function.body.span());
    body.to_token_stream()
}

fn ends_without_value(tokens: &[TokenTree]) -> bool {
    match tokens.last() {
        None => true,
        Some(TokenTree::Punct(last)) if last.as_char() == ';' => {
            let before = &tokens[..tokens.len() - 1];
            let start = before
                .iter()
                .rposition(is_semicolon)
                .map_or(0, |position| position + 1);
            !may_diverge(before[start..].iter().cloned().collect())
        }
        Some(TokenTree::Group(last)) if last.delimiter() == Delimiter::Brace => {
            let before = &tokens[..tokens.len() - 1];
            let start = before
                .iter()
                .rposition(ends_statement)
                .map_or(0, |position| position + 1);
            let statement = match &before[start..] {
                // A label.
                [TokenTree::Punct(quote), _, _, statement @ ..] if quote.as_char() == '\'' => {
                    statement
                }
                statement => statement,
            };
            matches!(statement.first(), Some(TokenTree::Ident(word)) if word == "for" || word == "while")
        }
        _ => false,
    }
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

fn ends_statement(token: &TokenTree) -> bool {
    is_semicolon(token)
        || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// Whether a statement names something that does not come back. A function of the user's that
/// never returns cannot be told from any other.
fn may_diverge(tokens: TokenStream) -> bool {
    const WORDS: &[&str] = &[
        "return",
        "loop",
        "panic",
        "todo",
        "unimplemented",
        "unreachable",
        "exit",
        "abort",
        "break",
        "continue",
    ];
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => WORDS.iter().any(|word| ident == word),
        TokenTree::Group(group) => may_diverge(group.stream()),
        _ => false,
    })
}
