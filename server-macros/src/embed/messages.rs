//! What `embed!` says.

pub(crate) fn not_a_literal() -> String {
    "`embed!` takes the name of a directory, relative to the package: `embed!(\"assets\")`".into()
}

pub(crate) fn unreadable(name: &str, error: &str) -> String {
    format!("{name} cannot be read: {error}; it is looked for in the directory of Cargo.toml")
}

pub(crate) fn no_files(name: &str) -> String {
    format!("{name} has no files that may be served: names that begin with a dot are left out")
}

pub(crate) fn not_text(name: &str) -> String {
    format!("{name} has a name that is no UTF-8, so no address leads to it: rename it")
}

pub(crate) fn too_deep(name: &str) -> String {
    format!(
        "{name} lies more than 64 directories deep: a link may lead back to a directory above it"
    )
}
