//! The files of a directory, as a server of files would find them.

use std::fs;
use std::path::Path;

use super::messages;

const DEEPEST: usize = 64;

/// A file below the directory.
pub(super) struct Found {
    /// Relative to the directory, with slashes.
    pub(super) path: String,
    /// Where it lies.
    pub(super) place: String,
    pub(super) bytes: Vec<u8>,
}

/// All files below `root`, in the order of their paths. `name` is how the program calls it.
pub(super) fn read(root: &Path, name: &str) -> Result<Vec<Found>, String> {
    let mut files = Vec::new();
    walk(root, "", name, 0, &mut files)?;
    files.sort_by(|one, two| one.path.as_bytes().cmp(two.path.as_bytes()));
    Ok(files)
}

fn walk(
    directory: &Path,
    below: &str,
    name: &str,
    depth: usize,
    files: &mut Vec<Found>,
) -> Result<(), String> {
    let shown = |path: &str| format!("{name}/{path}");
    if depth > DEEPEST {
        return Err(messages::too_deep(&shown(below)));
    }
    let unreadable = |path: &str, error: std::io::Error| {
        let path = if path.is_empty() {
            name.to_owned()
        } else {
            shown(path)
        };
        messages::unreadable(&path, &error.to_string())
    };
    for entry in fs::read_dir(directory).map_err(|error| unreadable(below, error))? {
        let entry = entry.map_err(|error| unreadable(below, error))?;
        let Ok(own) = entry.file_name().into_string() else {
            return Err(messages::not_text(&shown(
                &entry.file_name().to_string_lossy(),
            )));
        };
        // As `FileHandler` hides it; `.well-known` at the root is there to be found (RFC 8615).
        if own.starts_with('.') && !(depth == 0 && own == ".well-known") {
            continue;
        }
        let path = match below {
            "" => own,
            below => format!("{below}/{own}"),
        };
        let place = entry.path();
        let facts = fs::metadata(&place).map_err(|error| unreadable(&path, error))?;
        if facts.is_dir() {
            walk(&place, &path, name, depth + 1, files)?;
        } else if facts.is_file() {
            let bytes = fs::read(&place).map_err(|error| unreadable(&path, error))?;
            let Some(place) = place.to_str().map(str::to_owned) else {
                return Err(messages::not_text(&place.to_string_lossy()));
            };
            files.push(Found { path, place, bytes });
        }
    }
    Ok(())
}
