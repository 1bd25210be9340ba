//! How wide lines are, how long functions and files, and what modules are called.

use syn::visit::{self, Visit};

use crate::tree::Files;

pub(crate) const COLUMNS: usize = 120;
pub(crate) const LINES_OF_A_FILE: usize = 600;
pub(crate) const LINES_OF_A_FUNCTION: usize = 80;

/// A place that breaks a rule, with the path of its file in front.
pub(crate) type Found = (String, String);

/// Whether lines of the file are counted.
pub(crate) fn has_lines(path: &str) -> bool {
    [".rs", ".md", ".py", ".sh", ".toml", ".css", ".yml", ".txt"]
        .iter()
        .any(|end| path.ends_with(end))
        || path.starts_with(".ci/")
        || path.ends_with("/run")
        || path == "tests/screenshots"
}

/// Lines that are too wide and could be broken.
pub(crate) fn wide_lines(files: &Files) -> Vec<Found> {
    let mut found = Vec::new();
    for (path, text) in files {
        for (index, line) in text.lines().enumerate() {
            let columns = line.chars().count();
            if columns > COLUMNS && !cannot_be_broken(path, line) {
                let start: String = line.trim().chars().take(60).collect();
                let place = format!("{path}:{}: {columns} columns: {start}", index + 1);
                found.push((path.clone(), place));
            }
        }
    }
    found
}

fn cannot_be_broken(path: &str, line: &str) -> bool {
    // The row of a table is one line of Markdown, in a paper as in documentation.
    let text = line.trim_start();
    let prose = text
        .strip_prefix("//!")
        .or_else(|| text.strip_prefix("///"));
    let row = if path.ends_with(".md") {
        Some(text)
    } else {
        prose
    };
    if row.is_some_and(|row| row.trim_start().starts_with('|')) {
        return true;
    }
    // A single word, such as an address, has no blank to break the line at.
    let words = prose
        .or_else(|| text.strip_prefix("//"))
        .or_else(|| text.strip_prefix('#'));
    words.unwrap_or(text).split_whitespace().count() <= 1
}

pub(crate) fn long_files(files: &Files) -> Vec<Found> {
    let lines = files
        .iter()
        .map(|(path, text)| (path, text.lines().count()));
    let long = lines.filter(|(path, lines)| path.ends_with(".rs") && *lines > LINES_OF_A_FILE);
    long.map(|(path, lines)| (path.clone(), format!("{path}: {lines} lines")))
        .collect()
}

/// The functions and modules of some files.
#[derive(Default)]
pub(crate) struct Outline {
    path: String,
    functions: Vec<Function>,
    /// Modules within files, with their lines.
    modules: Vec<(String, usize, String)>,
}

struct Function {
    path: String,
    name: String,
    line: usize,
    /// Counted between the braces.
    lines: usize,
}

impl Outline {
    pub(crate) fn read(files: &Files) -> Self {
        let mut outline = Self::default();
        for (path, text) in files {
            let parsed = syn::parse_file(text).unwrap_or_else(|fault| panic!("{path}: {fault}"));
            outline.path.clone_from(path);
            outline.visit_file(&parsed);
            let name = path.trim_end_matches(".rs").split('/');
            outline
                .modules
                .extend(name.map(|name| (path.clone(), 1, name.to_owned())));
        }
        outline
    }

    fn add(&mut self, name: &syn::Ident, block: &syn::Block) {
        let (open, close) = (
            block.brace_token.span.open(),
            block.brace_token.span.close(),
        );
        self.functions.push(Function {
            path: self.path.clone(),
            name: name.to_string(),
            line: name.span().start().line,
            lines: close.start().line.saturating_sub(open.start().line + 1),
        });
    }

    pub(crate) fn long_functions(&self) -> Vec<Found> {
        let long = self
            .functions
            .iter()
            .filter(|one| one.lines > LINES_OF_A_FUNCTION);
        long.map(
            |Function {
                 path,
                 name,
                 line,
                 lines,
             }| {
                (
                    path.clone(),
                    format!("{path}:{line}: {name}: {lines} lines"),
                )
            },
        )
        .collect()
    }

