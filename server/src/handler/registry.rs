//! The registry of a handler: which methods and routes it has, and the set of those that a path allows.

use crate::reply::answers::Answers;
use std::fmt;

/// An entry of the registry, [`Settings::methods`](crate::Settings::methods).
///
/// ```
/// use doget::MethodInfo;
///
/// const METHODS: &[MethodInfo] = &[
///     MethodInfo::new("GET", "do_GET_user").route("/users/{id}").doc("Sends a user."),
///     MethodInfo::new("HEAD", "do_GET_user").route("/users/{id}").derived(),
/// ];
/// assert_eq!(METHODS[1].route, Some("/users/{id}"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MethodInfo {
    /// The method as it is on the wire.
    pub method: &'static str,
    /// The pattern of `#[route]`; `None` for a method that answers every path that no route takes.
    pub route: Option<&'static str>,
    /// The function that answers; empty for the derived `OPTIONS`.
    pub function: &'static str,
    /// The first line of its documentation, or nothing.
    pub doc: &'static str,
    /// Not written, but derived: `HEAD` from `GET`, and `OPTIONS`.
    pub derived: bool,
    /// Its name in a document: `get_user` for `do_GET_user`, or what `#[operation_id]` says. `None` for a method that
    /// is in no document: it has no route, or `#[doc(hidden)]`.
    pub operation_id: Option<&'static str>,
    /// What the types of the method say about its answers, those of its parameters included. `None` if nothing is
    /// known, as of a method that was not written by `#[handler]`.
    pub answers: Option<&'static Answers>,
}

impl MethodInfo {
    /// A method, and the function that answers it, for every path that no route takes.
    #[must_use]
    pub const fn new(method: &'static str, function: &'static str) -> Self {
        Self {
            method,
            route: None,
            function,
            doc: "",
            derived: false,
            operation_id: None,
            answers: None,
        }
    }

    /// Sets [`route`](#structfield.route).
    #[must_use]
    pub const fn route(mut self, pattern: &'static str) -> Self {
        self.route = Some(pattern);
        self
    }

    /// Sets [`doc`](#structfield.doc).
    #[must_use]
    pub const fn doc(mut self, line: &'static str) -> Self {
        self.doc = line;
        self
    }

    /// Sets [`derived`](#structfield.derived).
    #[must_use]
    pub const fn derived(mut self) -> Self {
        self.derived = true;
        self
    }

    /// Sets [`operation_id`](#structfield.operation_id).
    #[must_use]
    pub const fn operation_id(mut self, name: &'static str) -> Self {
        self.operation_id = Some(name);
        self
    }

    /// Sets [`answers`](#structfield.answers).
    #[must_use]
    pub const fn answers(mut self, answers: &'static Answers) -> Self {
        self.answers = Some(answers);
        self
    }
}

/// The methods that a path allows, in the order of the registry: the value of `Allow` (RFC 9110 section 10.2.1).
///
/// ```
/// let mut set = doget::MethodSet::new();
/// set.insert("GET");
/// set.insert("PUT");
/// set.insert("GET");
/// assert_eq!(set.to_string(), "GET, PUT");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MethodSet {
    names: Vec<&'static str>,
    routed: bool,
}

impl MethodSet {
    /// The empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a method, if it is not there yet.
    pub fn insert(&mut self, method: &'static str) {
        if !self.contains(method) {
            self.names.push(method);
        }
    }

    /// Whether a method is in the set.
    #[must_use]
    pub fn contains(&self, method: &str) -> bool {
        self.names.contains(&method)
    }

    /// Whether the set is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The methods, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.names.iter().copied()
    }

    /// Adds `OPTIONS`, unless the set is empty: a path that allows anything allows that too, where it is derived.
    pub fn derive_options(&mut self) {
        if !self.is_empty() {
            self.insert("OPTIONS");
        }
    }

    /// Whether the path leads to a resource that is known to take these methods and no others: a pattern matched, or
    /// it belongs to a handler that answers for all its paths. Methods that a block has for every path say nothing of
    /// a path.
    #[must_use]
    pub fn is_routed(&self) -> bool {
        self.routed
    }

    /// Says that the path leads to such a resource: a registered method that is not in the set is then 405, and not 501
    /// (RFC 9110 section 15.5.6). See [`allow::refuse`](crate::allow::refuse).
    pub fn set_routed(&mut self) {
        self.routed = true;
    }
}

