//! The matcher: one `match` on the method's bytes, below it a trie of segments, written as code.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote_spanned;

use super::plan::{Entry, Plan};
use super::{cfg, local};
use crate::attrs;
use crate::model::{Handler, MethodName};
use crate::paths::Paths;
use crate::pattern::Segment;

/// From so many texts on they are looked up in a table; fewer are compared one after the other.
const TABLE_FROM: usize = 8;

/// Patterns of one method. At each node the order is: the end, text, a parameter, the rest.
#[derive(Default)]
struct Node {
    ends: Vec<Leaf>,
    literals: Vec<(String, Node)>,
    param: Option<Box<Node>>,
    rest: Vec<Leaf>,
}

struct Leaf {
    entry: usize,
    cfg: Option<TokenStream>,
    /// The segment of each placeholder, from left to right; a rest is the text from there on.
    captures: Vec<Capture>,
}

#[derive(Clone, Copy)]
enum Capture {
    Segment(usize),
    From(usize),
}

impl Node {
    fn insert(&mut self, segments: &[Segment], depth: usize, mut leaf: Leaf) {
        match segments.split_first() {
            None => self.ends.push(leaf),
            Some((Segment::Literal(text), more)) => {
                let position = match self.literals.iter().position(|(known, _)| known == text) {
                    Some(position) => position,
                    None => {
                        self.literals.push((text.clone(), Node::default()));
                        self.literals.len() - 1
                    }
                };
                self.literals[position].1.insert(more, depth + 1, leaf);
            }
            Some((Segment::Param(_), more)) => {
                leaf.captures.push(Capture::Segment(depth));
                self.param
                    .get_or_insert_default()
                    .insert(more, depth + 1, leaf);
            }
            Some((Segment::Rest(_), _)) => {
                leaf.captures.push(Capture::From(depth));
                self.rest.push(leaf);
            }
        }
    }

    fn has_children(&self) -> bool {
        !self.literals.is_empty() || self.param.is_some() || !self.rest.is_empty()
    }
}

