//! The modules of a crate, read from its files: what each defines, imports and names.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{Attribute, Item, ItemUse, UseTree, Visibility};

/// The texts of a crate's files by path.
pub(crate) type Files = BTreeMap<String, String>;

/// A `use` of one name; a group is one for each name in it.
#[derive(Debug, Clone)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    /// The name in this module; none for a glob.
    pub(crate) name: Option<String>,
    /// `pub use` and its like: the module passes the name on, and need not itself use it.
    pub(crate) passed_on: bool,
    pub(crate) line: usize,
}

/// A module: a file, or a `mod x { .. }` within one.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) file: String,
    pub(crate) parent: Option<usize>,
    pub(crate) children: BTreeMap<String, Vec<usize>>,
    /// What is defined here. Variants and associated items belong to their type.
    pub(crate) items: BTreeSet<String>,
    pub(crate) macros: BTreeSet<String>,
    /// The names in calls of macros, some of which they define.
    pub(crate) made: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// All that is neither an import nor a module.
    pub(crate) tokens: Vec<TokenStream>,
}

/// The modules of one crate but for those of tests. The first is the root.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub(crate) modules: Vec<Module>,
    /// `#[macro_export]` puts a macro into the root, wherever it stands.
    pub(crate) exported: BTreeMap<String, String>,
    /// The files that belong to the crate, those of tests included.
    pub(crate) reached: BTreeSet<String>,
}

impl Tree {
    /// Reads the crate whose root is the file `root`.
    ///
    /// # Panics
    ///
    /// At a file that is missing or does not parse.
    pub(crate) fn read(files: &Files, root: &str) -> Tree {
        let mut tree = Tree::default();
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        tree.add_file(files, root, folder, None);
        tree
    }

    fn add_file(
        &mut self,
        files: &Files,
        path: &str,
        folder: &str,
        parent: Option<usize>,
    ) -> usize {
        let text = &files[path];
        let parsed = syn::parse_file(text).unwrap_or_else(|fault| panic!("{path}: {fault}"));
        self.reached.insert(path.to_owned());
        self.add(files, path, folder, parent, parsed.items)
    }

    fn add(
        &mut self,
        files: &Files,
        file: &str,
        folder: &str,
        parent: Option<usize>,
        items: Vec<Item>,
    ) -> usize {
        let id = self.modules.len();
        self.modules.push(Module {
            file: file.to_owned(),
            parent,
            children: BTreeMap::new(),
            items: BTreeSet::new(),
            macros: BTreeSet::new(),
            made: BTreeSet::new(),
            imports: Vec::new(),
            tokens: Vec::new(),
        });
        for item in items {
            match item {
                Item::Mod(module) => self.add_module(files, id, folder, module),
                item if is_of_tests(attributes(&item)) => {}
                Item::Use(item) => collect(&item, &mut self.modules[id].imports),
                item => self.add_item(id, &item),
            }
        }
        id
    }

    fn add_module(&mut self, files: &Files, id: usize, folder: &str, module: syn::ItemMod) {
        let name = module.ident.to_string();
        let file = self.modules[id].file.clone();
        let of_tests = is_of_tests(&module.attrs);
        let inner = join(folder, &name);
        let child = match (module.content, path_attribute(&module.attrs)) {
            (Some(_), _) if of_tests => return,
            (Some((_, items)), _) => self.add(files, &file, &inner, Some(id), items),
            (None, named) => {
                let path = match named {
                    Some(path) => join(
                        file.rsplit_once('/').map_or("", |(folder, _)| folder),
                        &path,
                    ),
                    None => [format!("{inner}.rs"), format!("{inner}/mod.rs")]
                        .into_iter()
                        .find(|path| files.contains_key(path))
                        .unwrap_or_else(|| panic!("{file}: there is no file for `mod {name}`")),
                };
                // With `path`, the children lie beside the file, as those of a `mod.rs`.
                let inner = if path == format!("{inner}.rs") {
                    inner
                } else {
                    path.rsplit_once('/')
                        .map_or("", |(folder, _)| folder)
                        .to_owned()
                };
                if of_tests {
                    self.reach(&path, &inner, files);
                    return;
                }
                self.add_file(files, &path, &inner, Some(id))
            }
        };
        self.modules[id]
            .children
            .entry(name)
            .or_default()
            .push(child);
    }

    /// Files of tests belong to the crate, but their imports do not count.
    fn reach(&mut self, path: &str, folder: &str, files: &Files) {
        let mut apart = Tree::default();
        apart.add_file(files, path, folder, None);
        self.reached.append(&mut apart.reached);
    }

