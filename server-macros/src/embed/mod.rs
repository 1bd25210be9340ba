//! `embed!("directory")`: the files of a directory as constants of the program.

mod compress;
mod directory;
mod messages;
mod tag;

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote;
use syn::LitStr;

use crate::paths::Paths;
use directory::Found;

/// The codings that a sibling may be in, and what its name has behind the plain one.
const CODINGS: [(&str, &str); 3] = [("br", ".br"), ("zstd", ".zst"), ("gzip", ".gz")];

/// Reads the directory that is named, relative to the package, and writes the table of its files.
pub(crate) fn embed(input: TokenStream) -> syn::Result<TokenStream> {
    let name: LitStr = syn::parse2(input)
        .map_err(|error| syn::Error::new(error.span(), messages::not_a_literal()))?;
    let refuse = |message| syn::Error::new(name.span(), message);
    let root = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let root = std::path::Path::new(&root).join(name.value());
    let files = directory::read(&root, &name.value()).map_err(refuse)?;
    if files.is_empty() {
        return Err(refuse(messages::no_files(&name.value())));
    }
    let (paths, span) = (Paths::new(None), name.span());
    let rows = files.iter().map(|file| row(file, &files, &paths, span));
    let embedded = paths.embedded(span);
    Ok(quote! {
        #embedded(const { &[#(#rows),*] })
    })
}

/// A file, with its compressed siblings: those that lie there, else a gzip of our own if that is worth it.
fn row(file: &Found, all: &[Found], paths: &Paths, span: Span) -> TokenStream {
    let (path, place) = (&file.path, &file.place);
    let tag = tag::of(&file.bytes);
    let mut siblings = Vec::new();
    for (coding, suffix) in CODINGS {
        let name = format!("{path}{suffix}");
        let found = all.binary_search_by(|other| other.path.as_bytes().cmp(name.as_bytes()));
        if let Some(sibling) = found.ok().and_then(|position| all.get(position)) {
            let (place, tag) = (&sibling.place, tag::of(&sibling.bytes));
            siblings.push(quote!(.sibling(#coding, ::core::include_bytes!(#place), #tag)));
        } else if coding == "gzip"
            && let Some(bytes) = compress::gzip(&file.bytes)
        {
            let (tag, bytes) = (tag::of(&bytes), Literal::byte_string(&bytes));
            siblings.push(quote!(.sibling(#coding, #bytes, #tag)));
        }
    }
    let embedded_file = paths.embedded_file(span);
    // `include_bytes!` also tells cargo that the program depends on the file.
    quote! {
        #embedded_file::new(#path, ::core::include_bytes!(#place), #tag) #(#siblings)*
    }
}
