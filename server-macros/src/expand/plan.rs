//! The entries of the registry: what was written, and what is derived from it.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;

use super::{answers, cfg};
use crate::conflict;
use crate::model::{Handler, Method, MethodName};

/// Every entry, in the order of the registry. Its position is the number that the matcher gives.
pub(super) struct Plan<'h> {
    pub(super) entries: Vec<Entry<'h>>,
    /// The most placeholders that one route has.
    pub(super) captures: usize,
}

pub(super) struct Entry<'h> {
    pub(super) name: MethodName,
    /// The function that is called; `None` for the derived `OPTIONS`.
    pub(super) method: Option<&'h Method>,
    pub(super) derived: bool,
}

impl<'h> Plan<'h> {
    pub(super) fn new(handler: &'h Handler) -> Self {
        let mut entries = Vec::new();
        for method in &handler.methods {
            entries.push(Entry {
                name: method.name.clone(),
                method: Some(method),
                derived: false,
            });
            if method.name.is("GET") && !handler.exact && !has_head(handler, method) {
                let name = MethodName::Token("HEAD".into());
                entries.push(Entry {
                    name,
                    method: Some(method),
                    derived: true,
                });
            }
        }
        let plain_options = handler
            .methods
            .iter()
            .any(|method| method.name.is("OPTIONS") && method.route.is_none());
        // A base may have its own, so there the choice is the runtime's.
        if !handler.exact && handler.base.is_none() && !plain_options {
            entries.push(Entry {
                name: MethodName::Token("OPTIONS".into()),
                method: None,
                derived: true,
            });
        }
        let captures = handler
            .methods
            .iter()
            .filter_map(|method| method.route.as_ref())
            .map(|route| route.placeholders().count())
            .max()
            .unwrap_or(0);
        Plan { entries, captures }
    }

    /// Whether any entry is under `cfg`, so that positions are not known before it is evaluated.
    pub(super) fn shifts(&self) -> bool {
        self.entries.iter().any(|entry| entry.cfg().is_some())
    }

    /// The entries that call `method`: itself, and the `HEAD` derived from it.
    pub(super) fn entries_of(&self, method: &Method) -> Vec<usize> {
        let is_of = |entry: &Entry<'_>| {
            entry
                .method
                .is_some_and(|other| other.member == method.member)
        };
        self.entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| is_of(entry))
            .map(|(position, _)| position)
            .collect()
    }

    /// The static table of this block.
    pub(super) fn entries(&self, handler: &Handler) -> TokenStream {
        let span = Span::mixed_site();
        let info = handler.paths.method_info(span);
        let rows = self.entries.iter().map(|entry| {
            let cfg = cfg(entry.cfg());
            let name = entry.name_tokens(handler);
            let function = entry
                .method
                .map_or_else(String::new, |method| method.function.unraw().to_string());
            let route = entry.method.and_then(|method| method.route.as_ref());
            let route = route.map(|route| {
                let text = &route.text;
                quote_spanned!(span=> .route(#text))
            });
            let doc = entry.method.map_or("", |method| &method.doc);
            let doc = (!doc.is_empty()).then(|| quote_spanned!(span=> .doc(#doc)));
            let id = entry.method.and_then(Method::operation_id);
            let id = id.map(|id| quote_spanned!(span=> .operation_id(#id)));
            let answers = entry.method.and_then(answers::row);
            let derived = entry.derived.then(|| quote_spanned!(span=> .derived()));
            quote_spanned!(span=> #cfg #info::new(#name, #function) #route #doc #derived #id #answers)
        });
        let consts = answers::consts(handler);
        let rows = match consts.is_empty() {
            false => quote_spanned!(span=> { #consts &[#(#rows),*] }),
            true => quote_spanned!(span=> &[#(#rows),*]),
        };
        quote_spanned!(span=> const __DOGET_METHODS: &[#info] = #rows;)
    }

    /// Where the registry has an entry, if `cfg` can shift them.
    pub(super) fn index(&self, handler: &Handler) -> TokenStream {
        if !self.shifts() {
            return TokenStream::new();
        }
        let span = Span::mixed_site();
        let (count, u32) = (self.entries.len(), handler.paths.u32(span));
        let steps = self.entries.iter().enumerate().map(|(position, entry)| {
            let cfg = cfg(entry.cfg());
            quote_spanned! {span=>
                index[#position] = next;
                #cfg
                let next = next + 1;
            }
        });
        quote_spanned! {span=>
            const __DOGET_INDEX: [#u32; #count] = {
                let mut index = [0; #count];
                let next = 0;
                #(#steps)*
                let _ = next;
                index
            };
        }
    }
}

impl Entry<'_> {
    pub(super) fn cfg(&self) -> Option<&TokenStream> {
        self.method.and_then(|method| method.cfg.as_ref())
    }

    /// The method as an expression of type `&'static str`.
    pub(super) fn name_tokens(&self, handler: &Handler) -> TokenStream {
        let span = Span::mixed_site();
        match &self.name {
            MethodName::Token(token) => quote_spanned!(span=> #token),
            MethodName::Type(path) => {
                let method = handler.paths.method(span);
                quote_spanned!(span=> <#path as #method>::NAME)
            }
        }
    }
}

/// Whether `HEAD` is written for what `get` handles.
fn has_head(handler: &Handler, get: &Method) -> bool {
    handler
        .methods
        .iter()
        .filter(|method| method.name.is("HEAD"))
        .any(|head| match (&head.route, &get.route) {
            (None, None) => true,
            (Some(head), Some(get)) => conflict::same_shape(head, get),
            _ => false,
        })
}
