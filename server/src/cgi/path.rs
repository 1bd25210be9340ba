//! Which script a path names, and what of the path is left for it (RFC 3875 sections 4.1.5 and 4.1.13).

use crate::extract::file_name::Names;
use crate::files::path::{PathError, UrlPath, is_hidden};
use crate::files::root::{FileKind, Opened, Refusal, Root};
use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter of `.py` files that have no `#!` line.
const PYTHON: &str = "python3";

/// A script that is there.
#[derive(Debug)]
pub(super) struct Script {
    file: PathBuf,
    runner: Runner,
    /// Its own path, decoded: `SCRIPT_NAME`.
    path: Vec<u8>,
    name: String,
    /// What follows it, decoded: `PATH_INFO`.
    info: Vec<u8>,
    /// Where that would lie as a file: `PATH_TRANSLATED`.
    translated: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runner {
    System,
    Python,
}

/// Why there is none. Names are for messages.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// The path leads above the root.
    Outside,
    /// Nothing is there.
    Script(String),
    /// A directory, a pipe or the like.
    PlainFile(String),
    Executable(String),
    /// It is text, and does not say what runs it.
    Interpreter(String),
    Descriptor,
}

/// A directory of scripts, from the path of its URL.
pub(super) fn directory(path: &str) -> Option<Vec<u8>> {
    let trimmed = path.trim_matches('/');
    let plain = trimmed
        .split('/')
        .all(|name| !matches!(name, "" | "." | "..") && !name.contains('\0'));
    plain.then(|| trimmed.as_bytes().to_vec())
}

/// Whether the path of a target is below one of these directories. Quick for those that are plainly not.
pub(super) fn is_script(path: &str, directories: &[Vec<u8>]) -> bool {
    let plain = !path.contains('%') && !path.contains("//") && !path.contains("./");
    if plain {
        let path = path.trim_start_matches('/').as_bytes();
        return directories
            .iter()
            .any(|directory| below(path, directory).is_some());
    }
    UrlPath::parse(path, Names::HERE).is_ok_and(|path| split(&path, directories).is_some())
}

/// What follows `directory` and its slash.
fn below<'p>(path: &'p [u8], directory: &[u8]) -> Option<&'p [u8]> {
    path.strip_prefix(directory)?.strip_prefix(b"/")
}

/// The shortest of the directories that the path is below, and the rest of the path.
fn split<'p>(path: &'p UrlPath, directories: &'p [Vec<u8>]) -> Option<(&'p [u8], &'p [u8])> {
    let whole = path.as_bytes();
    directories
        .iter()
        .filter_map(|directory| {
            let itself = whole == &directory[..] && path.has_slash();
            let rest = below(whole, directory).or(itself.then_some(&[]));
            rest.map(|rest| (&directory[..], rest))
        })
        .min_by_key(|(directory, _)| directory.len())
}

/// The script that a path names; `None` if it is not below any of the directories.
pub(super) fn find(
    path: &str,
    directories: &[Vec<u8>],
    root: &Root,
    hidden: bool,
) -> Result<Option<Script>, Missing> {
    let path = match UrlPath::parse(path, Names::HERE) {
        Ok(path) => path,
        Err(PathError::NoName) if climbs_out(path) => return Err(Missing::Outside),
        // What the file handler says of it is right for scripts too.
        Err(_) => return Ok(None),
    };
    let Some((directory, rest)) = split(&path, directories) else {
        return Ok(None);
    };
    let shown = |below: &[u8]| {
        let slash: &[u8] = if below.len() == rest.len() && path.has_slash() && !below.is_empty() {
            b"/"
        } else {
            b""
        };
        let shown = [b"/", directory, b"/", below, slash].concat();
        String::from_utf8_lossy(&shown).into_owned()
    };
    if !hidden && has_hidden(directory) {
        return Err(Missing::Script(shown(rest)));
    }
    let inside = match root.below(directory) {
        Ok(inside) => inside,
        Err(Refusal::Exhausted) => return Err(Missing::Descriptor),
        Err(_) => return Err(Missing::Script(shown(rest))),
    };
    let mut end = 0;
    for name in rest
        .split(|&byte| byte == b'/')
        .filter(|name| !name.is_empty())
    {
        end += usize::from(end > 0) + name.len();
        let file = rest.get(..end).unwrap_or_default();
        if !hidden && is_hidden(name, false) {
            return Err(Missing::Script(shown(file)));
        }
        let (facts, opened) = match inside.open(file) {
            Ok(Opened::Directory(_)) => continue,
            Ok(Opened::File(opened, facts)) => (facts, Some(opened)),
            Err(Refusal::Exhausted) => return Err(Missing::Descriptor),
            // It may be executed without being read, and a pipe is not opened at all.
            Err(_) => match inside.look(file) {
                Ok(facts) if facts.kind == FileKind::Directory => continue,
                Ok(facts) if facts.kind == FileKind::File => (facts, None),
                Ok(_) => return Err(Missing::PlainFile(shown(file))),
                Err(_) => return Err(Missing::Script(shown(file))),
            },
        };
        let path_of_file = [b"/", directory, b"/", file].concat();
        let name = String::from_utf8_lossy(&path_of_file).into_owned();
        if !facts.executable {
            return Err(Missing::Executable(name));
        }
        let Some(runner) = runner(opened.as_ref(), file) else {
            return Err(Missing::Interpreter(name));
        };
        let mut info = rest.get(end..).unwrap_or_default().to_vec();
        if path.has_slash() {
            info.push(b'/');
        }
        let translated = info.strip_prefix(b"/").map(|info| root.absolute(info));
        return Ok(Some(Script {
            translated,
            file: inside.absolute(file),
            runner,
            path: path_of_file,
            name,
            info,
        }));
    }
    Err(Missing::PlainFile(shown(rest)))
}

