//! Methods: registry entries and sets.

/// An entry of the registry.
#[derive(Clone, Copy, Debug)]
pub struct MethodInfo {
    /// Wire name.
    pub method: &'static str,
    /// Route pattern.
    pub route: Option<&'static str>,
    /// Function name.
    pub function: &'static str,
    /// First line of its docs.
    pub doc: &'static str,
    /// Derived, not written.
    pub derived: bool,
}

/// Methods allowed on a path.
#[derive(Clone, Debug, Default)]
pub struct MethodSet(Vec<&'static str>);