impl fmt::Display for MethodSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, name) in self.names.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            f.write_str(name)?;
        }
        Ok(())
    }
}

/// How many entries a handler with a base or mounts can have, theirs included.
const CAPACITY: usize = 256;

/// Two tables in one. The capacity is fixed, since the length of an array cannot depend on a type parameter.
#[derive(Debug)]
pub struct Registry {
    entries: [MethodInfo; CAPACITY],
    len: usize,
    /// Where the entries of the base went.
    pub(super) moved: [u32; CAPACITY],
}

impl Registry {
    /// `own`, then what `base` has beside it. `options`: a derived `OPTIONS` is added if there is none.
    #[must_use]
    pub const fn union(own: &[MethodInfo], base: &[MethodInfo], options: bool) -> Self {
        const EMPTY: MethodInfo = MethodInfo::new("", "");
        let mut registry = Self {
            entries: [EMPTY; CAPACITY],
            len: 0,
            moved: [u32::MAX; CAPACITY],
        };
        let mut position = 0;
        while position < own.len() {
            registry.push(own[position]);
            position += 1;
        }
        position = 0;
        while position < base.len() {
            registry.moved[position] = registry.add(base[position]);
            position += 1;
        }
        if options {
            registry.add(MethodInfo::new("OPTIONS", "").derived());
        }
        registry
    }

    pub(super) const fn push(&mut self, info: MethodInfo) {
        assert!(
            self.len < CAPACITY,
            "more than 256 methods and routes in a handler, with those of its base and its mounts"
        );
        self.entries[self.len] = info;
        self.len += 1;
    }

    /// The position of the entry, which is added if the same method and route are not there.
    const fn add(&mut self, info: MethodInfo) -> u32 {
        let mut position = 0;
        while position < self.len {
            if same_place(&self.entries[position], &info) {
                return narrow(position);
            }
            position += 1;
        }
        self.push(info);
        narrow(position)
    }

    /// The table of both.
    #[must_use]
    pub const fn methods(&self) -> &[MethodInfo] {
        self.entries.split_at(self.len).0
    }
}

/// A position, which is below [`CAPACITY`].
#[allow(clippy::cast_possible_truncation)]
pub(super) const fn narrow(position: usize) -> u32 {
    position as u32
}

/// Whether two entries answer the same requests.
pub(super) const fn same_place(one: &MethodInfo, two: &MethodInfo) -> bool {
    let same_route = match (one.route, two.route) {
        (Some(one), Some(two)) => equal(one, two),
        (None, None) => true,
        _ => false,
    };
    same_route && equal(one.method, two.method)
}

pub(super) const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut position = 0;
    while position < a.len() {
        if a[position] != b[position] {
            return false;
        }
        position += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_has_each_entry_once() {
        const OWN: &[MethodInfo] = &[
            MethodInfo::new("GET", "do_GET_a").route("/a"),
            MethodInfo::new("PUT", "do_PUT"),
        ];
        const BASE: &[MethodInfo] = &[
            MethodInfo::new("PUT", "do_PUT"),
            MethodInfo::new("GET", "do_GET"),
            MethodInfo::new("OPTIONS", "").derived(),
        ];
        const BOTH: &Registry = &Registry::union(OWN, BASE, true);
        let names: Vec<_> = BOTH
            .methods()
            .iter()
            .map(|info| (info.method, info.route))
            .collect();
        assert_eq!(
            names,
            [
                ("GET", Some("/a")),
                ("PUT", None),
                ("GET", None),
                ("OPTIONS", None)
            ]
        );
        assert_eq!(BOTH.moved[..3], [1, 2, 3]);
        assert_eq!(Registry::union(OWN, &BASE[..2], false).methods().len(), 3);
    }
}
