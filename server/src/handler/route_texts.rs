//! [`RouteTexts`]: the patterns of a mounted handler with their prefix, put together while compiling.

use crate::handler::registry::{MethodInfo, Registry, narrow};

/// Bytes of all patterns of one mounted handler.
const ROOM: usize = 16 << 10;

/// How many patterns there can be: as many as a registry has entries.
const PATTERNS: usize = 256;

/// What stands in the registry for a method that answers every path below the prefix.
const EVERY_PATH: &str = "/{*path}";

/// The patterns of a mounted handler, each behind the prefix. The room is fixed, since the length of an array cannot
/// depend on a type parameter.
#[derive(Debug)]
pub struct RouteTexts {
    bytes: [u8; ROOM],
    ends: [usize; PATTERNS],
    len: usize,
}

impl RouteTexts {
    /// Those of these methods. A method without a pattern gets the one that every path below the prefix matches.
    #[must_use]
    pub const fn new(prefix: &str, methods: &[MethodInfo]) -> Self {
        let mut texts = Self {
            bytes: [0; ROOM],
            ends: [0; PATTERNS],
            len: 0,
        };
        assert!(
            methods.len() <= PATTERNS,
            "more than 256 methods and routes in a mounted handler"
        );
        let mut position = 0;
        while position < methods.len() {
            let pattern = match methods[position].route {
                Some(pattern) => pattern,
                None => EVERY_PATH,
            };
            texts.push(prefix);
            texts.push(pattern);
            texts.ends[position] = texts.len;
            position += 1;
        }
        texts
    }

    const fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        assert!(
            self.len + text.len() <= ROOM,
            "the routes of a mounted handler are longer than 16 KiB together"
        );
        let mut position = 0;
        while position < text.len() {
            self.bytes[self.len] = text[position];
            self.len += 1;
            position += 1;
        }
    }

    /// The pattern of the method at this position.
    pub(super) const fn get(&self, position: usize) -> &str {
        let start = match position {
            0 => 0,
            _ => self.ends[position - 1],
        };
        let (upto, _) = self.bytes.split_at(self.ends[position]);
        let (_, text) = upto.split_at(start);
        match std::str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

impl Registry {
    /// `own`, then the methods of each mounted handler, with its patterns.
    #[must_use]
    pub const fn mounted(
        own: &[MethodInfo],
        mounts: &[(&[MethodInfo], &'static RouteTexts)],
    ) -> Self {
        let mut registry = Self::union(own, &[], false);
        let mut mount = 0;
        while mount < mounts.len() {
            let (methods, texts) = mounts[mount];
            let mut position = 0;
            while position < methods.len() {
                registry.push(methods[position].route(texts.get(position)));
                position += 1;
            }
            mount += 1;
        }
        registry
    }

    /// Where the methods of a mounted handler begin, behind those of all these.
    #[must_use]
    pub const fn first_behind(before: &[&[MethodInfo]]) -> u32 {
        let (mut sum, mut position) = (0, 0);
        while position < before.len() {
            sum += before[position].len();
            position += 1;
        }
        narrow(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_their_prefix() {
        const METHODS: &[MethodInfo] = &[
            MethodInfo::new("GET", "do_GET_user").route("/users/{id}"),
            MethodInfo::new("PUT", "do_PUT"),
            MethodInfo::new("GET", "do_GET_home").route("/"),
        ];
        const TEXTS: &RouteTexts = &RouteTexts::new("/api", METHODS);
        assert_eq!(TEXTS.get(0), "/api/users/{id}");
        assert_eq!(TEXTS.get(1), "/api/{*path}");
        assert_eq!(TEXTS.get(2), "/api/");
    }
}
