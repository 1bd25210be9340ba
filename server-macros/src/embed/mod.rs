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

/// The codings that a sibling may be in, and what its name has behind the plain one: those of the library's files.
pub(crate) const CODINGS: [(&str, &str); 3] = [("br", ".br"), ("zstd", ".zst"), ("gzip", ".gz")];

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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::PathBuf;

    /// An empty directory of the test's own.
    fn directory(name: &str) -> PathBuf {
        let name = format!("doget-embed-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        path
    }

    fn refused(input: TokenStream) -> String {
        embed(input).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for input in [
            quote!(),
            quote!(ASSETS),
            quote!(concat!("a", "b")),
            quote!("a", "b"),
            quote!(7),
        ] {
            assert_eq!(refused(input.clone()), messages::not_a_literal(), "{input}");
        }
    }

    #[test]
    fn a_directory_that_is_missing_is_refused() {
        let words = refused(quote!("no/such/directory"));
        assert!(
            words.starts_with("no/such/directory cannot be read: "),
            "{words}"
        );
        assert!(
            words.ends_with("it is looked for in the directory of Cargo.toml"),
            "{words}"
        );
        // A file is no directory.
        let words = refused(quote!("Cargo.toml"));
        assert!(words.starts_with("Cargo.toml cannot be read: "), "{words}");
    }

    #[test]
    fn a_directory_without_files_to_serve_is_refused() {
        let place = directory("none");
        let name = place.to_str().unwrap();
        assert_eq!(refused(quote!(#name)), messages::no_files(name));
        fs::create_dir(place.join("inner")).unwrap();
        for hidden in [".secret", "inner/.secret"] {
            fs::write(place.join(hidden), "x").unwrap();
        }
        assert_eq!(refused(quote!(#name)), messages::no_files(name));
        fs::write(place.join("inner/a.txt"), "x").unwrap();
        assert!(embed(quote!(#name)).is_ok());
        fs::remove_dir_all(place).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_back_up_is_refused() {
        let place = directory("link");
        let name = place.to_str().unwrap();
        fs::write(place.join("a.txt"), "x").unwrap();
        std::os::unix::fs::symlink(".", place.join("again")).unwrap();
        let words = refused(quote!(#name));
        // The system may lose patience with so many links before.
        let is_known = words.contains("64 directories deep") || words.contains("cannot be read");
        assert!(
            words.starts_with(&format!("{name}/again/again")) && is_known,
            "{words}"
        );
        fs::remove_dir_all(place).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_no_text_is_refused() {
        use std::os::unix::ffi::OsStrExt as _;
        let place = directory("bytes");
        let name = place.to_str().unwrap();
        fs::write(place.join(std::ffi::OsStr::from_bytes(b"a\xff")), "x").unwrap();
        let shown = format!("{name}/a\u{fffd}");
        assert_eq!(refused(quote!(#name)), messages::not_text(&shown));
        fs::remove_dir_all(place).unwrap();
    }
}