fn has_hidden(path: &[u8]) -> bool {
    path.split(|&byte| byte == b'/')
        .any(|name| is_hidden(name, false))
}

/// The way to run a file; `None` for text that has no `#!` line and is not Python.
fn runner(opened: Option<&File>, name: &[u8]) -> Option<Runner> {
    match opened.map_or(Contents::Program, Contents::of) {
        Contents::Program => Some(Runner::System),
        Contents::Text if is_python(name) => Some(Runner::Python),
        Contents::Text => None,
    }
}

/// Whether `..`, in any spelling, leads above the root.
fn climbs_out(path: &str) -> bool {
    let path: Cow<'_, [u8]> = percent_encoding::percent_decode_str(path).into();
    let mut depth = 0usize;
    for name in path.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => match depth.checked_sub(1) {
                Some(above) => depth = above,
                None => return true,
            },
            _ => depth += 1,
        }
    }
    false
}

fn is_python(path: &[u8]) -> bool {
    let path = path.to_ascii_lowercase();
    path.ends_with(b".py") || path.ends_with(b".pyw")
}

/// What an executable file is.
#[derive(Debug, PartialEq, Eq)]
enum Contents {
    /// The system knows how to run it, or says that it does not.
    Program,
    /// Text without a `#!` line. It must not come to the system: some ways to start a program then try a shell.
    Text,
}

impl Contents {
    fn of(file: &File) -> Self {
        let mut begin = [0; 4];
        match file.read_at(&mut begin, 0) {
            Ok(size) => Self::from_begin(begin.get(..size).unwrap_or_default()),
            Err(_) => Self::Program,
        }
    }

    fn from_begin(begin: &[u8]) -> Self {
        let control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
        // The programs of macOS have no control character there.
        let foreign = cfg!(target_vendor = "apple") && begin.iter().any(|byte| !byte.is_ascii());
        if begin.starts_with(b"#!") || begin.iter().any(control) || foreign {
            Self::Program
        } else {
            Self::Text
        }
    }
}

impl Script {
    /// How it is run, in its own directory and without arguments.
    pub(super) fn command(&self) -> Command {
        let mut command = match self.runner {
            Runner::System => Command::new(&self.file),
            Runner::Python => {
                let mut command = Command::new(PYTHON);
                command.arg("-u").arg(&self.file);
                command
            }
        };
        if let Some(directory) = self.file.parent() {
            command.current_dir(directory);
        }
        command
    }

    /// Whether it writes a whole HTTP response (RFC 3875 section 5).
    pub(super) fn writes_head(&self) -> bool {
        self.file
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"nph-"))
    }

    /// Its path, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its path, decoded.
    pub(super) fn path(&self) -> &[u8] {
        &self.path
    }

    /// Where what follows it would lie as a file, if anything does.
    pub(super) fn translated(&self) -> Option<&Path> {
        self.translated.as_deref()
    }

    /// What follows it, decoded; empty or with a slash at its begin.
    pub(super) fn info(&self) -> &[u8] {
        &self.info
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn usual() -> Vec<Vec<u8>> {
        ["/cgi-bin", "/htbin/", "a/b"]
            .map(|path| directory(path).unwrap())
            .to_vec()
    }

    #[test]
    fn cgi_01_directories() {
        assert_eq!(directory("/cgi-bin/").as_deref(), Some(&b"cgi-bin"[..]));
        assert_eq!(directory("a/b").as_deref(), Some(&b"a/b"[..]));
        for none in ["", "/", "//", "/a//b", "/..", "/a/../b", "/./a", "/a\0"] {
            assert_eq!(directory(none), None, "{none:?}");
        }
    }

    #[test]
    fn cgi_03_what_is_a_script() {
        for path in [
            "/cgi-bin/",
            "/cgi-bin/x",
            "/cgi-bin//x",
            "//cgi-bin/x",
            "/%63gi-bin/x",
            "/htbin/x/y",
            "/a/b/c",
            "cgi-bin/x",
        ] {
            assert!(is_script(path, &usual()), "{path}");
        }
        for path in [
            "/",
            "/cgi-bin",
            "/cgi-bins/x",
            "/x/cgi-bin/y",
            "/a/c",
            "/cgi-bin%2fx",
            "/CGI-BIN/x",
            "/%zz",
            "*",
        ] {
            assert!(!is_script(path, &usual()), "{path}");
        }
    }

    #[test]
    fn cgi_02_too_many_dots() {
        for path in [
            "/..",
            "/a/../..",
            "/%2e%2e/x",
            "/cgi-bin/..%2f..%2fetc",
            "/.././a",
        ] {
            assert!(climbs_out(path), "{path}");
        }
        for path in ["/a/..", "/a/b/../../c", "/a/./b", "/..a/b"] {
            assert!(!climbs_out(path), "{path}");
        }
    }

    #[test]
    fn text_is_not_left_to_the_system() {
        for begin in [&b"#!/b"[..], b"\x7fELF", b"\0asm"] {
            assert_eq!(Contents::from_begin(begin), Contents::Program, "{begin:?}");
        }
        for begin in [&b""[..], b"echo", b"\xef\xbb\xbf#", b"a\nb\t"] {
            let expected = if cfg!(target_vendor = "apple") && !begin.is_ascii() {
                Contents::Program
            } else {
                Contents::Text
            };
            assert_eq!(Contents::from_begin(begin), expected, "{begin:?}");
        }
        assert!(is_python(b"a.py") && is_python(b"a.PYW") && !is_python(b"a.pyc"));
    }
}
