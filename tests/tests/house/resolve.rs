//! Which file defines a name, and so which file uses which.
//!
//! Followed are `use` declarations and paths, through re-exports, globs and new names, to the file that defines the
//! name. A method called on a value leads to no file here: its type was named somewhere, if not in this file.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};

use crate::graph::Graph;
use crate::tree::{Files, Import, Tree, demands_test};

/// What a name can stand for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Meaning {
    Module(usize),
    /// An item, by the file that defines it.
    Item(String),
}

type Meanings = BTreeSet<Meaning>;

/// Questions that are being answered, by module and name: a circle of re-exports has no answer.
type Asked = BTreeSet<(usize, String)>;

/// The arrows of a crate, from each file to those that define what is named in it.
///
/// # Errors
///
/// Imports of the crate's own names that lead nowhere: the check would be blind to them.
pub(crate) fn arrows(tree: &Tree, files: &Files) -> Result<Graph, Vec<String>> {
    let mut graph = Graph::default();
    let mut lost = Vec::new();
    for (id, module) in tree.modules.iter().enumerate() {
        let line = |line: usize| {
            let text = files[&module.file].lines().nth(line.saturating_sub(1));
            format!(
                "{}:{line}: {}",
                module.file,
                text.unwrap_or_default().trim()
            )
        };
        for import in &module.imports {
            let meanings = tree.path(id, &import.path, &mut Asked::new());
            if meanings.is_empty() && is_own(&import.path) && !tree.is_foreign(id, import) {
                lost.push(line(import.line));
            }
            // Who only passes a name on does not need it. Of a glob count the names that are used, which `Walk` sees.
            if !import.passed_on {
                for file in items(&meanings) {
                    graph.add(&module.file, file, &line(import.line));
                }
            }
        }
        let mut walk = Walk {
            tree,
            id,
            found: Vec::new(),
        };
        for tokens in &module.tokens {
            walk.stream(tokens.clone());
        }
        for (file, at) in walk.found {
            graph.add(&module.file, &file, &line(at));
        }
    }
    if lost.is_empty() {
        Ok(graph)
    } else {
        Err(lost)
    }
}

fn is_own(path: &[String]) -> bool {
    path.first()
        .is_some_and(|first| ["crate", "self", "super"].contains(&first.as_str()))
}

/// The files of the items. A module is only a way to them, unless there is nothing else of the name.
fn items(meanings: &Meanings) -> impl Iterator<Item = &String> {
    meanings.iter().filter_map(|one| match one {
        Meaning::Item(file) => Some(file),
        Meaning::Module(_) => None,
    })
}

impl Tree {
    /// What a path stands for in a module; nothing if it leads out of the crate.
    fn path(&self, id: usize, path: &[String], asked: &mut Asked) -> Meanings {
        let mut path = path;
        let mut at = id;
        let mut meanings = match path.first().map(String::as_str) {
            Some("crate") => Meanings::from([Meaning::Module(0)]),
            Some("self") => Meanings::from([Meaning::Module(id)]),
            Some("super") => {
                while let [first, second, ..] = path
                    && first == "super"
                    && second == "super"
                {
                    at = self.modules[at].parent.unwrap_or(at);
                    path = &path[1..];
                }
                Meanings::from([Meaning::Module(self.modules[at].parent.unwrap_or(at))])
            }
            Some(first) => self.name(id, first, path.len() == 1, asked),
            None => return Meanings::new(),
        };
        for (index, name) in path.iter().enumerate().skip(1) {
            let last = index + 1 == path.len();
            meanings = meanings
                .into_iter()
                .flat_map(|one| match one {
                    Meaning::Module(module) => self.name(module, name, last, asked),
                    // A variant or an associated item.
                    Meaning::Item(file) => Meanings::from([Meaning::Item(file)]),
                })
                .collect();
        }
        meanings
    }

    /// What a name stands for in a module. In the midst of a path, a module goes before an item of its name.
    fn name(&self, id: usize, name: &str, last: bool, asked: &mut Asked) -> Meanings {
        let module = &self.modules[id];
        let mut meanings = Meanings::new();
        if let Some(children) = module.children.get(name) {
            meanings.extend(children.iter().map(|child| Meaning::Module(*child)));
            if !last {
                return meanings;
            }
        }
        if module.items.contains(name) || module.macros.contains(name) {
            meanings.insert(Meaning::Item(module.file.clone()));
        }
        if id == 0
            && let Some(file) = self.exported.get(name)
        {
            meanings.insert(Meaning::Item(file.clone()));
        }
        let question = (id, name.to_owned());
        if !asked.insert(question.clone()) {
            return meanings;
        }
        for import in module
            .imports
            .iter()
            .filter(|one| one.name.as_deref() == Some(name))
        {
            meanings.extend(self.path(id, &import.path, asked));
        }
        if meanings.is_empty() {
            for import in module.imports.iter().filter(|one| one.name.is_none()) {
                for one in self.path(id, &import.path, asked) {
                    if let Meaning::Module(module) = one {
                        meanings.extend(self.name(module, name, last, asked));
                    }
                }
            }
        }
        asked.remove(&question);
        if meanings.is_empty() && module.made.contains(name) {
            meanings.insert(Meaning::Item(module.file.clone()));
        }
        meanings
    }

