//! Routes as the document has them: templates of paths, and names of operations.

/// A pattern of `#[route]` as a template of RFC 6570's simplest kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template<'r> {
    route: &'r str,
    /// The names of its placeholders, and whether each takes slashes.
    pub(crate) placeholders: Vec<(&'r str, bool)>,
}

impl<'r> Template<'r> {
    pub(crate) fn new(route: &'r str) -> Self {
        let placeholders = route.split('/').filter_map(placeholder).collect();
        Self {
            route,
            placeholders,
        }
    }

    /// What two routes have in common that lead to the same paths.
    pub(crate) fn shape(&self) -> String {
        self.path(|_| "")
    }

    /// The template, with another name for each placeholder.
    pub(crate) fn path<'n>(&self, name: impl Fn(usize) -> &'n str) -> String {
        let mut path = String::with_capacity(self.route.len());
        let mut position = 0;
        for (count, segment) in self.route.split('/').enumerate() {
            if count > 0 {
                path.push('/');
            }
            if placeholder(segment).is_some() {
                path.push('{');
                path.push_str(name(position));
                path.push('}');
                position += 1;
            } else {
                path.push_str(segment);
            }
        }
        path
    }
}

/// The name in `{name}`, `{*name}` or `{r#name}`, and whether it takes slashes.
fn placeholder(segment: &str) -> Option<(&str, bool)> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    let (name, rest) = match name.strip_prefix('*') {
        Some(name) => (name, true),
        None => (name, false),
    };
    Some((name.strip_prefix("r#").unwrap_or(name), rest))
}

/// `do_GET_user` is `get_user`; a function of another name keeps it.
pub(crate) fn operation_id(function: &str, method: &str) -> String {
    let wire = method.replace('-', "_");
    match function
        .strip_prefix("do_")
        .and_then(|name| name.strip_prefix(wire.as_str()))
    {
        Some(rest) => format!("{}{rest}", wire.to_lowercase()),
        None => function.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        let template = Template::new("/u/{id}/f/{*rest}");
        assert_eq!(template.placeholders, [("id", false), ("rest", true)]);
        assert_eq!(template.shape(), "/u/{}/f/{}");
        assert_eq!(template.path(|at| ["a", "b"][at]), "/u/{a}/f/{b}");
        assert_eq!(Template::new("/{r#type}/").placeholders, [("type", false)]);
        assert_eq!(Template::new("/").path(|_| "x"), "/");
    }

    #[test]
    fn operation_ids() {
        assert_eq!(operation_id("do_GET_user", "GET"), "get_user");
        assert_eq!(operation_id("do_GET", "GET"), "get");
        assert_eq!(operation_id("do_M_SEARCH_all", "M-SEARCH"), "m_search_all");
        assert_eq!(operation_id("purge", "PURGE"), "purge");
    }
}