    /// Modules and folders whose name says nothing about them.
    pub(crate) fn vague_names(&self) -> Vec<Found> {
        let vague = ["util", "utils", "common", "helper", "helpers", "misc"];
        let found = self
            .modules
            .iter()
            .filter(|(_, _, name)| vague.contains(&name.as_str()));
        found
            .map(|(path, line, name)| (path.clone(), format!("{path}:{line}: {name}")))
            .collect()
    }
}

impl<'ast> Visit<'ast> for Outline {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig.ident, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig.ident, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig.ident, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            let line = item.ident.span().start().line;
            self.modules
                .push((self.path.clone(), line, item.ident.to_string()));
        }
        visit::visit_item_mod(self, item);
    }
}

/// Modules with children whose file stands beside their folder and not in it.
pub(crate) fn files_beside_folders(files: &Files) -> Vec<Found> {
    let beside = |path: &&String| {
        path.strip_suffix(".rs").is_some_and(|module| {
            let folder = format!("{module}/");
            files
                .keys()
                .any(|other| other.starts_with(&folder) && other.ends_with(".rs"))
        })
    };
    files
        .keys()
        .filter(beside)
        .map(|path| (path.clone(), path.clone()))
        .collect()
}

#[test]
fn each_rule_finds_what_breaks_it() {
    let files = |path: &str, text: &str| Files::from([(path.to_owned(), text.to_owned())]);
    let wide = format!("// {}", "word ".repeat(30));
    assert_eq!(wide_lines(&files("a.rs", &wide)).len(), 1);
    assert_eq!(wide_lines(&files("a.md", &wide)).len(), 1);
    assert_eq!(wide_lines(&files("a.md", &format!("| {wide} |"))).len(), 0);
    assert_eq!(
        wide_lines(&files("a.rs", &format!("// | {wide} |"))).len(),
        1
    );
    assert_eq!(
        wide_lines(&files("a.rs", &format!("/// | {wide} |"))).len(),
        0
    );
    assert_eq!(
        wide_lines(&files("a.rs", &format!("// https://{}", "x".repeat(120)))).len(),
        0
    );
    assert_eq!(wide_lines(&files("a.rs", &"ü".repeat(COLUMNS))).len(), 0);

    assert_eq!(
        long_files(&files("a.rs", &"\n".repeat(LINES_OF_A_FILE))).len(),
        0
    );
    assert_eq!(
        long_files(&files("a.rs", &"\n".repeat(LINES_OF_A_FILE + 1))).len(),
        1
    );

    for head in [
        "fn f()",
        "impl T { fn f(&self)",
        "trait T { fn f(&self)",
        "mod m { fn f()",
    ] {
        let close = if head.contains('{') { "}" } else { "" };
        let function = |lines| format!("{head} {{\n{}}} {close}", "();\n".repeat(lines));
        assert_eq!(
            Outline::read(&files("a.rs", &function(LINES_OF_A_FUNCTION)))
                .long_functions()
                .len(),
            0
        );
        assert_eq!(
            Outline::read(&files("a.rs", &function(LINES_OF_A_FUNCTION + 1)))
                .long_functions()
                .len(),
            1
        );
    }

    assert_eq!(
        Outline::read(&files("src/util.rs", "")).vague_names().len(),
        1
    );
    assert_eq!(
        Outline::read(&files("src/common/a.rs", ""))
            .vague_names()
            .len(),
        1
    );
    assert_eq!(
        Outline::read(&files("src/a.rs", "mod a { mod helpers { } }"))
            .vague_names()
            .len(),
        1
    );
    assert_eq!(
        Outline::read(&files("src/a.rs", "mod utility {}"))
            .vague_names()
            .len(),
        0
    );

    let mut pair = files("src/a.rs", "mod b;");
    assert_eq!(files_beside_folders(&pair).len(), 0);
    pair.insert("src/a/b.rs".to_owned(), String::new());
    assert_eq!(files_beside_folders(&pair).len(), 1);
}
