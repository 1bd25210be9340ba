//! The syntax of a block, read tolerantly: signatures are typed, bodies stay raw tokens.
//!
//! A body that is half typed must not cost an editor its completions, so nothing in here looks
//! into one. What is neither a function nor a const passes through untouched.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, ItemImpl, Path, Signature, Token, Type, Visibility};

use crate::messages;

/// An inherent `impl` block.
pub(crate) struct Block {
    /// Everything before the braces; its `items` are empty.
    pub(crate) head: ItemImpl,
    pub(crate) brace: Group,
    pub(crate) inner: Vec<Attribute>,
    pub(crate) members: Vec<Member>,
}

pub(crate) struct Member {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Fn(Box<Function>),
    Const(Box<Constant>),
    Macro(Path, TokenStream),
    Other(TokenStream),
}

pub(crate) struct Function {
    pub(crate) sig: Signature,
    pub(crate) body: Group,
}

pub(crate) struct Constant {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) value: TokenStream,
    /// All of it from `const` to `;`.
    pub(crate) tokens: TokenStream,
}

/// Reads an inherent `impl` block, or says what stands there instead.
pub(crate) fn parse(item: TokenStream) -> syn::Result<Block> {
    let mut tokens: Vec<TokenTree> = item.clone().into_iter().collect();
    let kind = Shape::of(&tokens);
    if kind.keyword != "impl" {
        return Err(syn::Error::new_spanned(
            &kind.place,
            messages::not_an_impl(&kind.name()),
        ));
    }
    let Some(position) = tokens.iter().rposition(is_braces) else {
        return Err(syn::Error::new_spanned(
            item,
            messages::not_an_impl("an `impl` without braces"),
        ));
    };
    let TokenTree::Group(brace) = tokens[position].clone() else {
        unreachable!("just found")
    };
    let mut empty = Group::new(Delimiter::Brace, TokenStream::new());
    empty.set_span(brace.span());
    tokens[position] = empty.into();

    let head: ItemImpl = syn::parse2(tokens.into_iter().collect())?;
    if let Some((path, _)) = &head.trait_ {
        return Err(syn::Error::new_spanned(path, messages::trait_impl()));
    }
    let Members { inner, members } = syn::parse2(brace.stream())?;
    Ok(Block {
        head,
        brace,
        inner,
        members,
    })
}

fn is_braces(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// Which item this is, by its keyword.
struct Shape {
    keyword: String,
    place: TokenStream,
}

impl Shape {
    fn of(tokens: &[TokenTree]) -> Self {
        for token in tokens {
            if let TokenTree::Ident(ident) = token {
                let keyword = ident.to_string();
                let modifier = matches!(
                    keyword.as_str(),
                    "pub" | "unsafe" | "async" | "default" | "extern" | "const" | "crate" | "safe"
                );
                if !modifier {
                    return Shape {
                        keyword,
                        place: ident.to_token_stream(),
                    };
                }
            }
        }
        Shape {
            keyword: String::new(),
            place: tokens
                .first()
                .map(ToTokens::to_token_stream)
                .unwrap_or_default(),
        }
    }

    fn name(&self) -> String {
        match self.keyword.as_str() {
            "fn" | "struct" | "trait" | "union" | "use" | "static" | "type" => {
                format!("a `{}`", self.keyword)
            }
            "mod" => "a `mod`".into(),
            "enum" => "an `enum`".into(),
            _ => "another item".into(),
        }
    }
}

struct Members {
    inner: Vec<Attribute>,
    members: Vec<Member>,
}

impl Parse for Members {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let inner = input.call(Attribute::parse_inner)?;
        let mut members = Vec::new();
        while !input.is_empty() {
            members.push(input.parse()?);
        }
        Ok(Members { inner, members })
    }
}

impl Parse for Member {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let kind = parse_const(input)
            .or_else(|| parse_fn(input))
            .or_else(|| parse_macro(input));
        let kind = match kind {
            Some(kind) => kind,
            None => Kind::Other(anything(input)?),
        };
        Ok(Member { attrs, vis, kind })
    }
}

fn parse_const(input: ParseStream<'_>) -> Option<Kind> {
    let ahead = input.fork();
    ahead.parse::<Token![const]>().ok()?;
    let name: Ident = ahead.parse().ok()?;
    ahead.parse::<Token![:]>().ok()?;
    let ty: Type = ahead.parse().ok()?;
    ahead.parse::<Token![=]>().ok()?;
    let mut value = TokenStream::new();
    while !ahead.peek(Token![;]) {
        value.extend([ahead.parse::<TokenTree>().ok()?]);
    }
    let tokens = until_semicolon(input)?;
    Some(Kind::Const(Box::new(Constant {
        name,
        ty,
        value,
        tokens,
    })))
}

fn until_semicolon(input: ParseStream<'_>) -> Option<TokenStream> {
    let mut tokens = TokenStream::new();
    loop {
        let end = input.peek(Token![;]);
        tokens.extend([input.parse::<TokenTree>().ok()?]);
        if end {
            return Some(tokens);
        }
    }
}

fn parse_fn(input: ParseStream<'_>) -> Option<Kind> {
    let ahead = input.fork();
    let sig: Signature = ahead.parse().ok()?;
    let TokenTree::Group(body) = ahead.parse().ok()? else {
        return None;
    };
    if body.delimiter() != Delimiter::Brace {
        return None;
    }
    // Nothing can fail from here on, so the look-ahead becomes the truth.
    syn::parse::discouraged::Speculative::advance_to(input, &ahead);
    Some(Kind::Fn(Box::new(Function { sig, body })))
}

fn parse_macro(input: ParseStream<'_>) -> Option<Kind> {
    let ahead = input.fork();
    let path = ahead.call(Path::parse_mod_style).ok()?;
    ahead.parse::<Token![!]>().ok()?;
    let tokens = anything(input).ok()?;
    Some(Kind::Macro(path, tokens))
}

/// Any other member, up to its `;` or closing brace.
fn anything(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let end = is_braces(&token)
            || matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ';');
        tokens.extend([token]);
        if end {
            break;
        }
    }
    Ok(tokens)
}