    fn add_item(&mut self, id: usize, item: &Item) {
        let module = &mut self.modules[id];
        let name = match item {
            Item::Const(item) => Some(&item.ident),
            Item::Enum(item) => Some(&item.ident),
            Item::Fn(item) => Some(&item.sig.ident),
            Item::Static(item) => Some(&item.ident),
            Item::Struct(item) => Some(&item.ident),
            Item::Trait(item) => Some(&item.ident),
            Item::TraitAlias(item) => Some(&item.ident),
            Item::Type(item) => Some(&item.ident),
            Item::Union(item) => Some(&item.ident),
            Item::Macro(item) => item.ident.as_ref(),
            _ => None,
        };
        if let Some(name) = name {
            if let Item::Macro(item) = item {
                module.macros.insert(name.to_string());
                if item
                    .attrs
                    .iter()
                    .any(|one| one.path().is_ident("macro_export"))
                {
                    self.exported.insert(name.to_string(), module.file.clone());
                }
            } else {
                module.items.insert(name.to_string());
            }
        }
        if let Item::Macro(item) = item
            && item.ident.is_none()
        {
            identifiers(item.mac.tokens.clone(), &mut module.made);
        }
        let tokens = item.to_token_stream();
        uses_within(tokens.clone(), &mut module.imports);
        module.tokens.push(tokens);
    }
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The names that a `use` brings.
fn collect(item: &ItemUse, imports: &mut Vec<Import>) {
    // `use ::name` is a crate.
    if item.leading_colon.is_some() {
        return;
    }
    let passed_on = !matches!(item.vis, Visibility::Inherited);
    names(&item.tree, &mut Vec::new(), passed_on, imports);
}

fn names(tree: &UseTree, path: &mut Vec<String>, passed_on: bool, imports: &mut Vec<Import>) {
    let line = tree.span().start().line;
    let mut add = |path: Vec<String>, name: Option<String>| {
        imports.push(Import {
            path,
            name,
            passed_on,
            line,
        });
    };
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            names(&inner.tree, path, passed_on, imports);
            path.pop();
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                names(tree, path, passed_on, imports);
            }
        }
        UseTree::Glob(_) => add(path.clone(), None),
        UseTree::Name(name) if name.ident == "self" => add(path.clone(), path.last().cloned()),
        UseTree::Name(name) => {
            let name = name.ident.to_string();
            add(
                [path.as_slice(), std::slice::from_ref(&name)].concat(),
                Some(name),
            );
        }
        UseTree::Rename(rename) => {
            let mut full = path.clone();
            if rename.ident != "self" {
                full.push(rename.ident.to_string());
            }
            add(full, Some(rename.rename.to_string()));
        }
    }
}

/// The `use` in the bodies of functions. They count as if they stood in the module.
fn uses_within(tokens: TokenStream, imports: &mut Vec<Import>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => uses_within(group.stream(), imports),
            TokenTree::Ident(ident) if ident == "use" => {
                let mut text = TokenStream::from(TokenTree::Ident(ident));
                for token in tokens.by_ref() {
                    let ends = matches!(&token, TokenTree::Punct(sign) if sign.as_char() == ';');
                    text.extend([token]);
                    if ends {
                        break;
                    }
                }
                // What does not parse is no import: `use<'a>` of a type, a pattern of a macro.
                if let Ok(item) = syn::parse2::<ItemUse>(text) {
                    collect(&item, imports);
                }
            }
            _ => {}
        }
    }
}

fn identifiers(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(found.insert(ident.to_string())),
            TokenTree::Group(group) => identifiers(group.stream(), found),
            _ => {}
        }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn path_attribute(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find(|one| one.path().is_ident("path"))
        .and_then(|one| match &one.meta.require_name_value().ok()?.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(path),
                ..
            }) => Some(path.value()),
            _ => None,
        })
}

/// Whether this compiles for tests only.
pub(crate) fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|one| {
        one.path().is_ident("test")
            || one.path().is_ident("cfg")
                && one
                    .meta
                    .require_list()
                    .is_ok_and(|list| demands_test(list.tokens.clone()))
    })
}

/// Whether what stands between the parentheses of `cfg(..)` holds for tests only.
pub(crate) fn demands_test(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    match tokens.as_slice() {
        [TokenTree::Ident(one)] => one == "test",
        [TokenTree::Ident(name), TokenTree::Group(group)] => {
            let mut parts = split(group.stream()).into_iter();
            match name.to_string().as_str() {
                "all" => parts.any(demands_test),
                "any" => parts.all(demands_test),
                _ => false,
            }
        }
        _ => false,
    }
}

fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(sign) if sign.as_char() == ',' => parts.push(TokenStream::new()),
            _ => parts.last_mut().expect("never empty").extend([token]),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