    /// Whether an import that begins in the crate leads to another crate, through a `use` of that crate's names.
    fn is_foreign(&self, id: usize, import: &Import) -> bool {
        (1..import.path.len()).rev().any(|length| {
            let (front, rest) = import.path.split_at(length);
            self.path(id, front, &mut Asked::new())
                .iter()
                .any(|one| match one {
                    Meaning::Module(module) => {
                        let module = &self.modules[*module];
                        module
                            .imports
                            .iter()
                            .any(|one| one.name.as_ref() == rest.first())
                    }
                    Meaning::Item(_) => false,
                })
        })
    }
}

/// Finds the names of other files in the tokens of a module: macros and their bodies are tokens only.
struct Walk<'t> {
    tree: &'t Tree,
    id: usize,
    /// The file that defines a name, and the line that has the name.
    found: Vec<(String, usize)>,
}

impl Walk<'_> {
    fn stream(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Punct(sign) if sign.as_char() == '#' && is_test(tokens.get(at + 1)) => {
                    at = after_item(&tokens, at + 2);
                    continue;
                }
                TokenTree::Group(group) => self.stream(group.stream()),
                TokenTree::Ident(ident) if ident == "use" => {
                    // An import, which `tree` has read already.
                    while tokens.get(at).is_some_and(|one| !is_sign(Some(one), ';')) {
                        at += 1;
                    }
                }
                TokenTree::Ident(_) => {
                    at = self.path(&tokens, at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// Takes the path that begins at `at`, and returns where the tokens go on.
    fn path(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let mut path = Vec::new();
        let mut end = at;
        while let Some(TokenTree::Ident(ident)) = tokens.get(end) {
            path.push(ident.to_string());
            end += 1;
            let goes_on = is_sign(tokens.get(end), ':') && is_sign(tokens.get(end + 1), ':');
            if !goes_on || !matches!(tokens.get(end + 2), Some(TokenTree::Ident(_))) {
                break;
            }
            end += 2;
        }
        let before = at.checked_sub(1).and_then(|index| tokens.get(index));
        let second = at.checked_sub(2).and_then(|index| tokens.get(index));
        let is_member = is_sign(before, '.') && !is_sign(second, '.');
        let is_foreign = is_sign(before, ':') && is_sign(second, ':');
        let is_variable = is_sign(before, '#') || is_sign(before, '\'');
        let is_substitute = is_sign(before, '$') && path[0] != "crate";
        if is_member || is_foreign || is_variable || is_substitute {
            return end;
        }
        // Of names in small letters most are variables: those that are called count.
        let first = path[0].chars().next();
        let is_called = match tokens.get(end) {
            Some(TokenTree::Group(group)) => {
                group.delimiter() == proc_macro2::Delimiter::Parenthesis
            }
            next => is_sign(next, '!'),
        };
        let is_definition = matches!(before, Some(TokenTree::Ident(word)) if word == "fn");
        let is_name = first.is_some_and(char::is_uppercase) || is_called && !is_definition;
        if path.len() > 1 || is_name {
            let mut meanings = self.tree.path(self.id, &path, &mut Asked::new());
            if meanings.is_empty() && path.len() == 1 && is_sign(tokens.get(end), '!') {
                meanings = self.macro_above(&path[0]);
            }
            let line = tokens[at].span().start().line;
            self.found
                .extend(items(&meanings).map(|file| (file.clone(), line)));
        }
        end
    }

    /// A macro without `macro_export` is seen in the modules below.
    fn macro_above(&self, name: &str) -> Meanings {
        let mut above = self.tree.modules[self.id].parent;
        while let Some(id) = above {
            let module = &self.tree.modules[id];
            if module.macros.contains(name) {
                return Meanings::from([Meaning::Item(module.file.clone())]);
            }
            above = module.parent;
        }
        Meanings::new()
    }
}

fn is_sign(token: Option<&TokenTree>, sign: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// Whether these are the brackets of `#[cfg(test)]` or of `#[test]`.
fn is_test(token: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = token else {
        return false;
    };
    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
    match inner.as_slice() {
        [TokenTree::Ident(name)] => name == "test",
        [TokenTree::Ident(name), TokenTree::Group(condition)] => {
            name == "cfg" && demands_test(condition.stream())
        }
        _ => false,
    }
}

/// Where the tokens go on behind the item, field or statement that begins at `at`.
fn after_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Punct(sign) if [';', ','].contains(&sign.as_char()) => break,
            TokenTree::Group(group) if group.delimiter() == proc_macro2::Delimiter::Brace => break,
            _ => {}
        }
    }
    at
}