/// `fn __doget_find(command, path) -> Option<(entry, captured segments)>`
pub(super) fn find(handler: &Handler, plan: &Plan<'_>) -> TokenStream {
    let span = Span::mixed_site();
    let paths = &handler.paths;
    let (option, none) = (paths.option(span), paths.none(span));
    let (str, u8, usize) = (paths.str(span), paths.u8(span), paths.usize(span));
    let writer = Writer {
        paths,
        captures: plan.captures,
    };
    let captures = plan.captures;

    // Where every HEAD is derived it is matched as the GET it comes from.
    let head_is_get = plan
        .entries
        .iter()
        .all(|entry| entry.derived || !entry.name.is("HEAD"));
    let groups = groups(plan, head_is_get);

    let mut items = TokenStream::new();
    let mut arms = TokenStream::new();
    for (number, group) in groups.iter().enumerate() {
        let conditions: Vec<_> = group
            .iter()
            .map(|(_, entry)| entry.cfg().cloned())
            .collect();
        let cfg = cfg(attrs::any_cfg(conditions.iter()).as_ref());
        let pattern = match &group[0].1.name {
            MethodName::Token(token) if token == "GET" && head_is_get && !handler.exact => {
                quote_spanned!(span=> b"GET" | b"HEAD")
            }
            MethodName::Token(token) => {
                let bytes = Literal::byte_string(token.as_bytes());
                quote_spanned!(span=> #bytes)
            }
            MethodName::Type(_) => {
                let name = Ident::new(&format!("__DOGET_METHOD_{number}"), span);
                let value = group[0].1.name_tokens(handler);
                items.extend(quote_spanned!(span=> #cfg const #name: &[#u8] = #value.as_bytes();));
                quote_spanned!(span=> #name)
            }
        };
        let Search {
            exact,
            rest,
            always,
        } = writer.method(group);
        let body = if exact.is_empty() && group.len() < TABLE_FROM {
            rest
        } else {
            // Apart, so that what is found by its length alone is found without room for all the others, and so that
            // there is one of it where it is large.
            let name = Ident::new(&format!("__doget_search_{number}"), span);
            let none = (!always).then_some(&none);
            items.extend(quote_spanned! {span=>
                #cfg
                #[inline(never)]
                fn #name<'p>(path: &'p #str) -> #option<(#usize, [&'p #str; #captures])> {
                    #rest
                    #none
                }
            });
            quote_spanned!(span=> #exact return #name(path);)
        };
        arms.extend(quote_spanned!(span=> #cfg #pattern => { #body }));
    }
    quote_spanned! {span=>
        #[inline]
        fn __doget_find<'p>(command: &#str, path: &'p #str) -> #option<(#usize, [&'p #str; #captures])> {
            #items
            match command.as_bytes() {
                #arms
                _ => {}
            }
            #none
        }
    }
}

/// The entries of each method, with their positions, in the order of the registry.
fn groups<'p>(plan: &'p Plan<'_>, head_is_get: bool) -> Vec<Vec<(usize, &'p Entry<'p>)>> {
    let mut keys: Vec<String> = Vec::new();
    let mut groups: Vec<Vec<(usize, &Entry<'_>)>> = Vec::new();
    for (position, entry) in plan.entries.iter().enumerate() {
        if head_is_get && entry.name.is("HEAD") {
            continue;
        }
        let key = entry.name.key();
        match keys.iter().position(|known| *known == key) {
            Some(at) => groups[at].push((position, entry)),
            None => {
                keys.push(key);
                groups.push(vec![(position, entry)]);
            }
        }
    }
    groups
}

/// How the patterns of one method are searched.
struct Search {
    /// Those without placeholders, by their length.
    exact: TokenStream,
    /// All of them, segment by segment.
    rest: TokenStream,
    /// There is one that every path matches.
    always: bool,
}

/// The paths of one length, with what is found by each.
#[derive(Default)]
struct Exact {
    always: Vec<(String, TokenStream)>,
    /// Those that are under `cfg`, as statements.
    sometimes: TokenStream,
}

struct Writer<'p> {
    paths: &'p Paths,
    captures: usize,
}

impl Writer<'_> {
    fn method(&self, group: &[(usize, &Entry<'_>)]) -> Search {
        let span = Span::mixed_site();
        let some = self.paths.some(span);
        let mut root = Node::default();
        let mut plain = Vec::new();
        for (position, entry) in group {
            let cfg = entry.cfg().cloned();
            let leaf = Leaf {
                entry: *position,
                cfg,
                captures: Vec::new(),
            };
            match entry.method {
                Some(method) if !method.sound => {}
                Some(method) => match &method.route {
                    Some(route) => root.insert(&route.segments, 0, leaf),
                    None => plain.push(leaf),
                },
                None => plain.push(leaf),
            }
        }
        let always = plain.iter().any(|leaf| leaf.cfg.is_none());
        let plain = self.leaves(&plain);
        if !root.has_children() {
            return Search {
                exact: TokenStream::new(),
                rest: plain,
                always,
            };
        }
        let first = local("rest", 0);
        let children = self.children(&root, 0);
        let rest = quote_spanned! {span=>
            if let #some(#first) = path.strip_prefix('/') {
                #children
            }
            #plain
        };
        Search {
            exact: self.exact(group),
            rest,
            always,
        }
    }

    /// Paths that are sent as their pattern is written, as most are: the length tells most of them apart.
    /// Nothing else of the trie would come before them.
    fn exact(&self, group: &[(usize, &Entry<'_>)]) -> TokenStream {
        let span = Span::mixed_site();
        let mut lengths: BTreeMap<usize, Exact> = BTreeMap::new();
        for (position, entry) in group {
            let route = entry.method.filter(|method| method.sound);
            let Some(text) = route.and_then(|method| method.route.as_ref()?.exact()) else {
                continue;
            };
            let found = self.leaf(*position, &[]);
            let paths = lengths.entry(text.len()).or_default();
            match entry.cfg() {
                // Whether it is there, no table can know.
                Some(_) => {
                    let cfg = cfg(entry.cfg());
                    paths
                        .sometimes
                        .extend(quote_spanned!(span=> #cfg if path == #text { #found; }));
                }
                None => paths.always.push((text, found)),
            }
        }
        if lengths.is_empty() {
            return TokenStream::new();
        }
        let arms = lengths.into_iter().map(|(length, paths)| {
            let sometimes = paths.sometimes;
            let always = self.exact_paths(paths.always);
            quote_spanned!(span=> #length => { #always #sometimes })
        });
        quote_spanned! {span=>
            match path.len() {
                #(#arms)*
                _ => {}
            }
        }
    }

    /// Paths of one length.
    fn exact_paths(&self, paths: Vec<(String, TokenStream)>) -> TokenStream {
        let span = Span::mixed_site();
        if paths.len() < TABLE_FROM {
            let (texts, found): (Vec<_>, Vec<_>) = paths.into_iter().unzip();
            return quote_spanned!(span=> #(if path == #texts { #found; })*);
        }
        let found = paths
            .iter()
            .map(|(text, found)| (text.as_str(), found.clone()));
        self.table(&quote_spanned!(span=> exact(path)), found)
    }

    /// What is done for each of these texts, by a table of them; `search` is what the table is asked.
    fn table<'t>(
        &self,
        search: &TokenStream,
        texts: impl Iterator<Item = (&'t str, TokenStream)>,
    ) -> TokenStream {
        let span = Span::mixed_site();
        let (texts, found): (Vec<&str>, Vec<TokenStream>) = texts.unzip();
        let (count, starts) = (texts.len(), texts.len() + 1);
        let (literals, usize) = (self.paths.literals(span), self.paths.usize(span));
        let some = self.paths.some(span);
        let numbers = (0..count).map(Literal::usize_unsuffixed);
        quote_spanned! {span=>
            static LITERALS: #literals<#count, #starts> = #literals::new([#(#texts),*]);
            let found: #usize = match LITERALS.#search { #some(number) => number, _ => #count };
            match found {
                #(#numbers => { #found })*
                _ => {}
            }
        }
    }

    /// With `rest{depth}` in scope.
    fn children(&self, node: &Node, depth: usize) -> TokenStream {
        let span = Span::mixed_site();
        let (segment, after, rest) = (
            local("segment", depth),
            local("after", depth),
            local("rest", depth),
        );
        let split = self.paths.segment(span);
        let mut code = TokenStream::new();
        if !node.literals.is_empty() || node.param.is_some() {
            code.extend(quote_spanned!(span=> let (#segment, #after) = #split(#rest);));
        }
        if node.literals.len() < TABLE_FROM {
            for (text, child) in &node.literals {
                let literal = if text.contains('%') {
                    self.paths.decodes_to(span)
                } else {
                    self.paths.literal(span)
                };
                let inner = self.after(child, depth);
                code.extend(quote_spanned!(span=> if #literal(#segment, #text) { #inner }));
            }
        } else {
            let found = node
                .literals
                .iter()
                .map(|(text, child)| (text.as_str(), self.after(child, depth)));
            code.extend(self.table(&quote_spanned!(span=> find(#segment)), found));
        }
        if let Some(child) = &node.param {
            let inner = self.after(child, depth);
            code.extend(quote_spanned!(span=> if !#segment.is_empty() { #inner }));
        }
        if !node.rest.is_empty() {
            let leaves = self.leaves(&node.rest);
            code.extend(quote_spanned!(span=> if !#rest.is_empty() { #leaves }));
        }
        code
    }

    /// After the segment at `depth`: the end, or more.
    fn after(&self, node: &Node, depth: usize) -> TokenStream {
        let span = Span::mixed_site();
        let (some, none) = (self.paths.some(span), self.paths.none(span));
        let (after, next) = (local("after", depth), local("rest", depth + 1));
        let ends = self.leaves(&node.ends);
        match (node.ends.is_empty(), node.has_children()) {
            (_, false) => quote_spanned!(span=> if #after.is_none() { #ends }),
            (true, true) => {
                let more = self.children(node, depth + 1);
                quote_spanned!(span=> if let #some(#next) = #after { #more })
            }
            (false, true) => {
                let more = self.children(node, depth + 1);
                quote_spanned!(span=> match #after { #none => { #ends } #some(#next) => { #more } })
            }
        }
    }

    fn leaves(&self, leaves: &[Leaf]) -> TokenStream {
        let span = Span::mixed_site();
        leaves
            .iter()
            .map(|leaf| {
                let found = self.leaf(leaf.entry, &leaf.captures);
                match &leaf.cfg {
                    Some(_) => {
                        let cfg = cfg(leaf.cfg.as_ref());
                        quote_spanned!(span=> #cfg { #found; })
                    }
                    None => quote_spanned!(span=> #found;),
                }
            })
            .collect()
    }

    fn leaf(&self, entry: usize, captures: &[Capture]) -> TokenStream {
        let span = Span::mixed_site();
        let some = self.paths.some(span);
        let mut captured: Vec<TokenStream> = captures
            .iter()
            .map(|capture| {
                let name = match capture {
                    Capture::Segment(depth) => local("segment", *depth),
                    Capture::From(depth) => local("rest", *depth),
                };
                quote_spanned!(span=> #name)
            })
            .collect();
        captured.resize(self.captures, quote_spanned!(span=> ""));
        quote_spanned!(span=> return #some((#entry, [#(#captured),*])))
    }
}
