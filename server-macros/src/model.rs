//! A block that was checked: what `expand` writes out. Only `check` makes one.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::{Expr, Generics, Path, Signature, Type};

use crate::args::Listed;
use crate::notes::Notes;
use crate::params::single::Single;
use crate::parse::Block;
use crate::paths::Paths;
use crate::pattern::Pattern;

pub(crate) struct Handler {
    pub(crate) paths: Paths,
    /// The user's block, helper attributes stripped.
    pub(crate) block: Block,
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    /// Every HTTP method of the block, sound or not, in source order.
    pub(crate) methods: Vec<Method>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) consts: Vec<Const>,
    pub(crate) base: Option<(Expr, Type)>,
    /// Handlers below a prefix; none lies below another.
    pub(crate) mounts: Vec<Mount>,
    /// Fields that are layers around the whole block, the outermost first.
    pub(crate) layers: Vec<Expr>,
    /// Who may call what is not open.
    pub(crate) guard: Option<Type>,
    /// The guard stands before what there is not, too.
    pub(crate) hide: bool,
    pub(crate) inherits: Vec<Listed>,
    pub(crate) exact: bool,
    /// Errors are sent as problems, where the block has no `send_error` of its own.
    pub(crate) problem: bool,
    pub(crate) notes: BlockNotes,
}

/// A handler below a prefix.
pub(crate) struct Mount {
    /// Text alone, without a slash at its end.
    pub(crate) prefix: Pattern,
    pub(crate) expr: Expr,
    pub(crate) ty: Type,
}

/// What a block says to the feature `openapi`.
pub(crate) struct BlockNotes {
    /// The whole comment.
    pub(crate) docs: String,
    pub(crate) tag: Option<String>,
    /// What is not described is an error.
    pub(crate) described: bool,
}

pub(crate) struct Method {
    /// Which member of the block it is.
    pub(crate) member: usize,
    pub(crate) function: Ident,
    /// Its HTTP method.
    pub(crate) name: MethodName,
    pub(crate) route: Option<Pattern>,
    pub(crate) params: Vec<Param>,
    pub(crate) answer: Answer,
    pub(crate) blocking: bool,
    /// Fields that are layers around this method, the outermost first.
    pub(crate) layers: Vec<Expr>,
    /// The guard of the block lets everybody call it.
    pub(crate) open: bool,
    /// The types of `#[answers(..)]`, of a method that writes its answer by hand.
    pub(crate) answers: Option<Vec<Type>>,
    /// `#[takes_body]`: a body is read though the method's requests have none.
    pub(crate) takes_body: bool,
    pub(crate) doc: String,
    pub(crate) notes: Notes,
    pub(crate) cfg: Option<TokenStream>,
    /// Whether it can be called. What cannot is still in the method set, so that its fault does
    /// not become a second one in a bound.
    pub(crate) sound: bool,
    /// Where its HTTP method is named: in the function's name, or in `#[method(..)]`.
    pub(crate) place: TokenStream,
}

impl Method {
    /// The name of the operation in a document, if the method is in one.
    pub(crate) fn operation_id(&self) -> Option<String> {
        if self.route.is_none() || self.notes.hidden {
            return None;
        }
        if !self.notes.id.is_empty() {
            return Some(self.notes.id.clone());
        }
        let function = self.function.unraw().to_string();
        let wire = self.name.shown().replace('-', "_");
        let named = function
            .strip_prefix("do_")
            .and_then(|name| name.strip_prefix(&*wire))
            .map(|rest| format!("{}{rest}", wire.to_lowercase()));
        Some(named.unwrap_or(function))
    }
}

/// How a block names an HTTP method.
#[derive(Clone)]
pub(crate) enum MethodName {
    /// The method as it is sent.
    Token(String),
    /// A type that implements `doget::Method`.
    Type(Path),
}

impl MethodName {
    /// What makes two functions handle the same method.
    pub(crate) fn key(&self) -> String {
        match self {
            MethodName::Token(token) => token.clone(),
            MethodName::Type(path) => format!("<{}>", quote::quote!(#path)),
        }
    }

    /// For a message, and for comparing with `methods(..)`.
    pub(crate) fn shown(&self) -> String {
        match self {
            MethodName::Token(token) => token.clone(),
            MethodName::Type(path) => path
                .segments
                .last()
                .map(|segment| segment.ident.to_string())
                .unwrap_or_default(),
        }
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self, MethodName::Token(token) if token == name)
    }
}

pub(crate) struct Param {
    /// The type as it is named in the expansion: lifetimes of the method are `'_`.
    pub(crate) ty: Type,
    pub(crate) source: ParamSource,
    /// Its comment.
    pub(crate) docs: String,
}

pub(crate) enum ParamSource {
    /// The placeholder with this position in the route.
    Placeholder(usize),
    /// With `#[query]` or its like.
    Single(Box<Single>),
    /// Found by type. References borrow the request for the rest of the call, so they come last.
    Type { reference: bool },
}

pub(crate) enum Answer {
    /// Whatever the type is: it has to be a reply.
    Type(Box<Type>),
    /// `-> !`
    Never,
}

pub(crate) struct Hook {
    pub(crate) sig: Signature,
    pub(crate) cfg: Option<TokenStream>,
}

pub(crate) struct Const {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) value: TokenStream,
    pub(crate) cfg: Option<TokenStream>,
}
